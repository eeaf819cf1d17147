"""One submission's next step towards its receipt: announce it, ask how far a part is, send a stretch of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from offline_cache.api import Progress
from offline_cache.identity import Enrolled
from offline_cache.outbox import Outbox
from offline_cache.parts import Parts
from offline_cache.sync.chunk import MIN_CHUNK, Chunk
from offline_cache.sync.client import Client
from offline_cache.sync.http import BodyError, LineFault, Refusal, Slice
from offline_cache.sync.item import Item
from wire import canon, events, ids, receipt
from wire.problem import Code
from wire.upload import IntakeAnswer

_IN_KERNEL = 32 * 1024


class Spoiled(Exception):
    """Another try does not mend this submission; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class Stuck(Exception):
    """The office answered, and nothing moved: go on, but not in a tight circle."""


@dataclass(frozen=True, slots=True)
class _Under:
    """What is on its way. ``sent``: bytes of its parts at the office before ``body``."""

    number: str
    sent: int
    total: int
    body: Slice | None = None


class Sender:
    """Takes submissions step by step; every step raises as ``Client`` does, or Spoiled, Stuck, OSError, CacheError."""

    def __init__(self, outbox: Outbox, parts: Parts, chunk: Chunk, stopped: Callable[[], bool]) -> None:
        self._outbox, self._parts = outbox, parts
        self._chunk, self._stopped = chunk, stopped
        self._under: _Under | None = None
        self._body: tuple[str, int, Slice] | None = None  # the last PATCH: part, beginning, what was passed

    def progress(self) -> Progress | None:
        """The upload under way; any thread."""
        under = self._under
        if under is None:
            return None
        passed = 0 if under.body is None else max(0, under.body.passed - _IN_KERNEL)
        return Progress(under.number, under.sent + passed, under.total, self._chunk.rate)

    def rest(self) -> None:
        """Nothing is on its way."""
        self._under = None

    def advance(self, client: Client, me: Enrolled, item: Item, budget: int | None) -> bool:
        """Do the next step; True when its receipt is kept now. ``budget``: bytes that may still be sent, None: any."""
        if not item.missing:
            return self._announce(client, me, item)
        sizes = dict(item.queued.parts)
        sha256 = min(item.missing, key=lambda name: sizes.get(name, 0) - (item.missing or {})[name])
        if sha256 not in sizes:
            raise Spoiled("unknown-part")
        if item.doubted:
            self._ask(client, item, sha256, sizes[sha256])
        else:
            self._send(client, item, sha256, sizes[sha256], budget)
        return False

    def _announce(self, client: Client, me: Enrolled, item: Item) -> bool:
        complete = item.missing is not None
        answer = client.put_manifest(item.queued.submission_id, item.queued.manifest)
        if answer.state == "received":
            self._receive(me, item, answer)
            return True
        item.missing = _offsets(item, answer)
        item.doubted = False
        if complete or not item.missing:
            raise Stuck  # we hold it to be complete and the office does not
        return False

    def _receive(self, me: Enrolled, item: Item, answer: IntakeAnswer) -> None:
        submission_id = item.queued.submission_id
        try:
            envelope = canon.unb64(answer.receipt)
            proved = receipt.prove_for(envelope, me.receipt_key, item.queued.manifest)
        except (canon.CanonError, canon.SignatureError, receipt.StrangeReceiptError) as error:
            raise LineFault("portal", f"a receipt that does not hold ({error})") from error
        self._outbox.received(submission_id, envelope, proved)
        events.log("submission_received", submission_id=submission_id, server_seq=proved.server_seq)
        self._under = None

    def _ask(self, client: Client, item: Item, sha256: str, size: int) -> None:
        missing = item.missing or {}
        offset = client.head(sha256)
        item.doubted = False
        if self._body is not None and self._body[0] == sha256 and offset is not None:
            _, began, body = self._body
            self._chunk.cut(began + body.passed - offset)
            self._body = None
        if offset is None or offset > size:
            item.missing = None
        else:
            _reached(missing, sha256, offset, size)

    def _send(self, client: Client, item: Item, sha256: str, size: int, budget: int | None) -> None:
        missing = item.missing or {}
        offset = missing[sha256]
        length = self._chunk.length(size - offset)
        if budget is not None:
            length = min(length, max(budget, MIN_CHUNK))
        path = self._parts.path(sha256)
        if not _whole(path, size):
            raise Spoiled("part-lost")
        began = time.monotonic()
        try:
            with path.open("rb") as file:
                body = Slice(file, offset, length, self._stopped)
                self._show(item, body)
                self._body = (sha256, offset, body)
                reached = client.patch(sha256, body, offset)
        except BodyError as error:
            events.log_error("part", error)
            raise Spoiled("part-damaged") from error
        except Refusal as refusal:
            told = refusal.problem
            if refusal.code is Code.OFFSET and told.offset is not None and 0 <= told.offset <= size:
                _reached(missing, sha256, told.offset, size)
                if told.offset == offset:
                    raise Stuck from refusal
                return
            if refusal.code is Code.WRONG_HASH and ids.sha256(path.read_bytes()) != sha256:
                raise Spoiled("part-damaged") from refusal
            raise
        if reached <= offset or reached > size:
            raise LineFault("portal", "an offset that does not follow")
        self._body = None
        self._chunk.took(length, time.monotonic() - began)
        _reached(missing, sha256, reached, size)
        self._show(item, None)

    def _show(self, item: Item, body: Slice | None) -> None:
        total = sum(size for _, size in item.queued.parts)
        self._under = _Under(item.queued.number, total - item.remaining(), total, body)


def _offsets(item: Item, answer: IntakeAnswer) -> dict[str, int]:
    sizes = dict(item.queued.parts)
    if any(part.offset > sizes.get(part.sha256, part.offset) for part in answer.missing):
        raise LineFault("portal", "an offset beyond the part's end")
    return {part.sha256: part.offset for part in answer.missing}


def _reached(missing: dict[str, int], sha256: str, offset: int, size: int) -> None:
    if offset == size:
        del missing[sha256]
    else:
        missing[sha256] = offset


def _whole(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
