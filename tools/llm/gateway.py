"""The gateway: a question goes in, a reply or a typed reason comes out.

Order of things for one question: a stored reply costs nothing; else a candidate list is made (the wanted model first, then
the healthiest others of other vendors) and worked through (call.py); each request is granted by the ledger before it is
sent; what was paid for is stored before it is returned.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tools.llm.call import Call, Desk
from tools.llm.catalogue import Catalogue, Listing
from tools.llm.embeddings import Embedding, bills
from tools.llm.errors import Cancelled, CostsMoney, KeyRejected, NoKey, NoReply, PrivacyBlocked, Unreachable
from tools.llm.health import Health
from tools.llm.ledger import Ledger, Purpose, Quota, account_id
from tools.llm.question import Notice, Question
from tools.llm.quota import fetch_quota
from tools.llm.replies import Reply, ReplyStore, question_key
from tools.llm.single import Hearing, Single, Trial, TrialStore
from tools.llm.wire import Limits
from tools.storage import writing

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Gateway"]

_RECONCILE_S = 600
_REJECTED_S = 300


class Gateway:
    """Everything about one model server. Safe to use from several threads.

    `home` holds the ledger and the copy of the model list; `key` is None where no key is set.
    """

    def __init__(
        self,
        home: Path,
        base_url: str,
        key: str | None,
        *,
        own_server: bool = False,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = base_url
        self.ledger = Ledger(home, clock)
        # A key that no header can carry is never sent anywhere; asking then says why.
        self._malformed = bool(key) and not re.fullmatch(r"[!-~]+", key or "")
        self.catalogue = Catalogue(home, base_url, None if self._malformed else key, clock)
        self.health = Health(self.ledger, base_url)
        self._replies = ReplyStore(self.ledger)
        self._trials = TrialStore(self.ledger)
        self._key = key
        self._own_server = own_server
        self._locks = home / "locks"
        self._clock = clock
        self._account = account_id(base_url, key)
        self._desk = Desk(
            base_url, self._account, self.ledger, self.health, limits or Limits(), clock, sleep, lambda: key
        )

    @property
    def usable(self) -> bool:
        """Whether asking a model makes sense at all: there is a key, or the server is one's own."""
        return bool(self._key) or self._own_server

    def quota(self, *, refresh: bool = False) -> Quota:
        """What the account has left. `refresh` asks the server for its count first (this costs no request)."""
        listing = self.catalogue.listing(offline=not refresh)
        if refresh and self._key and not self._malformed:
            self._look(listing)
        # The seed is OpenRouter's list; it tells nothing of a server of one's own that was never reached.
        limited = listing.priced and not (self._own_server and listing.state == "seed")
        return self.ledger.quota(self._account, limited=limited)

    def ask(
        self,
        question: Question,
        *,
        on_text: Callable[[str, int], None] = lambda text, attempt: None,
        notify: Callable[[Notice], None] = lambda notice: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Reply:
        """Answer `question`. Text is handed to `on_text(text, attempt)` as it arrives; a new attempt starts over.

        Raises:
            NoReply: one of its subclasses says why there is no answer.
        """
        key = self._identity(question)
        stored = self._replies.get(key)
        if stored:
            on_text(stored.text, 1)
            return stored
        listing = self._open(notify)
        with self._alone(key, cancelled):
            stored = self._replies.get(key)  # somebody may have asked the same while we waited
            if stored:
                on_text(stored.text, 1)
                return stored
            reply = Call(self._desk, question, listing, on_text, notify, cancelled).run()
            if not reply.cut:
                self._replies.put(key, reply)
        return reply

    def trial(
        self,
        question: Question,
        *,
        on_text: Callable[[str], None] = lambda text: None,
        on_thought: Callable[[], None] = lambda: None,
        before_grant: Callable[[], None] = lambda: None,
        on_granted: Callable[[], None] = lambda: None,
        notify: Callable[[Notice], None] = lambda notice: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Trial:
        """Put `question` to exactly its model, once: no other model steps in, and what goes wrong is the result.

        `before_grant` is called before the ledger is asked, `on_granted` when it has granted the request, right before that is
        sent; neither for a stored trial. What `before_grant` raises ends the trial: nothing was counted.

        Raises:
            UnknownModel: the model is not free, or does not exist; nothing was sent.
            NoReply: the account, the server or the person ends it.
        """
        key = self._identity(question, "trial")
        with self._alone(key, cancelled):
            stored = self._trials.get(key)
            if stored:
                on_text(stored.text)
                return stored
            listing = self._open(notify)
            hearing = Hearing(on_text, on_thought, before_grant, on_granted, notify, cancelled)
            trial = Single(self._desk, question, listing, hearing).trial()
            self._trials.put(key, trial)
        return trial

    def has_trial(self, question: Question) -> bool:
        """Whether a trial of this question is stored: it would cost nothing."""
        return self._trials.get(self._identity(question, "trial")) is not None

    def embed(
        self,
        texts: Sequence[str],
        *,
        model: str,
        purpose: Purpose = "interactive",
        run: str = "",
        step: str = "embed",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> np.ndarray:
        """The vectors of `texts` by an embedding model of this server: (len(texts), dims) float32, in batches.

        Raises:
            PaidModel: the model is not free where this server bills; nothing was sent.
            NoReply: one of its subclasses says why there are no vectors.
        """
        if not self.usable:
            raise NoKey()
        if self.refusal:
            raise self.refusal
        metered = bills(self.base_url)
        if not metered:
            listing = self.catalogue.listing()
            # The seed is OpenRouter's list; it tells nothing of a server that has none of its own.
            metered = listing.priced and listing.state != "seed"
        call = Embedding(self._desk, model, metered, purpose, run, step, cancelled)
        if metered and call.free:
            self._reconcile(self.catalogue.listing())
            if self.refusal:
                raise self.refusal
        return call.run(texts)

    @contextlib.contextmanager
    def _alone(self, key: str, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Hold the question to oneself: two tabs or processes that ask the same at once pay once.

        Raises:
            Cancelled: the person stopped while another was asking.
        """
        from filelock import FileLock

        path = self._locks / f"q-{key[:32]}.lock"
        with writing(path):
            self._locks.mkdir(exist_ok=True)
        lock = FileLock(path, thread_local=False)
        while True:
            try:
                lock.acquire(timeout=0.2)
                break
            except TimeoutError:
                if cancelled():
                    raise Cancelled() from None
        try:
            yield
        finally:
            # Removed while held: who waits on it gets it next and finds the reply stored.
            with contextlib.suppress(OSError):
                path.unlink()
            lock.release()

    def _open(self, notify: Callable[[Notice], None]) -> Listing:
        """The list to choose from, once it is clear that asking makes sense.

        Raises:
            NoReply: there is no key, the server refuses the account, or cannot be reached.
        """
        if not self.usable:
            raise NoKey()
        if self.refusal:
            raise self.refusal
        listing = self.catalogue.listing()
        if listing.state != "live" and self.catalogue.unreachable:
            raise Unreachable(server=self.base_url, detail=listing.error)
        if listing.state != "live":
            notify(Notice("catalogue_stale", {"date": listing.date}))
        self._reconcile(listing)
        if self.refusal:
            raise self.refusal  # the key's own page has just said so: no request need be spent to hear it again
        return listing

    def _identity(self, question: Question, kind: str = "") -> str:
        return question_key(
            {
                **({"kind": kind} if kind else {}),
                "server": self.base_url,
                "model": question.model,
                "messages": [dict(message) for message in question.messages],
                "schema": question.answer.model_json_schema() if question.answer else None,
                "max_tokens": question.max_tokens,
                "temperature": question.temperature,
                "version": question.version,
            }
        )

    def _reconcile(self, listing: Listing) -> None:
        """Take over the server's count now and then, so that requests made elsewhere are known before they hurt."""
        if not (self._key and listing.priced):
            return
        confirmed = self.ledger.quota(self._account, limited=True).confirmed_at
        if (confirmed is None or abs(self._clock() - confirmed) > _RECONCILE_S) and not self._look(listing):
            # No counter there: mark today as looked at all the same, so that the next question does not look again.
            self.ledger.observe(self._account, used=0)

    def _look(self, listing: Listing) -> bool:
        """Ask the server for its count, which costs no request; True when it told one, or that it refuses the key."""
        seen = fetch_quota(self.base_url, self._key or "")
        if seen is None:
            return False
        if seen.rejected and listing.priced and listing.state != "seed":
            self.ledger.reject(self._account, "key", "HTTP 401", _REJECTED_S)
        elif not seen.rejected:
            self.ledger.observe(self._account, used=seen.used, limit=seen.limit)
        return True

    @property
    def refusal(self) -> NoReply | None:
        """Why the server refuses the whole account right now, where that is known."""
        if self._malformed:
            return KeyRejected(code="key_malformed")
        refused = self.ledger.rejected(self._account)
        return _refusal(*refused) if refused else None


def _refusal(code: str, why: str) -> NoReply:
    """The reason behind a refusal of the whole account that the ledger remembers."""
    match code:
        case "privacy":
            return PrivacyBlocked()
        case "costs":
            model, _, cost = why.rpartition(" ")
            return CostsMoney(model=model, cost=cost)
    return KeyRejected(detail=why)
