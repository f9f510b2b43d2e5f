"""The digest as a whole: what it costs, what it shows, what it hides, and what survives a kill."""

from __future__ import annotations

import json

import pytest

from agents import digest
from agents.run import open_runs
from tests.agents.digest.kit import editor, publish, story
from tests.doubles.newssite import NewsSite
from tests.doubles.openrouter import OpenRouterDouble


def test_a_hundred_stories_cost_twelve_requests_at_most_and_an_unchanged_rerun_none(
    site: NewsSite, double: OpenRouterDouble
) -> None:
    feed = publish(site, [story(n) for n in range(100)])
    double.say(editor)
    first = digest.run("公共服務的 AI 應用", sources=[feed])
    assert first.status == "done" and first.offline_steps == [] and len(first.output.articles) == 20
    assert first.requests == len(double.requests) <= 12
    before = len(double.requests)
    second = digest.run("公共服務的 AI 應用", sources=[feed])
    assert second.requests == 0 and len(double.requests) == before
    assert [one.id for one in second.output.articles] == [one.id for one in first.output.articles]
    assert [one.summary for one in second.output.articles] == [one.summary for one in first.output.articles]
