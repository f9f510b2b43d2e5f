"""The one-piece figure: birds, sea animals, food and things whose body is said in data, with a face, arms and legs added."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.face import Face
from tools.images.artist.limbs import Arms
from tools.images.artist.marks import Frame
from tools.images.artist.model import Pose, Subject
from tools.images.artist.parts import draw_parts

__all__ = ["Thing"]

_FLOOR = 404.0


class Thing:
    """One character of this rig, with the same calls as the mascot's."""

    def __init__(
        self, subject: Subject, palette: Mapping[str, str], features: Mapping[str, Any], chance: Random | None
    ) -> None:
        self.subject, self.palette, self.features = subject, palette, features
        vary = (lambda low, high: chance.uniform(low, high)) if chance else (lambda low, high: (low + high) / 2)
        self.legs_kind: str = features.get("legs", "stick")
        self.base: float = features.get("base", 120)
        self.wide, self.tall = vary(0.96, 1.04), vary(0.97, 1.03)
        x, y, scale = features.get("at", [0, 0, 1])
        self.face_place = (x, y, scale)
        face = dict(features.get("face", {}))
        face["spread"] = face.get("spread", 52) * vary(0.93, 1.07)
        face["eye"] = face.get("eye", 14) * vary(0.92, 1.08)
        face.setdefault("cheek_x", face["spread"] + 26)
        face.setdefault("cheek_y", 32)
        face.setdefault("mouth_y", 26)
        self._face = face

    def face(self, ink: str) -> Face:
        made = {**self._face, "ink": self.palette.get("face_ink", ink), "fur": self.palette["main"]}
        made.setdefault("iris", self.palette.get("iris", ""))
        made.setdefault("beak", self.palette.get("beak", ""))
        made.setdefault("blush", self.palette.get("blush", "#ff9aa2"))
        return Face(**made)

    @property
    def frame(self) -> Frame:
        w, top, bottom = self.features.get("frame", [120, -110, 110])
        s = self.face_place[2]
        return (w / s, (top - self.face_place[1]) / s, (bottom - self.face_place[1]) / s)

    def _squash(self, pose: Pose) -> tuple[float, float]:
        return (self.wide * 1.16, self.tall * 0.8) if pose.body == "lie" else (self.wide, self.tall)

    def _origin(self, pose: Pose) -> tuple[float, float]:
        legs = 0 if self.legs_kind in ("none", "bird") or pose.body == "lie" else 26
        if pose.body == "peek":
            return (0.0, 384 - self.base * self.tall)  # the foot hides behind the edge of the table
        y = _FLOOR - self.base * self._squash(pose)[1] - legs
        return (pose.head[0], y + min(pose.head[1] * 0.3, 8))

    def head_at(self, pose: Pose) -> tuple[float, float]:
        x, y = self._origin(pose)
        sx, sy = self._squash(pose)
        return (x + self.face_place[0] * sx, y + self.face_place[1] * sy)

    def face_scale(self) -> float:
        return self.face_place[2]

    def arms(self, face: Face, pose: Pose) -> Arms:
        fx, fy = self.head_at(pose)
        _, oy = self._origin(pose)
        ax, ay = self.features.get("shoulder", [self.features.get("frame", [120])[0] * 0.86, self.face_place[1] + 44])
        kind = self.features.get("arms", "stick")
        fill = self.palette.get("arm", self.palette["main"])
        width = {"stick": 19, "wing": 52, "fin": 44, "paw": 34}.get(kind, 20)
        at = (fx, fy, self.face_place[2])
        belly = max(oy + ay + 26, fy + (face.mouth_y + 60) * at[2])  # what is held must not hide the mouth
        return Arms((ax * self.wide, oy + ay), at, face, kind, width, fill, self.palette.get("hand", fill), 78, belly)

    def largest(self) -> float:
        """How much the figure may be enlarged: small things fill their picture as large ones do."""
        _, top, bottom = self.features.get("frame", [120, -110, 110])
        return min(1.45, max(1.1, 330 / (bottom - top)))

    def hat(self) -> tuple[float, float, float]:
        x, y, s = self.features.get("hat", [0, self.features.get("frame", [120, -110, 110])[1] + 14, 0.8])
        k = self.face_place[2]
        return ((x - self.face_place[0]) / k, (y - self.face_place[1]) / k, s / k)

    def neck(self) -> tuple[float, float, float]:
        return (0, self.features.get("neck", self.face_place[1] + 74), self.features.get("neck_scale", 1.05))

    # ------------------------------------------------------------------ drawing
    def draw_back(self, cv: Canvas, pose: Pose) -> None:
        x, y = self._origin(pose)
        foot = self.palette.get("foot", self.palette.get("arm", self.palette["main"]))
        if self.legs_kind != "none" and pose.body == "up":
            far = self.features.get("leg_x", 40)
            turns = {"jump": (24, -24), "run": (44, -18)}.get(pose.legs, (0, 0))
            for side, turn in zip((-1, 1), turns, strict=True):
                if self.legs_kind == "bird":
                    with cv.at(side * far, _FLOOR - 6, turn=turn):
                        cv.shape(p.smooth([(0, -18), (22, -4), (26, 10), (0, 14), (-26, 10), (-22, -4)]), foot)
                else:
                    with cv.at(side * far, _FLOOR - 34, turn=turn):
                        cv.limb(p.parse("M0 -12 L0 26"), 19, foot, open_start=False)
                        cv.shape(p.ellipse(side * 5, 30, 20, 11), foot)
        sx, sy = self._squash(pose)
        with cv.at(x, y, sx=sx, sy=sy):
            draw_parts(cv, self.subject.parts, self.palette)

    def draw_lying_arms(self, cv: Canvas, pose: Pose) -> None:
        arms = self.arms(self.face(cv.ink), pose)
        if arms.kind == "none":
            return
        far = arms.shoulder[0]
        for side in (-1, 1):
            if pose.body == "peek":
                cv.shape(p.ellipse(side * far * 0.82, 306, 23, 17), arms.hand)
            else:
                cv.shape(p.ellipse(side * far * 1.08, 392, 30, 15), arms.hand)

    def draw_head(self, cv: Canvas, face: Face) -> None:
        """What lies over the body but under the face, in the units of the body."""
        k = 1 / self.face_place[2]
        with cv.at(-self.face_place[0] * k, -self.face_place[1] * k, sx=k * self.wide, sy=k * self.tall):
            draw_parts(cv, self.subject.front, self.palette)
