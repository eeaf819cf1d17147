"""Accept 2: an identity-card-like card through the same camera and pipeline, outside the visit: its NIK is read."""

from __future__ import annotations

import time
from pathlib import Path

from deploy.demo.bench import wait_for
from drivers.contract import Frame
from drivers.roles import Roles, open_devices
from drivers.virtual import papers
from drivers.virtual.twin import Twin
from kiosk.capture.worker import CaptureWorker
from tests import reading


def test_every_number_of_a_card_is_read(tmp_path: Path) -> None:
    with Twin("mjpeg", tmp_path) as camera:
        roles = Roles.model_validate({"camera": {"link": f"http://127.0.0.1:{camera.port}/stream"}})
        devices = open_devices(roles)
        capture = CaptureWorker()
        devices.start()
        try:
            assert devices.camera is not None
            seen = devices.camera
            seen.set_live(True)
            camera("lay", paper="ktp")
            laid = time.monotonic()

            def at_rest() -> Frame | None:
                frame = seen.newest()
                return frame if frame and frame.at > laid + 1 else None

            frame = wait_for("a frame of the card at rest", at_rest)
            assert frame
            verdict = capture.judge(frame.jpeg, "card")
        finally:
            capture.close()
            devices.stop()
    assert verdict.ok, verdict.reason
    assert set(papers.draw("ktp").truth.numbers) <= set(reading.numbers16(verdict.image, verdict.dpi))
