"""Eyes, brows, mouths and cheeks: each a small drawing around its own place, put where the rig says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.model import Expression

__all__ = ["BROWS", "EYES", "MOUTHS", "OPEN_MOUTHS", "Face", "draw_face"]


@dataclass(frozen=True)
class Face:
    """Where a face sits, in the units of the head: half the distance of the eyes, their height and size, the mouth's place."""

    spread: float = 56
    eye_y: float = 6
    eye: float = 14
    mouth_y: float = 38
    mouth: float = 1.0
    mouth_x: float = 0
    cheek_x: float = 84
    cheek_y: float = 38
    ink: str = "#4a3228"  # lines on the face: light ones on dark fur
    iris: str = ""  # a coloured ring around the pupil
    beak: str = ""  # the colour of the beak, for those who have one
    blush: str = "#ff9aa2"
    fur: str = "#ffffff"


_DARK = "#33241f"
_MOUTH = "#8f2f35"
_TONGUE = "#ff8d94"


def draw_face(cv: Canvas, face: Face, expression: Expression) -> None:
    size = expression.blush * cv.style.blush
    if size:
        for side in (-1, 1):
            with cv.at(side * face.cheek_x, face.cheek_y):
                cv.shape(
                    p.ellipse(0, 0, 19 * size**0.4, 11.5 * size**0.4),
                    face.blush,
                    outline=False,
                    outer=False,
                    keep=True,
                    opacity=min(0.9, 0.62 + 0.2 * size),
                )
    EYES[expression.eyes](cv, face)
    BROWS[expression.brows](cv, face)
    with cv.at(face.mouth_x, face.mouth_y, sx=face.mouth):
        (_beak if face.beak else MOUTHS[expression.mouth])(cv, face, *([expression.mouth] if face.beak else []))


def _both(one: Callable[[Canvas, Face, int], None]) -> Callable[[Canvas, Face], None]:
    def both(cv: Canvas, face: Face) -> None:
        for side in (-1, 1):
            with cv.at(side * face.spread, face.eye_y, sx=face.eye / 14):
                one(cv, face, side)

    return both


def _ball(cv: Canvas, face: Face, dx: float = 0, dy: float = 0, big: float = 1) -> None:
    if face.iris:
        cv.shape(p.ellipse(0, 0, 17 * big, 19 * big), face.iris, outline=False, outer=False, keep=True)
        cv.shape(p.ellipse(dx, dy, 11.5 * big, 15 * big), _DARK, outline=False, outer=False, keep=True)
    else:
        cv.shape(p.ellipse(dx, dy, 13.5 * big, 16.5 * big), _DARK, outline=False, outer=False, keep=True)
    cv.shape(p.ellipse(dx - 4.5, dy - 6, 5.2 * big, 5.8 * big), "#ffffff", outline=False, outer=False, keep=True)
    cv.shape(
        p.ellipse(dx + 4.5, dy + 6.5, 2.6 * big, 2.8 * big),
        "#ffffff",
        outline=False,
        outer=False,
        keep=True,
        opacity=0.85,
    )


def _dot(cv: Canvas, face: Face, _: int) -> None:
    _ball(cv, face)


def _side(cv: Canvas, face: Face, _: int) -> None:
    _ball(cv, face, dx=5, dy=1)


def _up(cv: Canvas, face: Face, _: int) -> None:
    _ball(cv, face, dx=4, dy=-5)


def _arc(cv: Canvas, face: Face, _: int) -> None:
    cv.line(p.arc(0, 6, 17, -15), face.ink, 7)


def _closed(cv: Canvas, face: Face, side: int) -> None:
    cv.line(p.arc(0, 0, 17, 10), face.ink, 6.5)
    cv.line(p.parse(f"M{side * 15} 4 L{side * 21} 8"), face.ink, 4.5)


def _squeeze(cv: Canvas, face: Face, side: int) -> None:
    cv.line(p.parse(f"M{side * 15} -12 L{side * -13} 0 L{side * 15} 12"), face.ink, 7)


def _line(cv: Canvas, face: Face, _: int) -> None:
    cv.line(p.parse("M-17 0 L17 0"), face.ink, 7)


def _cross(cv: Canvas, face: Face, _: int) -> None:
    cv.line(p.parse("M-12 -12 L12 12"), face.ink, 7)
    cv.line(p.parse("M12 -12 L-12 12"), face.ink, 7)


def _heart(cv: Canvas, face: Face, _: int) -> None:
    cv.shape(p.heart(0, 0, 23), "#ff4f6d", outer=False, keep=True, width=cv.style.width * 0.7)
    cv.shape(p.ellipse(-9, -10, 5, 4), "#ffffff", outline=False, outer=False, keep=True, opacity=0.8)


def _star(cv: Canvas, face: Face, _: int) -> None:
    cv.shape(p.star(0, 0, 25), "#ffc52e", outer=False, keep=True, width=cv.style.width * 0.7)
    cv.shape(p.ellipse(-5, -6, 4, 4), "#ffffff", outline=False, outer=False, keep=True, opacity=0.9)


def _coin(cv: Canvas, face: Face, _: int) -> None:
    cv.shape(p.ellipse(0, 0, 20, 20), "#ffc52e", outer=False, keep=True, width=cv.style.width * 0.7)
    cv.line(p.parse("M6 -7 C-8 -14 -12 0 0 0 C12 0 8 14 -6 7"), "#9a5b12", 4.5)
    cv.line(p.parse("M0 -13 L0 13"), "#9a5b12", 4)


def _spiral(cv: Canvas, face: Face, _: int) -> None:
    cv.line(
        p.smooth([(0, 0), (6, -3), (4, 7), (-7, 6), (-10, -5), (0, -13), (13, -8), (16, 5), (6, 16)], closed=False),
        face.ink,
        5,
    )


def _wide(cv: Canvas, face: Face, _: int) -> None:
    cv.shape(p.ellipse(0, 0, 21, 23), "#ffffff", outer=False, keep=True, width=cv.style.width * 0.75)
    if cv.style.outline == "none":
        cv.line(p.ellipse(0, 0, 21, 23), face.ink, 3)
    cv.shape(p.ellipse(0, 0, 6, 7), _DARK, outline=False, outer=False, keep=True)


def _sparkle(cv: Canvas, face: Face, _: int) -> None:
    cv.shape(p.ellipse(0, 0, 19, 22), _DARK, outline=False, outer=False, keep=True)
    cv.shape(p.ellipse(0, 9, 12, 9), face.iris or "#8a5a3c", outline=False, outer=False, keep=True, opacity=0.8)
    cv.shape(p.star(-5, -8, 9, 4, 0.42), "#ffffff", outline=False, outer=False, keep=True)
    cv.shape(p.ellipse(8, 8, 4, 4), "#ffffff", outline=False, outer=False, keep=True)


def _teary(cv: Canvas, face: Face, _: int) -> None:
    cv.shape(p.ellipse(0, 0, 20, 23), _DARK, outline=False, outer=False, keep=True)
    cv.shape(p.ellipse(-6, -8, 8, 8.5), "#ffffff", outline=False, outer=False, keep=True)
    cv.shape(p.ellipse(7, 3, 4, 4), "#ffffff", outline=False, outer=False, keep=True)
    with cv.inside(p.ellipse(0, 0, 20, 23)):
        cv.shape(p.ellipse(0, 22, 22, 13), "#8fd3ff", outline=False, keep=True, opacity=0.95)
    cv.shape(p.ellipse(-4, 15, 3, 2.4), "#ffffff", outline=False, outer=False, keep=True)


def _angry(cv: Canvas, face: Face, side: int) -> None:
    cut = p.polygon([(side * 24, -26), (side * 24, 26), (side * -24, 26), (side * -24, -2)])
    with cv.inside(cut):
        _ball(cv, face)
    cv.line(p.parse(f"M{side * 17} -15 L{side * -15} -3"), face.ink, 6)


def _half(cv: Canvas, face: Face, _: int) -> None:
    with cv.inside(p.rect(-24, -2, 48, 30)):
        _ball(cv, face)
    cv.line(p.parse("M-18 -2 L18 -2"), face.ink, 6.5)


def _wink(cv: Canvas, face: Face) -> None:
    for side in (-1, 1):
        with cv.at(side * face.spread, face.eye_y, sx=face.eye / 14):
            _squeeze(cv, face, 1) if side == 1 else _ball(cv, face)


def _shades(cv: Canvas, face: Face) -> None:
    with cv.at(0, face.eye_y, sx=face.spread / 56):
        cv.line(p.parse("M-100 -12 L100 -12"), "#26262e", 6)
        for side in (-1, 1):
            lens = p.symmetric([(0, -18), (32, -16), (36, 2), (22, 24), (0, 27)])
            with cv.at(side * 50, 0):
                cv.shape(lens, "#2d2d38", outer=False, keep=True)
                with cv.inside(lens):
                    cv.shape(
                        p.polygon([(-26, -24), (-8, -24), (-24, 30), (-42, 30)]), "#6c7894", outline=False, keep=True
                    )
        cv.line(p.parse("M-18 -12 L18 -12"), "#26262e", 8)


EYES: dict[str, Callable[[Canvas, Face], None]] = {
    "dot": _both(_dot), "side": _both(_side), "up": _both(_up), "arc": _both(_arc), "closed": _both(_closed),
    "squeeze": _both(_squeeze), "line": _both(_line), "cross": _both(_cross), "heart": _both(_heart), "star": _both(_star),
    "coin": _both(_coin), "spiral": _both(_spiral), "wide": _both(_wide), "sparkle": _both(_sparkle), "teary": _both(_teary),
    "angry": _both(_angry), "half": _both(_half), "wink": _wink, "shades": _shades,
}  # fmt: skip


def _brows(inner: float, outer: float, lift: float = 0, odd: bool = False) -> Callable[[Canvas, Face], None]:
    """Brows as straight strokes: how far their inner and outer ends are raised."""

    def brows(cv: Canvas, face: Face) -> None:
        for side in (-1, 1):
            up = lift + (9 if odd and side == 1 else 0)
            with cv.at(side * face.spread, face.eye_y - 33 * face.eye / 14 - up, sx=face.eye / 14):
                cv.line(
                    p.parse(f"M{side * -14} {-inner} Q0 {-(inner + outer) / 2 - 4} {side * 14} {-outer}"), face.ink, 6
                )

    return brows


BROWS: dict[str, Callable[[Canvas, Face], None]] = {
    "none": lambda cv, face: None,
    "up": _brows(2, 0, 6),
    "worry": _brows(9, -4),
    "angry": _brows(-7, 7),
    "odd": _brows(0, 4, 0, odd=True),
}


def _open(w: float, h: float, teeth: bool = False) -> Callable[[Canvas, Face], None]:
    def mouth(cv: Canvas, face: Face) -> None:
        shape = p.parse(
            f"M{-w} 0 Q0 {h * 0.16} {w} 0 C{w} {h * 0.75} {w * 0.5} {h} 0 {h} C{-w * 0.5} {h} {-w} {h * 0.75} {-w} 0 Z"
        )
        cv.shape(shape, _MOUTH, outline=False, outer=False, keep=True)
        with cv.inside(shape):
            cv.shape(p.ellipse(0, h * 1.02, w * 0.62, h * 0.45), _TONGUE, outline=False, keep=True)
            if teeth:
                cv.shape(p.rect(-w, -4, 2 * w, h * 0.2 + 4), "#ffffff", outline=False, keep=True)
        cv.line(shape, face.ink if not _light(face.ink) else _DARK, 5.5)

    return mouth


def _light(ink: str) -> bool:
    return int(ink[1:3], 16) > 150


def _strokes(*lines: str, width: float = 6) -> Callable[[Canvas, Face], None]:
    def mouth(cv: Canvas, face: Face) -> None:
        for d in lines:
            cv.line(p.parse(d), face.ink, width)

    return mouth


def _round(rx: float, ry: float) -> Callable[[Canvas, Face], None]:
    def mouth(cv: Canvas, face: Face) -> None:
        cv.shape(p.ellipse(0, ry * 0.9, rx, ry), _MOUTH, outline=False, outer=False, keep=True)
        cv.line(p.ellipse(0, ry * 0.9, rx, ry), _DARK, 5)

    return mouth


def _tongue(cv: Canvas, face: Face) -> None:
    out = p.parse("M-2 6 L20 6 C22 30 0 32 -2 6 Z")
    cv.shape(out, _TONGUE, outline=False, outer=False, keep=True)
    cv.line(out, _DARK, 4.5)
    _strokes("M-22 0 Q0 14 24 0")(cv, face)


def _tongue_flat(cv: Canvas, face: Face) -> None:
    out = p.parse("M-10 6 L12 6 C16 34 -12 36 -10 6 Z")
    cv.shape(out, _TONGUE, outline=False, outer=False, keep=True)
    cv.line(out, _DARK, 4.5)
    _strokes("M-22 6 L24 6")(cv, face)


def _drool(cv: Canvas, face: Face) -> None:
    _open(22, 26)(cv, face)
    drop = p.parse("M12 10 L24 8 C30 28 30 42 22 44 C14 44 14 28 12 10 Z")
    cv.shape(drop, "#9ddcff", outline=False, outer=False, keep=True)
    cv.line(drop, "#4b9fd0", 3.5)


def _grit(cv: Canvas, face: Face) -> None:
    box = p.rect(-26, 0, 52, 24, 11)
    cv.shape(box, "#ffffff", outline=False, outer=False, keep=True)
    for d in ("M-26 12 L26 12", "M-9 0 L-9 24", "M9 0 L9 24"):
        cv.line(p.parse(d), _DARK, 3.5)
    cv.line(box, _DARK, 5.5)


def _chew(cv: Canvas, face: Face) -> None:
    _strokes("M-10 10 Q-2 2 2 10 Q6 18 12 10")(cv, face)
    for x, y in ((-24, 20), (28, 16), (20, 30)):
        cv.shape(p.ellipse(x, y, 3.6, 3), "#e0a960", outline=False, outer=False, keep=True)


def _thermometer(cv: Canvas, face: Face) -> None:
    _strokes("M-18 12 Q0 0 18 12")(cv, face)
    with cv.at(8, 8, turn=28):
        cv.shape(p.rect(-4, -6, 60, 13, 6), "#ffffff", keep=True, outer=False, width=4.5)
        cv.shape(p.rect(24, -2, 26, 5, 2), "#f0484e", outline=False, outer=False, keep=True)
        if cv.style.outline == "none":
            cv.line(p.rect(-4, -6, 60, 13, 6), _DARK, 2.5)


def _wail(cv: Canvas, face: Face) -> None:
    shape = p.parse("M-26 26 C-26 -8 26 -8 26 26 Q18 36 0 32 Q-18 36 -26 26 Z")
    cv.shape(shape, _MOUTH, outline=False, outer=False, keep=True)
    with cv.inside(shape):
        cv.shape(p.ellipse(0, 36, 17, 14), _TONGUE, outline=False, keep=True)
    cv.line(shape, _DARK, 5.5)


MOUTHS: dict[str, Callable[[Canvas, Face], None]] = {
    "none": lambda cv, face: None,
    "cat": _strokes("M-22 2 C-20 16 -3 16 0 2 C3 16 20 16 22 2"),
    "open": _open(25, 33), "big": _open(33, 44, teeth=True), "wail": _wail,
    "frown": _strokes("M-20 15 Q0 -5 20 15"), "small_frown": _strokes("M-13 12 Q0 0 13 12"),
    "wavy": _strokes("M-24 10 Q-16 -2 -8 8 Q0 18 8 8 Q16 -2 24 8"),
    "flat": _strokes("M-17 9 L17 9"), "smirk": _strokes("M-18 9 Q6 18 22 -1"),
    "o": _round(14, 18), "small_o": _round(7.5, 9),
    "kiss": _strokes("M-3 0 Q13 2 2 9 Q14 14 -3 19"), "pout": _strokes("M-12 14 Q0 2 12 14", "M-6 22 Q0 19 6 22"),
    "zigzag": _strokes("M-27 10 L-18 3 L-9 12 L0 3 L9 12 L18 3 L27 10"), "tongue": _tongue, "tongue_flat": _tongue_flat,
    "drool": _drool, "grit": _grit, "chew": _chew, "thermometer": _thermometer,
}  # fmt: skip

OPEN_MOUTHS = frozenset({"open", "big", "wail", "o", "drool", "grit", "tongue", "tongue_flat"})


def _beak(cv: Canvas, face: Face, mouth: str) -> None:
    """A beak says less than a mouth: open or shut, straight or bent."""
    if mouth == "none":
        return
    width = cv.style.width * 0.8
    if mouth in OPEN_MOUTHS:
        deep = 30 if mouth in ("big", "wail") else 22
        lower = p.parse(f"M-20 2 C-14 {deep} 14 {deep} 20 2 Z")
        cv.shape(lower, _MOUTH, outer=False, keep=True, width=width)
        with cv.inside(lower):
            cv.shape(p.ellipse(0, deep * 0.78, 10, 9), _TONGUE, outline=False, keep=True)
    cv.shape(
        p.smooth([(0, -15), (14, -8), (24, 3), (10, 9), (0, 11), (-10, 9), (-24, 3), (-14, -8)]),
        face.beak,
        outer=False,
        width=width,
    )
    if mouth in ("frown", "small_frown", "pout", "wavy", "zigzag"):
        cv.line(p.arc(0, 6, 12, -5), _DARK, 4)
    elif mouth == "thermometer":
        _thermometer(cv, face)
