"""The card reader's driver against a real pcscd with a virtual card: who lies there, what goes wrong, what returns."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.card.reader import CardDelays, PcscReader
from drivers.contract import CardKind, CardSeen, Phase
from drivers.virtual.card import UIDS
from drivers.virtual.twin import Twin
from drivers.worker import Supervision
from tests.benchmarks.replug_card import STAFF, soak
from tests.drivers.conftest import until

KTP = CardSeen(CardKind.KTP, bytes.fromhex(UIDS["ktp"]))
OTHER = CardSeen(CardKind.OTHER, bytes.fromhex(UIDS["other"]))
UNREADABLE = CardSeen(CardKind.UNREADABLE)
QUICK = CardDelays(silence=2.0, ear=0.05)
SOON = Supervision(retry=0.1, backoff=(0.1, 0.2))


@pytest.fixture
def bench(sockets: Path) -> Iterator[Twin]:
    """A virtual card's reader, without a card."""
    with Twin("card", sockets, "--poll-ms", "10") as twin:
        yield twin


class Watched:
    """A driver and all that it told."""

    def __init__(self, path: str, reader: str = "") -> None:
        self.driver = PcscReader(reader, path, (STAFF,), delays=QUICK, supervision=SOON)
        self.cards: list[CardSeen | None] = []
        self.statuses: list[tuple[Phase, tuple[str, ...]]] = []
        self.driver.on_card(self.cards.append)
        self.driver.on_change(lambda status: self.statuses.append((status.phase, status.faults)))
        self.driver.start()

    def is_(self, phase: Phase, *faults: str) -> None:
        """Wait for that status."""
        until(lambda: (self.driver.status().phase, self.driver.status().faults) == (phase, faults))

    def sees(self, card: CardSeen | None) -> None:
        """Wait for that card, or for none."""
        try:
            until(lambda: self.driver.card() == card)
        except AssertionError:
            raise AssertionError(f"{card} not in {self.cards} {self.statuses}") from None


Watch = Callable[..., Watched]


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Starts drivers and stops them; nothing of them is left."""
    before = threading.active_count()
    started: list[Watched] = []

    def start(path: str, reader: str = "") -> Watched:
        started.append(Watched(path, reader))
        return started[-1]

    yield start
    for one in started:
        one.driver.stop()
        assert one.driver.status().phase is Phase.OFFLINE
    assert threading.active_count() == before


@pytest.fixture
def watched(bench: Twin, watch: Watch) -> Watched:
    """A driver whose reader is ready."""
    one = watch(bench.facts["socket"])
    one.is_(Phase.READY)
    return one


def test_kinds_and_what_is_told(bench: Twin, watched: Watched) -> None:
    assert watched.driver.status().notes == {"reader": "ADM Virtual Reader 00 00"}
    wanted = [
        ("ktp", KTP),
        ("staff", CardSeen(CardKind.STAFF, bytes.fromhex(UIDS["staff"]))),
        ("other", OTHER),
        ("random", CardSeen(CardKind.OTHER, bytes.fromhex(UIDS["random"]), random=True)),
        ("mute", UNREADABLE),
    ]
    for kind, card in wanted:
        bench("insert", kind=kind)
        watched.sees(card)
        bench("remove")
        watched.sees(None)
    assert watched.cards == [told for _, card in wanted for told in (card, None)]
    assert watched.statuses == [(Phase.READY, ())]


def test_a_card_swapped_within_5_ms_is_another_card(bench: Twin, watched: Watched) -> None:
    bench("insert", kind="ktp")
    watched.sees(KTP)
    bench("swap", kind="other")
    watched.sees(OTHER)
    assert watched.cards == [KTP, None, OTHER]


def test_what_an_odd_card_answers(bench: Twin, watched: Watched) -> None:
    for fault in ({"short": True}, {"garbage": "ffffffff"}, {"garbage": "04a1b2"}):
        bench("set", **{"short": False, "garbage": "", **fault})
        bench("insert")
        watched.sees(UNREADABLE)
        bench("remove")
        watched.sees(None)
    bench("set", short=False, garbage="6a81")  # tells no UID, and is what its ATR says
    bench("insert")
    watched.sees(CardSeen(CardKind.KTP))
    bench("set", garbage="", slow=1.0)
    bench("insert")
    watched.sees(KTP)
    bench("set", slow=0, pull=True)
    watched.cards.clear()
    bench("insert")
    until(lambda: watched.cards[-2:] == [UNREADABLE, None])
    assert watched.statuses == [(Phase.READY, ())]


def test_a_card_that_never_answers_holds_nothing_up(bench: Twin, watched: Watched) -> None:
    bench("set", silent=True)
    bench("insert")
    watched.is_(Phase.NEEDS_ATTENTION, "card_reader_hung")
    assert (Phase.UNKNOWN, ("card_reader_hung",)) in watched.statuses
    watched.sees(UNREADABLE)
    time.sleep(QUICK.silence + 0.5)  # it is not asked again
    assert watched.driver.status().phase is Phase.NEEDS_ATTENTION
    bench("remove")
    watched.is_(Phase.READY)
    watched.sees(None)
    bench("set", silent=False)
    bench("insert")
    watched.sees(KTP)
    assert watched.cards == [UNREADABLE, None, KTP]


def test_a_service_that_never_answers_is_unknown_and_comes_back(bench: Twin, watched: Watched) -> None:
    [service] = [int(pid) for pid in Path(f"/proc/{bench.pid}/task/{bench.pid}/children").read_text().split()]
    os.kill(service, signal.SIGSTOP)
    try:
        watched.is_(Phase.UNKNOWN, "card_reader_hung")
    finally:
        os.kill(service, signal.SIGCONT)
    watched.is_(Phase.READY)
    bench("insert")
    watched.sees(KTP)


def test_started_before_the_service_and_over_its_restarts(bench: Twin, watch: Watch) -> None:
    bench("stop")
    watched = watch(bench.facts["socket"])
    watched.is_(Phase.OFFLINE, "card_service_down")
    bench("start")
    watched.is_(Phase.READY)
    bench("insert")
    watched.sees(KTP)
    for by in (False, True):
        bench("stop", kill=by)  # killed, it leaves its socket behind
        watched.is_(Phase.OFFLINE, "card_service_down")
        assert watched.driver.card() is None
        time.sleep(1.2)
        bench("start")
        watched.is_(Phase.READY)
        watched.sees(KTP)
    assert watched.cards == [KTP, None, KTP, None, KTP]
    assert all("card_denied" not in faults for _, faults in watched.statuses)


def test_the_reader_is_unplugged_with_its_card_and_plugged_in_again(bench: Twin, watched: Watched) -> None:
    bench("insert")
    watched.sees(KTP)
    bench("unplug")
    watched.is_(Phase.OFFLINE, "card_reader_missing")
    assert watched.driver.card() is None
    bench("plug")
    watched.is_(Phase.READY)
    watched.sees(KTP)
    bench("unplug")
    bench("restart")  # now it is not even on the list
    watched.is_(Phase.OFFLINE, "card_reader_missing")
    bench("plug")
    watched.is_(Phase.READY)
    watched.sees(KTP)


def test_only_readers_of_the_name_that_was_asked_for(bench: Twin, watch: Watch) -> None:
    bench("insert")
    stranger = watch(bench.facts["socket"], "ACS ")
    namesake = watch(bench.facts["socket"], "ADM Virtual")
    namesake.sees(KTP)
    stranger.is_(Phase.OFFLINE, "card_reader_missing")
    assert stranger.driver.card() is None


def test_a_service_that_hangs_up_on_us_denies_us(sockets: Path, watch: Watch) -> None:
    """As Debian 13's does where polkit says no; a service that does so once is only ending."""
    path = sockets / "deny"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(8)

        def hang_up() -> None:
            try:
                while True:
                    listener.accept()[0].close()
            except OSError:
                pass

        denying = threading.Thread(target=hang_up)
        denying.start()
        try:
            watched = watch(str(path))
            watched.is_(Phase.OFFLINE, "card_denied")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            denying.join()
    watched.is_(Phase.OFFLINE, "card_service_down")


def test_a_killed_child_is_replaced(bench: Twin, watched: Watched) -> None:
    bench("insert")
    watched.sees(KTP)
    os.kill(children()[-1], signal.SIGKILL)
    until(lambda: watched.cards == [KTP, None, KTP])
    watched.is_(Phase.READY)


def test_the_child_ends_with_the_station_also_while_a_card_holds_it(bench: Twin) -> None:
    """The station is killed: its child's stdin ends."""
    bench("set", silent=True)
    bench("insert")
    child = subprocess.Popen(
        [sys.executable, "-m", "drivers.card.child"],
        env={**os.environ, "PCSCLITE_CSOCK_NAME": bench.facts["socket"]},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None and child.stdout is not None
    while b"asking" not in child.stdout.readline():
        pass
    time.sleep(0.2)
    child.stdin.close()
    assert child.wait(5) == 0
    child.stdout.close()


def test_the_log_is_quiet_and_says_nothing_of_the_card(
    bench: Twin, watch: Watch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    bench("stop")
    with caplog.at_level(logging.DEBUG):
        watched = watch(bench.facts["socket"])
        watched.is_(Phase.OFFLINE, "card_service_down")
        time.sleep(1.5)
        assert len(caplog.records) == 1
        bench("start")
        bench("insert")
        watched.sees(KTP)
        bench("remove")
        watched.sees(None)
    said = (caplog.text + "".join(capfd.readouterr())).lower()
    assert UIDS["ktp"].lower() not in said and "3b8b8001" not in said
    assert len(caplog.records) == 2


def test_a_staff_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError):
        PcscReader(staff=("no hex",))


def test_cards_and_restarts_without_a_miss() -> None:
    """A short run of what ``tests.benchmarks.replug`` does at length."""
    run = soak(30, 3)
    assert (run.missed, run.doubled, run.leaked) == ([], [], [])
    assert len(run.cards) == 30


def children() -> list[int]:
    """Processes that this one started, oldest first."""
    tasks = Path("/proc/self/task").iterdir()
    return sorted(int(pid) for task in tasks for pid in (task / "children").read_text().split())
