"""Scanner, card reader and code scanner in a visit: real SANE, PC/SC and serial lines against virtual devices."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drivers.code.serial import SerialCodeReader
from drivers.contract import CardSeen, ScanResult
from drivers.scanner.scanner import SaneScanner
from drivers.virtual.twin import Twin
from kiosk import intents
from kiosk.capture.types import Verdict
from kiosk.controller import Controller
from kiosk.ladder import Screen
from kiosk.link import MemoryLink
from kiosk.parts import Parts
from kiosk.status import KioskStatus, Step
from kiosk.visit.events import CardAnswered, PageJudged
from kiosk.visit.state import Card, Judged
from tests.drivers.conftest import until
from tests.kiosk.equipped import SOON, Equipped
from tests.kiosk.journey import NIK
from wire.number import Number

UID = bytes.fromhex("04c0ffee10203a")
SCANNER = intents.ChooseSource(source="scanner")


@pytest.fixture(scope="module")
def running() -> Iterator[Equipped]:
    """One terminal for the module: its devices take a moment to come up."""
    with tempfile.TemporaryDirectory(prefix="adm-devices-") as folder, Equipped(Path(folder)) as terminal:
        terminal.ready("printer", "camera", "scanner", "card", "code")
        yield terminal


@pytest.fixture
def terminal(running: Equipped) -> Iterator[Equipped]:
    """The terminal on its home screen, nothing laid anywhere."""
    running.shows(Screen.HOME)
    yield running
    running.say(intents.Cancel(), intents.End())
    running.escl("set", jam=False, cover=False, slow=0)
    running.escl("clear")
    running.reader("remove")
    running.ready("scanner", "card")
    running.shows(Screen.HOME)


def visit_of(status: KioskStatus) -> Any:
    assert status.visit is not None
    return status.visit


def kept(status: KioskStatus) -> int:
    return [slot.state for slot in visit_of(status).slots].count("done")


def scan(terminal: Equipped) -> KioskStatus:
    """Lay the first page, choose the scanner, scan."""
    terminal.to_scan()
    terminal.until(lambda s: s.visit and s.visit.sources == ("camera", "scanner") and s.visit.source == "")
    terminal.escl("lay", paper="f102", skew=1.0)
    terminal.say(SCANNER, intents.Shutter())
    return terminal.shows(Screen.PAGE_KEPT, 30)


def test_a_page_through_the_scanner_and_none_of_it_is_left(terminal: Equipped) -> None:
    before = len(terminal.statuses)
    began = time.monotonic()
    status = scan(terminal)
    took = time.monotonic() - began
    assert visit_of(status).judged.image and not visit_of(status).feeder
    seen = [s.visit for s in terminal.statuses[before:] if s.visit and s.visit.source == "scanner"]
    assert all(view.live is None for view in seen)  # the camera is not looked at
    shares = [view.progress for view in seen if view.capturing]
    assert shares == sorted(shares) and 2 <= len({*shares}) <= 5 * took + 2
    terminal.say(intents.Keep())
    terminal.until(lambda s: s.visit and s.visit.source == "scanner" and kept(s) == 1)
    terminal.say(intents.Shutter())
    terminal.shows(Screen.PAGE_KEPT, 30)
    terminal.say(intents.Cancel())
    terminal.shows(Screen.HOME)
    assert not [path for path in (terminal.folder / "data" / "parts").rglob("*") if path.is_file()]
    terminal.until(lambda _: not left(Judged, PageJudged, ScanResult, Verdict))


def test_a_jam_is_told_and_the_page_asked_again(terminal: Equipped) -> None:
    scan(terminal)
    terminal.say(intents.Keep())
    terminal.until(lambda s: s.visit and s.visit.slots and kept(s) == 1)
    terminal.escl("set", jam=True)
    terminal.until(lambda s: (device := s.device("scanner")) and "scanner_jammed" in device.faults)
    assert terminal.status.devices[0].role == "scanner"
    terminal.say(intents.Shutter())
    words = "A sheet is stuck in the scanner."
    status = terminal.until(lambda s: s.visit and s.visit.blocked == words and not s.visit.capturing, 20)
    assert kept(status) == 1 and visit_of(status).judged is None
    terminal.say(intents.ChooseSource(source="camera"))  # the other device does it meanwhile
    terminal.until(lambda s: s.visit and s.visit.source == "camera" and s.visit.live and not s.visit.blocked)
    terminal.escl("set", jam=False)
    terminal.ready("scanner")
    terminal.say(SCANNER, intents.Shutter())
    terminal.shows(Screen.PAGE_KEPT, 30)


def test_a_scan_is_stopped_by_hand_and_by_the_end_of_the_visit(terminal: Equipped) -> None:
    terminal.to_scan()
    terminal.escl("lay", paper="f102")
    terminal.escl("set", slow=8)
    for word in (intents.StopScan(), intents.Cancel()):
        terminal.say(SCANNER, intents.Shutter())
        terminal.until(lambda s: s.visit and s.visit.capturing)
        terminal.until(lambda s: (device := s.device("scanner")) and device.phase == "busy")
        terminal.say(word)
        terminal.until(lambda s: not s.visit or (not s.visit.capturing and not s.visit.blocked), 2)
        terminal.until(lambda s: (device := s.device("scanner")) and device.phase == "ready", 8)
    terminal.shows(Screen.HOME)
    terminal.until(lambda _: not left(Judged, PageJudged, ScanResult))


def test_a_receipt_before_the_code_scanner_asks_for_its_status(terminal: Equipped) -> None:
    number = str(Number("KMT", 77))
    for text in ("https://example.org", f"{number[:-1]}?", "8991234567890"):
        terminal.wand("show", text=text)
    terminal.wand("show", text=number.lower())
    status = terminal.shows(Screen.STATUS_NIK)
    assert (visit_of(status).kind, visit_of(status).number) == ("status", number)
    terminal.wand("show", text=str(Number("KMT", 78)))  # nobody asks for one now
    terminal.until(lambda _: len(terminal.codes) == 5)
    terminal.say(intents.Back())
    status = terminal.shows(Screen.STATUS_NUMBER)
    assert visit_of(status).text == number
    terminal.wand("show", text=str(Number("KMT", 79)))
    assert visit_of(terminal.shows(Screen.STATUS_NIK)).number == str(Number("KMT", 79))


def test_a_card_confirms_a_number_once_it_was_remembered(terminal: Equipped, capfd: pytest.CaptureFixture[str]) -> None:
    terminal.to_nik()
    terminal.reader("insert", kind="ktp", uid=UID.hex())
    terminal.card("new")
    terminal.say(*(intents.Key(key=key) for key in NIK))
    terminal.until(lambda s: s.visit and s.visit.can_next)
    for word, state in ((intents.RememberCard(), "remembered"), (intents.ForgetCard(), "new")) * 2:
        terminal.say(word)
        terminal.card(state)
    terminal.say(intents.RememberCard())
    terminal.card("remembered")
    terminal.say(intents.Cancel())
    terminal.shows(Screen.HOME)

    terminal.to_nik()
    terminal.card("new")  # it still lies there
    terminal.say(*(intents.Key(key=key) for key in NIK))
    terminal.card("confirmed")
    terminal.say(intents.Key(key="back"), intents.Key(key="2"))
    terminal.card("new")
    for kind, state in (("other", "other"), ("random", "random"), ("mute", "turned")):
        terminal.reader("insert", kind=kind)
        terminal.card(state)
    terminal.reader("remove")
    terminal.card("")
    assert visit_of(terminal.status).can_next
    terminal.say(intents.Next())
    terminal.until(lambda s: s.visit and s.visit.step is Step.FORM and s.visit.card is None)
    terminal.say(intents.Cancel())
    terminal.shows(Screen.HOME)
    terminal.until(lambda _: not [card for card in left(CardSeen) if card.uid == UID])
    assert not left(Card, CardAnswered)
    out = "".join(capfd.readouterr())
    assert "card_remembered" in out and "card_forgotten" in out
    for word in (NIK, UID.hex(), UID.hex().upper(), repr(UID)[2:-1]):
        assert word not in out
    for path in (terminal.folder / "data").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert UID not in data and UID.hex().encode() not in data.lower() and NIK.encode() not in data


def test_a_closed_terminal_begins_nothing_by_code(terminal: Equipped, capfd: pytest.CaptureFixture[str]) -> None:
    statuses: list[KioskStatus] = []
    heard: list[str] = []
    with tempfile.TemporaryDirectory(prefix="adm-") as folder, Twin("code", Path(folder)) as wand:
        code = SerialCodeReader(f"serial:{wand.facts['link']}", supervision=SOON)
        link = MemoryLink()
        link.on_status(statuses.append)
        controller = Controller(link, Parts(terminal.capture, code=code, owner="test-closed"))
        controller.start()
        code.on_code(heard.append)
        code.start()
        until(lambda: statuses and statuses[-1].closed == ("cache_broken",))
        until(lambda: (seen := statuses[-1].device("code")) and seen.usable)
        wand("show", text=str(Number("KMT", 77)))
        until(lambda: heard)
        controller.stop()  # it takes what has come before it ends
        code.stop()
    assert "visit_started" not in "".join(capfd.readouterr())


def test_sources_and_feeder_are_what_the_terminal_has(terminal: Equipped) -> None:
    parts = Parts(terminal.capture, scanner=SaneScanner("sane:test:0", source="feeder"))
    assert (parts.sources, parts.feeder) == (("scanner",), True)
    assert (Parts(terminal.capture).sources, Parts(terminal.capture).feeder) == ((), False)


def left(*kinds: type) -> list[Any]:
    """Objects of these classes that something still holds."""
    gc.collect()
    return [found for found in gc.get_objects() if type(found) in kinds]
