"""What thinks: one folder per agent (those of pictures live with `sticker`), each a LangGraph graph of Steps.

from agents import counselor
result = counselor.run(mbti="INFP", question="不知道未來可以做什麼")
for event in counselor.stream(mbti="INFP", question="…"): ...
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.agent import Agent

__all__ = ["AGENTS", "load_agent"]

AGENTS = ("counselor", "digest", "post", "sticker", "expand", "pack", "redraw", "copywriter", "compare")
_ELSEWHERE = {
    "expand": "agents.sticker.expander",
    "pack": "agents.sticker.packer",
    "redraw": "agents.sticker.redraw",
}


def load_agent(name: str) -> Agent:
    """The agent of that name.

    Raises:
        UnknownAgent: there is no such agent.
    """
    if name not in AGENTS:
        from agents.errors import UnknownAgent

        raise UnknownAgent(name=name, known="、".join(AGENTS))
    return importlib.import_module(_ELSEWHERE.get(name, f"agents.{name}")).AGENT
