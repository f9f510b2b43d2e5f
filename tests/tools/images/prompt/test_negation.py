"""How far a negation reaches in English: the rest of the wish stays word for word."""

from __future__ import annotations

import pytest

from tools.images.prompt import wish


@pytest.mark.parametrize(
    ("text", "clauses", "against"),
    [
        ("a cat with no tail", ["a cat"], ["tail"]),
        ("two dogs, not running, without collars or leashes", ["two dogs"], ["running", "collars", "leashes"]),
        ("please draw me a sticker of a frog that doesn't have a hat", ["a frog"], ["hat"]),
        ("a knight who is not afraid", ["a knight"], ["afraid"]),
        ("there is no dog, only a cat", ["only a cat"], ["dog"]),
        (
            'a girl holding a sign saying "no dogs" without glasses',
            ['a girl holding a sign saying "no dogs"'],
            ["glasses"],
        ),
        ("don't include text; a red panda drinking tea", ["a red panda drinking tea"], ["text"]),
        ("a white dog with no spots on a red sofa", ["a white dog on a red sofa"], ["spots"]),
        ("a dog with no collar and a cat with a red hat", ["a dog and a cat with a red hat"], ["collar"]),
        ("no-nonsense owl, (no hat:1.2)", ["no-nonsense owl", "(no hat:1.2)"], []),
    ],
)
def test_reach(text: str, clauses: list[str], against: list[str]) -> None:
    said = wish(text)
    assert list(said.clauses) == clauses
    assert list(said.against) == against
