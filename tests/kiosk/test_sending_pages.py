"""The staff's pages about sending on the reducer and the view alone: what they do, and what they say of each state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import intents
from kiosk.hands import Facts
from kiosk.ladder import Screen, screen_for
from kiosk.staff.porter import Job, Sending
from kiosk.status import Step
from kiosk.status_staff import SendingView, StaffView
from kiosk.visit import effects, events
from kiosk.visit.delays import DELAYS
from kiosk.visit.state import Kind
from offline_cache.api import Exported, Identity, LineState, Progress, QueueState, SendState, Stick, Taken
from tests.kiosk.errand import PIN, kinds, status, view
from tests.kiosk.journey import Journey
from wire.enrol import Place
from wire.faults import catalogue

PLACE = Place(village="Desa Karyamukti", district="Kec. Pataruman", regency="Kota Banjar", office="Disdukcapil")
ME = Identity("t" * 16, "KMT", PLACE)
EMPTY = QueueState(0, 0, 9, 12_000_000_000, False)
QUEUE = replace(EMPTY, queued=2, oldest="2026-11-24T01:00:00+00:00")
UP = LineState(True, "", "2026-11-24T03:00:00+00:00")
FACTS = Facts(known=True, identity=ME, queue=QUEUE, line=UP, pin_set=True)
UNTIL = "2026-11-24T04:30:00+00:00"


def opened(page: str = "send") -> Journey:
    journey = Journey(Kind.STAFF)
    journey.type(PIN)
    journey.say(intents.Next())
    journey.event(events.PinChecked(journey.at, 1, 1, "right"))
    journey.say(intents.OpenStaff(page="send"))
    if page != "send":
        journey.say(intents.OpenStaff.model_validate({"page": page}))
    return journey


def staff(facts: Facts, sending: Sending, page: str = "send") -> StaffView:
    seen = view(opened(page), facts, sending=sending).staff
    assert seen is not None
    return seen


def shown(facts: Facts, send: SendState | None = None, page: str = "send", **values: object) -> SendingView:
    seen = staff(facts, replace(Sending(send), **values), page).sending
    assert seen is not None
    return seen


def test_from_the_list_of_devices_to_the_three_pages_and_back() -> None:
    journey = opened()
    assert screen_for(status(journey)) is Screen.STAFF_SEND
    pages: tuple[tuple[str, Step, Literal["refused", "stick"]], ...] = (
        ("refused", Step.STAFF_REFUSED, "refused"),
        ("courier", Step.STAFF_COURIER, "stick"),
    )
    for page, step, more in pages:
        found = journey.say(intents.OpenStaff.model_validate({"page": page}))
        assert (journey.now.step, found) == (step, (effects.LookAtSending(more),))
        assert journey.wait(1) == (effects.LookAtSending(more),)
        left = kinds(journey.say(intents.Back()))
        assert (journey.now.step, left) == (Step.STAFF_SEND, ["ForgetCourier"] if page == "courier" else [])
    journey.say(intents.Back())
    assert journey.now.step is Step.STAFF_HOME and journey.wait(1) == (effects.LookAtSending(),)
    journey.say(intents.OpenStaff(page="courier"))
    assert journey.now.step is Step.STAFF_HOME  # only by way of the overview


def test_each_act_is_one_effect_on_its_own_page_alone() -> None:
    acts = {
        "send": [
            (intents.Hold(on=True), effects.HoldSending(1, True)),
            (intents.Hold(on=False), effects.HoldSending(1, False)),
            (intents.TryLine(), effects.TryLine(1)),
        ],
        "refused": [(intents.SendAgain(), effects.SendAgain(1))],
        "courier": [
            (intents.Courier(act="export"), effects.RunCourier("export")),
            (intents.Courier(act="take"), effects.RunCourier("take")),
        ],
    }
    for page in acts:
        journey = opened(page)
        for other, pairs in acts.items():
            for word, effect in pairs:
                assert journey.say(word) == ((effect,) if other == page else ())


def test_what_did_not_work_is_said_until_the_next_word() -> None:
    journey = opened()
    journey.event(events.SendingFailed(journey.at, 2, "cache_broken"))  # of an earlier visit
    assert view(journey).blocked == ""
    journey.event(events.SendingFailed(journey.at, 1, "cache_broken"))
    assert view(journey).blocked == catalogue()["cache_broken"].staff
    journey.event(events.SendingFailed(journey.at, 1, ""))
    assert view(journey).blocked == "It did not work. Please try again."
    journey.say(intents.TryLine())
    assert view(journey).blocked == ""


def test_silence_closes_the_page_and_stops_no_copy() -> None:
    journey = opened("courier")
    journey.say(intents.Courier(act="export"))
    assert kinds(journey.wait(DELAYS.idle + DELAYS.warning + 1)) == ["Leave"]
    assert journey.visit is None


STATES: list[tuple[str, Facts, SendState]] = [
    ("clear", replace(FACTS, queue=EMPTY), SendState()),
    ("clear", replace(FACTS, queue=EMPTY), SendState("quiet", UNTIL)),
    ("refused", replace(FACTS, queue=replace(EMPTY, quarantined=1)), SendState()),
    ("waiting", FACTS, SendState()),
    ("sending", FACTS, SendState(progress=Progress("KMT-1-B", 500, 1500, 100.0))),
    ("quiet", FACTS, SendState("quiet", UNTIL)),
    ("budget", FACTS, SendState("budget", UNTIL, sent_today=20, budget=20)),
    ("down", replace(FACTS, line=LineState(False, "portal")), SendState("quiet", UNTIL)),
    ("down", replace(FACTS, line=None), SendState()),
    ("paused", replace(FACTS, line=LineState(False, "portal")), SendState("paused", paused_at=UNTIL)),
    ("paused", replace(FACTS, queue=EMPTY), SendState("paused", paused_at=UNTIL)),
    ("revoked", replace(FACTS, identity=replace(ME, revoked=True)), SendState("paused")),
    ("not_enrolled", replace(FACTS, identity=None), SendState()),
    ("broken", Facts(known=True, fault="cache_broken"), SendState()),
    ("broken", replace(FACTS, queue=None), SendState()),
]


@pytest.mark.parametrize(("state", "facts", "send"), STATES)
def test_the_most_urgent_reason_is_told(state: str, facts: Facts, send: SendState) -> None:
    seen = shown(facts, send)
    assert seen.state == state
    assert bool(seen.at) == (state in ("paused", "quiet", "budget"))
    assert bool(seen.why) == (state in ("down", "broken"))
    assert (seen.left_s, seen.number) == ((10, "KMT-1-B") if state == "sending" else (0, ""))


def test_a_queue_that_cannot_be_read_is_not_shown_as_empty() -> None:
    seen = staff(Facts(known=True, fault="cache_broken"), Sending())
    assert seen.fault == catalogue()["cache_broken"].staff
    assert staff(FACTS, Sending()).fault == ""
    assert shown(replace(FACTS, queue=replace(QUEUE, full=True))).full


def test_home_names_the_switch_always_and_hours_only_while_something_waits() -> None:
    for queue, held, badge in (
        (EMPTY, "paused", "paused"),
        (EMPTY, "quiet", ""),
        (QUEUE, "quiet", "quiet"),
        (QUEUE, "budget", "budget"),
        (QUEUE, "", ""),
    ):
        assert staff(replace(FACTS, queue=queue), Sending(SendState(held))).held == badge


def test_residents_hear_nothing_of_it() -> None:
    told = status(Journey(), FACTS, sending=Sending(SendState("paused"))).model_dump_json()
    assert "paused" not in told
    assert not {"staff", "queued"} & {name for name, value in status(Journey(), FACTS).visit or () if value}


def test_what_was_refused_is_listed_page_by_page_in_plain_words() -> None:
    problems = ("urn:adm:problem:conflict", "part-lost", "part-damaged", "unknown-part", "urn:adm:problem:new", "")
    refused = tuple((f"KMT-{at}-B", problem) for at, problem in enumerate(problems))
    first = shown(FACTS, page="refused", refused=refused)
    assert (first.page, first.pages) == (0, 2)
    assert [why for _, why in first.refused] == [
        "Its sequence is taken.",
        "A page is missing here.",
        "A page is damaged here.",
        "An unknown page is asked for.",
        "The office refused it.",
    ]
    journey = opened("refused")
    journey.say(intents.TurnPage(by=1))
    seen = view(journey, FACTS, sending=Sending(refused=refused)).staff
    assert seen and seen.sending and seen.sending.refused == (("KMT-5-B", "The office refused it."),)


def test_the_couriers_end_is_told_whole() -> None:
    stick = Stick(Path("/run/adm/sticks/a"), 7_800_000_000, 2)
    done = Job("export", "done", 1.0, exported=Exported(12, 31_000_000, ("KMT-1",), 3))
    seen = shown(FACTS, page="courier", stick=stick, job=done).courier
    assert (seen.stick, seen.free, seen.receipts) == (True, 7_800_000_000, 2)
    assert (seen.submissions, seen.bytes, seen.volumes, seen.left) == (12, 31_000_000, 1, 3)
    taken = Job("take", "done", 1.0, taken=Taken(5, 1, (("x.resi", "The file is not whole."),)))
    seen = shown(FACTS, page="courier", job=taken).courier
    assert (seen.received, seen.quarantined, seen.refused) == (5, 1, (("x.resi", "The file is not whole."),))
    for share, words in ((0.0, catalogue()["stick_missing"].staff), (0.4, "The stick was pulled out too early.")):
        failed = Job("export", "failed", share, fault="stick_missing")
        assert shown(FACTS, page="courier", job=failed).courier.fault.startswith(words)
    assert shown(FACTS, page="courier", job=Job("take", "failed")).courier.fault


@given(
    problem=st.text(max_size=40), held=st.text(max_size=8), guard=st.text(max_size=8),
    sent=st.integers(0, 10**12), total=st.integers(0, 10**12), rate=st.floats(0, 1e12),
)  # fmt: skip
def test_whatever_the_cache_says_is_shown(
    problem: str, held: str, guard: str, sent: int, total: int, rate: float
) -> None:
    send = SendState(held, problem, problem, Progress(problem, sent, total, rate))
    seen = shown(FACTS, send, "refused", protection=guard, refused=((problem, problem),))
    assert SendingView.model_validate_json(seen.model_dump_json()) == seen and seen.left_s >= 0
