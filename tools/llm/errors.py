"""Why a question to a model got no answer.

    LLMError
    ├── NoReply               an answer could not be had; `until` says when trying again makes sense, if known
    │   ├── NoKey             no key is set and the server needs one
    │   ├── KeyRejected       the server refused the key
    │   ├── NoCredit          the account's balance is negative: even free models are refused
    │   ├── QuotaSpent        today's free requests are used up
    │   ├── RunLimit          the run has sent as many requests as it promised to send at most
    │   ├── PrivacyBlocked    the account's privacy switches exclude every free model
    │   ├── Unreachable       the server could not be reached at all
    │   ├── NoModel           every model that was tried failed; `attempts` says how
    │   ├── BadAnswer         models answered, but never in the wanted form
    │   ├── QuestionTooLong   the question does not fit any model's context
    │   ├── CostsMoney        a reply was billed although only free models are allowed
    │   ├── PaidModel         an embedding model that is not free was asked for; nothing was sent
    │   ├── BadVectors        what came back is not one vector of one length for each text
    │   └── Cancelled         the person stopped it
    └── UnknownModel          a model was asked for that is not free, or does not exist

An agent sees these and nothing of an SDK. None of them ever carries a key: texts from servers are redacted first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from tools.errors import FinaleError

__all__ = [
    "Attempt",
    "BadAnswer",
    "BadVectors",
    "Cancelled",
    "CostsMoney",
    "KeyRejected",
    "LLMError",
    "NoCredit",
    "NoKey",
    "NoModel",
    "NoReply",
    "PaidModel",
    "PrivacyBlocked",
    "QuestionTooLong",
    "QuotaSpent",
    "RunLimit",
    "UnknownModel",
    "Unreachable",
]


@dataclass(frozen=True)
class Attempt:
    """One request that did not end in a usable answer: which model, what kind of failure, in whose words."""

    model: str
    kind: str
    detail: str = ""


class LLMError(FinaleError):
    """Raised for anything that goes wrong between an agent and a model."""

    words_file: ClassVar[Path] = Path(__file__).with_name("messages.yaml")


class NoReply(LLMError):
    """Raised when the gateway has no answer to give; a Step then answers offline."""

    code = "no_model"

    def __init__(
        self, *, until: float | None = None, attempts: tuple[Attempt, ...] = (), partial: str = "", **params: Any
    ) -> None:
        super().__init__(**params)
        self.until = until
        self.attempts = attempts
        self.partial = partial


class NoKey(NoReply):
    """Raised when no key is set and the server needs one."""

    code = "no_key"


class KeyRejected(NoReply):
    """Raised when the server refused the key (401)."""

    code = "key_rejected"


class NoCredit(NoReply):
    """Raised when the account's balance is negative (402), which blocks free models too."""

    code = "no_credit"


class QuotaSpent(NoReply):
    """Raised when the account's free requests of this UTC day are used up, or (code `quota_kept`) when a background job may
    not touch what is left; `until` is the reset, in Unix seconds."""

    code = "quota_spent"


class RunLimit(NoReply):
    """Raised before a request that would be more than the run promised; nothing was sent."""

    code = "run_limit"


class PrivacyBlocked(NoReply):
    """Raised when the account's privacy settings exclude the free models that were tried."""

    code = "privacy_blocked"


class Unreachable(NoReply):
    """Raised when there is no connection to the server."""

    code = "unreachable"


class NoModel(NoReply):
    """Raised when no candidate is left, or every attempt failed."""

    code = "no_model"


class BadAnswer(NoReply):
    """Raised when what came back could not be made to fit the wanted type, with one repair tried."""

    code = "bad_answer"


class QuestionTooLong(NoReply):
    """Raised when the question is longer than the models' context."""

    code = "question_too_long"


class CostsMoney(NoReply):
    """Raised when a reply cost more than nothing: everything stops, free means free."""

    code = "costs_money"


class PaidModel(NoReply):
    """Raised before anything is sent when an embedding model costs money on this server."""

    code = "paid_model"


class BadVectors(NoReply):
    """Raised when a server's embeddings are too few, too many, of different lengths, or no numbers."""

    code = "bad_vectors"


class Cancelled(NoReply):
    """Raised when the person stopped the run while a model was answering."""

    code = "cancelled"


class UnknownModel(LLMError):
    """Raised when a person asks for a model that is not in the list of free models."""

    code = "unknown_model"
