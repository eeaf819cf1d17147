"""The live picture through shared memory, its outline, QR codes and thumbnails: read from the pixels on the screen."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from kiosk import intents
from kiosk.status import LiveView, Step
from screens.widgets.camera import read_block
from screens.widgets.pictures import thumbnail
from tests.screens.crafted import NUMBER, live, slots, status, visit
from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES

WIDTH, HEIGHT = 64, 48


@pytest.fixture
def block() -> Iterator[Path]:
    """A preview: the upper half pure red, the lower half pure blue (BGR, top row first)."""
    path = Path("/dev/shm") / f"adm-test-{uuid.uuid4().hex}"
    half = WIDTH * HEIGHT // 2
    path.write_bytes(b"\x00\x00\xff" * half + b"\xff\x00\x00" * half)
    yield path
    path.unlink()


def pixels(window: Driver, tmp_path: Path) -> Image.Image:
    path = tmp_path / "screen.png"
    window.shot(str(path))
    with Image.open(path) as shot:
        return shot.convert("RGB")


def scanning(block: Path, **values: object) -> LiveView:
    return live(block.name, WIDTH, HEIGHT, **values)


def test_the_live_picture_stands_upright_and_is_outlined(window: Driver, block: Path, tmp_path: Path) -> None:
    corners = ((16.0, 12.0), (48.0, 12.0), (48.0, 36.0), (16.0, 36.0))
    seen = scanning(block, corners=corners, still=0.6)
    window.show(status(visit(Step.SCAN, slots=slots(1), live=seen)))
    shot = pixels(window, tmp_path)
    colours = shot.getcolors(1 << 22) or []
    amount = {colour: count for count, colour in colours}
    assert amount.get((255, 0, 0), 0) > 20_000 and amount.get((0, 0, 255), 0) > 20_000
    assert amount.get((0x34, 0xE2, 0x7A), 0) > 2_000
    rows = [y for y in range(shot.height) if shot.getpixel((120, y)) == (255, 0, 0)]
    blue = [y for y in range(shot.height) if shot.getpixel((120, y)) == (0, 0, 255)]
    assert max(rows) < min(blue)
    window.tap("shutter")
    assert window.said == [intents.Shutter()]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hint": "no_page"}, "Put down the paper"),
        ({"corners": ((1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (1.0, 9.0))}, "Keep the paper still…"),
        ({"hint": "glare", "corners": ((1.0, 1.0), (9.0, 1.0), (9.0, 9.0), (1.0, 9.0))}, "Light is reflected"),
        ({"hint": "a reason of a newer station"}, ""),
    ],
)
def test_one_hint_at_a_time(window: Driver, block: Path, values: dict[str, object], words: str) -> None:
    seen = status(visit(Step.SCAN, slots=slots(1), live=scanning(block, **values)), language="en")
    window.show(seen)
    assert [node["label"] for node in window.nodes() if node["id"] == "hint"] == ([words] if words else [])


def test_a_missing_or_short_block_is_no_picture(block: Path) -> None:
    assert read_block(live("adm-test-none", WIDTH, HEIGHT)) == b""
    assert read_block(live(block.name, WIDTH, HEIGHT * 2)) == b""
    assert read_block(live("../etc/passwd", 1, 1)) == b""
    assert len(read_block(scanning(block))) == WIDTH * HEIGHT * 3


@given(name=some.text(max_size=30), width=some.integers(-9, 9999), height=some.integers(-9, 9999))
@settings(max_examples=100, deadline=None)
def test_any_name_and_size_of_a_block(name: str, width: int, height: int) -> None:
    if not os.path.exists(f"/dev/shm/{name}"):  # noqa: PTH110 - a name with a null character must answer False
        assert read_block(live(name, width, height)) == b""


@given(text=some.one_of(some.text(max_size=60), some.binary(max_size=60).map(lambda data: data.hex())))
@settings(max_examples=60, deadline=None)
def test_a_thumbnail_that_is_no_picture(the_window: Driver, text: str) -> None:
    assert thumbnail(text) is None


@pytest.mark.parametrize("name", ["done", "no_receipt", "receipt_ask", "last_number"])
@pytest.mark.parametrize("contrast", [False, True])
def test_the_qr_on_the_screen_is_the_number(window: Driver, tmp_path: Path, name: str, contrast: bool) -> None:
    window.show(STATUSES[name][1].model_copy(update={"contrast": contrast}))
    found = zxingcpp.read_barcodes(pixels(window, tmp_path))
    assert [code.text for code in found] == [NUMBER]
    assert window.find("number")["label"] == NUMBER
