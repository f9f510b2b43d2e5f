"""The big-headed mascot: animals that sit like a soft toy, and people. Head at (0, 165), feet at 405; x = 0 is the middle."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.colour import darker
from tools.images.artist.face import Face
from tools.images.artist.features import draw_ears, draw_muzzle, draw_tail
from tools.images.artist.limbs import Arms
from tools.images.artist.marks import Frame
from tools.images.artist.model import Pose, Subject
from tools.images.artist.parts import draw_parts, part_path

__all__ = ["Chibi"]

_BODY = p.symmetric([(0, 236), (60, 256), (84, 318), (89, 366), (62, 400), (0, 406)])
HEAD_AT = (0.0, 165.0)


class Chibi:
    """One character of this rig. `draw_back`, `draw_head` and `face` are called by the stage in this order."""

    def __init__(
        self, subject: Subject, palette: Mapping[str, str], features: Mapping[str, Any], chance: Random | None
    ) -> None:
        self.subject, self.palette, self.features = subject, palette, features
        vary = (lambda low, high: chance.uniform(low, high)) if chance else (lambda low, high: (low + high) / 2)
        head = features.get("head", [132, 106])
        self.w = head[0] * vary(0.96, 1.04)
        self.h = head[1] * vary(0.96, 1.04)
        self.ear_turn = vary(-5, 5)
        face = {"ink": "", **features.get("face", {})}
        face["spread"] = face.get("spread", 57) * vary(0.93, 1.07)
        face["eye"] = face.get("eye", 14) * vary(0.92, 1.08)
        face["ink"] = palette.get("face_ink", "")
        self._face = face
        self.shape = self._head_shape()

    def _head_shape(self) -> p.Path:
        w, h = self.w, self.h
        if self.features.get("head_kind") == "round":
            return p.symmetric([(0, -h), (w * 0.7, -h * 0.72), (w, 0), (w * 0.72, h * 0.72), (0, h)])
        if self.features.get("head_kind") == "long":
            return p.symmetric(
                [
                    (0, -h),
                    (w * 0.62, -h * 0.84),
                    (w * 0.84, -h * 0.2),
                    (w * 0.8, h * 0.5),
                    (w * 0.5, h * 1.02),
                    (0, h * 1.12),
                ]
            )
        return p.symmetric(
            [(0, -h), (w * 0.6, -h * 0.84), (w * 0.95, -h * 0.12), (w, h * 0.34), (w * 0.64, h * 0.86), (0, h)]
        )

    def face(self, ink: str) -> Face:
        made = {**self._face, "ink": self._face["ink"] or ink, "fur": self.palette["main"]}
        made.setdefault("iris", self.palette.get("iris", ""))
        made.setdefault("blush", self.palette.get("blush", "#ff9aa2"))
        return Face(**made)

    @property
    def frame(self) -> Frame:
        return (self.w, -self.h, self.h)

    def head_at(self, pose: Pose) -> tuple[float, float]:
        x, y = HEAD_AT
        if pose.body == "lie":
            return (-34.0, 282.0)
        if pose.body == "peek":
            return (0.0, 208.0)
        return (x + pose.head[0], y + pose.head[1])

    def arms(self, face: Face, pose: Pose) -> Arms:
        kind = "sleeve" if "shirt" in self.palette else "paw"
        fill = self.palette.get("shirt", self.palette.get("arm", self.palette["main"]))
        hand = self.palette.get("paw", self.palette["main"])
        x, y = self.head_at(pose)
        return Arms((64, 288), (x, y, 1), face, kind, 40, fill, hand, 96, 330)

    def hat(self) -> tuple[float, float, float]:
        """(x, y, scale) of the crown of the head, from its centre."""
        return (0, -self.h * 0.86, self.w / 132)

    def neck(self) -> tuple[float, float, float]:
        return (0, 266, 1)

    def largest(self) -> float:
        return 1.14

    # ------------------------------------------------------------------ drawing
    def draw_back(self, cv: Canvas, pose: Pose) -> None:
        """Tail, body, legs: what lies behind the head."""
        if pose.body == "lie":
            self._lying(cv)
            return
        if pose.body == "peek":
            return
        main = self.palette.get("body", self.palette["main"])
        draw_tail(cv, self.features.get("tail", "none"), self.palette)
        draw_parts(cv, self.subject.back, self.palette)
        legs = self.palette.get("trousers", main)
        foot = self.palette.get("foot", self.palette.get("paw", main))
        if pose.legs in ("stand", "run", "jump"):
            self._legs(cv, pose, legs, foot)
        fill = self.palette.get("shirt", main)
        cv.shape(_BODY, cv.back(fill), outline=False)
        draw_parts(cv, self.subject.belly, self.palette, within=_BODY)
        cv.shade(_BODY)
        cv.outline(_BODY, fill)
        if pose.legs == "sit":
            for side in (-1, 1):
                with cv.at(side * 54, 394, turn=side * -8):
                    cv.shape(p.ellipse(0, 0, 36, 22), foot)
                    if cv.style.outline != "none" and self.features.get("toes", True):
                        for x in (-9, 9):
                            cv.line(p.parse(f"M{x} 6 L{x} 18"), None, 4)

    def _legs(self, cv: Canvas, pose: Pose, legs: str, foot: str) -> None:
        spots = {
            "stand": ((-40, 404, 0), (40, 404, 0)),
            "jump": ((-62, 408, 26), (62, 408, -26)),
            "run": ((-74, 396, 48), (64, 412, -14)),
        }
        for x, y, turn in spots[pose.legs]:
            with cv.at(x * 0.8, 380, turn=turn):
                cv.limb(p.parse("M0 -16 L0 26"), 44, legs, open_start=False)
                with cv.at(0, y - 374):
                    cv.shape(p.ellipse(0, 4, 28, 17), foot)

    def _lying(self, cv: Canvas) -> None:
        main = self.palette.get("body", self.palette["main"])
        with cv.at(104, 24, sx=0.92):
            draw_tail(cv, self.features.get("tail", "none"), self.palette)
        with cv.at(60, -6):
            draw_parts(cv, self.subject.back, self.palette)
        hump = p.smooth([(-70, 400), (-60, 330), (20, 276), (110, 276), (176, 322), (186, 380), (160, 404), (60, 408)])
        fill = self.palette.get("shirt", main)
        cv.shape(hump, cv.back(fill))
        cv.shade(hump)
        foot = self.palette.get("foot", self.palette.get("paw", main))
        with cv.at(152, 392, turn=-6):
            cv.shape(p.ellipse(0, 0, 44, 20), foot)

    def draw_lying_arms(self, cv: Canvas, pose: Pose) -> None:
        """The paws that lie before a lying head, or hang over the edge it peeks from."""
        hand = self.palette.get("paw", self.palette["main"])
        spots = ((-96, 306), (96, 306)) if pose.body == "peek" else ((-122, 386), (42, 390))
        for x, y in spots:
            with cv.at(x, y):
                cv.shape(p.ellipse(0, 0, 34, 23), hand)
                if cv.style.outline != "none":
                    for k in (-10, 10):
                        cv.line(p.parse(f"M{k} 6 L{k} 18"), None, 4)

    def draw_head(self, cv: Canvas, face: Face) -> None:
        """The head with ears, markings and muzzle, around (0, 0); the face comes on top."""
        palette, w, h = self.palette, self.w, self.h
        with cv.at(sx=w / 132, sy=h / 106):
            draw_parts(cv, self.subject.behind, palette)
        kind = self.features.get("ears", "none")
        draw_ears(cv, kind, palette, w, h, self.ear_turn, over=False)
        cv.shape(self.shape, palette["main"], outline=False)
        if self.subject.marks:
            self._marks(cv)
        cv.shade(self.shape)
        cv.outline(self.shape, palette["main"])
        if self.subject.kind == "person" and self.subject.marks:
            self._hairline(cv)
        if cv.style.outline == "none":
            under = p.ellipse(0, h * 1.02, w * 0.5, 9)
            cv.shape(
                under, darker(palette.get("shirt", palette["main"]), 0.18), outline=False, outer=False, opacity=0.25
            )
        draw_ears(cv, kind, palette, w, h, self.ear_turn, over=True)
        draw_muzzle(cv, self.features.get("muzzle", "none"), palette, face)
        with cv.at(sx=w / 132, sy=h / 106):
            draw_parts(cv, self.subject.front, palette)

    def _hairline(self, cv: Canvas) -> None:
        """Under hair no outline of the head is seen."""
        fringe = self.subject.marks[0]
        scaled = p.moved(self.shape, (132 / self.w, 0, 0, 106 / self.h, 0, 0))
        with cv.at(sx=self.w / 132, sy=self.h / 106), cv.inside(part_path(fringe)):
            cv.line(scaled, cv.tone(self.palette[fringe.fill]), cv.style.width + 4)

    def _marks(self, cv: Canvas) -> None:
        """Markings are said for a head of 132 x 106 and fitted to this one."""
        scaled = p.moved(self.shape, (132 / self.w, 0, 0, 106 / self.h, 0, 0))
        with cv.at(sx=self.w / 132, sy=self.h / 106):
            draw_parts(cv, self.subject.marks, self.palette, within=scaled)
