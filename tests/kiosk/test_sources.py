"""The reducer where pages come from: the scanner's way, the choice between two devices, what stops a scan."""

from __future__ import annotations

import pytest

from kiosk import intents
from kiosk.status import Step
from kiosk.view import visit_view
from kiosk.visit import effects, events
from kiosk.visit.effects import ScanPage, SetCamera, StopScan
from kiosk.visit.state import Sight
from tests.kiosk.journey import Journey, judged

CAMERA, SCANNER = intents.ChooseSource(source="camera"), intents.ChooseSource(source="scanner")
BOTH = ("camera", "scanner")


def at_scan(*sources: str) -> Journey:
    """A visit on the scan step of a terminal that has these."""
    return Journey(sources=sources).to(Step.SCAN)


def scanning(*sources: str) -> Journey:
    """A visit whose first scan runs."""
    journey = at_scan(*sources or ("scanner",))
    journey.say(SCANNER)
    assert journey.say(intents.Shutter()) == (ScanPage(journey.now.draft, 1, "f102", 1, "a4"),)
    return journey


def test_the_whole_way_with_the_scanner_alone_never_uses_the_camera() -> None:
    journey = Journey(sources=("scanner",)).to(Step.DONE)
    assert [e.page for e in journey.done if isinstance(e, ScanPage)] == [1, 2, 1, 1]
    assert not [e for e in journey.done if isinstance(e, effects.JudgePage | SetCamera | StopScan)]


def test_with_two_devices_the_resident_chooses_and_changes() -> None:
    journey = at_scan(*BOTH)
    view = visit_view(journey.now, None, 0)
    assert (view.sources, view.source) == (BOTH, "")
    assert journey.say(intents.Shutter()) == () and journey.now.sight() is Sight.OFF
    assert journey.say(CAMERA) == (SetCamera(Sight.PAGE),)
    assert journey.say(SCANNER) == (SetCamera(Sight.OFF),)
    assert visit_view(journey.now, None, 0).source == "scanner"
    assert journey.event(events.PageFired(journey.at, journey.now.draft, b"late")) == ()
    journey.keep()
    assert journey.now.source == "scanner"  # and stays so for the next page
    journey.say(CAMERA)
    journey.keep()
    assert [type(e).__name__ for e in journey.done if isinstance(e, ScanPage | effects.JudgePage)] == [
        "ScanPage",
        "JudgePage",
    ]


def test_a_device_that_is_not_there_or_busy_is_not_chosen() -> None:
    journey = at_scan("camera")
    assert journey.say(SCANNER) == () and journey.now.source == "camera"
    journey = scanning(*BOTH)
    assert journey.say(CAMERA) == () and journey.now.source == "scanner" and journey.now.capturing
    elsewhere = Journey(sources=BOTH).to(Step.NIK)
    elsewhere.say(SCANNER)
    assert elsewhere.now.source == ""


def test_another_device_drops_a_page_that_was_not_kept() -> None:
    journey = scanning(*BOTH)
    journey.event(judged(journey.at, journey.now.draft, 1, ok=False, reason="blank"))
    assert journey.say(CAMERA) == (SetCamera(Sight.PAGE),)
    assert journey.now.judged is None and journey.now.source == "camera"


def test_no_device_at_all_takes_nothing() -> None:
    journey = at_scan()
    assert journey.say(intents.Shutter()) == () and journey.now.sight() is Sight.OFF


def test_progress_grows_and_is_gone_with_the_scan() -> None:
    journey = scanning()
    for share, seen in ((0.2, 0.2), (0.1, 0.2), (float("nan"), 0.2), (7.0, 1.0)):
        journey.event(events.ScanMoved(journey.at, journey.now.draft, 1, share))
        view = visit_view(journey.now, None, 0, feeder=True)
        assert (view.progress, view.capturing, view.feeder) == (seen, True, True)
    journey.event(judged(journey.at, journey.now.draft, 1))
    assert visit_view(journey.now, None, 0).progress == 0
    journey.say(intents.Retake())
    assert journey.now.target() is not None and journey.now.source == "scanner"
    journey.say(intents.Shutter())
    journey.event(events.ScanMoved(journey.at, journey.now.draft, 1, 0.9))  # of the scan before
    assert visit_view(journey.now, None, 0).progress == 0


def test_stop_ends_the_scan_without_a_complaint() -> None:
    journey = scanning()
    assert journey.say(intents.StopScan()) == (StopScan(journey.now.draft, 1),)
    view = visit_view(journey.now, None, 0)
    assert (view.capturing, view.step) == (False, Step.SCAN)
    assert visit_view(journey.now, None, 0).blocked == ""
    journey.event(judged(journey.at, journey.now.draft, 1))
    assert journey.now.judged is None
    assert journey.say(intents.StopScan()) == ()
    assert journey.say(intents.Shutter()) == (ScanPage(journey.now.draft, 2, "f102", 1, "a4"),)
    journey.event(events.CaptureFailed(journey.at, journey.now.draft, 2, ""))  # somebody else stopped it
    assert not journey.now.capturing and visit_view(journey.now, None, 0).blocked == ""


@pytest.mark.parametrize("word", [intents.Back(), intents.Cancel()])
def test_whoever_leaves_stops_the_scan(word: intents.Intent) -> None:
    journey = scanning()
    draft = journey.now.draft
    assert journey.say(word)[0] == StopScan(draft, 1)
    assert journey.visit is None or journey.visit.step is Step.FORM


def test_stop_does_not_concern_the_camera() -> None:
    journey = at_scan("camera")
    journey.say(intents.Shutter())
    assert journey.say(intents.StopScan()) == () and journey.now.capturing


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("scanner_jammed", "A sheet is stuck in the scanner."),
        ("scanner_no_paper", "Put the paper in the scanner."),
        ("capture_stopped", "The page cannot be checked right now."),
    ],
)
def test_a_fault_is_told_and_the_next_scan_clears_it(fault: str, words: str) -> None:
    journey = scanning()
    journey.event(judged(journey.at, journey.now.draft, 1))
    journey.say(intents.Keep())
    journey.event(events.PageSealed(journey.at, journey.now.draft, "f102", 1))
    journey.say(intents.Shutter())
    assert journey.event(events.CaptureFailed(journey.at, journey.now.draft, 2, fault)) == ()
    view = visit_view(journey.now, None, 0)
    assert (view.blocked, view.capturing, [s.state for s in view.slots]) == (
        words,
        False,
        ["done", "now", *["next"] * 2],
    )
    journey.say(intents.Shutter())
    assert visit_view(journey.now, None, 0).blocked == ""


def test_a_long_scan_is_no_silence_and_has_a_limit() -> None:
    journey = scanning()
    assert journey.wait(180) == () and journey.now.warned == 0 and journey.now.capturing
    assert journey.wait(1) == (StopScan(journey.now.draft, 1),)
    assert not journey.now.capturing and visit_view(journey.now, None, 0).blocked == "No answer came. Please try again."
    journey.wait(120)
    assert journey.visit is None
