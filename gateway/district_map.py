"""The district's map: a GeoJSON file of its villages, read and checked once at the start.

Each feature is a village: a Polygon or MultiPolygon with the properties ``code`` (Kemendagri, as a terminal's
``region``) and ``name``, and maybe ``label`` ([longitude, latitude], where its name stands).
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import cast

MAX_BYTES = 8 * 1024 * 1024
MAX_POINTS = 200_000
MAX_AREAS = 2_000
_CODE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")

Point = tuple[float, float]
"""Longitude and latitude in degrees (WGS 84)."""
Ring = tuple[Point, ...]


class MapError(ValueError):
    """The map file is wrong; the message names the file, the feature and the fault."""


@dataclass(frozen=True, slots=True)
class Area:
    """A village. ``rings``: all its outlines, holes too (drawn even-odd). ``label``: where its name stands."""

    code: str
    name: str
    rings: tuple[Ring, ...]
    label: Point

    @property
    def subdistrict(self) -> str:
        """The code of its kecamatan."""
        return self.code[:8]


@dataclass(frozen=True, slots=True, eq=False)  # one a process: what is worked out from it is kept by it
class DistrictMap:
    """``areas`` in the order of the file. ``borders``: the lines between kecamatan, and around the whole."""

    areas: tuple[Area, ...]
    borders: tuple[Ring, ...]

    def area(self, code: str) -> Area | None:
        """The village of that code."""
        return next((area for area in self.areas if area.code == code), None)


def load(path: Path) -> DistrictMap:
    """Read the file. Raises MapError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise MapError(f"{path}: {error.strerror or error}") from error
    if len(data) > MAX_BYTES:
        raise MapError(f"{path}: more than {MAX_BYTES // 1024 // 1024} MiB; simplify the outlines")
    try:
        return parse(data)
    except MapError as error:
        raise MapError(f"{path}: {error}") from error


def parse(data: bytes) -> DistrictMap:
    """Read GeoJSON. Raises MapError."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MapError("not JSON") from error
    if _get(value, "type") != "FeatureCollection" or not isinstance(_get(value, "features"), list):
        raise MapError("not a GeoJSON FeatureCollection")
    features = cast(list[object], value["features"])
    if not 1 <= len(features) <= MAX_AREAS:
        raise MapError(f"{len(features)} features; 1 to {MAX_AREAS} are taken")
    areas = tuple(_area(n, feature) for n, feature in enumerate(features, 1))
    twice = [code for code, count in Counter(area.code for area in areas).items() if count > 1]
    if twice:
        raise MapError(f"the code {twice[0]} stands twice")
    if sum(len(ring) for area in areas for ring in area.rings) > MAX_POINTS:
        raise MapError(f"more than {MAX_POINTS} points; simplify the outlines")
    return DistrictMap(areas, _borders(areas))


def _area(n: int, feature: object) -> Area:
    properties, geometry = _get(feature, "properties"), _get(feature, "geometry")
    code, name = _get(properties, "code"), _get(properties, "name")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise MapError(f"feature {n}: its property code is no village code such as 32.79.01.1001")
    if not isinstance(name, str) or not 1 <= len(name) <= 120 or not name.isprintable():
        raise MapError(f"feature {n} ({code}): its property name is no name")
    kind, coordinates = _get(geometry, "type"), _get(geometry, "coordinates")
    if kind not in ("Polygon", "MultiPolygon"):
        raise MapError(f"feature {n} ({code}): neither Polygon nor MultiPolygon")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    try:
        rings = tuple(_ring(ring) for polygon in _list(polygons) for ring in _list(polygon))
        label = _get(properties, "label")
        return Area(code, name, rings, _point(label) if label is not None else _middle(max(rings, key=len)))
    except ValueError as error:
        raise MapError(f"feature {n} ({code}): {error or 'it has no outline'}") from error


def _get(value: object, name: str) -> object:
    return cast(dict[str, object], value).get(name) if isinstance(value, dict) else None


def _list(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise ValueError("an outline is empty")
    return cast(list[object], value)


def _ring(value: object) -> Ring:
    points = tuple(_point(point) for point in _list(value))
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError("an outline is not closed")
    return points


def _point(value: object) -> Point:
    pair = cast(list[object], value) if isinstance(value, list) else []
    if len(pair) < 2 or not all(isinstance(each, int | float) and not isinstance(each, bool) for each in pair[:2]):
        raise ValueError("a point is not [longitude, latitude]")
    longitude, latitude = cast(tuple[float, float], pair[:2])
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise ValueError("a point lies outside the world: longitude comes first")
    return float(longitude), float(latitude)


def _middle(ring: Ring) -> Point:
    """The centre of gravity, or the middle of the corners where the outline has no area."""
    double, x, y = 0.0, 0.0, 0.0
    for (ax, ay), (bx, by) in itertools.pairwise(ring):
        cross = (ax - ring[0][0]) * (by - ring[0][1]) - (bx - ring[0][0]) * (ay - ring[0][1])
        double += cross
        x += (ax + bx + ring[0][0]) * cross
        y += (ay + by + ring[0][1]) * cross
    if abs(double) > 1e-12:
        middle = x / (3 * double), y / (3 * double)
        if all(map(math.isfinite, middle)):
            return middle
    return sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)


def _borders(areas: tuple[Area, ...]) -> tuple[Ring, ...]:
    """The edges that only one village of a kecamatan has, joined to lines."""
    lines: list[Ring] = []
    for subdistrict in dict.fromkeys(area.subdistrict for area in areas):
        edges = [
            edge
            for area in areas
            if area.subdistrict == subdistrict
            for ring in area.rings
            for edge in itertools.pairwise(ring)
        ]
        seen = Counter(frozenset(edge) for edge in edges)
        line: list[Point] = []
        for start, end in edges:
            if seen[frozenset((start, end))] > 1:
                continue
            if line and line[-1] == start:
                line.append(end)
            else:
                lines.append(tuple(line))
                line = [start, end]
        lines.append(tuple(line))
    return tuple(line for line in lines if line)
