"""Whole visits on the in-memory link: real disk, real HTTP, a real printer driver, a real camera and capture child."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from kiosk import intents
from kiosk.ladder import Screen
from kiosk.status import Step
from kiosk.visit.delays import DELAYS
from tests.kiosk.journey import ANSWERS, NIK
from tests.kiosk.terminal import Terminal, paper

PAPER = paper()


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A running, enrolled terminal."""
    with Terminal(tmp_path) as terminal:
        terminal.shows(Screen.HOME)
        yield terminal


def scan(terminal: Terminal) -> None:
    """The first side lies still and fires; the others by the shutter."""
    terminal.until(lambda s: s.visit and s.visit.live and s.visit.live.seq and not s.visit.live.corners)
    terminal.mat.lay(PAPER)
    terminal.shows(Screen.PAGE_KEPT, 20)
    terminal.say(intents.Keep())
    shoot(terminal, 1)


def shoot(terminal: Terminal, first: int = 0) -> None:
    """The sides that are left by the shutter alone, one paper for all."""
    terminal.mat.lay(PAPER)
    for side in range(first, 4):
        terminal.until(lambda s, side=side: s.visit and [v.state for v in s.visit.slots].count("done") == side)
        terminal.until(lambda s: s.visit and (s.visit.judged or (s.visit.live and s.visit.live.corners)))
        terminal.say(intents.Shutter())
        terminal.shows(Screen.PAGE_KEPT, 20)
        terminal.say(intents.Keep())
    terminal.shows(Screen.REVIEW)


def send(terminal: Terminal, pages: Callable[[Terminal], None] = shoot, **flags: int) -> str:
    terminal.to_scan()
    pages(terminal)
    if flags:  # now, for they count every byte, those of the polls before too
        terminal.twin("set", **flags)
    terminal.say(intents.Send())
    visit = terminal.until(lambda s: s.visit and s.visit.number, 10).visit
    assert visit is not None
    return visit.number


def shared(terminal: Terminal) -> list[str]:
    return [path.name for path in Path("/dev/shm").glob(f"adm-test-{terminal.folder.name[-12:]}*")]


def test_a_whole_visit_then_its_status(terminal: Terminal) -> None:
    number = send(terminal, scan)
    status = terminal.shows(Screen.DONE)
    assert status.visit is not None and status.visit.receipt is not None
    assert status.visit.receipt.state == "done"
    (job,) = terminal.jobs()
    assert number.encode() in job
    for secret in (NIK, *ANSWERS.values()):
        assert secret.encode() not in job
    terminal.until(lambda _: terminal.office.numbers() == [number], 15)
    (submission,) = terminal.office.receipts
    form = terminal.office.open_form(submission)
    assert (form.nik, form.fields, form.number) == (NIK, ANSWERS, number)
    pages = terminal.office.open_pages(submission)
    assert len(pages) == 4 and all(page[:3] == b"\xff\xd8\xff" for page in pages)
    terminal.say(intents.NextTextSize(), intents.ToggleContrast(), intents.SetLanguage(language="en"), intents.End())
    home = terminal.shows(Screen.HOME)
    assert (home.language, home.text_step, home.contrast, home.last_number) == ("id", 0, False, "")
    terminal.until(lambda _: terminal.cache.last_shown() is None)
    assert not shared(terminal)

    terminal.say(intents.Start(kind="status"))
    terminal.shows(Screen.STATUS_NUMBER)
    terminal.type(number)
    terminal.shows(Screen.STATUS_NIK)
    terminal.type(NIK)
    found = terminal.shows(Screen.STATUS_RESULT)
    assert found.visit is not None and found.visit.trail is not None
    assert found.visit.trail.number == number


def test_revisions_grow_and_no_status_comes_twice(terminal: Terminal) -> None:
    terminal.to_scan()
    terminal.say(intents.Cancel())
    terminal.shows(Screen.HOME)
    revs = [status.rev for status in terminal.statuses]
    assert revs == sorted(set(revs))
    plain = [status.model_copy(update={"rev": 0}) for status in terminal.statuses]
    assert all(a != b for a, b in pairwise(plain))


def test_the_live_picture_is_whole_and_goes_with_the_visit(terminal: Terminal) -> None:
    terminal.to_scan()
    terminal.mat.lay(paper(tilt=0))
    status = terminal.until(lambda s: s.visit and s.visit.live and s.visit.live.corners, 15)
    assert status.visit is not None and status.visit.live is not None
    live = status.visit.live
    picture = Path("/dev/shm", live.shm).read_bytes()
    assert len(picture) == live.width * live.height * 3
    x, y = (round(sum(corner[i] for corner in live.corners) / 4) for i in (0, 1))
    inside, outside = (picture[(row * live.width + column) * 3] for column, row in ((x, y), (10, live.height // 2)))
    assert inside > 120 > outside
    assert Path("/dev/shm", live.shm).stat().st_mode & 0o777 == 0o600
    terminal.say(intents.Cancel())
    terminal.shows(Screen.HOME)
    terminal.until(lambda _: not shared(terminal))


def test_paper_out_then_refilled(terminal: Terminal) -> None:
    terminal.twin("set", paper_out=True)
    terminal.until(lambda s: (printer := s.device("printer")) and "printer_paper_out" in printer.faults)
    number = send(terminal)
    status = terminal.shows(Screen.NO_RECEIPT)
    assert status.visit is not None and status.visit.number == number
    assert status.visit.receipt is not None and "printer_paper_out" in status.visit.receipt.faults
    terminal.twin("set", paper_out=False)
    terminal.until(lambda s: (printer := s.device("printer")) and printer.usable)
    terminal.say(*[intents.Reprint()] * 10)
    terminal.shows(Screen.DONE)
    assert len(terminal.jobs()) == 1
    terminal.say(intents.End())
    terminal.shows(Screen.HOME)


def test_unfinished_receipt_shows_its_number_alone_then_goes(tmp_path: Path) -> None:
    with Terminal(tmp_path, delays=replace(DELAYS, done=0.5, warning=1.0, last_number=3.0)) as terminal:
        terminal.twin("set", paper_out=True)
        number = send(terminal)
        terminal.shows(Screen.NO_RECEIPT)
        terminal.shows(Screen.TIMEOUT)
        status = terminal.shows(Screen.LAST_NUMBER)
        assert status.last_number == number and status.visit is None
        terminal.shows(Screen.HOME)
        terminal.until(lambda _: terminal.cache.last_shown() is None)


def test_a_station_that_ends_in_a_visit_wipes_it_and_shows_a_sent_number(terminal: Terminal) -> None:
    terminal.to_scan()
    terminal.mat.lay(PAPER)
    terminal.shows(Screen.PAGE_KEPT, 20)
    terminal.say(intents.Keep())
    terminal.until(lambda s: s.visit and s.visit.slots[0].state == "done")
    assert list((terminal.folder / "data" / "parts").rglob("*"))
    terminal.stop()
    assert not [path for path in (terminal.folder / "data" / "parts").rglob("*") if path.is_file()]
    assert not shared(terminal)
    terminal.start()
    terminal.shows(Screen.HOME)
    terminal.twin("set", paper_out=True)
    number = send(terminal)
    terminal.shows(Screen.NO_RECEIPT)
    terminal.stop()
    terminal.start()
    assert terminal.until(lambda s: s.ready and s.last_number).last_number == number
    terminal.say(intents.End())
    terminal.shows(Screen.HOME)


def test_silence_warns_and_wipes(tmp_path: Path) -> None:
    with Terminal(tmp_path, delays=replace(DELAYS, idle=1.0, warning=2.0)) as terminal:
        terminal.shows(Screen.HOME)
        terminal.say(intents.SetLanguage(language="en"), intents.Start(kind="apply"))
        terminal.shows(Screen.SERVICES)
        assert terminal.shows(Screen.TIMEOUT).timeout_s in (1, 2)
        terminal.say(intents.Stay())
        terminal.shows(Screen.SERVICES)
        terminal.shows(Screen.TIMEOUT)
        assert terminal.shows(Screen.HOME).language == "id"


def test_a_camera_that_goes_away_shows_on_the_scan_step(terminal: Terminal) -> None:
    terminal.to_scan()
    terminal.shows(Screen.SCAN)
    terminal.camera.stop()
    terminal.until(lambda s: (camera := s.device("camera")) and not camera.usable)
    terminal.shows(Screen.CAMERA_OUT)
    assert terminal.status.devices[0].role == "camera"


def test_a_terminal_that_is_not_enrolled_is_closed(tmp_path: Path) -> None:
    with Terminal(tmp_path) as running:
        running.stop()
        running.folder = tmp_path / "other"
        running.start(enrol=False)
        assert running.until(lambda s: s.closed).closed == ("not_enrolled",)
        running.say(intents.Start(kind="apply"))
        running.say(intents.CallOfficer())
        assert running.until(lambda s: s.officer_called).visit is None


def test_words_that_do_not_fit_change_nothing(terminal: Terminal) -> None:
    terminal.say(intents.Keep(), intents.Send(), intents.End(), intents.Next(), intents.SetLanguage(language="xx"))
    terminal.say(intents.Start(kind="apply"))
    status = terminal.shows(Screen.SERVICES)
    assert status.visit is not None and status.visit.step is Step.SERVICE and status.language == "id"


def test_a_doubtful_receipt_asks_and_a_refill_answers(terminal: Terminal) -> None:
    number = send(terminal, paper_out_after=600)
    status = terminal.shows(Screen.RECEIPT_ASK)
    assert status.visit is not None and status.visit.number == number
    terminal.twin("set", paper_out=False, paper_out_after=None)
    terminal.shows(Screen.DONE)
    assert len(terminal.jobs()) == 1


def test_a_receipt_that_did_not_come_is_printed_as_a_copy(terminal: Terminal) -> None:
    send(terminal, hang_up_after=600)
    terminal.shows(Screen.RECEIPT_ASK)
    terminal.twin("set", hang_up_after=None)
    terminal.until(lambda s: (printer := s.device("printer")) and printer.usable)
    terminal.say(intents.ReceiptCame(yes=False))
    status = terminal.shows(Screen.DONE)
    assert status.visit is not None and status.visit.receipt is not None
    assert status.visit.receipt.copies == 1
    assert b"SALINAN" in terminal.jobs()[-1]
