"""The gateway to models: which free ones exist, what the account has left, one question, one reply or a typed reason.

from tools.llm import open_gateway, Question
gateway = open_gateway()
reply = gateway.ask(Question(messages=({"role": "user", "content": "用一句話介紹台南"},)))
"""

from __future__ import annotations

from tools.llm.catalogue import Catalogue, Listing
from tools.llm.errors import (
    Attempt,
    BadAnswer,
    BadVectors,
    Cancelled,
    CostsMoney,
    KeyRejected,
    LLMError,
    NoCredit,
    NoKey,
    NoModel,
    NoReply,
    PaidModel,
    PrivacyBlocked,
    QuestionTooLong,
    QuotaSpent,
    RunLimit,
    UnknownModel,
    Unreachable,
)
from tools.llm.gateway import Gateway
from tools.llm.ledger import Ledger, Purpose, Quota
from tools.llm.model import ROUTER, Model, why_not_free
from tools.llm.question import Notice, Question
from tools.llm.redact import redact
from tools.llm.replies import Reply
from tools.llm.single import Trial
from tools.llm.traits import Traits
from tools.llm.wire import Limits
from tools.settings import DEFAULT_BASE_URL, Settings

__all__ = [
    "ROUTER",
    "Attempt",
    "BadAnswer",
    "BadVectors",
    "Cancelled",
    "Catalogue",
    "CostsMoney",
    "Gateway",
    "KeyRejected",
    "LLMError",
    "Ledger",
    "Limits",
    "Listing",
    "Model",
    "NoCredit",
    "NoKey",
    "NoModel",
    "NoReply",
    "Notice",
    "PaidModel",
    "PrivacyBlocked",
    "Purpose",
    "Question",
    "QuestionTooLong",
    "Quota",
    "QuotaSpent",
    "Reply",
    "RunLimit",
    "Traits",
    "Trial",
    "UnknownModel",
    "Unreachable",
    "open_embedding_gateway",
    "open_gateway",
    "redact",
    "why_not_free",
]


def open_gateway(settings: Settings | None = None) -> Gateway:
    """The gateway for `settings` (default: this machine's).

    Raises:
        StorageError: FINALE_HOME cannot be written.
    """
    settings = settings or Settings()
    key = settings.api_key.get_secret_value() if settings.api_key else None
    return Gateway(settings.home, settings.base_url, key, own_server=settings.own_server)


def open_embedding_gateway(settings: Settings | None = None, limits: Limits | None = None) -> Gateway:
    """The gateway that embeds texts for `settings`: on the same server and account as questions, or on its own.

    Raises:
        StorageError: FINALE_HOME cannot be written.
    """
    settings = settings or Settings()
    key = settings.embed_key.get_secret_value() if settings.embed_key else None
    own_server = settings.embed_url != DEFAULT_BASE_URL
    return Gateway(settings.home, settings.embed_url, key, own_server=own_server, limits=limits)
