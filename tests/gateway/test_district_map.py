"""The district's map: what a good file gives, and what every bad one is told by name."""

from __future__ import annotations

import copy
import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import district_map
from gateway.district_map import MapError
from gateway.office import draw
from tests.gateway.rig import ROOT
from tests.web.yard import VILLAGES, region
from tests.web.yard import district_map as made_up

GOOD: dict[str, Any] = json.loads(made_up())


def test_a_good_file_gives_villages_and_the_lines_between_kecamatan() -> None:
    read = district_map.parse(made_up())
    assert [area.name for area in read.areas] == list(VILLAGES)
    area = read.area(region("Ekasari"))
    assert area is not None
    assert min(p[0] for p in area.rings[0]) < area.label[0] < max(p[0] for p in area.rings[0])
    drawn = {frozenset(edge) for line in read.borders for edge in itertools.pairwise(line)}
    edges = [frozenset(edge) for area in read.areas for edge in itertools.pairwise(area.rings[0])]
    inside = set(edges) - drawn
    assert drawn < set(edges)
    assert len(inside) == 6  # between the three villages of each of three kecamatan
    assert all(edges.count(edge) == 2 for edge in inside)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda d: d.update(type="Feature"), "FeatureCollection"),
        (lambda d: d.update(features=[]), "0 features"),
        (lambda d: d["features"][1]["properties"].pop("code"), "feature 2"),
        (lambda d: d["features"][1]["properties"].update(code="3279"), "feature 2"),
        (lambda d: d["features"][1]["properties"].update(name=7), "property name"),
        (lambda d: d["features"][1].update(properties=d["features"][0]["properties"]), "stands twice"),
        (lambda d: d["features"][0]["geometry"].update(type="Point"), "Polygon"),
        (lambda d: d["features"][0]["geometry"]["coordinates"][0].pop(), "not closed"),
        (
            lambda d: d["features"][0]["geometry"]["coordinates"][0].__setitem__(0, [-7.3, 108.5]),
            "longitude comes first",
        ),
        (lambda d: d["features"][0]["geometry"]["coordinates"][0].__setitem__(0, ["a", "b"]), "not [longitude"),
        (lambda d: d["features"][0]["geometry"].update(coordinates=[]), "empty"),
    ],
)
def test_a_bad_file_is_told_by_name(spoil: Any, says: str) -> None:
    value = copy.deepcopy(GOOD)
    spoil(value)
    with pytest.raises(MapError) as told:
        district_map.parse(json.dumps(value).encode())
    assert says in str(told.value)


def test_the_gateway_says_which_file_is_wrong_and_does_not_start(tmp_path: Path) -> None:
    wrong = tmp_path / "desa.geojson"
    for data, says in ((b"{", "not JSON"), (b"[" * 100_000, "not JSON"), (b" " * (8 * 2**20 + 1), "more than 8 MiB")):
        wrong.write_bytes(data)
        with pytest.raises(MapError) as told:
            district_map.load(wrong)
        assert str(wrong) in str(told.value)
        assert says in str(told.value)
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "serve", "--data", str(tmp_path / "data"), "--map", str(tmp_path / "none")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("gateway: ")
    assert str(tmp_path / "none") in done.stderr


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["type", "features", "geometry", "properties", "coordinates", "code"]), inner)
    ),
    max_leaves=20,
)


@given(_json, st.integers(0, 3), st.booleans())
def test_noise_is_refused_and_nothing_else_escapes(noise: object, where: int, whole: bool) -> None:
    value = copy.deepcopy(GOOD)
    if whole:
        value = noise
    else:
        spot = value["features"][0]
        places: list[tuple[Any, Any]] = [
            (value["features"], 0),
            (spot, "geometry"),
            (spot["geometry"]["coordinates"], 0),
            (spot["properties"], "label"),
        ]
        holder, key = places[where]
        holder[key] = noise
    try:
        read = district_map.parse(json.dumps(value).encode())
    except MapError:
        return
    assert draw.picture(draw.FLEET, read, [])["areas"]


@given(st.binary(max_size=60))
def test_bytes_that_are_no_map_are_refused(noise: bytes) -> None:
    with pytest.raises(MapError):
        district_map.parse(noise)


def test_marks_that_would_cover_each_other_are_one_and_names_do_not_meet() -> None:
    pins = [
        draw.Pin(f"{n:03}", f"Desa {n}", "ok", "Baik", n % 6, (108.5 + (n % 40) * 0.001, -7.3 - (n // 40) * 0.001))
        for n in range(1000)
    ]
    drawn: Any = draw.picture(draw.FLEET, None, [*pins, draw.Pin("ZZZ", "Jauh", "ok", "Baik", 0, None)], "005")
    marks, names = drawn["marks"], drawn["names"]
    assert drawn["off"] == 1
    assert sum(1 + mark.more for mark in marks) == 1000
    assert [mark.code for mark in marks if mark.chosen] == ["005"]
    for one in marks:
        assert 0 <= one.x <= draw.FLEET.width
        assert 0 <= one.y <= draw.FLEET.height
        assert all(one is other or abs(one.x - other.x) + abs(one.y - other.y) >= draw.FLEET.near for other in marks)
    lines: dict[float, list[tuple[float, float]]] = {}
    for name in names:
        half = len(name.text) * 6.9 / 2
        lines.setdefault(name.y, []).append((name.x - half, name.x + half))
    for spans in lines.values():
        spans.sort()
        assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))
