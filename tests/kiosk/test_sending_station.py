"""The staff's pages about sending on a station without devices: real cache, real office over HTTP, real folders."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk import intents
from kiosk.capture.worker import CaptureWorker
from kiosk.controller import Controller
from kiosk.ladder import Screen, screen_for
from kiosk.link import MemoryLink
from kiosk.parts import Parts
from kiosk.staff.porter import Porter, Sending
from kiosk.status import KioskStatus
from kiosk.status_staff import CourierView, SendingView, StaffView
from kiosk.visit import effects
from kiosk.visit.events import SendingFailed
from offline_cache.cache import open_cache
from tests.offline_cache.conftest import NIK, QUICK, apply
from tests.offline_cache.office import Office, no
from tests.offline_cache.stick import answer
from wire.courier import FOLDER
from wire.problem import Code

PIN = "271828"


class Station:
    """``say`` and ``until`` as the window would."""

    def __init__(self, folder: Path, capture: CaptureWorker) -> None:
        self.office, self.sticks = Office(), folder / "sticks"
        self.sticks.mkdir()
        self.cache = open_cache(
            folder / "data", version="test", settings=dataclasses.replace(QUICK, sticks=self.sticks)
        )
        self.cache.enrol(self.office.code())
        self.cache.set_pin(PIN)
        self.link, self.statuses = MemoryLink(), list[KioskStatus]()
        self.link.on_status(self.statuses.append)
        self.controller = Controller(self.link, Parts(capture, self.cache, "", owner=f"test-{folder.name[-12:]}"))
        self.controller.start()
        self.cache.start_sync(self.controller.reports, self.controller.changed)

    def close(self) -> None:
        self.controller.stop()
        self.cache.close()
        self.office.close()

    def apply(self, count: int, pages: int = 1) -> None:
        """Applications beside the station's own visits."""
        for _ in range(count):
            apply(self.cache, pages=pages)
        self.controller.changed()

    def say(self, *words: intents.Intent) -> None:
        for word in words:
            self.link.send(word)

    def until(self, fits: Callable[[StaffView], object], limit: float = 10.0) -> StaffView:
        end = time.monotonic() + limit
        while True:
            visit = self.statuses[-1].visit if self.statuses else None
            if visit is not None and visit.staff is not None and fits(visit.staff):
                return visit.staff
            assert time.monotonic() < end, self.statuses[-1:]
            time.sleep(0.01)

    def sending(self, fits: Callable[[SendingView], object]) -> SendingView:
        seen = self.until(lambda staff: staff.sending and fits(staff.sending)).sending
        assert seen is not None
        return seen

    def courier(self, fits: Callable[[CourierView], object]) -> CourierView:
        return self.sending(lambda sending: fits(sending.courier)).courier

    def open(self, *pages: intents.Intent) -> None:
        self.say(intents.Start(kind="staff"), *(intents.Key(key=key) for key in PIN), intents.Next())
        self.until(lambda staff: staff.version)
        self.say(*pages)

    def plug(self) -> Path:
        stick = self.sticks / "sdb1"
        stick.mkdir()
        return stick


SEND = intents.OpenStaff(page="send")
REFUSED = intents.OpenStaff(page="refused")
COURIER = intents.OpenStaff(page="courier")


@pytest.fixture(scope="module")
def capture() -> Iterator[CaptureWorker]:
    worker = CaptureWorker()
    yield worker
    worker.close()


@pytest.fixture
def station(capture: CaptureWorker) -> Iterator[Station]:
    with tempfile.TemporaryDirectory(prefix="adm-send-") as folder:
        station = Station(Path(folder), capture)
        yield station
        station.close()


def test_the_switch_holds_at_once_and_lets_go(station: Station, capfd: pytest.CaptureFixture[str]) -> None:
    station.open(SEND)
    station.sending(lambda seen: seen.state == "clear" and seen.protection)
    station.say(intents.Hold(on=True))
    assert station.sending(lambda seen: seen.state == "paused").at
    station.say(intents.Back())
    station.until(lambda staff: staff.devices and staff.held == "paused")  # the badge on the first page
    station.apply(1)
    station.say(SEND)
    station.until(lambda staff: staff.queued == 1)
    station.say(intents.TryLine())
    time.sleep(0.6)
    assert not station.office.manifests and station.cache.queue().queued == 1
    station.say(intents.Hold(on=False))
    station.sending(lambda seen: seen.state == "clear")
    assert len(station.office.receipts) == 1
    out = "".join(capfd.readouterr())
    assert out.count("staff_held_sending") == 2 and "staff_tried_line" in out and NIK not in out


def test_what_the_office_refused_is_listed_and_goes_again(station: Station) -> None:
    station.office.trick = lambda method, path: no(Code.CONFLICT) if method == "PUT" else None
    number = apply(station.cache)
    station.open(SEND)
    station.until(lambda staff: staff.quarantined == 1 and staff.sending and staff.sending.state == "refused")
    station.say(REFUSED)
    assert station.sending(lambda seen: seen.refused).refused == ((number, "Its sequence is taken."),)
    station.office.trick = lambda method, path: None
    station.say(intents.SendAgain())
    station.until(
        lambda staff: not staff.quarantined and not staff.queued and staff.sending and not staff.sending.refused
    )
    assert station.office.numbers() == [number]


def test_the_queue_leaves_on_a_stick_and_comes_back_settled(
    station: Station, capfd: pytest.CaptureFixture[str]
) -> None:
    station.cache.pause(True)
    station.apply(3)
    station.open(SEND, COURIER)
    station.until(lambda staff: staff.queued == 3 and staff.sending and not staff.sending.courier.stick)
    station.say(intents.Courier(act="take"))
    assert station.courier(lambda seen: seen.state == "failed").fault
    stick = station.plug()
    assert station.courier(lambda seen: seen.stick).free > 0
    station.say(intents.Courier(act="export"))
    done = station.courier(lambda seen: seen.state == "done")
    (volume,) = (stick / FOLDER).glob("*.adm")
    assert (done.submissions, done.volumes, done.left) == (3, 1, 0) and done.bytes > 0
    assert station.cache.queue().queued == 3  # a copy settles nothing
    answer(volume, station.office)
    (stick / FOLDER / "KMT-20261124-00000000-1.resi").write_bytes(b"noise")
    station.courier(lambda seen: seen.receipts)
    station.say(intents.Courier(act="take"))
    taken = station.courier(lambda seen: seen.job == "take" and seen.state == "done")
    assert taken.received == 3 and [name for name, _ in taken.refused] == ["KMT-20261124-00000000-1.resi"]
    assert station.until(lambda staff: not staff.queued).sending
    station.say(intents.Back(), COURIER)
    assert station.courier(lambda seen: not seen.job).stick  # read, so forgotten
    out = "".join(capfd.readouterr())
    assert "staff_exported" in out and "staff_took_answers" in out and "staff_courier_failed" in out
    assert NIK not in out and "SITI" not in out


def test_a_stick_that_is_pulled_out_loses_nothing_and_may_be_tried_again(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.cache.pause(True)
    station.apply(4, pages=2)
    stick, real = station.plug(), station.cache.export_to_stick

    def pulled(moved: Callable[[float], None]) -> object:
        def at(share: float) -> None:
            moved(share)
            if share > 0.4:
                shutil.rmtree(stick, ignore_errors=True)

        return real(at)

    monkeypatch.setattr(station.cache, "export_to_stick", pulled)
    station.open(SEND, COURIER)
    station.courier(lambda seen: seen.stick)
    station.say(intents.Courier(act="export"))
    failed = station.courier(lambda seen: seen.state == "failed" and not seen.stick)
    assert failed.fault == "The stick was pulled out too early. Plug it in again."
    assert station.cache.queue().queued == 4
    monkeypatch.setattr(station.cache, "export_to_stick", real)
    station.plug()
    station.courier(lambda seen: seen.stick)
    station.say(intents.Courier(act="export"))
    assert station.courier(lambda seen: seen.state == "done").submissions == 4


def test_a_copy_goes_on_when_the_page_is_left_and_only_one_runs(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    station.cache.pause(True)
    station.apply(1)
    station.plug()
    real, gate, begun = station.cache.export_to_stick, threading.Event(), list[int]()

    def slow(moved: Callable[[float], None]) -> object:
        begun.append(1)
        moved(0.25)
        assert gate.wait(10)
        return real(lambda _share: None)

    monkeypatch.setattr(station.cache, "export_to_stick", slow)
    station.open(SEND, COURIER)
    station.courier(lambda seen: seen.stick)
    station.say(intents.Courier(act="export"), intents.Courier(act="export"), intents.Courier(act="take"))
    station.courier(lambda seen: seen.state == "running" and seen.share == 0.25)
    station.say(intents.Back(), intents.Hold(on=False))  # the other pages answer meanwhile
    station.sending(lambda seen: seen.state != "paused")
    station.say(intents.Hold(on=True), intents.Back(), intents.End())
    end = time.monotonic() + 5
    while screen_for(station.statuses[-1]) is not Screen.HOME:
        assert time.monotonic() < end
        time.sleep(0.01)
    station.open(SEND, COURIER)
    assert station.courier(lambda seen: seen.state == "running").job == "export"
    gate.set()
    assert station.courier(lambda seen: seen.state == "done").job == "export"
    assert begun == [1]


def test_a_revoked_terminal_says_what_to_do_and_its_queue_leaves(station: Station) -> None:
    station.cache.pause(True)
    station.apply(1)
    station.office.trick = lambda method, path: no(Code.REVOKED)
    station.open(SEND)
    station.say(intents.TryLine())
    station.sending(lambda seen: seen.state == "revoked")
    station.plug()
    station.say(COURIER)
    station.courier(lambda seen: seen.stick)
    station.say(intents.Courier(act="export"))
    assert station.courier(lambda seen: seen.state == "done").submissions == 1


def test_without_a_cache_every_act_says_so() -> None:
    told: list[object] = []
    porter = Porter(None, "cache_broken", told.append, lambda: None)
    porter.take(effects.LookAtSending("stick"))
    porter.take(effects.HoldSending(7, True))
    porter.take(effects.RunCourier("export"))
    porter.close()
    assert [each.fault for each in told if isinstance(each, SendingFailed)] == ["cache_broken"]
    last = [each for each in told if isinstance(each, Sending)][-1].job
    assert last is not None and (last.state, last.fault) == ("failed", "cache_broken")
