"""The staff's tests, the slip of papers and the locations against real drivers and virtual devices."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.card.reader import PcscReader
from drivers.virtual.receipt_png import render
from kiosk import intents, slip
from kiosk.controller import Controller
from kiosk.ladder import Screen
from kiosk.link import MemoryLink
from kiosk.parts import Parts
from kiosk.staff import office, paper, touch
from kiosk.status import KioskStatus, Step
from kiosk.status_staff import StaffView, TrialView
from tests.drivers.conftest import until
from tests.kiosk.equipped import Equipped
from tests.kiosk.terminal import EMPTY
from tests.kiosk.terminal import paper as letter
from wire.number import Number
from wire.places import Opening, Places, Spot
from wire.service import catalogue

PIN = "271828"
UID = bytes.fromhex("04c0ffee10203a")
PAPER = letter()
DISTRICT = "Kec. Pataruman"
ALWAYS = (Opening(days=(0, 1, 2, 3, 4, 5, 6), opens="00:00", closes="23:59"),)


@pytest.fixture(scope="module")
def running() -> Iterator[Equipped]:
    """One terminal for the module, with a PIN and a list of terminals."""
    with tempfile.TemporaryDirectory(prefix="adm-staff-") as folder, Equipped(Path(folder)) as terminal:
        terminal.cache.set_pin(PIN)
        terminal.controller.changed()
        terminal.ready("printer", "camera", "scanner", "card", "code")
        yield terminal


@pytest.fixture
def terminal(running: Equipped) -> Iterator[Equipped]:
    """The terminal on its home screen, nothing laid anywhere."""
    running.shows(Screen.HOME)
    yield running
    running.say(intents.End(), intents.Cancel())
    running.escl("set", slow=0)
    running.escl("clear")
    running.reader("remove")
    running.mat.lay(EMPTY)
    running.twin("set", cover=False)
    running.ready("printer", "scanner", "card")
    running.shows(Screen.HOME)


def staff(status: KioskStatus) -> StaffView:
    assert status.visit is not None and status.visit.staff is not None
    return status.visit.staff


def sign_in(terminal: Equipped) -> StaffView:
    terminal.say(intents.Start(kind="staff"), *(intents.Key(key=key) for key in PIN), intents.Next())
    return staff(terminal.shows(Screen.STAFF_HOME))


def state_of(status: KioskStatus) -> tuple[str, str]:
    trial = status.visit.staff.trial if status.visit and status.visit.staff else None
    return (trial.role, trial.state) if trial else ("", "")


def begin(terminal: Equipped, role: str) -> None:
    before = len(terminal.statuses)
    terminal.say(intents.TestDevice(role=role))
    terminal.until(lambda _: any(state_of(status) == (role, "running") for status in terminal.statuses[before:]))


def ended(terminal: Equipped, *states: str, limit: float = 20) -> TrialView:
    """Wait for the end of a test."""
    trial = staff(terminal.until(lambda s: state_of(s)[1] in (states or ("passed", "failed")), limit)).trial
    assert trial is not None
    return trial


def run(terminal: Equipped, role: str, limit: float = 20) -> TrialView:
    begin(terminal, role)
    return ended(terminal, limit=limit)


def rows(trial: TrialView) -> dict[str, tuple[str, str]]:
    return {name: (value, mark) for name, value, mark in trial.results}


def row(terminal: Equipped, role: str) -> Any:
    """The device on the list, once it shows a test."""
    terminal.say(intents.Back())

    def found(status: KioskStatus) -> Any:
        views = staff(status).devices if status.visit and status.visit.staff else ()
        return next((view for view in views if view.role == role and view.tested), None)

    return found(terminal.until(found))


def test_pins_right_and_wrong(terminal: Equipped, capfd: pytest.CaptureFixture[str]) -> None:
    before = len(terminal.statuses)
    terminal.say(intents.Start(kind="staff"), *(intents.Key(key=key) for key in "314159"), intents.Next())
    terminal.until(lambda s: s.visit and s.visit.staff and s.visit.staff.pin == "wrong")
    terminal.say(*(intents.Key(key=key) for key in PIN), intents.Next())
    roles = [view.role for view in staff(terminal.shows(Screen.STAFF_HOME)).devices]
    assert sorted(roles) == ["camera", "capture", "card", "code", "line", "printer", "queue", "scanner"]
    terminal.say(intents.End())
    terminal.shows(Screen.HOME)
    out = "".join(capfd.readouterr())
    assert "staff_refused" in out and "staff_signed_in" in out
    for text in (out, *(status.model_dump_json() for status in terminal.statuses[before:])):
        assert PIN not in text and "314159" not in text


def test_the_test_slip_is_printed_asked_about_recorded_and_reported(terminal: Equipped) -> None:
    sign_in(terminal)
    jobs = len(terminal.jobs())
    begin(terminal, "printer")
    trial = ended(terminal, "asking")
    assert trial.ask == "Can you read it?" and rows(trial)["The printer confirmed it"][1] == "ok"
    (job,) = terminal.jobs()[jobs:]
    assert b"TES PRINTER" in job and render(job).height > 800
    terminal.say(intents.TestAnswer(yes=False))
    assert rows(ended(terminal, "failed"))["Can you read it?"] == ("No", "bad")
    listed = row(terminal, "printer")
    assert listed.passed is False
    (kept,) = [record for record in terminal.cache.trials() if record.role == "printer"]
    assert (kept.at, kept.passed, kept.results[-1]) == (listed.tested, False, ("Can you read it?", "No", "bad"))
    (report,) = [report for report in terminal.controller.reports() if report.role == "printer"]
    assert (report.tested, report.passed) == (kept.at, False)
    terminal.cache.sync_now()
    terminal.until(lambda _: any(device.tested == kept.at for beat in terminal.office.beats for device in beat.devices))


def test_a_printer_that_cannot_says_why(terminal: Equipped) -> None:
    sign_in(terminal)
    terminal.twin("set", cover=True)
    terminal.until(lambda s: (device := s.device("printer")) and not device.usable)
    assert "Close the printer cover." in rows(run(terminal, "printer"))


def test_a_page_before_the_camera_is_measured(terminal: Equipped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "CAMERA_S", 3.0)
    sign_in(terminal)
    trial = run(terminal, "camera")
    assert trial.state == "failed" and rows(trial)["A page was found"] == ("No", "bad") and trial.image
    terminal.mat.lay(PAPER)
    monkeypatch.setattr(paper, "CAMERA_S", 15.0)
    trial = run(terminal, "camera")
    found = rows(trial)
    assert trial.state == "passed" and trial.image
    assert all(found[name][1] == "ok" for name in ("A page was found", "Blur of the edges", "Light", "Reflected light"))
    assert 60 < int(found["Dots an inch"][0]) < 200 and found["Light"][0].endswith("(≥ 70)")
    assert row(terminal, "camera").passed is True


def test_a_page_through_the_scanner_is_measured_and_a_scan_is_stopped(terminal: Equipped) -> None:
    sign_in(terminal)
    terminal.escl("lay", paper="f102", skew=1.0)
    before = len(terminal.statuses)
    trial = run(terminal, "scanner", 40)
    found = rows(trial)
    assert trial.state == "passed" and trial.image, trial.results
    assert found["Dots an inch"][0] == "200" and found["Scanned in"][0].endswith(" s")
    assert 0.5 < float(found["Slant of the sheet"][0].rstrip("°").replace(",", ".")) < 1.5
    told = [status for status in terminal.statuses[before:] if state_of(status) == ("scanner", "running")]
    shares = [trial.progress for status in told if (trial := staff(status).trial)]
    assert shares == sorted(shares) and len({*shares}) > 2
    terminal.escl("set", slow=8)
    begin(terminal, "scanner")
    terminal.until(lambda s: (device := s.device("scanner")) and device.phase == "busy")
    began = time.monotonic()
    terminal.say(intents.Back())
    terminal.shows(Screen.STAFF_HOME)
    terminal.until(lambda s: (device := s.device("scanner")) and device.phase == "ready")
    assert time.monotonic() - began < 8


def test_a_card_and_a_code_are_told_without_what_they_hold(
    terminal: Equipped, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sign_in(terminal)
    before = len(terminal.statuses)
    begin(terminal, "card")
    terminal.reader("insert", kind="ktp", uid=UID.hex())
    assert rows(ended(terminal)) == {"Kind of card": ("KTP-el", "ok"), "The card answers": ("Yes", "ok")}
    text = str(Number("KMT", 77))
    for shown, kind in ((text, "Application number"), ("https://example.org/secret", "Another code")):
        begin(terminal, "code")
        terminal.until(lambda s: (t := staff(s).trial) and t.left_s)
        terminal.wand("show", text=shown)
        assert rows(ended(terminal)) == {
            "Characters read": (str(len(shown)), "ok"),
            "Kind of code": (kind, ""),
        }
    monkeypatch.setattr(touch, "WAIT_S", 0.5)
    terminal.reader("insert", kind="mute")
    reader = terminal.devices[-2]
    assert isinstance(reader, PcscReader)
    terminal.until(lambda _: (seen := reader.card()) and seen.kind == "unreadable")
    assert rows(run(terminal, "card"))["The card answers"] == ("No", "bad")
    terminal.reader("remove")
    terminal.until(lambda _: reader.card() is None)
    assert rows(run(terminal, "card"))["A card came"] == ("No", "bad")
    assert rows(run(terminal, "code"))["A code came"] == ("No", "bad")
    kept = repr(terminal.cache.trials())
    out = "".join(capfd.readouterr())
    for told in (kept, out, *(status.model_dump_json() for status in terminal.statuses[before:])):
        for secret in (text, "secret", UID.hex(), repr(UID)[2:-1]):
            assert secret not in told


def test_the_line_and_the_queue(terminal: Equipped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "LINE_S", 3.0)
    terminal.until(lambda s: s.line.online)
    sign_in(terminal)
    beats = len(terminal.office.beats)
    trial = run(terminal, "line")
    assert trial.state == "passed" and rows(trial)["The office answers"] == ("Yes", "ok")
    assert len(terminal.office.beats) > beats
    trial = run(terminal, "queue")
    assert (trial.state, rows(trial)["Waiting to be sent"]) == ("passed", ("0", ""))
    assert rows(trial)["Free on the disk"][0].endswith(" GB")


def test_the_list_of_papers_comes_out_of_the_printer(terminal: Equipped, capfd: pytest.CaptureFixture[str]) -> None:
    jobs = len(terminal.jobs())
    terminal.say(intents.SetLanguage(language="en"), intents.Start(kind="browse"))
    terminal.shows(Screen.BROWSE)
    terminal.say(intents.ChooseService(code="KK-HILANG-RUSAK"), intents.Answer(question="why", answer="damaged"))
    status = terminal.until(lambda s: s.visit and s.visit.slip_text)
    terminal.say(intents.PrintSlip())
    terminal.until(lambda s: s.visit and s.visit.slip == "done")
    (job,) = terminal.jobs()[jobs:]
    assert status.visit is not None
    assert status.visit.slip_text == slip.text(catalogue()["KK-HILANG-RUSAK"], {"why": "damaged"}, "en")
    assert status.visit.slip_text.encode() in job and b"Damaged family card" in job
    terminal.say(intents.Apply())
    terminal.shows(Screen.PRIVACY)
    assert "slip_printed" in "".join(capfd.readouterr())


def test_the_locations_come_from_the_last_sync(terminal: Equipped) -> None:
    code = terminal.status.code
    here = Spot(code=code, village="Karyamukti", district=DISTRICT, opening=ALWAYS, lat=-7_400_000, lng=108_600_000)
    other = Spot(code="ZZZ", village="Mulyasari", district=DISTRICT, opening=ALWAYS, working="down")
    terminal.office.places = Places(as_of="2026-11-24T03:20:00+00:00", spots=(here, other))
    terminal.cache.sync_now()
    terminal.say(intents.Start(kind="locations"))
    status = terminal.until(lambda s: s.visit and s.visit.places and s.visit.places.spots)
    assert status.visit is not None and status.visit.places is not None
    view = status.visit.places
    assert (view.group, view.groups) == (DISTRICT, ((DISTRICT, 2),))
    assert [(spot.code, spot.state) for spot in view.spots] == [(code, "open"), ("ZZZ", "closed")]
    assert [spot.here for spot in view.spots] == [True, False]
    assert dt.datetime.fromisoformat(view.as_of).tzinfo is not None
    assert terminal.until(lambda s: s.place.village == "Karyamukti").place.hours  # its own hours follow the list


def test_a_closed_terminal_lets_staff_in_and_nobody_else(terminal: Equipped) -> None:
    statuses: list[KioskStatus] = []
    link = MemoryLink()
    link.on_status(statuses.append)
    controller = Controller(link, Parts(terminal.capture, owner="test-staff"))
    controller.start()
    until(lambda: statuses and statuses[-1].closed == ("cache_broken",))
    for word in (intents.Start(kind="apply"), intents.Start(kind="browse"), intents.Start(kind="locations")):
        link.send(word)
    link.send(intents.Start(kind="staff"))
    until(lambda: statuses[-1].visit and statuses[-1].visit.step is Step.STAFF_PIN)
    for word in (*(intents.Key(key=key) for key in PIN), intents.Next()):
        link.send(word)
    until(lambda: statuses[-1].visit and statuses[-1].visit.blocked)  # without a cache nobody can say
    controller.stop()
    assert {status.visit.kind for status in statuses if status.visit} == {"staff"}
