"""Lay the four sides of a quad on the real edges, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.capture.decode import Image
from kiosk.capture.geometry import Floats, crossing

SAMPLES = 64
_ALONG = np.linspace(0.04, 0.96, SAMPLES)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted quad. ``borne``: for each side the share of samples whose edge lies on the line; ``bend``: for each side
    the median distance of its edge points from the line, pixels."""

    quad: Floats
    borne: Floats
    bend: Floats


def fit(image: Image, quad: Floats, reach: float) -> Fit:
    """Refit each side to the edge within ``reach`` pixels of it. A side that shows no edge stays where it is."""
    lines: list[Floats] = []
    borne, bend = np.zeros(4), np.full(4, reach)
    for i in range(4):
        line, borne[i], bend[i] = _side(image, quad[i], quad[(i + 1) % 4], reach)
        lines.append(line)
    corners = [crossing(lines[i - 1], lines[i]) for i in range(4)]
    if any(corner is None for corner in corners):
        return Fit(quad, np.zeros(4), bend)
    fitted = np.array(corners)
    if np.max(np.abs(fitted - quad)) > 4 * reach + 4:
        return Fit(quad, np.zeros(4), bend)
    return Fit(fitted, borne, bend)


def _side(image: Image, start: Floats, end: Floats, reach: float) -> tuple[Floats, float, float]:
    height, width = image.shape[:2]
    ahead = end - start
    length = max(float(np.linalg.norm(ahead)), 1e-6)
    along = ahead / length
    inward = np.array((-along[1], along[0]))
    stay = np.array((inward[0], inward[1], float(inward @ start)))
    step = 0.5 if reach <= 12 else reach / 24
    across = np.arange(-reach - 2, reach + 2 + step, step)
    base = start + ahead * _ALONG[:, None]
    at = base[:, None] + inward * across[None, :, None]
    seen = (at[..., 0] >= 0) & (at[..., 1] >= 0) & (at[..., 0] <= width - 1) & (at[..., 1] <= height - 1)
    colour = cv2.remap(
        image,
        at[..., 0].astype(np.float32),
        at[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float64)
    colour = np.asarray(cv2.blur(colour, (1, 3)))  # a little along the side: noise down, the edge stays
    # One number a pixel: the colour direction in which inside and outside differ most along this side.
    third = len(across) // 3
    contrast = np.median(colour[:, -third:], axis=(0, 1)) - np.median(colour[:, :third], axis=(0, 1))
    norm = float(np.linalg.norm(contrast))
    if norm < 1.0:
        return stay, 0.0, reach
    profile = colour @ (contrast / norm)
    wide = max(1, round(1.0 / step))
    slope = np.zeros_like(profile)
    slope[:, wide:-wide] = profile[:, 2 * wide :] - profile[:, : -2 * wide]
    slope[~seen] = 0
    slope[:, np.abs(across) > reach] = 0
    peak = np.argmax(slope, axis=1)
    rows = np.arange(len(peak))
    height_of = slope[rows, peak]
    noise = 1.4826 * float(np.median(np.abs(slope))) + 1.0
    good = (height_of > max(3 * noise, 0.2 * norm)) & (peak > 0) & (peak < len(across) - 1)
    if good.sum() < SAMPLES // 5:
        return stay, 0.0, reach
    before, after = slope[rows, np.maximum(peak - 1, 0)], slope[rows, np.minimum(peak + 1, len(across) - 1)]
    bow = before - 2 * height_of + after
    shift = np.where(bow < -1e-9, 0.5 * (before - after) / np.where(bow < -1e-9, bow, 1.0), 0.0)
    offset = across[peak] + np.clip(shift, -0.5, 0.5) * step
    intercept, incline = _robust_line(_ALONG[good] - 0.5, offset[good], max(1.0, 0.15 * reach))
    rest = np.abs(offset - intercept - incline * (_ALONG - 0.5))
    close = good & (rest < max(1.5, 0.15 * reach))
    first, last = (start + along * length * t + inward * (intercept + incline * (t - 0.5)) for t in (0.0, 1.0))
    direction = (last - first) / max(float(np.linalg.norm(last - first)), 1e-9)
    normal = np.array((-direction[1], direction[0]))
    line = np.array((normal[0], normal[1], float(normal @ first)))
    return line, float(close.mean()), float(np.median(rest[good]))


def _robust_line(t: Floats, offset: Floats, scale: float) -> tuple[float, float]:
    """Offset at t = 0 and slope, outliers ignored: best of all pairs of a thinned set, then weighted least squares."""
    thin = np.linspace(0, len(t) - 1, min(len(t), 20)).astype(np.int64)
    i, j = np.triu_indices(len(thin), 4)
    a, b = thin[i], thin[j]
    if not len(a):
        return float(np.median(offset)), 0.0
    slopes = (offset[b] - offset[a]) / np.where(t[b] - t[a] == 0, 1.0, t[b] - t[a])
    starts = offset[a] - slopes * t[a]
    rest = np.abs(offset[None] - starts[:, None] - slopes[:, None] * t[None])
    best = int(np.argmin(np.minimum(rest, 2 * scale).sum(axis=1)))
    intercept, incline = float(starts[best]), float(slopes[best])
    for _ in range(5):
        weight = 1 / (1 + ((offset - intercept - incline * t) / (0.5 * scale)) ** 2) ** 2
        total = max(float(weight.sum()), 1e-9)
        mean_t, mean_o = float(weight @ t) / total, float(weight @ offset) / total
        spread = float(weight @ (t - mean_t) ** 2)
        incline = float(weight @ ((t - mean_t) * (offset - mean_o))) / spread if spread > 1e-9 else 0.0
        intercept = mean_o - incline * mean_t
    return intercept, incline
