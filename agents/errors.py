"""What a person can get wrong about runs and agents.

AgentError
├── BadInput          an input is missing, too long or not one of the choices
├── UnknownAgent      there is no agent of that name
├── UnknownRun        there is no run of that id
├── RunBusy           the run is being worked on by somebody else right now
├── NothingLeft       the run is finished and holds nothing that could be resumed or upgraded
├── NothingToExport   the run has no result, or its agent makes no document
└── RunFailed         the run ended without a result
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from tools.errors import FinaleError

__all__ = [
    "AgentError",
    "BadInput",
    "NothingLeft",
    "NothingToExport",
    "RunBusy",
    "RunFailed",
    "UnknownAgent",
    "UnknownRun",
]


class AgentError(FinaleError):
    """Raised for anything a person can get wrong about runs and agents."""

    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class BadInput(AgentError):
    """Raised when an input is missing, too long or not one of the choices; nothing was started."""

    code = "bad_input"


class UnknownAgent(AgentError):
    """Raised when there is no agent of that name."""

    code = "unknown_agent"


class UnknownRun(AgentError):
    """Raised when the history holds no run of that id."""

    code = "unknown_run"


class RunBusy(AgentError):
    """Raised when another process or thread is working on the run."""

    code = "run_busy"


class NothingLeft(AgentError):
    """Raised when a run has nothing left that could be resumed or upgraded."""

    code = "nothing_to_resume"


class NothingToExport(AgentError):
    """Raised when a run has no result yet, or its agent makes no document of one."""

    code = "nothing_to_export"


class RunFailed(AgentError):
    """Raised by `run()` when a run ended without a result; the message is the run's own."""

    code = "run_failed"
