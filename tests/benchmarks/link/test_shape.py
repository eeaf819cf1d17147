"""The emulated line does what it says: by arithmetic, and with real packets between real namespaces."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

from tests.benchmarks.link import namespaces
from tests.benchmarks.link.namespaces import ROOT, Link
from tests.benchmarks.link.shape import Nat, Profile, Way


def test_rate_and_delay_are_kept_to_the_microsecond() -> None:
    way = Way(Profile(rate=128_000, rtt=0.3), 0)
    for _ in range(10):
        way.offer(bytes(1500), 100.0)
    assert way.next() == pytest.approx(100 + 1500 * 8 / 128_000 + 0.15)
    assert len(way.due(100.9)) == 8 and len(way.due(101.1)) == 2
    assert way.counts.wire == 15_000


def test_a_full_queue_drops_the_newest() -> None:
    way = Way(Profile(rate=128_000, queue=6000), 0)
    for _ in range(10):
        way.offer(bytes(1500), 0.0)
    assert way.counts.dropped == 6 and len(way.due(10)) == 4


def test_losses_follow_the_seed_and_the_rate_asked_for() -> None:
    def arrived(seed: int) -> list[int]:
        way = Way(Profile(loss=0.1, seed=seed), 0)
        for n in range(5000):
            way.offer(n.to_bytes(2, "big"), 0.0)
        return [int.from_bytes(packet, "big") for packet in way.due(1.0)]

    assert arrived(1) == arrived(1) != arrived(2)
    assert 4350 < len(arrived(1)) < 4650


def test_a_cut_takes_what_waits_and_counts_only_what_had_left() -> None:
    way = Way(Profile(rate=128_000, rtt=10.0), 0)
    for _ in range(4):
        way.offer(bytes(1600), 0.0)  # one leaves every 0.1 s
    way.cut(0.25)
    assert (way.counts.wire, way.due(100.0)) == (3200, [])


def test_cuts_come_after_a_whole_period_and_are_waited_out() -> None:
    profile = Profile(cut_every=40, cut_for=6)
    assert [profile.is_cut(at) for at in (0, 5, 39.9, 40, 45.9, 46.1, 80)] == [
        False,
        False,
        False,
        True,
        True,
        False,
        True,
    ]
    after = Profile(cut_every=25, cut_for=6, cut_after=True)
    assert [after.is_cut(at) for at in (24, 25, 30.9, 31, 50, 55.9, 56, 61.9, 62)] == [
        False,
        True,
        True,
        False,
        False,
        False,
        True,
        True,
        False,
    ]
    assert after.outages(51.0) == 63.0
    assert [profile.outages(each) for each in (39.0, 40.0, 41.0, 75.0)] == [39.0, 40.0, 47.0, 87.0]


def test_only_a_syn_of_this_attachment_opens_the_nat() -> None:
    def packet(source: int, target: int, flags: int) -> bytes:
        head = bytearray(40)
        head[0], head[9], head[15], head[19], head[33] = 0x45, 6, source, target, flags
        head[21], head[23] = source, target
        return bytes(head)

    nat = Nat()
    assert not nat.passes(packet(2, 1, 0x10), upward=False)
    assert nat.passes(packet(1, 2, 0x02), upward=True)
    assert nat.passes(packet(2, 1, 0x12), upward=False) and nat.passes(packet(1, 2, 0x10), upward=True)
    nat.forget()
    assert not nat.passes(packet(1, 2, 0x10), upward=True) and not nat.passes(packet(2, 1, 0x10), upward=False)


@pytest.fixture
def link() -> Iterator[Link]:
    """Two namespaces; skipped, with the reason, where there are none."""
    if reason := namespaces.why_not():
        pytest.skip(f"no network namespaces: {reason}")
    link = Link()
    yield link
    link.close()


def at_terminal(link: Link, code: str) -> subprocess.Popen[str]:
    """Python at the terminal's end; ``s`` is its connection to the office."""
    connect = f"import socket,time\ns=socket.create_connection(('{link.host}',{link.ports[0]}),5)\n"
    words = link.terminal([sys.executable, "-c", connect + textwrap.dedent(code)])
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> str:
    return process.communicate(timeout=10)[0].strip()


def test_the_line_is_as_slow_and_as_late_as_asked_and_counts_its_bytes(link: Link) -> None:
    link.shape(Profile(rate=256_000, rtt=0.2))
    process = at_terminal(
        link,
        """
        took=[]
        for _ in range(3):
            at=time.monotonic(); s.sendall(b'x'); s.recv(1); took.append(time.monotonic()-at)
        s.sendall(b'y'*40000); s.recv(1)
        print(sorted(took)[1])
        """,
    )
    there, _ = link.listeners[0].accept()
    with there:
        for _ in range(3):
            there.sendall(there.recv(1))
        began, left = time.monotonic(), 40_000
        while left:
            left -= len(there.recv(65536))
        took = time.monotonic() - began
        there.sendall(b"z")
    assert 0.2 < float(ended(process)) < 0.26
    assert 1.2 < took < 1.9  # 40 kB with headers: 1.30 s at this rate
    up = link.counts()["up"]
    assert 1.03 < up["wire"] / 40_000 < 1.06 and up["lost"] == 0


def test_after_a_cut_the_old_connection_is_dead_and_silent_and_a_new_one_works(link: Link) -> None:
    link.shape(Profile(rtt=0.02, cut_every=1.0, cut_for=0.4))
    process = at_terminal(
        link,
        f"""
        s.sendall(b'a'); time.sleep(1.5); s.sendall(b'b'); s.settimeout(1)
        try:
            s.recv(1); print('spoke')
        except TimeoutError:
            print('silent')
        t=socket.create_connection(('{link.host}',{link.ports[0]}),5); t.sendall(b'c')
        """,
    )
    old, _ = link.listeners[0].accept()
    with old:
        assert old.recv(1) == b"a"
        new, _ = link.listeners[0].accept()
        with new:
            assert new.recv(1) == b"c"
        old.settimeout(0.05)
        with pytest.raises(TimeoutError):
            old.recv(1)
    assert ended(process) == "silent"


def test_losses_cost_repeats_and_nothing_else(link: Link) -> None:
    link.shape(Profile(rate=4_000_000, rtt=0.01, loss=0.05))
    process = at_terminal(link, "s.sendall(b'q'*400000); s.shutdown(socket.SHUT_WR); s.recv(1)")
    there, _ = link.listeners[0].accept()
    with there, there.makefile("rb") as words:
        assert len(words.read()) == 400_000
        there.shutdown(socket.SHUT_WR)
    ended(process)
    up = link.counts()["up"]
    assert 0.02 < up["lost"] / up["packets"] < 0.1
