"""Ears, muzzles and tails of the mascot rig, each by its name in the data."""

from __future__ import annotations

from collections.abc import Mapping

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.colour import darker
from tools.images.artist.face import Face

__all__ = ["EARS", "MUZZLES", "TAILS", "draw_ears", "draw_muzzle", "draw_tail"]

_NOSE = "#3b2a26"
_OVER = frozenset({"floppy", "human", "long_floppy"})
EARS = frozenset({"none", "pointy", "fox", "tall", "round", "big_round", "small", "side", "fan", *_OVER})
MUZZLES = frozenset({"none", "dog", "cat", "bear", "snout", "broad", "koala", "trunk", "horse", "dots", "button"})
TAILS = frozenset({"none", "curl", "long", "fluffy", "puff", "tuft", "stub", "pig", "dino", "ringed", "flat"})


def draw_ears(cv: Canvas, kind: str, palette: Mapping[str, str], w: float, h: float, turn: float, over: bool) -> None:
    if (kind in _OVER) != over or kind == "none":
        return
    fill, inner = palette.get("ear", palette["main"]), palette.get("inner", "#f7b6b0")
    for side in (-1, 1):
        with cv.at(sx=side, sy=1):
            if kind in ("pointy", "fox"):
                tip = 1.5 if kind == "pointy" else 1.68
                with cv.at(w * 0.6, -h * 0.6, turn=turn):
                    x, y = -w * 0.6, h * 0.6
                    cv.shape(
                        p.polygon(
                            [
                                (x + w * 0.2, y - h * 0.78),
                                (x + w * 0.8, y - h * tip),
                                (x + w * 1.0, y - h * 0.14),
                                (x + w * 0.5, y - h * 0.3),
                            ],
                            22,
                        ),
                        fill,
                    )
                    cv.shape(
                        p.polygon(
                            [
                                (x + w * 0.42, y - h * 0.78),
                                (x + w * 0.76, y - h * (tip - 0.24)),
                                (x + w * 0.87, y - h * 0.4),
                            ],
                            14,
                        ),
                        inner,
                        outline=False,
                        outer=False,
                    )
            elif kind == "tall":
                with cv.at(w * 0.42, -h * 0.7, turn=13 + turn):
                    cv.shape(p.symmetric([(0, -138), (26, -108), (33, -50), (26, 10), (0, 24)]), fill)
                    cv.shape(
                        p.symmetric([(0, -116), (13, -94), (17, -50), (12, -8), (0, 0)]),
                        inner,
                        outline=False,
                        outer=False,
                    )
            elif kind in ("round", "small", "big_round"):
                r, x, y = {"round": (38, 0.7, -0.76), "small": (24, 0.74, -0.74), "big_round": (55, 0.92, -0.56)}[kind]
                cv.shape(p.ellipse(w * x, h * y, r, r), fill)
                cv.shape(p.ellipse(w * x, h * y, r * 0.58, r * 0.58), inner, outline=False, outer=False)
            elif kind == "side":
                with cv.at(w * 0.84, -h * 0.5, turn=-14 + turn):
                    cv.shape(p.smooth([(-14, 12), (10, -20), (52, -22), (70, -4), (50, 18), (10, 24)]), fill)
                    cv.shape(
                        p.smooth([(10, 4), (24, -8), (46, -10), (54, -3), (42, 8), (22, 12)]),
                        inner,
                        outline=False,
                        outer=False,
                    )
            elif kind == "fan":
                cv.shape(
                    p.smooth(
                        [
                            (w * 0.6, -h * 0.72),
                            (w * 1.1, -h * 0.98),
                            (w * 1.52, -h * 0.5),
                            (w * 1.48, h * 0.22),
                            (w * 1.1, h * 0.62),
                            (w * 0.7, h * 0.3),
                        ]
                    ),
                    fill,
                )
                cv.shape(
                    p.smooth(
                        [
                            (w * 0.8, -h * 0.5),
                            (w * 1.12, -h * 0.72),
                            (w * 1.36, -h * 0.38),
                            (w * 1.32, h * 0.12),
                            (w * 1.06, h * 0.38),
                            (w * 0.8, h * 0.1),
                        ]
                    ),
                    inner,
                    outline=False,
                    outer=False,
                )
            elif kind == "floppy":
                cv.shape(
                    p.smooth(
                        [
                            (w * 0.44, -h * 0.86),
                            (w * 0.84, -h * 0.84),
                            (w * 1.16, -h * 0.3),
                            (w * 1.14, h * 0.26),
                            (w * 0.96, h * 0.36),
                            (w * 0.82, h * 0.04),
                            (w * 0.7, -h * 0.4),
                        ]
                    ),
                    fill,
                )
            elif kind == "long_floppy":
                cv.shape(
                    p.smooth(
                        [
                            (w * 0.5, -h * 0.84),
                            (w * 0.9, -h * 0.78),
                            (w * 1.22, -h * 0.1),
                            (w * 1.26, h * 0.7),
                            (w * 1.02, h * 0.96),
                            (w * 0.84, h * 0.6),
                            (w * 0.78, -h * 0.2),
                        ]
                    ),
                    fill,
                )
            elif kind == "human":
                cv.shape(p.ellipse(w * 0.98, h * 0.16, 18, 22), palette["main"])


def draw_muzzle(cv: Canvas, kind: str, palette: Mapping[str, str], face: Face) -> None:
    nose, light = palette.get("nose", _NOSE), palette.get("muzzle", "#fff4e2")
    y = face.mouth_y - 14

    def round_nose(rx: float, ry: float, at: float = y) -> None:
        cv.shape(
            p.symmetric(
                [(0, at - ry), (rx * 0.8, at - ry * 0.75), (rx, at - ry * 0.1), (rx * 0.4, at + ry * 0.8), (0, at + ry)]
            ),
            nose,
            outline=False,
            outer=False,
            keep=True,
        )
        cv.shape(
            p.ellipse(-rx * 0.32, at - ry * 0.42, rx * 0.26, ry * 0.2),
            "#ffffff",
            outline=False,
            outer=False,
            keep=True,
            opacity=0.75,
        )

    if kind in ("dog", "bear"):
        cv.shape(p.ellipse(0, y + 18, 50 if kind == "dog" else 46, 36), light, outline=False, outer=False)
        round_nose(15 if kind == "dog" else 18, 11.5 if kind == "dog" else 13)
    elif kind == "cat":
        round_nose(9, 6.5, y + 4)
        for side in (-1, 1):
            for k, drop in ((-4, -5), (9, 3)):
                cv.line(
                    p.parse(f"M{side * 96} {y + 14 + k} L{side * 136} {y + 12 + k + drop}"),
                    palette.get("whisker", cv.ink),
                    3.5,
                )
    elif kind == "button":
        round_nose(11, 8.5, y + 2)
    elif kind == "snout":
        cv.shape(p.ellipse(0, y - 2, 38, 27), palette.get("snout", darker(palette["main"], 0.12)), outer=False)
        for side in (-1, 1):
            cv.shape(p.ellipse(side * 13, y - 2, 5.5, 8.5), _NOSE, outline=False, outer=False, keep=True, opacity=0.75)
    elif kind in ("broad", "horse"):
        ry = 42 if kind == "broad" else 50
        cv.shape(p.ellipse(0, y + 16, 84 if kind == "broad" else 74, ry), light, outer=False)
        for side in (-1, 1):
            cv.shape(p.ellipse(side * 30, y - 2, 6.5, 8.5), _NOSE, outline=False, outer=False, keep=True, opacity=0.8)
    elif kind == "koala":
        cv.shape(
            p.symmetric([(0, y - 38), (17, -26 + y), (21, y - 4), (0, y + 8)]),
            nose,
            outline=False,
            outer=False,
            keep=True,
        )
        cv.shape(p.ellipse(-6, y - 26, 5, 7), "#ffffff", outline=False, outer=False, keep=True, opacity=0.55)
    elif kind == "dots":
        for side in (-1, 1):
            cv.shape(p.ellipse(side * 8, y + 3, 3.2, 3.2), _NOSE, outline=False, outer=False, keep=True, opacity=0.7)
    elif kind == "trunk":
        path = p.smooth([(0, y - 30), (2, y + 6), (12, y + 44), (40, y + 62), (62, y + 44)], closed=False)
        cv.limb(path, 42, palette["main"])
        for k in (0, 16):
            cv.line(p.parse(f"M-12 {y + k - 4} Q2 {y + k + 3} 14 {y + k - 5}"), darker(palette["main"], 0.3), 4)


def draw_tail(cv: Canvas, kind: str, palette: Mapping[str, str]) -> None:
    """A tail at the right of a sitting body (figure units)."""
    fill, tip = palette.get("tail", palette["main"]), palette.get("tip", "#fff4e2")
    if kind == "curl":
        cv.limb(
            p.smooth([(60, 372), (112, 372), (140, 336), (126, 300), (100, 306), (104, 328)], closed=False), 32, fill
        )
    elif kind == "long":
        path = p.smooth([(60, 380), (112, 388), (140, 360), (132, 322), (150, 292)], closed=False)
        cv.limb(path, 26, fill)
        if "tip" in palette:
            cv.line(p.smooth([(140, 306), (150, 292)], closed=False), cv.tone(tip), 25)
    elif kind in ("fluffy", "ringed"):
        shape = p.smooth([(56, 392), (104, 396), (152, 364), (168, 306), (146, 250), (120, 262), (112, 304), (84, 344)])
        cv.shape(shape, fill, outline=False)
        with cv.inside(shape):
            if kind == "fluffy":
                cv.shape(p.ellipse(146, 262, 46, 40), tip, outline=False)
            else:
                for k in range(4):
                    cv.line(
                        p.parse(f"M{70 + k * 6} {372 - k * 40} L{190} {394 - k * 46}"),
                        cv.tone(palette.get("ring", darker(fill, 0.4))),
                        15,
                    )
        cv.outline(shape, fill)
    elif kind == "puff":
        cv.shape(p.ellipse(96, 372, 30, 28), palette.get("tail", "#ffffff"))
    elif kind == "tuft":
        cv.limb(p.smooth([(64, 372), (112, 372), (136, 338), (140, 306)], closed=False), 15, fill)
        cv.shape(
            p.smooth([(138, 314), (122, 296), (138, 266), (158, 292), (154, 312)]),
            palette.get("tuft", darker(fill, 0.45)),
        )
    elif kind == "stub":
        cv.shape(p.ellipse(90, 376, 20, 19), fill)
    elif kind == "pig":
        cv.line(
            p.smooth([(80, 360), (104, 362), (112, 344), (100, 336), (96, 352), (118, 356), (130, 342)], closed=False),
            cv.edge(fill) or darker(fill, 0.2),
            9,
            outer=True,
        )
    elif kind == "dino":
        cv.shape(
            p.smooth([(40, 340), (100, 362), (150, 340), (176, 304), (182, 342), (154, 388), (96, 408), (40, 404)]),
            fill,
        )
    elif kind == "flat":
        cv.shape(p.smooth([(60, 380), (110, 360), (160, 366), (176, 388), (150, 404), (90, 404)]), fill)
