"""A child that scans: watched with real processes, ended when it must be, reaped with all that it started."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from drivers.scanner.child import Ending, Limits, Why, run
from drivers.scanner.words import has_failed
from tests.drivers.conftest import until
from tests.drivers.scans import held, nothing_more_than

LIMITS = Limits(first=5.0, silent=5.0, whole=10.0, grace=0.3)


@pytest.fixture(autouse=True)
def nothing_leaks() -> object:
    before = held()
    yield
    assert nothing_more_than(before)


def over(out: bytearray, words: bytearray) -> bool:
    return out == b"whole" or has_failed(words.decode())


def shell(script: str, limits: Limits = LIMITS, stop: threading.Event | None = None) -> Ending:
    asked = stop or threading.Event()
    return run(("sh", "-c", script), os.environ, limits, stop=asked.is_set, over=over)


def test_all_output_and_all_words_come_whole() -> None:
    ending = shell("head -c 700000 /dev/zero; echo one >&2; exit 6")
    assert (ending.why, ending.code, len(ending.out), ending.words) == (Why.ENDED, 6, 700000, "one\n")


@pytest.mark.parametrize(
    ("script", "limits"),
    [
        ("sleep 30", Limits(first=0.2, silent=9, whole=9)),
        ("echo x; sleep 30", Limits(first=9, silent=0.2, whole=9)),
        ("while echo x; do sleep 0.05; done", Limits(first=9, silent=9, whole=0.4)),
        ("trap '' INT TERM; exec >&- 2>&-; sleep 30", Limits(first=0.2, silent=9, whole=9)),
    ],
)
def test_a_silent_or_endless_child_is_killed(script: str, limits: Limits) -> None:
    began = time.monotonic()
    ending = shell(script, limits)
    assert (ending.why, ending.code) == (Why.SILENT, -9)
    assert time.monotonic() - began < 2


def test_signs_of_life_on_stderr_count() -> None:
    ending = shell("for n in 1 2 3 4; do sleep 0.15; echo $n >&2; done", Limits(first=0.4, silent=0.4, whole=9))
    assert (ending.why, ending.code) == (Why.ENDED, 0)


@pytest.mark.parametrize("script", ["exec sleep 30", "trap '' INT; while :; do sleep 0.05; done"])
def test_a_child_is_asked_to_stop_and_then_made_to(script: str) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    ending = shell(script, stop=stop)
    assert ending.why is Why.STOPPED
    assert time.monotonic() - began < 1.5
    until(lambda: threading.active_count() == 1 or not any("Timer" in t.name for t in threading.enumerate()))


def test_more_output_than_can_be_wanted_is_refused() -> None:
    began = time.monotonic()
    ending = shell("cat /dev/zero", Limits(5, 5, 9, size=3_000_000))
    assert ending.why is Why.REFUSED
    assert len(ending.out) < 6_000_000
    assert time.monotonic() - began < 2
    assert len(shell("head -c 900000 /dev/zero >&2").words) <= 256 * 1024


@pytest.mark.parametrize("last", ["echo 'scanimage: sane_read: Document feeder jammed' >&2", "printf whole"])
def test_a_child_that_has_nothing_more_to_say_is_not_waited_for(last: str) -> None:
    ending = shell(f"{last}; sleep 30")
    assert (ending.why, ending.code) == (Why.LINGERED, -9)
    assert shell(f"{last}; sleep 0.1; exit 6").code == 6


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    ending = shell(f"sleep 30 & echo $! > {tmp_path}/pid; exit 3")
    assert (ending.why, ending.code) == (Why.ENDED, 3)
    grandchild = Path("/proc") / (tmp_path / "pid").read_text().strip()
    until(lambda: not grandchild.exists() or "Z" in (grandchild / "stat").read_text().rpartition(")")[2][:3], 2)


def test_a_program_that_is_not_there_is_told_by_its_name() -> None:
    ending = run(("adm-no-such-program",), os.environ, LIMITS, stop=lambda: False)
    assert ending.code in (126, 127)  # 126: a folder of PATH may not be searched
    assert "adm-no-such-program" in ending.words


def test_a_child_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = (
        "import os\nfrom drivers.scanner.child import Limits, run\n"
        f"run(('sh', '-c', 'echo $$ > {tmp_path}/pid; exec sleep 30'), os.environ, Limits(20, 20, 20), stop=bool)"
    )
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=root)
    pid = tmp_path / "pid"
    until(lambda: pid.exists() and pid.read_text().strip())
    child = Path("/proc") / pid.read_text().strip()
    assert child.exists()
    parent.kill()
    parent.wait(5)
    until(lambda: not child.exists() or "Z" in (child / "stat").read_text().rpartition(")")[2][:3], 3)
