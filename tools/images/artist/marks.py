"""What hangs in the air around a face: tears, sweat, hearts, sleep, anger, weather. Places are those of the head frame."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.face import Face

__all__ = ["BEHIND", "MARKS", "ONE_WAY", "Frame", "draw_mark"]

Frame = tuple[float, float, float]  # half width, top and bottom of the head, from its centre
_BLUE = "#8fd3ff"


def draw_mark(cv: Canvas, name: str, frame: Frame, face: Face, chance: Random) -> None:
    MARKS[name](cv, frame, face, chance)


def _streams(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    for side in (-1, 1):
        x, y = side * face.spread, face.eye_y + 8
        wide = 11 * face.eye / 14
        fall = p.smooth(
            [
                (x - wide, y),
                (x + wide, y),
                (x + wide + side * 4, y + 34),
                (x + side * 8 + wide, y + 62),
                (x + side * 8, y + 70),
                (x + side * 8 - wide, y + 62),
                (x - wide + side * 4, y + 34),
            ]
        )
        cv.shape(fall, _BLUE, keep=True, outer=False, width=cv.style.width * 0.7)
        cv.line(p.parse(f"M{x} {y + 12} L{x + side * 4} {y + 46}"), "#ffffff", 5)


def _drop(cv: Canvas, x: float, y: float, r: float, turn: float = 0) -> None:
    with cv.at(x, y, turn=turn, sx=r):
        shape = p.parse("M0 -1.5 C0.9 -0.3 1 0.1 1 0.35 C1 1.25 -1 1.25 -1 0.35 C-1 0.1 -0.9 -0.3 0 -1.5 Z")
        cv.shape(shape, _BLUE, keep=True, width=cv.style.width * 0.7 / r)
        cv.line(p.parse("M-0.45 0.2 Q-0.45 0.6 -0.1 0.72"), "#ffffff", 0.28)


def _tear(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    _drop(cv, face.spread + 14, face.eye_y + 32, 11)


def _sweat(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    _drop(cv, frame[0] * 1.06, frame[1] * 0.3, 16, turn=-10)


def _drops(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for x, y, r in ((-w * 1.06, top * 0.2, 11), (w * 1.08, top * 0.3, 14), (w * 0.62, top * 0.52, 9)):
        _drop(cv, x, y, r)


def _floating(
    draw: Callable[[Canvas, float], None], places: tuple[tuple[float, float, float], ...]
) -> Callable[..., None]:
    """The same small thing at several places around the head: (x of half widths, y of heights above, size)."""

    def mark(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
        w, top, _ = frame
        for x, y, size in places:
            with cv.at(x * w, y * top, turn=chance.uniform(-16, 16)):
                draw(cv, size * chance.uniform(0.9, 1.12))

    return mark


def _one_heart(cv: Canvas, r: float) -> None:
    cv.shape(p.heart(0, 0, r), "#ff5d7a", keep=True, width=cv.style.width * 0.8)
    cv.shape(
        p.ellipse(-r * 0.42, -r * 0.42, r * 0.2, r * 0.16),
        "#ffffff",
        outline=False,
        outer=False,
        keep=True,
        opacity=0.85,
    )


def _one_sparkle(cv: Canvas, r: float) -> None:
    cv.shape(p.star(0, 0, r, 4, 0.4), "#ffd23f", keep=True, width=cv.style.width * 0.75)


def _one_note(cv: Canvas, r: float) -> None:
    colour = "#5b6ee1"
    cv.line(
        p.parse(f"M{r * 0.35} {r * 0.6} L{r * 0.35} {-r} Q{r * 0.9} {-r * 0.7} {r} {-r * 0.1}"), colour, 6, outer=True
    )
    cv.shape(p.ellipse(0, r * 0.65, r * 0.42, r * 0.32), colour, outline=False, keep=True)


def _one_flower(cv: Canvas, r: float) -> None:
    for i in range(5):
        with cv.at(0, 0, turn=72 * i):
            cv.shape(p.ellipse(0, -r * 0.55, r * 0.4, r * 0.48), "#ffb3c7", keep=True, width=cv.style.width * 0.55)
    cv.shape(p.ellipse(0, 0, r * 0.34, r * 0.34), "#ffd84a", outline=False, outer=False, keep=True)


def _one_flake(cv: Canvas, r: float) -> None:
    for i in range(3):
        with cv.at(0, 0, turn=60 * i):
            cv.line(p.parse(f"M0 {-r} L0 {r}"), "#6db9e8", 5, outer=True)
            cv.line(p.parse(f"M{-r * 0.3} {-r * 0.75} L0 {-r * 0.45} L{r * 0.3} {-r * 0.75}"), "#6db9e8", 3.5)


def _one_coin(cv: Canvas, r: float) -> None:
    cv.shape(p.ellipse(0, 0, r, r), "#ffcf3f", keep=True, width=cv.style.width * 0.75)
    cv.line(
        p.parse(
            f"M{r * 0.3} {-r * 0.35} C{-r * 0.5} {-r * 0.75} {-r * 0.6} 0 0 0 C{r * 0.6} 0 {r * 0.5} {r * 0.75} {-r * 0.3} {r * 0.35}"
        ),
        "#a8660f",
        4.5,
    )
    cv.line(p.parse(f"M0 {-r * 0.68} L0 {r * 0.68}"), "#a8660f", 3.5)


def _vein(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    with cv.at(frame[0] * 0.66, frame[1] * 0.5):
        for i in range(4):
            with cv.at(0, 0, turn=90 * i + 12):
                cv.line(p.parse("M6 -22 Q7 -7 22 -6"), "#f0323c", 8, outer=True)


def _steam(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for side in (-1, 1):
        with cv.at(side * (w + 22), top * 0.25, sx=side, sy=1):
            puff = p.smooth([(-8, 4), (-2, -14), (14, -20), (30, -16), (40, -2), (30, 12), (12, 14)])
            cv.shape(puff, "#ffffff", keep=True, width=cv.style.width * 0.8)
            if cv.style.outline == "none":
                cv.line(puff, "#b9bfca", 4)


def _zzz(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for x, y, r in ((1.06, 0.62, 12), (1.2, 0.95, 17), (1.42, 1.3, 22)):
        with cv.at(x * w, y * top, turn=-8):
            cv.line(
                p.parse(f"M{-r * 0.7} {-r * 0.8} L{r * 0.7} {-r * 0.8} L{-r * 0.7} {r * 0.8} L{r * 0.7} {r * 0.8}"),
                "#5b7bd6",
                7,
                outer=True,
            )


def _question(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for x, y, s, turn in ((1.16, 0.82, 1.15, 14), (-1.18, 0.72, 0.9, -14)):
        with cv.at(x * w, y * top, turn=turn, sx=s):
            cv.line(p.parse("M-14 -16 C-14 -38 18 -38 16 -16 C15 -3 0 -4 0 10"), "#4c86e0", 10, outer=True)
            cv.shape(p.ellipse(0, 26, 6.5, 6.5), "#4c86e0", outline=False, keep=True)


def _shock(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for turn, x in ((-52, -1.1), (52, 1.1)):
        with cv.at(x * w, top * 0.6, turn=turn):
            for spread in (-22, 0, 22):
                with cv.at(0, 0, turn=spread * 0.8):
                    cv.line(p.parse(f"M{spread} -2 L{spread} -24"), "#ffb52e", 8, outer=True)


def _laugh(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    for side in (-1, 1):
        _drop(cv, side * (face.spread + 30), face.eye_y - 4, 9, turn=side * 60)


def _dots(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for i in range(3):
        cv.shape(p.ellipse(w * 1.08 + i * 23, top * 0.55 - i * 3, 8, 8), "#8d93a5", keep=True, outline=False)


def _gloom(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    for i in range(4):
        x = w * (0.16 + i * 0.13)
        cv.line(p.parse(f"M{x} {top * (0.84 - i * 0.07)} L{x} {top * (0.42 - i * 0.03)}"), "#7f8fc9", 5)


def _blush_lines(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    for side in (-1, 1):
        for i in (-1, 0, 1):
            x = side * face.cheek_x + i * 9
            cv.line(p.parse(f"M{x + 3} {face.cheek_y - 7} L{x - 3} {face.cheek_y + 7}"), "#f0606c", 3.5)


def _shiver(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, _, bottom = frame
    for side in (-1, 1):
        for i, x in enumerate((w + 20, w + 36)):
            ys = [bottom * 0.2 + k * 15 - i * 6 for k in range(4 - i)]
            zig = [(side * (x + (6 if k % 2 else -3)), y) for k, y in enumerate(ys)]
            cv.line(p.smooth(zig, closed=False), "#6db9e8", 6, outer=True)


def _bulb(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    with cv.at(-frame[0] * 1.2, frame[1] * 1.0):
        for turn in (-62, -28, 28, 62):
            with cv.at(0, 0, turn=turn):
                cv.line(p.parse("M0 -44 L0 -56"), "#ffb52e", 7, outer=True)
        cv.shape(p.symmetric([(0, -30), (24, -16), (24, 6), (12, 22), (0, 24)]), "#ffe066", keep=True)
        cv.shape(p.rect(-11, 20, 22, 15, 5), "#b8bcc8", keep=True)


def _flames(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, bottom = frame[0], max(frame[1], -frame[0] * 1.1), min(frame[2], frame[0] * 0.9)
    for fill, s in (("#ff6b35", 1.0), ("#ffc145", 0.8)):
        edge = [
            (w * 1.08, bottom * 1.5),
            (w * 1.3, bottom * 0.2),
            (w * 1.2, top * 0.7),
            (w * 0.98, top * 0.45),
            (w * 0.88, top * 1.3),
            (w * 0.55, top * 1.0),
            (w * 0.3, top * 1.62),
            (0, top * 1.15),
        ]
        points = [(x * s, y * s) for x, y in reversed(edge)]
        cv.shape(p.symmetric(points), fill, keep=True, outline=s == 1.0)


def _ghost(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    with cv.at(frame[0] * 1.16, frame[1] * 0.9, turn=12):
        soul = p.smooth([(0, -30), (20, -22), (24, 4), (14, 22), (-4, 30), (-22, 46), (-18, 22), (-24, 0), (-18, -22)])
        cv.shape(soul, "#eef3ff", keep=True, width=cv.style.width * 0.8)
        for x in (-8, 8):
            cv.shape(p.ellipse(x, -6, 3.4, 4.4), "#5a6a94", outline=False, outer=False, keep=True)
        cv.shape(p.ellipse(0, 6, 4, 4), "#5a6a94", outline=False, outer=False, keep=True)


def _orbit(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    w, top, _ = frame
    cv.line(p.ellipse(0, top * 1.02, w * 0.62, 20), "#ffb52e", 5, outer=True)
    for x, y in ((-0.6, 0.98), (0.1, 1.2), (0.58, 0.94)):
        with cv.at(x * w, y * top):
            cv.shape(p.star(0, 0, 17), "#ffd23f", keep=True, width=cv.style.width * 0.7)


def _sun(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    with cv.at(-frame[0] * 1.22, frame[1] * 0.95):
        for i in range(8):
            with cv.at(0, 0, turn=45 * i):
                cv.line(p.parse("M0 -32 L0 -42"), "#ff9b2e", 8, outer=True)
        cv.shape(p.ellipse(0, 0, 23, 23), "#ffb52e", keep=True)


def _yawn(cv: Canvas, frame: Frame, face: Face, chance: Random) -> None:
    with cv.at(face.mouth_x + frame[0] * 0.5, face.mouth_y + 4):
        bubble = p.ellipse(30, -2, 25, 26)
        cv.shape(bubble, "#bfe6ff", keep=True, width=cv.style.width * 0.7, outer=False, opacity=0.9)
        cv.shape(p.ellipse(22, -11, 6, 7), "#ffffff", outline=False, outer=False, keep=True)
    _zzz(cv, frame, face, chance)


MARKS: dict[str, Callable[[Canvas, Frame, Face, Random], None]] = {
    "streams": _streams, "tear": _tear, "sweat": _sweat, "drops": _drops, "vein": _vein, "steam": _steam, "zzz": _zzz,
    "question": _question, "shock": _shock, "laugh": _laugh, "dots": _dots, "gloom": _gloom, "blush_lines": _blush_lines,
    "shiver": _shiver, "bulb": _bulb, "flames": _flames, "ghost": _ghost, "orbit": _orbit, "sun": _sun, "yawn": _yawn,
    "hearts": _floating(_one_heart, ((-1.08, 0.72, 17), (1.02, 0.98, 22), (1.3, 0.42, 13))),
    "sparkles": _floating(_one_sparkle, ((-1.12, 0.8, 24), (1.12, 0.92, 28), (1.32, 0.3, 17), (-1.3, 0.2, 15))),
    "twinkle": _floating(_one_sparkle, ((1.2, 0.82, 25), (1.36, 0.42, 15))),
    "notes": _floating(_one_note, ((-1.1, 0.9, 24), (1.08, 0.96, 28), (1.28, 0.3, 20))),
    "flowers": _floating(_one_flower, ((-1.14, 0.74, 22), (1.16, 0.78, 25), (1.38, 0.3, 17))),
    "snow": _floating(_one_flake, ((-1.1, 0.9, 17), (0.98, 1.05, 20), (1.26, 0.55, 13), (-0.5, 1.35, 12))),
    "coins": _floating(_one_coin, ((-0.75, 1.3, 22), (0.1, 1.5, 18), (0.85, 1.28, 24))),
}  # fmt: skip
BEHIND = frozenset({"flames"})
ONE_WAY = frozenset({"zzz", "question", "shock", "notes", "coins", "speed"})  # wrong in a mirror
