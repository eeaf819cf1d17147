"""A plain map as the numbers of an SVG: village areas, marks by shape, names that do not run over each other.

No tiles, no script: the picture stands in the page. Without a district's map the marks stand alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from gateway.district_map import DistrictMap, Point

_SHADES = 4
_LETTER = 6.9  # mean width of a letter of a name, in units of the picture
_LINE = 15.0  # height of a name
_MOST_NAMES = 120
_HOT = 2  # ranks below this are named in bold


@dataclass(frozen=True, slots=True)
class Pin:
    """A terminal to draw. ``rank``: 0 is most urgent, drawn on top and named first. ``at``: None is not drawn."""

    code: str
    name: str
    mark: str
    word: str
    rank: int
    at: Point | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawn mark in units of the picture. ``more``: terminals so near that they share it."""

    code: str
    name: str
    mark: str
    word: str
    rank: int
    x: float
    y: float
    more: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Name:
    """A drawn name, around ``x``, its foot at ``y``. ``hot``: of a terminal that needs a person, or the chosen one."""

    text: str
    x: float
    y: float
    hot: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The size of the picture in its own units; ``near``: marks closer than this become one."""

    width: int
    height: int
    margin: int = 34
    near: float = 22.0
    names: bool = True


FLEET = Frame(820, 620)
SMALL = Frame(362, 216, margin=18, near=13.0, names=False)
WIDE = Frame(820, 560)


@dataclass(frozen=True, slots=True)
class _View:
    """Degrees to units: a plain projection, true at the middle latitude."""

    west: float
    north: float
    x: float
    y: float
    scale: float
    squeeze: float

    def put(self, point: Point) -> tuple[float, float]:
        return (
            round(self.x + (point[0] - self.west) * self.squeeze * self.scale, 1),
            round(self.y + (self.north - point[1]) * self.scale, 1),
        )


def place(lng: int | None, lat: int | None, region: str, district: DistrictMap | None) -> Point | None:
    """Where a terminal stands: its own place, else its village's on the map, else None."""
    if lng is not None and lat is not None:
        return lng / 1e6, lat / 1e6
    area = district.area(region) if district is not None and region else None
    return area.label if area is not None else None


def picture(frame: Frame, district: DistrictMap | None, pins: Iterable[Pin], chosen: str = "") -> dict[str, object]:
    """What the template draws. ``off``: how many terminals have no place."""
    pins = list(pins)
    placed = [(pin, pin.at) for pin in pins if pin.at is not None]
    view = _view(frame, district, [at for _, at in placed])
    marks = _marks(frame, view, placed, chosen)
    areas, borders = _ground(view, district) if district is not None else ((), "")
    return {
        "width": frame.width,
        "height": frame.height,
        "areas": areas,
        "borders": borders,
        "marks": marks,
        "names": _names(frame, marks) if frame.names else [],
        "off": len(pins) - len(placed),
    }


@lru_cache(maxsize=16)
def _ground(view: _View, district: DistrictMap) -> tuple[tuple[dict[str, str | int], ...], str]:
    """Areas and borders in a view: a large map is not drawn anew for each page, which anyone may ask for."""
    shades = dict.fromkeys(area.subdistrict for area in district.areas)
    shade = {code: n % _SHADES + 1 for n, code in enumerate(shades)}
    areas = tuple({"d": _path(view, area.rings, "Z"), "shade": shade[area.subdistrict]} for area in district.areas)
    return areas, _path(view, district.borders, "")


@lru_cache(maxsize=2)
def _corners(district: DistrictMap) -> tuple[Point, Point]:
    """South-west and north-east of all outlines."""
    points = [point for area in district.areas for ring in area.rings for point in ring]
    across, up = [point[0] for point in points], [point[1] for point in points]
    return (min(across), min(up)), (max(across), max(up))


def _view(frame: Frame, district: DistrictMap | None, points: list[Point]) -> _View:
    everything = [*points, *(_corners(district) if district is not None else ())]
    if not everything:
        everything = [(0.0, 0.0)]
    west, east = min(p[0] for p in everything), max(p[0] for p in everything)
    south, north = min(p[1] for p in everything), max(p[1] for p in everything)
    squeeze = math.cos(math.radians((south + north) / 2)) or 1.0
    across, down = max((east - west) * squeeze, 1e-3), max(north - south, 1e-3)
    room = frame.width - 2 * frame.margin, frame.height - 2 * frame.margin
    scale = min(room[0] / across, room[1] / down)
    x = (frame.width - (east - west) * squeeze * scale) / 2
    y = (frame.height - (north - south) * scale) / 2
    return _View(west, north, x, y, scale, squeeze)


def _path(view: _View, rings: Iterable[Iterable[Point]], end: str) -> str:
    parts: list[str] = []
    for ring in rings:
        last = (math.nan, math.nan)
        letter = "M"
        for point in ring:
            x, y = view.put(point)
            if (x, y) != last:
                parts.append(f"{letter}{x:g} {y:g}")
                letter, last = "L", (x, y)
        parts.append(end)
    return "".join(parts)


def _marks(frame: Frame, view: _View, placed: list[tuple[Pin, Point]], chosen: str) -> list[Mark]:
    """Marks, the least urgent first (drawn beneath); near ones are one mark with the most urgent's shape."""
    kept: list[tuple[Pin, float, float, list[Pin]]] = []
    cells: dict[tuple[int, int], list[int]] = {}
    for pin, at in sorted(placed, key=lambda each: (each[0].code != chosen, each[0].rank)):
        x, y = view.put(at)
        column, row = int(x // frame.near), int(y // frame.near)
        around = [
            n
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for n in cells.get((i, j), [])
            if math.hypot(kept[n][1] - x, kept[n][2] - y) < frame.near
        ]
        if around:
            kept[around[0]][3].append(pin)
        else:
            cells.setdefault((column, row), []).append(len(kept))
            kept.append((pin, x, y, []))
    return [
        Mark(pin.code, pin.name, pin.mark, pin.word, pin.rank, x, y, len(others), pin.code == chosen)
        for pin, x, y, others in reversed(kept)
    ]


def _names(frame: Frame, marks: list[Mark]) -> list[Name]:
    """Names under, over or beside their mark, where there is room; the most urgent ones choose first."""
    taken = [_box(mark.x, mark.y, 12.0, 12.0) for mark in marks]
    names: list[Name] = []
    for own, mark in reversed(list(enumerate(marks[-_MOST_NAMES:], max(0, len(marks) - _MOST_NAMES)))):
        half = len(mark.name) * _LETTER / 2
        off = 30.0 if mark.chosen else 21.0
        for dx, dy in ((0.0, off), (0.0, -off), (half + off - 4, 0.0), (-half - off + 4, 0.0)):
            box = _box(mark.x + dx, mark.y + dy, half, _LINE / 2)
            if box[0] < 0 or box[2] > frame.width or box[1] < 0 or box[3] > frame.height:
                continue
            if any(_meet(box, other) for n, other in enumerate(taken) if n != own):
                continue
            taken.append(box)
            names.append(
                Name(mark.name, round(mark.x + dx, 1), round(mark.y + dy + 4.5, 1), mark.chosen or mark.rank < _HOT)
            )
            break
    return names


_Box = tuple[float, float, float, float]


def _box(x: float, y: float, half: float, up: float) -> _Box:
    return x - half, y - up, x + half, y + up


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
