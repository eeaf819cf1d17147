"""How well the four sides of a quad are borne out by the picture, for many quads at once.

Along each side the colour is read at several distances inside and outside. A sheet's side is a sharp, unbroken step
between two different colours, with much the same colour (blank margin) inside all round. A block of text has ragged
sides and the same paper on both of them; a printed frame is a line with the same colour on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kiosk.capture.geometry import Floats

SAMPLES = 36
_ALONG = np.linspace(0.05, 0.95, SAMPLES)
_ACROSS = np.array((-9.0, -6.0, -4.0, -2.0, 2.0, 4.0, 6.0, 9.0))  # pixels of the working picture; inside is positive
_OUT, _IN = slice(0, 3), slice(5, 8)
_STEP = 5.0
"""Colour difference (CIE L*a*b*) at which a step counts half: about what one just sees at a glance."""


@dataclass(frozen=True, slots=True)
class Scores:
    """For each of n quads: ``total`` 0 to 1; ``weakest`` side 0 to 1; ``step`` inside to outside, median in L*a*b*."""

    total: Floats
    weakest: Floats
    step: Floats


def score(lab: Floats, quads: Floats) -> Scores:
    """Score n x 4 x 2 quads on the working picture (float L*a*b*, height x width x 3)."""
    height, width = lab.shape[:2]
    ahead = np.roll(quads, -1, axis=1) - quads
    length = np.maximum(np.linalg.norm(ahead, axis=2, keepdims=True), 1e-6)
    inward = np.stack((-ahead[..., 1], ahead[..., 0]), axis=2) / length
    base = quads[:, :, None] + ahead[:, :, None] * _ALONG[None, None, :, None]
    at = base[:, :, :, None] + inward[:, :, None, None] * _ACROSS[None, None, None, :, None]
    x, y = np.rint(at[..., 0]).astype(np.int64), np.rint(at[..., 1]).astype(np.int64)
    seen = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    colour = lab[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]  # n, side, sample, distance, 3
    outer, inner = colour[..., _OUT, :].mean(axis=3), colour[..., _IN, :].mean(axis=3)
    valid = seen[..., _OUT].all(axis=3) & seen[..., _IN].all(axis=3)

    difference = inner - outer
    step = np.linalg.norm(difference, axis=3)
    typical = np.median(difference, axis=2, keepdims=True)
    typical /= np.maximum(np.linalg.norm(typical, axis=3, keepdims=True), 1e-6)
    agreeing = np.sum(difference * typical, axis=3) / np.maximum(step, 1e-6) > 0.5

    # Sharp here: most of the step happens between the two innermost distances, not gradually and not elsewhere.
    near = np.linalg.norm(colour[..., 4, :] - colour[..., 3, :], axis=3)
    sharp = np.clip(near / np.maximum(step, 1e-6), 0, 1)
    strong = step / (step + _STEP)
    support = np.where(valid & agreeing, strong * (0.35 + 0.65 * sharp), 0.0)
    side = support.mean(axis=2)
    unseen = ~valid
    blind = unseen.mean(axis=2)
    side = np.where(blind > 0.5, 0.30, side / np.maximum(1 - blind, 0.5))

    beyond = _beyond(lab, quads, ahead / length, inward, typical[:, :, 0])
    margin = np.median(inner, axis=2)  # n, side, 3: the paper's own colour along each side
    uneven = np.linalg.norm(margin - margin.mean(axis=1, keepdims=True), axis=2).mean(axis=1)
    spread = np.median(np.abs(inner - margin[:, :, None]).sum(axis=3), axis=2).mean(axis=1)
    even = 1 / (1 + (uneven / 25) ** 2 + (spread / 15) ** 2)

    corner_angles = _slant(quads)
    share = _area(quads) / (width * height)
    total = (0.55 * side.mean(axis=1) + 0.45 * side.min(axis=1)) * (0.75 + 0.25 * even)
    total = total * (1 - 0.25 * corner_angles) * (1 - 0.5 * beyond) + 0.10 * np.sqrt(np.clip(share, 0, 1))
    return Scores(np.clip(total, 0, 1), side.min(axis=1), np.asarray(np.median(step, axis=(1, 2)), np.float64))


def _beyond(lab: Floats, quads: Floats, along: Floats, inward: Floats, typical: Floats) -> Floats:
    """0 to 1 for each quad: do two opposite sides run on beyond the side between them? Then the sheet goes on there,
    and that side is a fold, a table's line or a row of text."""
    height, width = lab.shape[:2]
    ways = np.linspace(5, 26, 8)
    on = np.zeros((len(quads), 4, 2))  # n, side, (at its start, at its end)
    for end in (0, 1):
        corner = quads if end == 0 else np.roll(quads, -1, axis=1)
        sign = -1.0 if end == 0 else 1.0
        base = corner[:, :, None] + sign * along[:, :, None] * ways[None, None, :, None]
        at = base[:, :, :, None] + inward[:, :, None, None] * np.array((-7.0, -4.0, 4.0, 7.0))[:, None]
        x, y = np.rint(at[..., 0]).astype(np.int64), np.rint(at[..., 1]).astype(np.int64)
        seen = ((x >= 0) & (y >= 0) & (x < width) & (y < height)).all(axis=3)
        colour = lab[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)]
        difference = colour[..., 2:, :].mean(axis=3) - colour[..., :2, :].mean(axis=3)
        step = np.linalg.norm(difference, axis=3)
        agreeing = np.sum(difference * typical[:, :, None], axis=3) > 0.7 * step
        share = (seen & agreeing & (step > _STEP)).mean(axis=2)
        on[..., end] = np.clip((share - 0.5) / 0.4, 0, 1)
    # Side i lies between side i-1 (whose end is at its start) and side i+1 (whose start is at its end).
    both = np.minimum(np.roll(on[..., 1], 1, axis=1), np.roll(on[..., 0], -1, axis=1))
    return both.max(axis=1)


def _slant(quads: Floats) -> Floats:
    """0 for a rectangle to 1 for corners 45 degrees off."""
    before, after = np.roll(quads, 1, axis=1) - quads, np.roll(quads, -1, axis=1) - quads
    cosine = np.sum(before * after, axis=2) / np.maximum(
        np.linalg.norm(before, axis=2) * np.linalg.norm(after, axis=2), 1e-6
    )
    return np.clip(np.abs(cosine).mean(axis=1) / np.sin(np.radians(45)), 0, 1)


def _area(quads: Floats) -> Floats:
    x, y = quads[..., 0], quads[..., 1]
    return 0.5 * np.abs(np.sum(x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1), axis=1))


def missing_corner(lab: Floats, quad: Floats) -> float:
    """How much of the worst corner shows what lies around the sheet: 0 all paper, 1 none (folded over, torn, curled).

    Looked at is a triangle of 8 % of both sides. Paper and surroundings are read just inside and just outside the two
    sides that meet there, away from the corner itself, so that a printed border or a patterned mat does no harm.
    """
    height, width = lab.shape[:2]
    grid = np.linspace(0.1, 0.9, 8)
    u, v = (a.ravel() for a in np.meshgrid(grid, grid))
    near = u + v < 1.0
    worst = 0.0
    for i in range(4):
        corner, sides = quad[i], (quad[(i + 1) % 4] - quad[i], quad[i - 1] - quad[i])
        triangle = corner + 0.08 * (u[near, None] * sides[0] + v[near, None] * sides[1])
        along = np.linspace(0.2, 0.75, 24)[:, None]
        paper_at: list[Floats] = []
        mat_at: list[Floats] = []
        for one, other in (sides, sides[::-1]):
            inward = other - one * float(one @ other) / max(float(one @ one), 1e-6)
            inward /= max(float(np.linalg.norm(inward)), 1e-6)
            paper_at.append(corner + along * one + 4 * inward)
            mat_at.append(corner + along * one - 5 * inward)

        def colours(points: Floats) -> Floats:
            x = np.clip(np.rint(points[:, 0]).astype(np.int64), 0, width - 1)
            y = np.clip(np.rint(points[:, 1]).astype(np.int64), 0, height - 1)
            return lab[y, x]

        paper, mat = colours(np.concatenate(paper_at)), colours(np.concatenate(mat_at))
        usual, around = np.median(paper, axis=0), np.median(mat, axis=0)
        if np.linalg.norm(usual - around) < 2 * _STEP:
            continue
        here = colours(triangle)[:, None]
        # The nearest quarter, not the nearest: where a fold reaches far along a side, some "paper" samples are mat.
        to_paper = np.percentile(np.linalg.norm(here - paper[None], axis=2), 25, axis=1)
        to_mat = np.percentile(np.linalg.norm(here - mat[None], axis=2), 25, axis=1)
        worst = max(worst, float((to_mat < 0.6 * to_paper).mean()))
    return worst
