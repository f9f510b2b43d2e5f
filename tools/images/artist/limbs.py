"""Arms: where a pose puts the hands, and how an arm, wing or fin is drawn there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.face import Face
from tools.images.artist.model import Pose
from tools.images.artist.paths import Point

__all__ = ["ArmKind", "Arms", "draw_arm", "hand_of"]

ArmKind = Literal["paw", "stick", "wing", "fin", "sleeve", "none"]


@dataclass(frozen=True)
class Arms:
    """The arms of one figure; `face_at` is the head's centre and its scale, `shoulder` that of the right arm."""

    shoulder: Point
    face_at: tuple[float, float, float]
    face: Face
    kind: ArmKind
    width: float
    fill: str
    hand: str
    reach: float  # how far an arm can stretch
    belly: float  # the height at which both hands meet


def hand_of(arms: Arms, place: str, side: int) -> tuple[Point, Point]:
    """(elbow, hand) of the arm on `side` (-1 left, 1 right, as seen) for a place named in a pose."""
    sx, sy = arms.shoulder
    fx, fy, fs = arms.face_at
    r = arms.reach
    face = arms.face
    places: dict[str, Point] = {
        "rest": (sx - r * 0.24, sy + r * 0.62),
        "down": (sx + r * 0.3, sy + r * 0.66),
        "out": (sx + r * 0.86, sy - r * 0.06),
        "wave": (sx + r * 0.86, sy - r * 0.72),
        "up": (sx + r * 0.8, sy - r * 0.9),
        "point": (sx + r * 0.82, sy - r * 1.12),
        "thumb": (sx + r * 0.7, sy + r * 0.1),
        "chest": (sx * 0.36, arms.belly - r * 0.1),
        "hold": (min(sx * 0.92, 58), arms.belly + 8),
        "fist": (sx + r * 0.62, sy - r * 0.42),
        "carry": (sx + r * 0.74, sy + r * 0.02),
        "hip": (sx + r * 0.02, sy + r * 0.6),
        "cheek": (face.cheek_x * fs * 1.08, fy + (face.cheek_y + 22) * fs),
        "eyes": (face.spread * fs, fy + (face.eye_y + 6) * fs),
        "chin": (fx + 30 * fs, fy + (face.mouth_y + 44) * fs),
        "brow": ((face.spread + 40) * fs, fy + (face.eye_y - 26) * fs),
        "pray": (11, fy + (face.mouth_y + 56) * fs),
        "cross_l": (-sx * 0.42, arms.belly - 8),
        "cross_r": (-sx * 0.42, arms.belly + 8),
    }
    if arms.kind in ("wing", "fin"):  # they hang at the side
        places["rest"] = places["hip"] = (sx + r * 0.2, sy + r * 0.72)
    x, y = places[place]
    bend = {"hip": 0.62, "cheek": 0.5, "eyes": 0.55, "pray": 0.42, "brow": 0.4, "chest": 0.3, "hold": 0.3, "cross_l": 0.3,
            "cross_r": 0.3, "chin": 0.4, "fist": 0.62,
        "carry": 0.3, "wave": 0.3, "up": 0.22, "point": 0.2, "thumb": 0.5}.get(place, 0.16)  # fmt: skip
    mx, my = (sx + x) / 2, (sy + y) / 2
    drop = 0.5 if place in ("wave", "up", "point", "thumb", "cheek", "eyes", "chin", "pray", "brow") else 0.1
    elbow = (mx + r * bend, my + r * bend * drop)
    return (side * elbow[0], elbow[1]), (side * x, y)


def draw_arm(cv: Canvas, arms: Arms, pose: Pose, side: int) -> None:
    place = pose.left if side < 0 else pose.right
    (ex, ey), (hx, hy) = hand_of(arms, place, side)
    sx, sy = side * arms.shoulder[0], arms.shoulder[1]
    if arms.kind == "none":
        return
    if arms.kind in ("wing", "fin"):
        _leaf(cv, arms, (sx, sy), (hx, hy), side)
        return
    path = (("M", (sx, sy)), ("Q", (ex, ey, hx, hy)))
    cv.limb(path, arms.width, arms.fill)
    if arms.kind == "stick":
        cv.shape(p.ellipse(hx, hy, arms.width * 0.85, arms.width * 0.85), arms.hand)
        _finger(cv, arms, place, hx, hy, side)
        return
    if arms.hand != arms.fill or arms.kind == "sleeve":
        r = arms.width / 2
        angle = math.degrees(math.atan2(hy - ey, hx - ex))
        with cv.at(hx, hy, turn=angle):
            cap = p.parse(
                f"M{-r * 0.5} {-r} L{r * 0.1} {-r} C{r * 1.2} {-r} {r * 1.2} {r} {r * 0.1} {r} L{-r * 0.5} {r} Q{-r * 0.1} 0 {-r * 0.5} {-r} Z"
            )
            cv.shape(cap, arms.hand, outline=False, outer=False)
    _finger(cv, arms, place, hx, hy, side)


def _finger(cv: Canvas, arms: Arms, place: str, x: float, y: float, side: int) -> None:
    """A fist with its thumb up, where the pose wants one. A lone raised finger would be read as an insult."""
    if place != "thumb":
        return
    r = arms.width * (0.6 if arms.kind != "stick" else 1.05)
    thumb = p.rect(-r * 0.36, -r * 1.62, r * 0.72, r * 1.5, r * 0.36)
    with cv.at(x - side * r * 0.34, y, turn=side * -16):
        cv.shape(thumb, arms.hand)
    cv.shape(p.rect(x - r, y - r * 0.85, 2 * r, r * 1.8, r * 0.7), arms.hand)
    for k in (-0.22, 0.28):
        cv.line(
            p.parse(f"M{x + side * r * 0.1} {y + r * k} L{x + side * r * 0.72} {y + r * k}"),
            cv.edge(arms.hand) or arms.fill,
            4,
        )


def _leaf(cv: Canvas, arms: Arms, start: Point, end: Point, side: int) -> None:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(math.hypot(dx, dy), arms.reach * 0.7)
    with cv.at(start[0], start[1], turn=math.degrees(math.atan2(dy, dx)), sx=1, sy=side):
        w = arms.width
        tip = 1.0 if arms.kind == "wing" else 0.8
        leaf = p.smooth(
            [
                (-8, -w * 0.3),
                (length * 0.4, -w * 0.62),
                (length * 0.85, -w * 0.36),
                (length * 1.06, w * 0.1 * tip),
                (length * 0.72, w * 0.56),
                (length * 0.3, w * 0.56),
                (-8, w * 0.34),
            ]
        )
        cv.shape(leaf, cv.back(arms.fill))
        if arms.kind == "wing" and cv.style.outline != "none":
            cv.line(p.parse(f"M{length * 0.7} {w * 0.1} L{length * 0.9} {w * 0.16}"), None, 4)
