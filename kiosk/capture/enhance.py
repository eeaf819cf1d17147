"""Even light, white paper, true colours. Nothing is sharpened, redrawn or made bitonal."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.capture.decode import Image

_SHRINK = 8
_WHITE = 0.97
"""Share of the background from which on a pixel is plain white: paper grain and JPEG noise stay out of the file."""


def background(image: Image) -> NDArray[np.float32]:
    """The bare paper behind the writing, BGR, at 1/8 of the size: brightest neighbour, then median, then the gaps that
    are no paper at all (a photograph, a dark stamp) bridged from around them."""
    height, width = image.shape[:2]
    small = cv2.resize(image, (max(2, width // _SHRINK), max(2, height // _SHRINK)), interpolation=cv2.INTER_AREA)
    lifted = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)))
    calm = cv2.medianBlur(np.asarray(lifted, np.uint8), 15).astype(np.float32)
    light = calm.min(axis=2)
    # What is far darker than the paper around it, in any channel, is content and not shadow: shadows fall off softly.
    around = cv2.blur(_maximum_far(light), (31, 31))
    paper = (light > 0.72 * around).astype(np.float32)
    paper = np.asarray(cv2.erode(paper, np.ones((5, 5), np.uint8)), np.float32)
    if paper.mean() < 0.2:
        return calm
    total, weight = calm * paper[..., None], paper
    filled, share = calm * 0, paper * 0
    for sigma in (3, 12, 40):
        part = cv2.GaussianBlur(weight, (0, 0), sigma) + 1e-6
        near = cv2.GaussianBlur(total, (0, 0), sigma) / part[..., None]
        take = np.clip(part * 4, 0, 1) * (1 - share)
        filled += near * take[..., None]
        share += take
    filled += np.mean(calm[paper > 0], axis=0) * (1 - share)[..., None]
    return np.asarray(paper[..., None] * calm + (1 - paper[..., None]) * filled, np.float32)


def _maximum_far(light: NDArray[np.float32]) -> NDArray[np.float32]:
    side = max(9, max(light.shape) // 5) | 1
    return np.asarray(cv2.dilate(light, np.ones((side, side), np.uint8)), np.float32)


def flatten(image: Image) -> Image:
    """Divide by the background, channel by channel; coloured seals and ink keep their colour."""
    bare = cv2.resize(background(image), (image.shape[1], image.shape[0]), interpolation=cv2.INTER_LINEAR)
    even = image.astype(np.float32) * (255.0 / _WHITE) / np.maximum(bare, 12.0)
    return np.asarray(np.clip(even, 0, 255), np.uint8)


def balance(image: Image) -> Image:
    """For a card, whose face is coloured all over: lift all channels alike until its brightest 1 % is near white."""
    top = float(np.percentile(image[::4, ::4].max(axis=2), 99))
    gain = min(max(245.0 / max(top, 1.0), 1.0), 2.0)
    return np.asarray(np.clip(image * gain, 0, 255), np.uint8)
