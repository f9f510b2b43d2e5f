"""One character in a scene: its rig, what it wears and holds, what hangs in the air, from back to front on one canvas."""

from __future__ import annotations

from random import Random

from tools.images.artist import data
from tools.images.artist import paths as p
from tools.images.artist.canvas import Canvas
from tools.images.artist.chibi import Chibi
from tools.images.artist.colour import luminance
from tools.images.artist.face import Face, draw_face
from tools.images.artist.features import EARS, MUZZLES, TAILS
from tools.images.artist.group import dyed
from tools.images.artist.limbs import draw_arm, hand_of
from tools.images.artist.marks import BEHIND, ONE_WAY, draw_mark
from tools.images.artist.model import Character, Pose, Prop, Scene, Style, UnknownWord
from tools.images.artist.parts import draw_parts, part_path
from tools.images.artist.thing import Thing

__all__ = ["figure", "turns"]

_FEATURES = {"ears": EARS, "muzzle": MUZZLES, "tail": TAILS, "head_kind": frozenset({"soft", "round", "long"})}


def figure(character: Character, scene: Scene, style: Style) -> tuple[Canvas, float]:
    """(one character in a scene, how far it may be enlarged), in figure units: x = 0 is its middle, its feet stand at 405.

    Raises:
        UnknownWord: a word of the character or the scene that no data file holds.
    """
    subject = data.subject(character.subject)
    expression = data.expression(scene.expression)
    named = [data.prop(name) for name in (*scene.props, *character.accessories)]
    named = [dyed(prop, character.palette.get(prop.id, "")) for prop in named]
    worn = [prop for prop in named if prop.where in ("head", "neck", "eyes")]  # a hat in a scene is worn in it
    held = [prop for prop in named if prop not in worn][:2]
    pose = _pose(scene.pose or expression.pose, bool(scene.pose), held)
    if pose.prop and not held:
        held = [data.prop(pose.prop)]
    palette = _palette(character, subject.palette, subject.variants)
    features = {**subject.features, **_features(character)}
    chance = Random(f"{subject.id}|{character.seed}") if character.seed else None
    rig = (Chibi if subject.rig == "chibi" else Thing)(subject, palette, features, chance)
    cv = Canvas(style, style.ink)
    face = rig.face(style.face or style.ink)
    if style.fill == "white" and luminance(palette["main"]) >= 0.34:
        face = Face(**{**{name: getattr(face, name) for name in face.__dataclass_fields__}, "ink": style.ink})
    air = Random(f"air|{character.seed}|{expression.id}")
    arms = rig.arms(face, pose)
    hx, hy = rig.head_at(pose)
    scale = arms.face_at[2]
    up = pose.body == "up"

    with cv.at(0, -pose.lift), cv.at(0, 300, turn=pose.turn), cv.at(0, -300):
        with cv.at(hx, hy, sx=scale):
            for mark in (*expression.marks, *pose.marks):
                if mark in BEHIND:
                    draw_mark(cv, mark, rig.frame, face, air)
        rig.draw_back(cv, pose)
        both = [prop for prop in held if prop.where == "both"]
        one = [prop for prop in held if prop.where == "hand"]
        over = pose.front or bool(both)
        if up and not over:
            _arms(cv, rig, arms, pose, one, palette)
        if up:
            _worn(cv, worn, "neck", rig.neck(), rig, pose)
        with cv.at(hx, hy, turn=pose.head[2] + expression.tilt, sx=scale):
            rig.draw_head(cv, face)
            draw_face(cv, face, expression)
            with cv.at(0, face.eye_y, sx=face.spread / 56):
                for prop in worn:
                    if prop.where == "eyes":
                        draw_parts(cv, prop.parts, palette)
            x, y, s = rig.hat()
            with cv.at(x, y, sx=s):
                for prop in worn:
                    if prop.where == "head":
                        draw_parts(cv, prop.parts, palette)
        for prop in both if up else []:
            size = 1.22 if isinstance(rig, Chibi) else 0.86
            top = p.bounds([part_path(part) for part in prop.parts])[1] * size
            under = hy + (face.mouth_y + 34) * scale - top  # what is tall is held lower, so that the mouth is seen
            with cv.at(0, max(arms.belly - 6, min(arms.belly + 26, under)), sx=size):
                draw_parts(cv, prop.parts, palette)
        if up and over:
            _arms(cv, rig, arms, pose, one, palette)
        if not up:
            _low(cv, rig, pose, held, palette)
        with cv.at(hx, hy, sx=scale):
            for mark in expression.marks:
                if mark not in BEHIND:
                    draw_mark(cv, mark, rig.frame, face, air)
    for prop in held:
        if prop.where == "side" and up:
            with cv.at(132, 372):
                draw_parts(cv, prop.parts, palette)
        elif prop.where == "over":
            with cv.at(hx, hy):
                draw_parts(cv, prop.parts, palette)
    _ground(cv, pose)
    return cv, rig.largest()


def turns(scene: Scene) -> bool:
    """Whether a companion may be drawn the other way round: not with letters and notes in the air."""
    expression = data.expression(scene.expression)
    pose = data.pose(scene.pose or expression.pose)
    return ONE_WAY.isdisjoint((*expression.marks, *pose.marks))


def _features(character: Character) -> dict[str, str]:
    """What a character changes on its subject: other ears, muzzle, tail, shape of the head."""
    for name, value in character.features.items():
        if name not in _FEATURES:
            raise UnknownWord(kind="feature", word=name, known="、".join(_FEATURES))
        if value not in _FEATURES[name]:
            raise UnknownWord(kind="feature", word=str(value), known="、".join(sorted(_FEATURES[name])))
    return character.features


def _pose(word: str, chosen: bool, held: list[Prop]) -> Pose:
    """The pose, with its hands changed where something is to be held and nobody chose otherwise."""
    pose = data.pose(word)
    if any(prop.where == "both" for prop in held) and not (chosen and pose.id != "rest"):
        return pose.model_copy(update={"left": "hold", "right": "hold", "front": False, "prop": "", "marks": ()})
    if any(prop.where == "hand" for prop in held):
        place = pose.right if pose.right in ("wave", "up", "out") else "carry"
        return pose.model_copy(update={"right": place, "front": True, "prop": "", "marks": ()})
    return pose


def _palette(character: Character, own: dict[str, str], variants: dict[str, dict[str, str]]) -> dict[str, str]:
    palette = dict(own)
    for name, colour in character.palette.items():
        if name == "variant":
            if colour not in variants:
                raise UnknownWord(kind="variant", word=colour, known="、".join(variants) or "—")
            palette.update(variants[colour])
            continue
        if len(colour) != 7 or colour[0] != "#" or any(digit not in "0123456789abcdefABCDEF" for digit in colour[1:]):
            raise UnknownWord(kind="colour", word=colour, known="#rrggbb")
        palette[name] = colour.lower()
    return palette


def _arms(cv: Canvas, rig: Chibi | Thing, arms, pose: Pose, one: list[Prop], palette: dict[str, str]) -> None:  # noqa: ANN001
    for side in (-1, 1):
        if side == 1 and one and arms.kind != "none":
            _, (x, y) = hand_of(arms, pose.right, 1)
            with cv.at(x + 4, y - 6, turn=7, sx=1.2 if isinstance(rig, Chibi) else 0.9):
                draw_parts(cv, one[0].parts, palette)
        draw_arm(cv, arms, pose, side)


def _worn(
    cv: Canvas, worn: list[Prop], where: str, at: tuple[float, float, float], rig: Chibi | Thing, pose: Pose
) -> None:
    x, y, scale = at
    if isinstance(rig, Thing):
        y += rig.head_at(pose)[1] - rig.face_place[1]
    for prop in worn:
        if prop.where == where:
            with cv.at(x, y, sx=scale):
                draw_parts(cv, prop.parts, rig.palette)


def _low(cv: Canvas, rig: Chibi | Thing, pose: Pose, held: list[Prop], palette: dict[str, str]) -> None:
    """Lying: paws in front. Peeking: the edge of a table, and paws over it."""
    if pose.body == "peek":
        top = p.rect(-176, 300, 352, 92, 18)
        cv.shape(top, "#d9a066")
        with cv.inside(top):
            cv.shape(p.rect(-176, 300, 352, 24), "#ecc08c", outline=False)
        cv.outline(top, "#d9a066")
    rig.draw_lying_arms(cv, pose)
    if pose.body == "lie":
        for prop in held:
            if prop.where in ("both", "hand"):
                with cv.at(-150, 372, sx=0.8):
                    draw_parts(cv, prop.parts, palette)


def _ground(cv: Canvas, pose: Pose) -> None:
    if "ground" in pose.marks:
        cv.shape(p.ellipse(0, 424, 66, 9), "#c9c2bd", outline=False, keep=True, opacity=0.8)
    if "speed" in pose.marks:
        for y, x in ((250, -178), (300, -190), (350, -172)):
            cv.line(p.parse(f"M{x} {y} L{x + 44} {y}"), "#9db4c8", 7, outer=True)
    if "motion" in pose.marks:
        for r in (0, 15):
            cv.line(
                p.parse(f"M{-178 - r} {240 - r} Q{-196 - r} {214 - r} {-184 - r} {188 - r * 1.5}"),
                "#9db4c8",
                6,
                outer=True,
            )
