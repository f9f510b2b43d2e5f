"""How the command line shows results and tables to a person."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import typer

from agents.agent import RunResult
from agents.store import RunRecord
from apps.compare_show import compare_result
from apps.options import LANG, say
from tools.llm import Listing, Model
from tools.llm.health import ModelHealth

__all__ = ["model_row", "model_table", "result", "run_header", "run_table"]


def result(done: RunResult) -> None:
    """Print a result: the agent's own part on standard output, the quiet line about it on standard error."""
    _PRINTERS[done.agent](done.output)
    parts = [say("run_line", id=done.run)] if done.run != "unsaved" else []
    if done.offline_steps:
        parts.append(say("offline_line", steps="、".join(done.offline_steps)))
    parts += [
        say("model_line", step=step, model=model)
        for step, model in done.models.items()
        if step not in done.offline_steps
    ]
    if done.requests:
        parts.append(say("cost_line", requests=done.requests))
    if parts:
        typer.echo("\n" + " · ".join(parts), err=True)


def _post(output: Any) -> None:
    typer.echo(f"【{say('post_plan')}】")
    for n, point in enumerate(output.plan.points, start=1):
        typer.echo(f"{n}. {point}")
    typer.echo(say("post_tone", tone=output.plan.tone, length=output.plan.length))
    typer.echo(f"\n【{say('post_post')}】\n{output.post}")


def _counsel(output: Any) -> None:
    typer.echo(output.answer)
    if output.sources:
        typer.echo(f"\n【{say('sources')}】")
        for source in output.sources:
            title = " ".join(filter(None, (source.title, source.type, source.topic)))
            typer.echo(f"[{source.n}] {title}（{source.score:.2f}）{source.text[:60]}…")
    if output.follow_ups:
        typer.echo(f"\n【{say('follow_ups')}】")
        for question in output.follow_ups:
            typer.echo(f"- {question}")


def _digest(output: Any) -> None:
    from collections import Counter

    titles = {article.id: article.title for article in output.articles}
    for n, article in enumerate(output.articles, start=1):
        typer.echo(say("digest_line", n=n, score=f"{article.score:.1f}", title=article.title))
        about = [article.source, article.published[:16].replace("T", " "), article.url]
        if article.copies:
            about.append(say("digest_copies", n=len(article.copies) + 1))
        typer.echo("   " + " · ".join(filter(None, about)))
        typer.echo(f"   {article.summary or article.brief}")
        if article.same_event:
            same = "、".join(titles[id] for id in article.same_event if id in titles)
            typer.echo("   " + say("digest_same_event", titles=same))
        typer.echo("")
    counts = Counter(story.why for story in output.dropped)
    if counts:
        whys = "、".join(say(f"why_{why}", n=n) for why, n in counts.most_common())
        typer.echo(say("digest_hidden", n=counts.total(), whys=whys))


def _expand(output: Any) -> None:
    typer.echo(f"【{say('sticker_prompt')}】{say('sticker_tokens', n=output.tokens)}\n{output.prompt}")
    if output.negative:
        typer.echo(f"\n【{say('sticker_negative')}】\n{output.negative}")
    for part, words in output.kept.items():
        typer.echo("- " + say("sticker_kept", part=part, words=words))


def _sticker(output: Any) -> None:
    _expand(output)
    _redraw(output)
    if output.compared:
        paths = {one.which: one.path for one in output.compared}
        typer.echo(say("sticker_compared", short=paths.get("short", "—"), long=paths.get("long", "—")))
    if output.pack:
        _pack(output)


def _redraw(output: Any) -> None:
    who = say("drawn_house") if output.drawn_by == "house artist" else say("drawn_model", model=output.drawn_by)
    typer.echo(f"\n【{say('sticker_images', n=len(output.images), who=who)}】")
    for image in output.images:
        typer.echo(f"{image.path}  {image.caption}".rstrip())


def _pack(output: Any) -> None:
    typer.echo("\n" + (say("sticker_pack", path=output.pack.path) if output.pack.path else say("sticker_no_pack")))


def _copy(output: Any) -> None:
    for product in output.products:
        typer.echo(f"【{product.title}】")
        for bullet in product.bullets:
            typer.echo(say("copy_bullet", text=bullet))
        typer.echo(say("copy_description", text=product.description))
        typer.echo(f"{say('copy_social')}\n{product.social}")
        typer.echo(say("copy_alt", text=product.alt))
        if product.template and product.by == "model":
            typer.echo(say("copy_template", fields="、".join(product.template)))
        for one in product.removed:
            typer.echo(say("copy_removed", text=one.text, why=one.why))
        for rule in product.voice:
            if not rule.ok:
                typer.echo(say("copy_rule", rule=rule.rule, note=rule.note))
        typer.echo("")
    if output.files:
        typer.echo(say("copy_files", path=output.files[-1]))


_PRINTERS: dict[str, Callable[[Any], None]] = {
    "post": _post,
    "counselor": _counsel,
    "digest": _digest,
    "expand": _expand,
    "sticker": _sticker,
    "copywriter": _copy,
    "pack": _pack,
    "redraw": _redraw,
    "compare": compare_result,
}


def run_header(record: RunRecord) -> None:
    """Print one line about a run."""
    typer.echo(f"{record.id}  {record.agent}  {say(f'status_{record.status}')}  {record.title}\n")


def run_table(records: list[RunRecord]) -> None:
    """Print runs, one a line."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("", "", "", "", ""):
        table.add_column(name, overflow="fold")
    for record in records:
        when = time.strftime("%m/%d %H:%M", time.localtime(record.created))
        table.add_row(record.id, when, record.agent, say(f"status_{record.status}"), record.title[:40])
    Console().print(table)


def model_row(model: Model, health: ModelHealth | None) -> dict[str, Any]:
    """One model as plain data."""
    health = health or ModelHealth()
    return {
        "id": model.id,
        "name": model.name,
        "context": model.context,
        "structured": model.structured,
        "reasoning": model.reasoning,
        "vision": model.vision,
        "expires": model.expires,
        "free": model.free,
        "out": model.out,
        "health": {
            "wins": health.wins,
            "losses": health.losses,
            "cooling_until": health.cooling_until,
            "last_ok": health.last_ok,
            "last_why": health.last_why,
            "first_text_s": health.traits.first_text_s,
            "tokens_s": health.traits.tokens_s,
            "leak_share": health.traits.leak_share,
            "formed_share": health.traits.formed_share,
        },
    }


def model_table(listing: Listing, health: dict[str, ModelHealth], all_models: bool) -> None:
    """Print models, one a line: context, abilities, health, and why one is out."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(say("col_model"), overflow="fold")
    table.add_column(say("col_context"), justify="right")
    table.add_column(say("col_can"))
    table.add_column(say("col_health"))
    table.add_column(say("col_seen"))
    if all_models:
        table.add_column(say("col_out"))
    for model in listing.models:
        if not (all_models or model.free):
            continue
        can = [say(f"can_{model.structured}")] if model.structured else []
        can += [say(f"can_{what}") for what in ("reasoning", "vision") if getattr(model, what)]
        record = health.get(model.id)
        seen = time.strftime("%m/%d %H:%M", time.localtime(record.last_ok)) if record and record.last_ok else "—"
        context = f"{model.context // 1000}k" if model.context else "—"
        row = [model.id, context, "・".join(can), "" if model.out else health_line(record), seen]
        table.add_row(*row, *([say(f"out_{model.out}") if model.out else ""] if all_models else []))
    Console().print(table)


def health_line(health: ModelHealth | None) -> str:
    """A model's record in a few words."""
    if health is None or not health.wins + health.losses:
        return say("health_new")
    left = health.cooling_until - time.time()
    if left > 0:
        return say("health_cooling", minutes=max(1, round(left / 60)), why=_why(health.last_why))
    share = say("health_share", wins=health.wins, all=health.wins + health.losses)
    return "・".join(filter(None, (share, health.traits.phrase(LANG))))


def _why(kind: str) -> str:
    """A kind of failure in words."""
    from tools.llm import LLMError
    from tools.words import Words

    words = Words.load(LLMError.words_file)
    return words.say(f"why_{kind}", LANG) if words.has(f"why_{kind}") else kind
