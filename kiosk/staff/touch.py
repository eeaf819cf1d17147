"""Tests of what a technician holds before a device: a card, a code. Neither a UID nor a code's text leaves here."""

from __future__ import annotations

import queue
from collections.abc import Callable

from drivers.contract import CardKind, CardReader, CardSeen, CodeReader
from kiosk.staff.watch import NO, YES, Ended, Watch, absent, fault_rows
from kiosk.visit.errand import Rows
from wire.number import Number, NumberError
from wire.words import N_

WAIT_S = 20.0
"""For a card or a code to come."""
_KINDS = {
    CardKind.KTP: N_("KTP-el"),
    CardKind.STAFF: N_("Staff card"),
    CardKind.OTHER: N_("Another card"),
}
_ANSWERS = N_("The card answers")


def card(watch: Watch, device: CardReader | None) -> Ended:
    """Waits for a card that answers; one that lies there already will do."""
    if device is None:
        return absent()
    mute = False

    def look() -> CardSeen | None:
        nonlocal mute
        seen = device.card()
        mute = seen is not None and seen.kind is CardKind.UNREADABLE
        return None if mute else seen

    seen = watch.until(look, WAIT_S, N_("Lay a card on the reader."))
    if seen is not None:
        kind = (N_("Kind of card"), _KINDS.get(seen.kind, _KINDS[CardKind.OTHER]), "ok")
        changing = ((N_("Its number is new each time"), YES, ""),) if seen.random else ()
        return Ended(True, (kind, (_ANSWERS, YES, "ok"), *changing))
    if mute:
        return Ended(False, ((_ANSWERS, NO, "bad"), (N_("Turn the card over."), "", "")))
    return Ended(False, _nothing(N_("A card came"), device.status().faults))


def code(watch: Watch, device: CodeReader | None, codes: queue.SimpleQueue[str]) -> Ended:
    """Waits for a code. ``codes``: what the reader reads from now on."""
    if device is None:
        return absent()
    text = watch.until(_newest(codes), WAIT_S, N_("Hold a QR or barcode before the reader."))
    if text is None:
        return Ended(False, _nothing(N_("A code came"), device.status().faults))
    kind = N_("Application number") if _is_number(text) else N_("Another code")
    return Ended(True, ((N_("Characters read"), str(len(text)), "ok"), (N_("Kind of code"), kind, "")))


def _nothing(what: str, codes: tuple[str, ...]) -> Rows:
    return ((what, NO, "bad"), *(fault_rows(codes) if codes else ()))


def _newest(codes: queue.SimpleQueue[str]) -> Callable[[], str | None]:
    def look() -> str | None:
        try:
            return codes.get_nowait()
        except queue.Empty:
            return None

    return look


def _is_number(text: str) -> bool:
    try:
        Number.parse(text)
    except NumberError:
        return False
    return True
