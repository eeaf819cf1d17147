"""A camera over a dark matt mat: perspective, uneven light, soft focus, sensor noise, JPEG; repeatable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Corners = NDArray[np.float64]
"""4 x 2 pixels: the sheet's own top left, top right, bottom right, bottom left."""

VIEW_MM = 440.0
"""Width of what the camera sees on the mat; at 4:3 an A4 sheet fits upright and across."""
_FOCAL = 1.3  # of the frame's width: a field of view of 42 degrees
_WHITE = 0.9  # paper gives back less than all light
_GLARE_MM = 15.0


@dataclass(frozen=True, slots=True)
class Pose:
    """How a sheet lies and how it is seen.

    ``turn``, ``tilt``: degrees. ``shift``: mm right and down of the middle. ``light``: 1 is well lit. ``shadow``: share
    of the light that the darkest part loses. ``blur``: sigma in px. ``smear``: px of motion. ``glare``: centre of a
    lamp's reflection, as shares of the frame's width and height.
    """

    turn: float = 0.0
    tilt: float = 2.0
    shift: tuple[float, float] = (0.0, 0.0)
    light: float = 1.0
    shadow: float = 0.25
    blur: float = 0.7
    smear: int = 0
    glare: tuple[float, float] | None = None


class Camera:
    """One camera with its mat and its noise. ``size``: of the frame in px (width, height)."""

    def __init__(self, size: tuple[int, int] = (2592, 1944), *, quality: int = 85, seed: int = 0) -> None:
        self.size = size
        self._quality = quality
        self._rng = np.random.default_rng(seed)
        width, height = size
        coarse = self._rng.normal(0, 3, (height // 16 + 1, width // 16 + 1)).astype(np.float32)
        grain = self._rng.standard_normal((height, width), np.float32)
        grey = 40 + 2.5 * grain + np.asarray(cv2.resize(coarse, size), np.float32)
        mat = np.stack((grey + 3, grey, grey - 1), axis=2)
        self._mat: Pixels = np.clip(mat, 0, 255).astype(np.uint8)

    @cached_property
    def _noise(self) -> NDArray[np.int16]:
        """More than a frame of it: each frame takes another part."""
        width, height = self.size
        noise = self._rng.standard_normal((height + 64, width + 64, 3), np.float32)
        return np.rint(2.0 * noise).astype(np.int16)

    def corners(self, mm: tuple[float, float], pose: Pose) -> Corners:
        """Where the corners of a sheet of this size are in the frame."""
        width, height = self.size
        focal = _FOCAL * width
        distance = _FOCAL * VIEW_MM
        turn, tilt = np.radians(pose.turn), np.radians(pose.tilt)
        square = np.array(((-1, -1), (1, -1), (1, 1), (-1, 1))) * np.array(mm) / 2
        spin = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
        flat = square @ spin.T + np.array(pose.shift)
        y, z = flat[:, 1] * np.cos(tilt), distance + flat[:, 1] * np.sin(tilt)
        return np.stack((focal * flat[:, 0] / z + width / 2, focal * y / z + height / 2), axis=1) - 0.5

    def see(self, sheet: Image.Image | None, mm: tuple[float, float], pose: Pose) -> Pixels:
        """The scene as it falls on the sensor, BGR, without noise. No sheet: the empty mat."""
        scene = self._mat.copy()
        if sheet is not None:
            self._put(scene, sheet, self.corners(mm, pose))
        scene = cv2.multiply(scene, self._light(pose), scale=1 / 255)
        if pose.glare is not None:
            scene = cv2.add(scene, self._glare(pose.glare))
        if pose.smear > 1:
            scene = cv2.blur(scene, (pose.smear, 1))
        if pose.blur > 0:
            scene = cv2.GaussianBlur(scene, (0, 0), pose.blur)
        return np.asarray(scene, np.uint8)

    def jpeg(self, scene: Pixels) -> bytes:
        """One exposure of the scene: with new noise, encoded."""
        height, width = scene.shape[:2]
        x, y = (int(start) for start in self._rng.integers(0, 64, 2))
        noisy = cv2.add(scene, self._noise[y : y + height, x : x + width], dtype=cv2.CV_8U)
        return cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, self._quality])[1].tobytes()

    def _put(self, scene: Pixels, sheet: Image.Image, corners: Corners) -> None:
        drawn = np.asarray(sheet.convert("RGB"), np.uint8)[:, :, ::-1]
        scale = float(np.linalg.norm(corners[1] - corners[0])) / drawn.shape[1]
        if scale < 1:  # averaged down to the sensor's grain; the warp alone would leave parts of letters out
            drawn = np.asarray(cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        height, width = drawn.shape[:2]
        source = np.array(((0, 0), (width, 0), (width, height), (0, height))) - 0.5
        matrix = cv2.getPerspectiveTransform(source.astype(np.float32), corners.astype(np.float32))
        paper = cv2.convertScaleAbs(drawn, alpha=_WHITE)
        cv2.warpPerspective(paper, matrix, self.size, scene, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)

    def _glare(self, centre: tuple[float, float]) -> Pixels:
        """A lamp's reflection with a soft rim."""
        width, height = self.size
        spot = np.zeros((height // 8, width // 8), np.uint8)
        middle = round(centre[0] * width / 8), round(centre[1] * height / 8)
        cv2.circle(spot, middle, round(_GLARE_MM / VIEW_MM * width / 8), (255,), -1)
        return self._grown(np.asarray(cv2.GaussianBlur(spot, (0, 0), 2), np.uint8))

    def _light(self, pose: Pose) -> Pixels:
        """What share of the light falls where, 255: all."""
        width, height = self.size
        x = np.linspace(0, 1, width // 8, dtype=np.float32)[None, :]
        y = np.linspace(0, 1, height // 8, dtype=np.float32)[:, None]
        falloff = 1 - 0.3 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)
        edge = 1 / (1 + np.exp(8 * (0.9 - x - 0.5 * y)))
        light = 255 * pose.light * falloff * (1 - pose.shadow * edge)
        return self._grown(np.clip(light, 0, 255).astype(np.uint8))

    def _grown(self, small: Pixels) -> Pixels:
        """A soft grey field over the whole frame."""
        large = cv2.resize(small, self.size, interpolation=cv2.INTER_LINEAR)
        return np.asarray(cv2.merge((large, large, large)), np.uint8)
