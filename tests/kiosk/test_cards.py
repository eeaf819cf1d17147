"""The reducer and the card on the reader: when it is asked about, what is shown, and that nothing of it stays."""

from __future__ import annotations

import pytest

from drivers.contract import CardKind, CardSeen
from kiosk import intents
from kiosk.status import Step
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.effects import CheckCard, LookAtCard
from tests.kiosk.journey import NIK, Journey

UID = bytes.fromhex("04a1b2c3d4e5f6")
KTP = CardSeen(CardKind.KTP, UID)


def at_nik() -> Journey:
    journey = Journey().to(Step.NIK)
    assert journey.done[-1] == LookAtCard()
    return journey


def lay(journey: Journey, card: CardSeen | None = KTP) -> tuple[effects.Effect, ...]:
    return journey.event(events.CardLies(journey.at, card))


def answer(journey: Journey, state: str, asked: int | None = None) -> None:
    journey.event(events.CardAnswered(journey.at, 1, journey.now.card_asked if asked is None else asked, state))


def shown(journey: Journey) -> str:
    card = visit_view(journey.now, None, 0).card
    return card.state if card else ""


def checked(state: str) -> Journey:
    """A card and a NIK that were asked about."""
    journey = at_nik()
    journey.type(NIK)
    assert lay(journey) == (CheckCard(1, 1, UID, NIK),)
    answer(journey, state)
    return journey


@pytest.mark.parametrize(
    ("card", "state"),
    [
        (KTP, "new"),
        (CardSeen(CardKind.KTP), "random"),
        (CardSeen(CardKind.KTP, bytes.fromhex("08a1b2c3"), random=True), "random"),
        (CardSeen(CardKind.OTHER, bytes.fromhex("08a1b2c3"), random=True), "random"),
        (CardSeen(CardKind.OTHER, UID), "other"),
        (CardSeen(CardKind.UNREADABLE), "turned"),
        (CardSeen(CardKind.STAFF, UID), ""),
        (None, ""),
    ],
)
def test_what_lies_there_is_shown_and_only_a_ktp_is_asked_about(card: CardSeen | None, state: str) -> None:
    journey = at_nik()
    assert lay(journey, card) == () and shown(journey) == state
    journey.type(NIK[:-1])
    found = journey.say(intents.Key(key=NIK[-1]))
    assert [type(e) for e in found] == ([CheckCard] if state == "new" else [])
    assert visit_view(journey.now, None, 0).can_next
    if state != "new":
        assert journey.say(intents.RememberCard()) == ()


@pytest.mark.parametrize("known", ["confirmed", "new"])
def test_card_and_whole_number_are_asked_about_once(known: str) -> None:
    journey = checked(known)
    assert shown(journey) == known
    assert lay(journey) == ()  # the reader's service came back, the card lay there all the time
    journey.say(intents.Key(key="back"))
    assert shown(journey) == "new"
    assert journey.say(intents.Key(key="7")) == (CheckCard(1, 2, UID, NIK[:-1] + "7"),)
    answer(journey, "confirmed", asked=1)
    assert shown(journey) == "new"  # a late answer about other digits
    assert lay(journey, None) == () and shown(journey) == ""
    answer(journey, "confirmed")
    assert shown(journey) == ""


def test_remember_and_take_it_back() -> None:
    journey = checked("new")
    assert journey.say(intents.ForgetCard()) == ()
    assert journey.say(intents.RememberCard()) == (effects.RememberCard(1, 2, UID, NIK),)
    assert journey.say(intents.RememberCard()) == ()
    answer(journey, "remembered")
    assert shown(journey) == "remembered" and journey.say(intents.RememberCard()) == ()
    assert journey.say(intents.ForgetCard()) == (effects.ForgetCard(1, 3, UID, NIK),)
    answer(journey, "new")
    assert shown(journey) == "new"


def test_a_later_visit_may_take_it_back_too() -> None:
    assert checked("confirmed").say(intents.ForgetCard()) == (effects.ForgetCard(1, 2, UID, NIK),)


def test_without_the_whole_number_nothing_is_remembered() -> None:
    journey = at_nik()
    lay(journey)
    assert journey.say(intents.RememberCard()) == ()


def test_an_answer_that_fails_or_never_comes_blocks_nothing() -> None:
    journey = checked("")
    assert shown(journey) == "" and visit_view(journey.now, None, 0).can_next
    journey = checked("new")
    journey.say(intents.RememberCard())
    answer(journey, "")
    view = visit_view(journey.now, None, 0)
    assert (shown(journey), view.blocked, view.can_next) == (
        "new",
        "The card was not remembered. Please try again.",
        True,
    )
    journey.say(intents.RememberCard())
    assert visit_view(journey.now, None, 0).blocked == ""
    journey.wait(11)
    assert visit_view(journey.now, None, 0).blocked == "The card was not remembered. Please try again."
    answer(journey, "remembered")  # later than anybody waits
    assert shown(journey) == "new"
    journey.say(intents.Next())
    assert journey.now.step is Step.FORM
    journey = at_nik()
    lay(journey)
    journey.type(NIK)
    journey.wait(11)
    assert shown(journey) == "" and visit_view(journey.now, None, 0).can_next


@pytest.mark.parametrize("word", [intents.Next(), intents.Back()])
def test_off_the_step_nothing_of_the_card_is_left(word: intents.Intent) -> None:
    journey = checked("new")
    journey.say(word)
    assert journey.now.card is None
    lay(journey)
    assert journey.now.card is None and shown(journey) == ""
    again = Journey().to(Step.NIK)
    lay(again)
    assert UID.hex() not in repr(again.now) and repr(UID)[2:-1] not in repr(again.now)


def test_back_on_the_step_the_reader_is_looked_at_again() -> None:
    journey = checked("confirmed")
    journey.say(intents.Next())
    assert journey.say(intents.Back()) == (LookAtCard(),)
    assert lay(journey) == (CheckCard(1, 2, UID, NIK),)


def test_a_card_is_no_sign_of_a_person() -> None:
    journey = at_nik()
    for _ in range(119):
        journey.wait(1)
        lay(journey, None)
        lay(journey)
    journey.wait(1)
    assert journey.visit is None
