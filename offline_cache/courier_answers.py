"""The office's answers on a stick: each is proved before anything of it is believed, and what it settles is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from offline_cache.courier_queue import CourierQueue
from offline_cache.identity import Enrolled, Identities
from offline_cache.outbox import Outbox
from wire import canon, courier, events, ids, receipt
from wire.courier import Receipts
from wire.problem import Code

_FINAL = {code.type for code in Code if not code.mends}


class UnfitError(Exception):
    """A file that is no answer for us, or was taken already; ``reason``: a msgid of ``wire.courier``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Settled:
    """What an answer moved. ``strange``: receipts that fit nothing here."""

    received: int
    quarantined: int
    strange: int


class Answers:
    """Takes answers one file at a time."""

    def __init__(self, queue: CourierQueue, outbox: Outbox, identities: Identities) -> None:
        self._queue, self._outbox, self._identities = queue, outbox, identities

    def take(self, path: Path) -> Settled:
        """Take one answer. Raises UnfitError."""
        try:
            with path.open("rb") as file:
                data = file.read(courier.MAX_INDEX_BYTES + 1)
        except OSError as error:
            raise UnfitError(courier.UNREADABLE) from error
        known = {me.row: me for me in self._identities.every()}
        told = _proved(data, list(known.values()))
        if path.name != told.name + courier.RECEIPTS_SUFFIX:
            raise UnfitError(courier.RENAMED)
        sha256 = ids.sha256(data)
        if self._queue.taken(sha256):
            raise UnfitError(courier.TAKEN)
        fresh = self._queue.left(told.export)
        each = [self._receive(text, known, fresh=fresh) for text in told.receipts]
        quarantined = sum(self._refuse(one) for one in told.refused)
        settled = Settled(each.count(True), quarantined, each.count(None))
        if not settled.strange:
            self._queue.note_taken(sha256)
        return settled

    def _receive(self, text: str, known: dict[int, Enrolled], *, fresh: bool) -> bool | None:
        """Keep one receipt. True: it settled a submission; False: nothing new; None: it fits nothing here.

        ``fresh``: it answers what left since anything was last queued again.
        """
        try:
            envelope = canon.unb64(text)
            told = canon.Envelope.read(envelope).payload.get("submission_id")
            kept = self._queue.kept(told) if isinstance(told, str) else None
            if kept is None:
                return None
            if kept.identity not in known:
                return False  # purged long ago: its keys went with it
            proved = receipt.prove_for(envelope, known[kept.identity].receipt_key, kept.manifest)
        except (canon.CanonError, canon.SignatureError, receipt.StrangeReceiptError):
            return None
        # A receipt that we have and that did not keep it from being queued again is from before the office lost it:
        # unless the office says it of what left afterwards. Then it has had it all along.
        if not kept.waits or (kept.receipt == envelope and not fresh):
            return False
        if not self._outbox.received(proved.submission_id, envelope, proved):
            return False
        events.log("submission_received", submission_id=proved.submission_id, server_seq=proved.server_seq)
        return True

    def _refuse(self, refused: courier.Refused) -> bool:
        """Set a submission aside that another try does not mend, as on the line."""
        kept = self._queue.kept(refused.submission_id)
        if kept is None or kept.state.value != "queued" or refused.problem not in _FINAL:
            return False
        self._outbox.quarantine(refused.submission_id, refused.problem)
        events.log("submission_quarantined", submission_id=refused.submission_id, problem=refused.problem)
        return True


def _proved(data: bytes, known: list[Enrolled]) -> Receipts:
    """The office's words. Raises UnfitError."""
    if len(data) > courier.MAX_INDEX_BYTES:
        raise UnfitError(courier.NOT_WHOLE)
    try:
        claimed = Receipts.take(canon.Envelope.read(data).payload)
    except canon.CanonError as error:
        raise UnfitError(courier.NOT_WHOLE) from error
    mine = [me for me in known if me.terminal == claimed.terminal]
    if not mine:
        raise UnfitError(courier.FOREIGN_ANSWER)
    for me in mine:
        try:
            return courier.prove_receipts(data, me.receipt_key)
        except canon.SignatureError:
            continue
    raise UnfitError(courier.UNSIGNED)
