"""The drawn papers seen by the simulated camera: the capture's own judge keeps them, and they can be read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.virtual import papers
from drivers.virtual.mjpeg import casual_pose
from drivers.virtual.papers.camera import Camera, Pose
from drivers.virtual.papers.cards import code
from kiosk.capture import codes, pipeline
from kiosk.capture.geometry import ordered
from kiosk.capture.types import Reason, Verdict
from tests import reading

LETTERS = ("f102", "f102_2", "police")
READ_AT_LEAST = 0.95


@pytest.fixture(scope="module")
def camera() -> Camera:
    return Camera()


def shoot(camera: Camera, drawing: papers.Drawing, pose: Pose) -> bytes:
    return camera.jpeg(camera.see(drawing.image, drawing.mm, pose))


def judge(camera: Camera, name: str, pose: Pose) -> Verdict:
    return pipeline.judge(shoot(camera, papers.draw(name), pose), "card" if name == "ktp" else "a4")


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", papers.NAMES)
def test_a_paper_is_kept_and_read(camera: Camera, name: str, seed: int) -> None:
    truth, pose = papers.draw(name).truth, casual_pose(seed)
    verdict = judge(camera, name, pose)
    assert verdict.ok, verdict.reason
    assert set(truth.numbers) <= set(reading.numbers16(verdict.image, verdict.dpi))
    if name in LETTERS:
        assert reading.share_read(truth.words, reading.words(verdict.image)) >= READ_AT_LEAST


@pytest.mark.parametrize("name", papers.NAMES)
def test_the_corners_are_where_the_camera_says(camera: Camera, name: str) -> None:
    pose = casual_pose(3)
    verdict = judge(camera, name, pose)
    assert verdict.corners is not None
    true = ordered(camera.corners(papers.draw(name).mm, pose))
    assert float(np.abs(true - np.array(verdict.corners)).max()) < 2.0


@pytest.mark.parametrize(
    ("reason", "pose"),
    [
        (Reason.CUT_OFF, Pose(shift=(0.0, 60.0))),
        (Reason.BLURRED, Pose(blur=6.0)),
        (Reason.DARK, Pose(light=0.25)),
        (Reason.GLARE, Pose(glare=(0.5, 0.4))),
    ],
)
def test_a_paper_laid_badly_is_refused_for_its_reason(camera: Camera, reason: Reason, pose: Pose) -> None:
    verdict = judge(camera, "police", pose)
    assert not verdict.ok
    assert verdict.reason is reason


def test_every_paper_names_itself_an_example() -> None:
    for name in papers.NAMES:
        assert any("CONTOH" in word for word in papers.draw(name).truth.words), name


def test_the_papers_are_of_one_family() -> None:
    numbers = {name: set(papers.draw(name).truth.numbers) for name in papers.NAMES}
    assert numbers["ktp"] < numbers["kk"]
    assert numbers["f102"] < numbers["kk"]
    assert len(numbers["kk"]) == 4


def test_a_name_that_is_not_drawn_says_which_are() -> None:
    with pytest.raises(ValueError, match="f102_2"):
        papers.draw("paspor")


def test_a_receipt_under_the_camera_gives_its_number(camera: Camera) -> None:
    jpeg = shoot(camera, code("KMT-10417-6"), casual_pose(1))
    assert codes.read(jpeg) == "KMT-10417-6"


def test_two_exposures_of_one_scene_differ_by_noise_alone(camera: Camera) -> None:
    drawing = papers.draw("police")
    scene = camera.see(drawing.image, drawing.mm, Pose())
    first, second = (camera.jpeg(scene) for _ in range(2))
    assert first != second
    pixels = [cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE) for jpeg in (first, second)]
    assert pixels[0] is not None
    assert pixels[1] is not None
    apart = np.abs(pixels[0].astype(np.int16) - pixels[1])
    assert 0 < float(apart.mean()) < 4
