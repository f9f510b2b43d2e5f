"""Prompts as embeddings: as diffusers makes them where it can, in chunks and with weights where it cannot, never older than the encoders."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import CLIPTokenizer

from tests.doubles import tiny_sdxl
from tools.images.diffusion.chunks import Reader, split
from tools.images.diffusion.embed import Embeddings, embed, embed_entries
from tools.images.diffusion.keep import kept_by
from tools.images.styles import house_styles, merge

LENGTH = 77


@pytest.fixture(scope="module")
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tiny SDXL, with a second tokenizer that fills up with "!" as SDXL's does."""
    folder = tmp_path_factory.mktemp("words")
    made = tiny_sdxl.build(folder)
    files = (str(folder / "vocab.json"), str(folder / "merges.txt"))
    made.tokenizer_2 = CLIPTokenizer(*files, model_max_length=LENGTH, pad_token="!")
    return made


def words(pipe: Any, text: str) -> list[str]:
    """What each chunk of `text` says, as the first encoder reads it."""
    return [pipe.tokenizer.decode(chunk.ids[0], skip_special_tokens=True) for chunk in split(Reader(pipe), text)]


def same(found: Embeddings, wanted: tuple[torch.Tensor, ...]) -> bool:
    ours = (found.prompt, found.negative, found.pooled, found.negative_pooled)
    return all(torch.equal(one, other) for one, other in zip(ours, wanted, strict=True))


@pytest.mark.parametrize("text", ["shiba dog, red scarf", "柴犬、紅圍巾", "a cat; it's 3 o'clock!", "", "x" * 75])
@pytest.mark.parametrize("negative", ["blurry, low", "n" * 75])
def test_a_short_text_gives_the_tensors_of_diffusers(pipe: Any, text: str, negative: str) -> None:
    with torch.no_grad():
        wanted = pipe.encode_prompt(text, negative_prompt=negative)
    assert same(embed(pipe, text, negative), wanted)


def test_a_blank_negative_is_none_as_in_diffusers(pipe: Any) -> None:
    with torch.no_grad():
        wanted = pipe.encode_prompt("shiba dog")
    assert same(embed(pipe, "shiba dog", " "), wanted)
    assert not embed(pipe, "shiba dog").negative.any()
    pipe.register_to_config(force_zeros_for_empty_prompt=False)
    try:
        with torch.no_grad():
            wanted = pipe.encode_prompt("shiba dog")
        assert same(embed(pipe, "shiba dog"), wanted) and embed(pipe, "shiba dog").negative.any()
    finally:
        pipe.register_to_config(force_zeros_for_empty_prompt=True)


def test_a_long_text_is_cut_at_clause_borders_and_nothing_is_lost(pipe: Any) -> None:
    clauses = [f"clause number {n} with words" for n in range(9)]
    found = words(pipe, ", ".join(clauses))
    assert len(found) > 2
    assert "".join(found).replace(" ", "") == ",".join(clauses).replace(" ", "")
    assert all(chunk.rstrip().endswith(",") for chunk in found[:-1])
    # The end of one chunk and the beginning of the next would not have fitted together.
    reader = Reader(pipe)
    for one, two in pairwise(found):
        first = two.split(",")[0] + ","
        assert max(map(len, reader.tokens([(one, 1.0), (first, 1.0)]))) > reader.room


def test_chinese_clauses_are_cut_at_their_own_signs(pipe: Any) -> None:
    found = words(pipe, "一隻戴著紅色圍巾的柴犬，坐在木頭桌子上面，旁邊有一杯熱可可，窗外正在下雪。" * 2)
    assert len(found) > 2 and all(chunk.strip()[-1] in "，。" for chunk in found)


def test_a_clause_longer_than_a_chunk_is_cut_between_words_and_a_word_between_tokens(pipe: Any) -> None:
    clause = " ".join(f"word{chr(97 + n)}" for n in range(26))
    assert all(set(chunk.split()) <= set(clause.split()) for chunk in words(pipe, clause))
    assert [len(chunk) for chunk in words(pipe, "y" * 200)] == [75, 75, 50]


def test_break_begins_a_new_chunk(pipe: Any) -> None:
    assert [text.split() for text in words(pipe, "a red dog BREAK a blue cat")] == [
        ["a", "red", "dog"],
        ["a", "blue", "cat"],
    ]
    assert len(words(pipe, "BREAK dancer")) == 1 and len(words(pipe, "BREAKFAST")) == 1
    assert "break" in words(pipe, "break dance, BREAKFAST")[0]


def test_long_text_is_joined_on_the_token_axis_and_the_shorter_side_filled_with_empty_chunks(pipe: Any) -> None:
    text = ", ".join(f"clause number {n}" for n in range(12))
    parts = split(Reader(pipe), text)
    found = embed(pipe, text, "blurry")
    assert found.prompt.shape == found.negative.shape == (1, LENGTH * len(parts), 64)
    with torch.no_grad():
        first = pipe.encode_prompt(words(pipe, text)[0], negative_prompt="blurry")
        empty = pipe.encode_prompt("")[0]
    assert torch.equal(found.prompt[:, :LENGTH], first[0]) and torch.equal(found.pooled, first[2])
    assert torch.equal(found.negative[:, :LENGTH], first[1])
    assert torch.equal(found.negative[:, LENGTH:], empty.repeat(1, len(parts) - 1, 1))
    longer_negative = embed(pipe, "dog", text)
    assert longer_negative.prompt.shape == longer_negative.negative.shape
    assert torch.equal(longer_negative.prompt[:, LENGTH : 2 * LENGTH], empty)


def test_weights_multiply_their_tokens_and_no_other(pipe: Any) -> None:
    plain, weighted = embed(pipe, "a red dog"), embed(pipe, "a (red:1.5) dog")
    ratio = weighted.prompt / plain.prompt
    assert torch.allclose(ratio[:, 2:5], torch.tensor(1.5)) and torch.allclose(ratio[:, :2], torch.tensor(1.0))
    assert torch.allclose(ratio[:, 5:], torch.tensor(1.0)) and torch.equal(plain.pooled, weighted.pooled)


@pytest.mark.parametrize(
    ("marked", "weight"), [("(red)", 1.1), ("((red))", 1.21), ("[red]", 1 / 1.1), ("(red:0)", 0.0), ("(red:-1)", -1.0)]
)
def test_marks_weigh_as_in_a1111(pipe: Any, marked: str, weight: float) -> None:
    plain, weighted = embed(pipe, "a red dog", "red"), embed(pipe, f"a {marked} dog", marked)
    assert torch.allclose(weighted.prompt[:, 2:5], plain.prompt[:, 2:5] * weight, atol=1e-5)
    assert torch.allclose(weighted.negative[:, 1:4], plain.negative[:, 1:4] * weight, atol=1e-5)
    assert torch.equal(weighted.prompt[:, 5:], plain.prompt[:, 5:])


def test_a_weight_longer_than_a_chunk_keeps_its_weight_in_each(pipe: Any) -> None:
    inner = ", ".join(f"clause number {n}" for n in range(12))
    chunks = split(Reader(pipe), f"({inner}:1.3), end")
    heavy = [[weight for weight in chunk.weights[0] if weight != 1] for chunk in chunks]
    assert len(chunks) > 2 and all(heavy) and {weight for row in heavy for weight in row} == {1.3}
    assert sum(map(len, heavy)) == len(inner.replace(" ", ""))


def test_lora_tags_and_escaped_brackets_do_not_reach_the_encoder_as_marks(pipe: Any) -> None:
    assert torch.equal(embed(pipe, "dog <lora:x:0.7>").prompt, embed(pipe, "dog ").prompt)
    with torch.no_grad():
        assert torch.equal(embed(pipe, r"dog \(shiba\)").prompt, pipe.encode_prompt("dog (shiba)")[0])


def test_entries_are_chunks_of_their_own_and_the_pooled_vector_is_their_sum(pipe: Any) -> None:
    merged = merge("shiba dog", "blurry", styles=list(house_styles())[1:3], expansion="soft light, detailed")
    found = embed_entries(pipe, merged.positive, merged.negative, pooled=len(merged.positive) - 1)
    with torch.no_grad():
        each = [pipe.encode_prompt(words(pipe, text)[0]) for text in merged.positive[:-1]]
        total = torch.stack([one[2] for one in each]).sum(0)
        last = pipe.encode_prompt(merged.positive[-1])
    assert torch.allclose(found.pooled, total, atol=1e-5) and not torch.allclose(found.pooled, total + last[2])
    assert torch.equal(found.prompt[:, :LENGTH], each[0][0])
    chunks = max(
        sum(len(words(pipe, text)) for text in merged.positive), sum(len(words(pipe, t)) for t in merged.negative)
    )
    assert found.prompt.shape == found.negative.shape == (1, LENGTH * chunks, 64)
    assert torch.allclose(
        embed_entries(pipe, ["a", "b"]).pooled, embed(pipe, "a").pooled + embed(pipe, "b").pooled, atol=1e-5
    )


def test_blank_entries_count_for_nothing(pipe: Any) -> None:
    assert torch.equal(embed_entries(pipe, ["", "dog", " "]).pooled, embed(pipe, "dog").pooled)
    assert torch.equal(embed_entries(pipe, []).prompt, embed(pipe, "").prompt)


def test_the_pipeline_takes_them(pipe: Any) -> None:
    text = ", ".join(f"clause number {n}" for n in range(12))
    options = {"num_inference_steps": 2, "output_type": "latent", "guidance_scale": 5.0}
    short = pipe(**embed(pipe, "dog", "low").arguments(), generator=torch.Generator().manual_seed(1), **options)[0]
    plain = pipe("dog", negative_prompt="low", generator=torch.Generator().manual_seed(1), **options)[0]
    assert torch.equal(short, plain)
    long = pipe(**embed(pipe, text, "low").arguments(), generator=torch.Generator().manual_seed(1), **options)[0]
    assert long.shape == plain.shape and not torch.equal(long, plain)


def test_what_was_encoded_once_is_not_encoded_again(pipe: Any) -> None:
    kept = kept_by(pipe)
    embed_entries(pipe, ["first scene of all", "the style"], ["the negative"])
    before = kept.runs
    again = embed_entries(pipe, ["first scene of all", "the style"], ["the negative"])
    assert kept.runs == before
    embed_entries(pipe, ["second scene of all", "the style"], ["the negative"])
    assert kept.runs == before + 1
    fresh = embed_entries(pipe, ["first scene of all", "the style"], ["the negative"])
    assert torch.equal(again.prompt, fresh.prompt)


def test_memory_of_what_was_encoded_has_an_end(pipe: Any) -> None:
    for n in range(80):
        embed(pipe, f"scene {n}")
    assert len(kept_by(pipe)._found) <= 64


def test_a_lora_in_the_encoders_is_seen_at_once_and_gone_at_once(tmp_path: Path) -> None:
    """Stops: a picture painted with the words of a LoRA that is not loaded any more."""
    from peft import LoraConfig

    pipe = tiny_sdxl.build(tmp_path)
    base = embed(pipe, "dog").prompt
    for seed in (1, 2):  # the second has the name of the first, and may get its addresses
        torch.manual_seed(seed)
        pipe.text_encoder.add_adapter(LoraConfig(r=4, target_modules=["q_proj", "v_proj"], init_lora_weights=False))
        changed = embed(pipe, "dog").prompt
        with torch.no_grad():
            assert torch.equal(changed, pipe.encode_prompt("dog")[0]) and not torch.equal(changed, base)
        pipe.text_encoder.disable_adapters()
        assert torch.equal(embed(pipe, "dog").prompt, base)
        pipe.text_encoder.enable_adapters()
        assert torch.equal(embed(pipe, "dog").prompt, changed)
        with torch.no_grad():
            next(p for n, p in pipe.text_encoder.named_parameters() if "lora_B" in n).mul_(3)
        assert not torch.equal(embed(pipe, "dog").prompt, changed)
        pipe.text_encoder.delete_adapter("default")
        assert torch.equal(embed(pipe, "dog").prompt, base)


def test_pipelines_that_share_encoders_share_what_is_kept(pipe: Any) -> None:
    from diffusers import StableDiffusionXLImg2ImgPipeline

    embed(pipe, "shared words")
    other = StableDiffusionXLImg2ImgPipeline.from_pipe(pipe)
    before = kept_by(pipe).runs
    embed(other, "shared words")
    assert kept_by(other) is kept_by(pipe) and kept_by(pipe).runs == before
