"""The live picture: when the shutter fires, and when it must not."""

from __future__ import annotations

from typing import Unpack

import cv2
import numpy as np

from drivers.virtual import papers
from drivers.virtual.papers.camera import Camera, Pose
from kiosk.capture.track import Tracker
from kiosk.capture.types import Hint, Reason
from tests.capture import scenes
from tests.capture.scenes import How

SIZE = (1640, 1232)
STEP = 0.12  # seconds a frame, about 8 a second


def _frames(count: int, **how: Unpack[How]) -> list[bytes]:
    """The same still scene with fresh sensor noise in each frame."""
    shot = scenes.shoot(scenes.letter(), **{"size": SIZE, "view_mm": 430.0, **how})
    rng = np.random.default_rng(7)
    noisy = (np.clip(shot.pixels + rng.normal(0, 3, shot.pixels.shape), 0, 255).astype(np.uint8) for _ in range(count))
    return [cv2.imencode(".jpg", one)[1].tobytes() for one in noisy]


def _run(tracker: Tracker, frames: list[bytes], start: float) -> list[Hint]:
    return [tracker.track(jpeg, start + STEP * index) for index, jpeg in enumerate(frames)]


def test_fires_once_when_still() -> None:
    tracker = Tracker()
    hints = _run(tracker, _frames(14), 10.0)
    fired = [index for index, hint in enumerate(hints) if hint.fire]
    assert len(fired) == 1
    assert fired[0] >= 4  # at least five frames ...
    assert fired[0] * STEP >= 0.4  # ... and 0.4 s
    stills = [hint.still for hint in hints[: fired[0] + 1]]
    assert stills == sorted(stills)
    assert stills[-1] == 1.0


def test_does_not_fire_while_moving() -> None:
    frames = [_frames(1, shift=(-30.0 + 4.0 * i, 0.0))[0] for i in range(12)]
    hints = _run(Tracker(), frames, 10.0)
    assert not any(hint.fire for hint in hints)
    assert all(hint.found is not None for hint in hints)


def test_fires_again_for_the_next_page_only() -> None:
    tracker = Tracker()
    first = _frames(7)
    assert sum(hint.fire for hint in _run(tracker, first, 10.0)) == 1
    assert not any(hint.fire for hint in _run(tracker, first, 11.0))
    empty = [cv2.imencode(".jpg", scenes.mat(SIZE, i))[1].tobytes() for i in range(4)]
    assert all(hint.found is None for hint in _run(tracker, empty, 12.0))
    assert sum(hint.fire for hint in _run(tracker, _frames(8, turn=-1.5), 13.0)) == 1
    tracker.reset()
    assert sum(hint.fire for hint in _run(tracker, _frames(8, turn=-1.5), 15.0)) == 1


def test_another_page_in_the_very_same_place_is_a_new_one() -> None:
    camera = Camera((1296, 972))

    def seen(name: str, pose: Pose) -> list[bytes]:
        drawn = papers.draw(name)
        scene = camera.see(drawn.image, drawn.mm, pose)
        return [camera.jpeg(scene) for _ in range(9)]

    tracker = Tracker()
    assert sum(hint.fire for hint in _run(tracker, seen("f102", Pose()), 10.0)) == 1
    other_light = Pose(light=0.8, shadow=0.4, turn=0.4)
    assert not any(hint.fire for hint in _run(tracker, seen("f102", other_light), 12.0))
    assert sum(hint.fire for hint in _run(tracker, seen("f102_2", Pose()), 14.0)) == 1
    assert sum(hint.fire for hint in _run(tracker, seen("police", Pose()), 16.0)) == 1


def test_a_gap_in_the_stream_does_not_count_as_stillness() -> None:
    tracker = Tracker()
    hints = [tracker.track(jpeg, 10.0 + 2.0 * index) for index, jpeg in enumerate(_frames(6))]
    assert not any(hint.fire for hint in hints)


def test_says_what_is_in_the_way() -> None:
    assert _run(Tracker(), _frames(1, shift=(0.0, 60.0)), 1.0)[0].hint is Reason.CUT_OFF
    assert _run(Tracker(), _frames(1, light=0.25), 1.0)[0].hint is Reason.DARK
    empty = cv2.imencode(".jpg", scenes.mat(SIZE))[1].tobytes()
    assert Tracker().track(empty, 1.0).hint is Reason.NO_PAGE
    assert not any(hint.fire for hint in _run(Tracker(), _frames(8, shift=(0.0, 60.0)), 1.0))
