"""Drawn pages through the whole pipeline: corners, what can be read afterwards, and each reason to refuse."""

from __future__ import annotations

from typing import Unpack

import cv2
import numpy as np
import pytest

from kiosk.capture import pipeline
from kiosk.capture.geometry import ordered
from kiosk.capture.types import THUMB_SIDE, Reason, Verdict
from tests import reading
from tests.capture import scenes
from tests.capture.scenes import How, Sheet

LARGE, SMALL = (3264, 2448), (1920, 1080)
VIEW = {"letter": 430.0, "family_card": 345.0, "id_card": 345.0, "blank": 430.0}


def _judge(name: str, **how: Unpack[How]) -> tuple[Sheet, scenes.Shot, Verdict]:
    sheet: Sheet = getattr(scenes, name)()
    shot = scenes.shoot(sheet, **{"view_mm": VIEW[name], **how})
    return sheet, shot, pipeline.judge(shot.jpeg(), "card" if name == "id_card" else "a4")


def _corner_error(shot: scenes.Shot, verdict: Verdict) -> float:
    assert verdict.corners is not None
    return float(np.abs(ordered(shot.corners) - np.array(verdict.corners)).max())


@pytest.mark.parametrize("seed", [1, 2])
def test_letter_is_read(seed: int) -> None:
    sheet, shot, verdict = _judge("letter", seed=seed, turn=1.5 * seed)
    assert verdict.ok, verdict
    assert _corner_error(shot, verdict) < 1.0
    assert reading.share_read(sheet.words, reading.words(verdict.image, verdict.dpi)) >= 0.95


@pytest.mark.parametrize(("name", "size"), [("family_card", LARGE), ("id_card", LARGE), ("id_card", SMALL)])
def test_every_number_is_read(name: str, size: tuple[int, int]) -> None:
    sheet, shot, verdict = _judge(name, size=size, turn=-4.0)
    assert verdict.ok, verdict
    assert _corner_error(shot, verdict) < 1.0
    assert set(sheet.numbers) <= set(reading.numbers16(verdict.image, verdict.dpi))


def test_family_card_in_full_hd() -> None:
    sheet, _, verdict = _judge("family_card", size=SMALL, view_mm=420.0)
    assert verdict.ok, verdict
    assert verdict.dpi < 130  # never finer than the camera saw it
    assert set(sheet.numbers) <= set(reading.numbers16(verdict.image, verdict.dpi))


def test_what_is_handed_out() -> None:
    _, _, verdict = _judge("letter")
    image = cv2.imdecode(np.frombuffer(verdict.image, np.uint8), cv2.IMREAD_COLOR)
    thumb = cv2.imdecode(np.frombuffer(verdict.thumb, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert thumb is not None
    assert (verdict.width, verdict.height) == (image.shape[1], image.shape[0])
    assert max(thumb.shape[:2]) == THUMB_SIDE
    assert verdict.media_type == "image/jpeg"
    assert abs(verdict.height / verdict.width - 297 / 210) < 0.005
    # The paper is white, the shadow gone, the stamp still blue.
    assert float(np.median(image)) >= 250
    hue, saturation, _ = cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2HSV))
    assert np.median(hue[saturation > 120]) == pytest.approx(115, abs=8)


def test_card_keeps_its_colours() -> None:
    _, _, verdict = _judge("id_card")
    image = cv2.imdecode(np.frombuffer(verdict.image, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    blue, _, red = (float(np.median(channel)) for channel in cv2.split(image))
    assert blue > red + 15


@pytest.mark.parametrize(
    ("name", "how", "reason"),
    [
        ("blank", {}, Reason.BLANK),
        ("letter", {"light": 0.25}, Reason.DARK),
        ("letter", {"light": 0.02}, Reason.DARK),
        ("letter", {"shift": (0.0, 60.0)}, Reason.CUT_OFF),
        ("letter", {"shift": (150.0, 0.0)}, Reason.CUT_OFF),
        ("family_card", {"shift": (25.0, 20.0)}, Reason.CUT_OFF),
        ("letter", {"blur": 4.0}, Reason.BLURRED),
        ("id_card", {"blur": 3.5}, Reason.BLURRED),
        ("id_card", {"blur": 2.0, "size": SMALL}, Reason.BLURRED),
        ("letter", {"motion": 14}, Reason.MOTION),
        ("family_card", {"motion": 12}, Reason.MOTION),
        ("letter", {"glare": (0.4, 0.3)}, Reason.GLARE),
        ("id_card", {"glare": (0.3, 0.3)}, Reason.GLARE),
    ],
)
def test_refused(name: str, how: How, reason: Reason) -> None:
    _, _, verdict = _judge(name, **how)
    assert not verdict.ok
    assert verdict.reason is reason, verdict.measures
    assert verdict.thumb


def test_empty_mat_is_no_page() -> None:
    pixels = scenes.mat(LARGE, 3)
    verdict = pipeline.judge(cv2.imencode(".jpg", pixels)[1].tobytes(), "a4")
    assert verdict.reason is Reason.NO_PAGE
    assert verdict.image == b""


def test_folded_corner_is_refused() -> None:
    sheet = scenes.letter()
    shot = scenes.shoot(sheet, view_mm=430.0)
    fold = np.repeat(shot.corners[2:3], 3, axis=0)
    fold[1] += 0.25 * (shot.corners[1] - shot.corners[2])
    fold[2] += 0.35 * (shot.corners[3] - shot.corners[2])
    mask = np.zeros(shot.pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, np.rint(fold).astype(np.int32), 1)
    shot.pixels[mask > 0] = scenes.mat((shot.pixels.shape[1], shot.pixels.shape[0]), 9)[mask > 0]
    assert pipeline.judge(shot.jpeg(), "a4").reason is Reason.CUT_OFF
