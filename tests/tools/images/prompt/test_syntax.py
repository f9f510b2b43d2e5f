"""Marks in a prompt are kept byte for byte, whatever surrounds them; weights follow A1111's rule."""

from __future__ import annotations

import random

import pytest

from tools.images.prompt import (
    Lora,
    WildcardUnknown,
    arrays,
    expand_wildcards,
    loras,
    pieces,
    quotes,
    read_lists,
    weights,
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a (b:1.2) c", ["text", "weight", "text"]),
        ("((a))[b]", ["weight", "weight"]),
        ("<lora:x:0.7> cat __wild/a__", ["lora", "text", "wild"]),
        ("說「早安」", ["text", "quote"]),
        (r"\(no\) mark", ["text"]),
        ("(never closes", ["text"]),
        ("(a]", ["text"]),
        ("the dog's bone and the cat's", ["text"]),
        ("<b>not a lora</b>", ["text"]),
        ("(" * 5000, ["text"]),
    ],
)
def test_pieces(text: str, kinds: list[str]) -> None:
    found = pieces(text)
    assert [piece.kind for piece in found] == kinds
    assert "".join(piece.text for piece in found) == text


def test_pieces_lose_nothing_of_any_text() -> None:
    dice = random.Random(7)
    for _ in range(2000):
        text = "".join(dice.choices("ab ()[]<>:_\\\"'「」，lora1.貓", k=dice.randrange(40)))
        found = pieces(text)
        assert "".join(piece.text for piece in found) == text
        assert all(text[piece.start :].startswith(piece.text) for piece in found)
        weights(text)


def test_weights_follow_the_rule() -> None:
    assert weights("a (b) ((c)) [d] (e:1.5) <lora:x:1>") == [
        ("a ", 1.0), ("b", 1.1), (" ", 1.0), ("c", 1.21), (" ", 1.0), ("d", 0.909091), (" ", 1.0), ("e", 1.5), (" ", 1.0),
    ]  # fmt: skip
    assert weights(r"\(a\)") == [("(a)", 1.0)]
    assert weights("((a:2))") == [("a", 2.2)]


def test_loras_and_quotes() -> None:
    assert loras("<lora:a:0.7><lora:b><lora:a:1><lora:c:__import__('os')>") == [
        Lora("a", 0.7),
        Lora("b", 1.0),
        Lora("c", 1.0),
    ]
    assert quotes("「早安」 \"A, b\" it's 'ok'") == ["早安", "A, b", "ok"]


LISTS = {"animal": ["cat", "dog", "__colour__ fox"], "colour": ["red", "blue"], "loop": ["__loop__"], "empty": []}


def test_wildcards_are_seeded_and_nested() -> None:
    texts = {expand_wildcards("a __animal__", LISTS, seed) for seed in range(60)}
    assert texts == {"a cat", "a dog", "a red fox", "a blue fox"}
    assert expand_wildcards("__animal__ {a|b|c}", LISTS, 5) == expand_wildcards("__animal__ {a|b|c}", LISTS, 5)
    assert {expand_wildcards("{0::a|1::b}", {}, seed) for seed in range(30)} == {"b"}
    for seed in range(20):
        first, second = expand_wildcards("{2$$a|b|c}", {}, seed).split(", ")
        assert first != second


@pytest.mark.parametrize("text", ["__none__", "__empty__", "__loop__"])
def test_a_wildcard_without_an_end_is_told(text: str) -> None:
    with pytest.raises(WildcardUnknown) as caught:
        expand_wildcards(text, LISTS, 1)
    assert text in str(caught.value)


def test_lists_from_a_folder_and_arrays(tmp_path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "hat.txt").write_text("# hats\n草帽\n\nbeanie\n", encoding="utf-8")
    assert read_lists(tmp_path) == {"deep/hat": ["草帽", "beanie"]}
    assert arrays("a [[x, y]] [[1, 2]]") == ["a x 1", "a x 2", "a y 1", "a y 2"]
    assert len(arrays("[[a,b,c,d]]" * 12)) == 64
