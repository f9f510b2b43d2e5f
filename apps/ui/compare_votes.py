"""Blind votes on a comparison's replies: which pair is next, who it was after the vote, and what all votes say."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import streamlit as st

from agents.compare import VOTES, given_votes
from agents.run import Runs
from apps.ui.cards import plain
from apps.ui.compare_table import ranking_part
from apps.ui.words import words_for
from tools.compare import VOTES_PER_PAIR, Pair, PromptItem, Reply, Vote, Winner, next_pair, rank, vote

__all__ = ["votes_part"]

say = words_for("compare")
state = st.session_state
_KEYS: dict[Winner, str] = {"left": "1", "right": "2", "tie": "0"}  # Streamlit takes no = as a key
_PROMPT = 600  # characters of a prompt above its replies
_GUARD = threading.Lock()  # two tabs of one run may vote at the same moment


def votes_part(
    runs: Runs, run: str, replies: Sequence[Reply], prompts: Sequence[PromptItem], judged: Sequence[Vote], seed: int,
    name: Callable[[str], str],
) -> None:  # fmt: skip
    """The next pair with the ways to vote, then what the votes say, folded until somebody wants to see."""
    votes = given_votes(runs.store, run)
    skipped: list[Vote] = state.setdefault(f"compare-skipped-{run}", [])
    pair = next_pair(replies, [*votes, *skipped], seed)
    if pair:
        st.caption(say("vote_about"))
        _last(run)
        asked = next((item.text for item in prompts if item.id == pair.prompt_id), "")
        _ballot(runs, run, pair, asked, len(votes) + len(skipped))
    elif votes or skipped:
        _last(run)
        st.info(say("vote_over_skipped" if skipped else "vote_over"))
        if skipped:
            st.button(say("vote_again", n=len(skipped)), key=f"vote-again-{run}", on_click=skipped.clear)
    else:
        st.info(say("vote_two"))
    _results(votes, judged, seed, name)


def _ballot(runs: Runs, run: str, pair: Pair, asked: str, n: int) -> None:
    """The `n`th pair; its number is in the names of its parts, so that each begins at its top."""
    st.markdown(plain(asked[:_PROMPT] + ("…" if len(asked) > _PROMPT else "")))
    columns = st.columns(2, gap="medium")
    for column, side, reply in zip(columns, ("left", "right"), (pair.left, pair.right), strict=True):
        with column, st.container(border=True, key=f"ballot-{side}"):
            st.markdown(f"**{say(f'vote_{side}_head')}**")
            with st.container(key=f"said-{side}-{n}"):
                st.markdown(plain(reply.text))
    with st.container(horizontal=True, gap="xsmall", key="compare-vote"):
        for winner, key in _KEYS.items():
            st.button(
                say(f"vote_{winner}"), key=f"vote-{winner}", shortcut=key,
                on_click=_voted, args=(runs, run, pair, winner),
            )  # fmt: skip
        st.button(say("vote_skip"), key="vote-skip", shortcut="S", on_click=_skipped, args=(run, pair))


def _voted(runs: Runs, run: str, pair: Pair, winner: Winner) -> None:
    given = vote(pair, winner, _now())
    with _GUARD:
        votes = [*given_votes(runs.store, run), given]
        runs.store.keep_material(run, VOTES, [one.model_dump(mode="json") for one in votes])
    state[f"compare-last-{run}"] = given


def _skipped(run: str, pair: Pair) -> None:
    # As a vote it counts only for what is shown next, and is kept nowhere.
    state[f"compare-skipped-{run}"] = [*state.get(f"compare-skipped-{run}", []), vote(pair, "tie", _now())]
    state.pop(f"compare-last-{run}", None)


def _last(run: str) -> None:
    """Who it was that the person just voted on."""
    last: Vote | None = state.get(f"compare-last-{run}")
    if last:
        winner = say(f"vote_{last.winner}")
        st.markdown(say("vote_last", left=plain(last.left), right=plain(last.right), winner=winner))


def _results(votes: Sequence[Vote], judged: Sequence[Vote], seed: int, name: Callable[[str], str]) -> None:
    if votes:
        with st.expander(f"{say('rank_head')}（{say('vote_count', n=len(votes))}）", icon=":material/leaderboard:"):
            st.caption(say("rank_hidden"))
            ranking = rank(votes, seed=seed)
            ranking_part(ranking, name)
            st.caption(say("rank_about", votes=ranking.votes))
            if not ranking.enough:
                st.markdown(f"**{say('rank_few', n=VOTES_PER_PAIR)}**")
            if len(ranking.groups) > 1:
                st.caption(say("rank_groups"))
    if judged:
        with st.expander(say("judge_head"), icon=":material/gavel:"):
            ranking_part(rank(judged, seed=seed), name)
            st.caption(say("rank_about", votes=len(judged)))


def _now() -> str:
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
