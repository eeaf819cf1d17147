"""The virtual document camera as a process, watched by the product's camera driver over real HTTP."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import pytest

from drivers.camera.mjpeg import MjpegCamera
from drivers.camera.source import CameraDelays
from drivers.contract import Phase
from drivers.virtual import papers
from drivers.virtual.twin import Twin
from drivers.worker import Supervision
from kiosk.capture import codes
from tests.drivers.conftest import until

QUICK = CameraDelays(snapshot=0.3, frozen=0.6, stale=5.0, ear=0.1)
SOON = Supervision(retry=0.2, backoff=(0.1, 0.2, 0.4))
PAPER_LEVEL = 120.0  # the middle of the frame: the mat lies near 40, paper above 180


@pytest.fixture(scope="module")
def running() -> Iterator[Twin]:
    with TemporaryDirectory(prefix="adm-") as folder, Twin("mjpeg", Path(folder)) as twin:
        yield twin


@pytest.fixture
def twin(running: Twin) -> Twin:
    """The virtual camera with an empty mat and nothing wrong."""
    running("on")
    running("set", frozen=False, garbage=False, slow=0.0)
    running("clear")
    return running


@pytest.fixture
def camera(twin: Twin) -> Iterator[MjpegCamera]:
    device = MjpegCamera(f"http://127.0.0.1:{twin.port}/stream", delays=QUICK, supervision=SOON)
    device.start()
    yield device
    device.stop()


def snapshot(twin: Twin) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{twin.port}/snapshot", timeout=5) as reply:
        return reply.read()


def brightness(jpeg: bytes) -> float:
    """Of the middle of the frame, 0 to 255."""
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey is not None
    assert grey.shape == (1944, 2592)
    return float(np.median(grey[900:1000, 1200:1400]))


def newest(camera: MjpegCamera) -> bytes:
    until(lambda: camera.newest() is not None)
    frame = camera.newest()
    assert frame is not None
    return frame.jpeg


def test_idle_and_live_pictures_arrive(camera: MjpegCamera) -> None:
    until(lambda: camera.status().phase is Phase.READY)
    assert brightness(newest(camera)) < PAPER_LEVEL
    camera.set_live(True)
    seen: set[bytes] = set()
    until(lambda: seen.add(newest(camera)) or len(seen) >= 6)
    assert camera.status().faults == ()


def test_a_paper_slides_in_and_is_taken_away(twin: Twin, camera: MjpegCamera) -> None:
    camera.set_live(True)
    began = time.monotonic()
    twin("lay", paper="police")
    assert time.monotonic() - began < 5
    until(lambda: brightness(newest(camera)) > PAPER_LEVEL)
    twin("clear")
    until(lambda: brightness(newest(camera)) < PAPER_LEVEL)


def test_a_code_and_a_file_can_be_laid(twin: Twin, tmp_path: Path) -> None:
    twin("lay", code="KMT-10417-6")
    until(lambda: codes.read(snapshot(twin)) == "KMT-10417-6")
    file = tmp_path / "sheet.png"
    papers.draw("police").image.save(file)
    twin("clear")
    until(lambda: brightness(snapshot(twin)) < PAPER_LEVEL)
    twin("lay", image=str(file), seed=2)
    until(lambda: brightness(snapshot(twin)) > PAPER_LEVEL)


def test_a_paper_can_be_laid_badly(twin: Twin) -> None:
    twin("lay", paper="police", light=0.2, shift=[5, 0], glare=None)
    time.sleep(0.6)
    assert brightness(snapshot(twin)) < PAPER_LEVEL / 2


def test_a_frozen_camera_is_told_and_heals(twin: Twin, camera: MjpegCamera) -> None:
    camera.set_live(True)
    until(lambda: camera.status().phase is Phase.READY)
    twin("set", frozen=True)
    until(lambda: camera.status().faults == ("camera_frozen",))
    twin("set", frozen=False)
    until(lambda: camera.status().phase is Phase.READY)


def test_a_camera_that_sends_no_pictures_is_told_and_heals(twin: Twin, camera: MjpegCamera) -> None:
    camera.set_live(True)
    until(lambda: camera.status().phase is Phase.READY)
    twin("set", garbage=True)
    until(lambda: camera.status().faults == ("camera_garbage",))
    twin("set", garbage=False)
    until(lambda: camera.status().phase is Phase.READY)


@pytest.mark.parametrize("live", [True, False])
def test_a_pulled_cable_is_told_and_heals(twin: Twin, camera: MjpegCamera, live: bool) -> None:
    camera.set_live(live)
    until(lambda: camera.status().phase is Phase.READY)
    port = twin.port
    twin("off")
    until(lambda: camera.status().faults == ("camera_unreachable",))
    assert camera.newest() is None
    twin("on")
    until(lambda: camera.status().phase is Phase.READY)
    assert twin.port == port


def test_a_slow_camera_is_no_broken_one(twin: Twin, camera: MjpegCamera) -> None:
    camera.set_live(True)
    twin("set", slow=0.3)
    until(lambda: camera.status().phase is Phase.READY)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        assert camera.status().phase is Phase.READY
        time.sleep(0.05)


def test_wrong_words_are_answered_and_change_nothing(twin: Twin) -> None:
    for do, args in (
        ("lay", {"paper": "paspor"}),
        ("lay", {}),
        ("lay", {"paper": "kk", "code": "X"}),
        ("lay", {"paper": "kk", "wind": 3}),
        ("set", {"frosen": True}),
        ("throw", {}),
    ):
        with pytest.raises(RuntimeError):
            twin(do, **args)
    assert brightness(snapshot(twin)) < PAPER_LEVEL


def test_only_two_paths_are_served(twin: Twin) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{twin.port}/", timeout=5)


def test_nobody_looking_costs_nothing(twin: Twin) -> None:
    def spent() -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{twin.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    twin("lay", paper="kk")
    until(lambda: twin("state")["connections"] == 0)
    before = spent()
    time.sleep(1.5)
    assert spent() - before < 0.15
