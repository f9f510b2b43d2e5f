"""Cards and lines that several pages draw. Text from people, models and files is shown as text: nothing in it is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable

import streamlit as st

from agents.events import Answered, Failed, Warned
from apps.ui.words import lang, words_for
from tools.llm import Listing, Model
from tools.llm.health import ModelHealth

__all__ = ["answered_line", "failure", "model_label", "model_menu", "plain", "source_card", "warnings"]

_say = words_for("ui")
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+.!|<>~$:\-=&^])")
_LIST = re.compile(r"^\s*[-*•・]\s+(?=\S)")


def plain(text: str) -> str:
    """`text` as Markdown that shows exactly this text: every mark escaped, line breaks kept, simple lists as lists.

    Escaping matters beyond looks: an image in Markdown would make the browser call a server that a model chose.
    """
    lines = []
    for line in text.splitlines():
        item = _LIST.match(line)
        body = line[item.end() :] if item else line.strip()
        lines.append(("- " if item else "") + _SPECIAL.sub(r"\\\1", body))
    out = ""
    for n, line in enumerate(lines):
        after = lines[n + 1] if n + 1 < len(lines) else ""
        listed = line.startswith("- ")
        gap = "\n\n" if listed != after.startswith("- ") and after else ("\n" if listed or not line else "  \n")
        out += line + gap
    return out.strip()


def source_card(n: int, title: str, text: str, score: float) -> None:
    """One source: number, where it stands, how well it fits, and the exact passage to open."""
    with st.container(border=True):
        st.markdown(f"**\\[{n}\\] {plain(title)}**")
        st.progress(min(max(score, 0.0), 1.0), text=_say("source_score", score=f"{score:.2f}"))
        with st.expander(_say("passage")):
            st.markdown(plain(text))


def answered_line(answers: Iterable[Answered], requests: int, about: Iterable[str] = ()) -> None:
    """The quiet line under an answer: what it is `about`, who answered, and what it cost."""
    parts = [*about]
    for answer in answers:
        if answer.by == "offline":
            parts.append(_say("by_offline"))
        else:
            parts.append(_say("by_model", model=answer.model))
            if answer.stored and not requests:
                parts.append(_say("stored"))
    if requests:
        parts.append(_say("requests", n=requests))
    st.caption(" · ".join(plain(part) for part in dict.fromkeys(parts)))


def failure(failed: Failed) -> None:
    """How a run ended without a result, with the next step a page offers (a shell command would not help here)."""
    if failed.stopped:
        st.info(_say("stopped"))
    elif failed.code == "interrupted":
        st.info(_say("interrupted"))
    else:
        st.error(plain(failed.message))


def warnings(warned: Iterable[Warned]) -> None:
    """What a person should know about a run, folded away so that it does not shout."""
    told = list(warned)
    if told:
        with st.expander(_say("notes", n=len(told)), icon=":material/info:"):
            for item in told:
                st.markdown(plain(item.message))


def model_menu(label: str, key: str, listing: Listing, health: dict[str, ModelHealth], default: str = "") -> str:
    """A menu of the free models there are now; "" stands for letting Finale choose."""
    options = ["", *(model.id for model in listing.free)]
    if default and default not in options:
        options.append(default)
    by_id = {model.id: model for model in listing.free}

    def shown(model_id: str) -> str:
        if not model_id:
            return _say("auto_model")
        return model_label(model_id, by_id.get(model_id), health.get(model_id))

    index = options.index(default) if default in options else 0
    return st.selectbox(label, options, index=index, format_func=shown, key=key) or ""


def model_label(name: str, model: Model | None, health: ModelHealth | None) -> str:
    """A model's id and, in a few words, what is known of it; `model` is None where the list does not name it (any more)."""
    import time

    known = []
    if health:
        if health.cooling_until > time.time():
            known.append(_say("resting"))
        elif health.wins:
            known.append(f"{health.wins}/{health.wins + health.losses}")
        known.append(health.traits.phrase(lang()))
    if model and model.structured == "schema" and not (health and health.traits.formed_share is not None):
        known.append(_say("can_schema"))  # what it promises, until it is known what it does
    told = "、".join(filter(None, known))
    return f"{name}（{told}）" if told else name
