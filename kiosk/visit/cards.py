"""The card on the reader: it confirms a NIK that was typed, once it was remembered by consent; it proves nothing.

It never fills in or blocks anything. Its UID is held on the NIK step alone.
"""

from __future__ import annotations

from dataclasses import replace

from drivers.contract import CardKind, CardSeen
from kiosk import pads
from kiosk.pads import NIK
from kiosk.status import Step
from kiosk.visit.effects import CheckCard, Effect, ForgetCard, LookAtCard, RememberCard
from kiosk.visit.events import CardAnswered
from kiosk.visit.state import Card, Visit
from wire.words import N_

_NOT_REMEMBERED = N_("The card was not remembered. Please try again.")
_NOT_FORGOTTEN = N_("The card was not forgotten. Please try again.")

_Moved = tuple[Visit, tuple[Effect, ...]]


def lies(visit: Visit, seen: CardSeen | None) -> Visit:
    """The visit with what lies on the reader now, or (None) nothing."""
    if visit.step is not Step.NIK or (visit.card.seen if visit.card else None) == seen:
        return visit
    return replace(visit, card=Card(seen) if seen else None)


def follow(before: Visit | None, visit: Visit, at: float) -> _Moved:
    """Ask about card and NIK when they are new together; look at the reader on the way in, forget the card on the way
    out."""
    if visit.step is not Step.NIK:
        return (replace(visit, card=None) if visit.card else visit), ()
    if before is None or before.step is not Step.NIK:
        return replace(visit, card=None), (LookAtCard(),)
    card = visit.card
    text = visit.answer(NIK.id)
    nik = "" if pads.check(NIK, text, visit.today).blocked else text
    if card is None or not names(card.seen) or nik == card.nik:
        return visit, ()
    if not nik:
        return replace(visit, card=Card(card.seen)), ()
    asked = visit.card_asked + 1
    card = Card(card.seen, nik, doing="check", since=at)
    return replace(visit, card=card, card_asked=asked), (CheckCard(visit.id, asked, card.seen.uid, nik),)


def remember(visit: Visit, at: float) -> _Moved:
    """The resident lets us remember the card; a check that runs need not be waited for."""
    card = visit.card
    if card is None or not card.nik or card.doing not in ("", "check") or card.state != "new":
        return visit, ()
    visit = _doing(visit, card, "remember", at)
    return visit, (RememberCard(visit.id, visit.card_asked, card.seen.uid, card.nik),)


def forget(visit: Visit, at: float) -> _Moved:
    """The resident takes that back, in this visit or a later one."""
    card = visit.card
    if card is None or card.doing or card.state not in ("remembered", "confirmed"):
        return visit, ()
    visit = _doing(visit, card, "forget", at)
    return visit, (ForgetCard(visit.id, visit.card_asked, card.seen.uid, card.nik),)


def answered(visit: Visit, event: CardAnswered) -> Visit:
    """The visit after an answer about the card."""
    if visit.card is None or not visit.card.doing or (event.visit, event.asked) != (visit.id, visit.card_asked):
        return visit
    return _ended(visit, visit.card, event.state)


def limit(visit: Visit, at: float, seconds: float) -> Visit:
    """The visit without a question about the card that took longer than ``seconds``."""
    card = visit.card
    if card is None or not card.doing or at - card.since <= seconds:
        return visit
    return _ended(visit, card, "")


def view(visit: Visit) -> str:
    """The state for the window, "" = no card to speak of."""
    card = visit.card
    if card is None or card.seen.kind is CardKind.STAFF:
        return ""
    if card.seen.kind is CardKind.UNREADABLE:
        return "turned"
    if card.seen.random:
        return "random"
    if card.seen.kind is not CardKind.KTP:
        return "other"
    return card.state if names(card.seen) else "random"


def names(seen: CardSeen) -> bool:
    """True for a KTP-el that has a UID of its own."""
    return seen.kind is CardKind.KTP and bool(seen.uid) and not seen.random


def _doing(visit: Visit, card: Card, what: str, at: float) -> Visit:
    doing = replace(card, doing=what, since=at)
    return replace(visit, card=doing, card_asked=visit.card_asked + 1, complaint="")


def _ended(visit: Visit, card: Card, state: str) -> Visit:
    if state or card.doing == "check":
        return replace(visit, card=replace(card, doing="", state=state))
    complaint = _NOT_REMEMBERED if card.doing == "remember" else _NOT_FORGOTTEN
    return replace(visit, card=replace(card, doing=""), complaint=complaint)
