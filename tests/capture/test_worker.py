"""The capture child from the station's side: real processes, real sockets, real shared memory."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.capture.types import Hint, Preview, Verdict, letterbox
from kiosk.capture.worker import CaptureWorker
from tests.capture import scenes

SIZE = (1640, 1232)


@pytest.fixture(scope="module")
def worker() -> Iterator[CaptureWorker]:
    one = CaptureWorker()
    yield one
    one.close()


@pytest.fixture(scope="module")
def letter() -> bytes:
    return scenes.shoot(scenes.letter(), size=SIZE, view_mm=430.0, blur=0.4).jpeg()


def _children() -> set[int]:
    """Pids of this process's capture children, read from /proc."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
                mine = int(parent) == os.getpid() and state != "Z"
                if mine and b"kiosk.capture.child" in (entry / "cmdline").read_bytes():
                    found.add(int(entry.name))
    return found


def test_station_does_not_import_cv2() -> None:
    code = (
        "import sys, kiosk.capture.worker, kiosk.capture.words; sys.exit({'cv2', 'numpy'} & set(sys.modules) != set())"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_judge_over_the_wire(worker: CaptureWorker, letter: bytes) -> None:
    verdict = worker.judge(letter, "a4")
    assert verdict.ok, verdict.measures
    assert cv2.imdecode(np.frombuffer(verdict.image, np.uint8), cv2.IMREAD_COLOR) is not None
    assert worker.judge(letter, "a shape of next year").corners is not None


def test_preview_lies_in_shared_memory(worker: CaptureWorker, letter: bytes) -> None:
    width, height = 640, 640
    block = SharedMemory(create=True, size=width * height * 3)
    try:
        hint = worker.track(letter, time.monotonic(), Preview(block.name, width, height))
        assert hint.found is not None
        assert block.buf is not None
        seen = np.frombuffer(bytes(block.buf[: width * height * 3]), np.uint8).reshape(height, width, 3)
    finally:
        block.close()
        block.unlink()
    scale, left, top = letterbox(hint.found.frame_size, (width, height))
    assert not seen[: int(top) - 1].any()
    assert not seen[height - int(top) + 1 :].any()
    centre = np.mean(np.array(hint.found.corners), axis=0) * scale + (left, top)
    x, y = (int(value) for value in centre)
    assert seen[y - 20 : y + 20, x - 20 : x + 20].mean() > 100  # paper where the outline says so
    assert worker.preview(letter, 64, 48) is not None
    assert worker.track(letter, time.monotonic(), ("../etc/passwd", 8, 8)).fault is None
    assert worker.track(letter, time.monotonic(), ("no-such-block", 8, 8)).fault is None


def test_reads_the_code_on_a_receipt(worker: CaptureWorker) -> None:
    modules = np.array([list(row) for row in segno.make("KMT-10417-6", error="m", micro=False).matrix], np.uint8)
    code = cv2.resize(255 * (1 - modules), None, fx=8, fy=8, interpolation=cv2.INTER_NEAREST)
    pixels = scenes.mat((1920, 1080))
    pixels[200:700, 600:1100] = 235
    pixels[300 : 300 + code.shape[0], 700 : 700 + code.shape[1]] = code[..., None]
    pixels = cv2.warpAffine(pixels, cv2.getRotationMatrix2D((960, 540), 20, 1.0), (1920, 1080))
    assert worker.read_code(cv2.imencode(".jpg", pixels)[1].tobytes()) == "KMT-10417-6"
    assert worker.read_code(cv2.imencode(".jpg", scenes.mat((640, 480)))[1].tobytes()) is None


def test_a_child_that_nobody_asked_for_long_is_still_good(letter: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = CaptureWorker()
    try:
        assert worker._sock is not None
        assert select.select([worker._sock], [], [], 20)[0], "it says that it is ready"
        monkeypatch.setattr("kiosk.capture.worker.START_S", 0.0)
        assert worker.judge(letter, "a4").ok
        assert worker.restarts == 0
    finally:
        worker.close()


def test_a_killed_child_is_replaced(letter: bytes) -> None:
    others = _children()
    worker = CaptureWorker()
    try:
        assert worker.judge(letter, "a4").ok
        (first,) = _children() - others
        os.kill(first, signal.SIGKILL)
        assert worker.judge(letter, "a4").ok
        assert worker.restarts == 1
        assert first not in _children()
    finally:
        worker.close()
    assert worker.judge(letter, "a4").fault == "capture_stopped"
    assert worker.track(letter, 0.0).fault == "capture_stopped"


def test_a_hanging_child_costs_no_more_than_the_limit(letter: bytes) -> None:
    others = _children()
    worker = CaptureWorker(time_limit_s=4.0)
    try:
        assert worker.judge(letter, "a4").ok
        (hung,) = _children() - others
        os.kill(hung, signal.SIGSTOP)
        begin = time.monotonic()
        verdict = worker.judge(letter, "a4")
        assert time.monotonic() - begin < 6.0
        assert (verdict.ok, verdict.reason, verdict.fault) == (False, None, "capture_stopped")
        assert not Path(f"/proc/{hung}").exists()
        assert worker.judge(letter, "a4").ok
    finally:
        worker.close()


def test_child_ends_with_its_station() -> None:
    code = (
        "import os, time; from kiosk.capture.worker import CaptureWorker as W; w = W(); w.reset();"
        "print(w._child.pid, flush=True); time.sleep(60)"
    )
    station = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert station.stdout is not None
    pid = int(station.stdout.readline())
    station.kill()
    station.wait()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                break
        time.sleep(0.05)
    else:
        assert not Path(f"/proc/{pid}").exists()


def test_no_core_dump(worker: CaptureWorker) -> None:
    worker.reset()
    children = _children()
    assert children
    for child in children:
        limits = Path(f"/proc/{child}/limits").read_text().splitlines()
        assert next(line.split()[4:6] for line in limits if line.startswith("Max core file size")) == ["0", "0"]


def test_several_threads(worker: CaptureWorker, letter: bytes) -> None:
    with ThreadPoolExecutor(3) as pool:
        tracked = [pool.submit(worker.track, letter, 1000.0 + i) for i in range(6)]
        judged = pool.submit(worker.judge, letter, "a4")
        assert judged.result().ok
        assert all(one.result().found is not None for one in tracked)


@settings(max_examples=40)
@given(st.binary(max_size=400), st.integers(0, 3), st.data())
def test_arbitrary_bytes(worker: CaptureWorker, letter: bytes, noise: bytes, kind: int, data: st.DataObject) -> None:
    jpeg = noise
    if kind:  # a real JPEG, cut or with bytes overwritten, half of the time in its header
        at = data.draw(st.integers(0, (700 if kind == 1 else len(letter)) - 1))
        jpeg = letter[:at] if kind == 3 else letter[:at] + noise[:16] + letter[at + len(noise[:16]) :]
    before = worker.restarts
    hint = worker.track(jpeg, time.monotonic())
    verdict = worker.judge(jpeg, "a4")
    assert isinstance(hint, Hint)
    assert isinstance(verdict, Verdict)
    assert hint.fault in (None, "camera_garbage")
    assert verdict.fault in (None, "camera_garbage")
    assert worker.read_code(jpeg) is None
    assert worker.restarts == before
    if not kind:
        assert verdict.fault == "camera_garbage"
