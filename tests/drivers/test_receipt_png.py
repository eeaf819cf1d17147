"""The drawing of receipts: dots are compared with what the commands say, from the bytes outside."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.printer.blocks import Align, Box, Columns, Cut, Feed, Icon, Item, Pair, Qr, Rule, Stroke, Text
from drivers.printer.blocks import Image as Picture
from drivers.printer.bytes import printable, receipt_bytes
from drivers.virtual import receipt_png
from drivers.virtual.escpos import commands
from drivers.virtual.receipt_png import KNIFE, WIDTH, render

_FEW = settings(max_examples=100, deadline=None)
_SETUP = b"\x1b@\x1bt\x13\x1b3\x18"  # code page 858, lines as high as the letters


def ink(paper: Image.Image) -> tuple[int, int, int, int]:
    """The box around all black dots."""
    box = paper.convert("L").point(lambda dot: 255 - dot).getbbox()
    assert box is not None
    return box


def letter(paper: Image.Image, column: int, row: int = 0, wide: int = 1, tall: int = 1) -> Image.Image:
    """One letter's dots, at its own size."""
    x, y = column * 12 * wide, KNIFE + row * 24 * tall
    return paper.crop((x, y, x + 12 * wide, y + 24 * tall)).resize((12, 24), Image.Resampling.NEAREST)


def test_paper_is_576_dots_wide_and_one_bit_deep() -> None:
    paper = render(b"A\n")
    assert (paper.mode, paper.width) == ("1", WIDTH)
    assert render(b"").height == KNIFE


def test_letters_stand_in_columns_of_12_and_break_after_48() -> None:
    paper = render(_SETUP + b"A" * 49 + b"\n")
    first = letter(paper, 0)
    assert first.tobytes() == letter(paper, 47).tobytes() == letter(paper, 0, row=1).tobytes()
    assert letter(paper, 1, row=1).getextrema() == (255, 255)
    assert paper.height == KNIFE + 2 * 24


@pytest.mark.parametrize(("wide", "tall"), [(1, 2), (2, 1), (4, 3), (8, 8)])
def test_bigger_letters_are_the_same_letters(wide: int, tall: int) -> None:
    plain = letter(render(_SETUP + b"KM\n"), 1)
    big = render(_SETUP + b"\x1d!" + bytes(((wide - 1) << 4 | (tall - 1),)) + b"KM\n")
    assert letter(big, 1, wide=wide, tall=tall).tobytes() == plain.tobytes()
    assert big.height == KNIFE + 24 * tall


def test_letters_of_two_heights_stand_on_one_line() -> None:
    plain = letter(render(_SETUP + b"A\n"), 0)
    mixed = render(_SETUP + b"A\x1d!\x01A\n")
    assert mixed.crop((0, KNIFE + 24, 12, KNIFE + 48)).tobytes() == plain.tobytes()
    assert mixed.crop((0, KNIFE, 12, KNIFE + 24)).getextrema() == (255, 255)


def test_emphasised_and_inverted_letters() -> None:
    plain, bold, white = (letter(render(_SETUP + mode + b"A\n"), 0) for mode in (b"", b"\x1bE\x01", b"\x1dB\x01"))
    black = [picture.histogram()[0] for picture in (plain, bold, white)]
    assert black[1] > black[0]
    assert black[2] == 12 * 24 - black[0]


def test_alignment() -> None:
    left, centre, right = (ink(render(_SETUP + b"\x1ba" + bytes((n,)) + b"##\n")) for n in range(3))
    assert centre[0] - left[0] == (WIDTH - 24) // 2
    assert right[0] - left[0] == WIDTH - 24


def test_a_picture_comes_out_dot_for_dot() -> None:
    bits = bytes(range(1, 13))
    paper = render(b"\x1b@\x1dv0\x00\x02\x00\x06\x00" + bits)
    assert paper.crop((0, KNIFE, 16, KNIFE + 6)).convert("1").tobytes() == bytes(255 - byte for byte in bits)
    assert paper.height == KNIFE + 6


def test_a_picture_in_the_line_has_its_first_column_left_and_its_high_bit_on_top() -> None:
    paper = render(_SETUP + b"\x1b*\x21\x02\x00" + b"\x80\x00\x00" + b"\x00\x00\x01" + b"\n")
    black = [(x, y) for y in range(24) for x in range(12) if not paper.getpixel((x, KNIFE + y))]
    assert black == [(0, 0), (1, 23)]


def test_feeds_and_line_spacing() -> None:
    assert render(b"\x1b3\x32A\n\x1bJ\x0a\x1bd\x02").height == KNIFE + 50 + 10 + 2 * 50


def test_what_was_not_fed_past_the_knife_stays_behind_the_cut() -> None:
    early = render(_SETUP + b"A\n\x1dV\x00")
    assert early.height == KNIFE + 24
    late = render(_SETUP + b"A\n\x1dVB\x00")
    assert late.height == KNIFE + 24
    assert ink(late)[3] == late.height
    two = render(_SETUP + b"A\n\x1dVB\x00B\n")
    assert letter(two, 0).getextrema() != letter(two, 0, row=-1).getextrema()


@pytest.mark.parametrize("module", [6, 8, 16])
@pytest.mark.parametrize("text", ["KMT-10417-F", "https://example.go.id/?a=é", "0"])
def test_zxing_reads_the_code(module: int, text: str) -> None:
    paper = render(receipt_bytes((Qr(text, module), Cut())))
    assert [found.text for found in zxingcpp.read_barcodes(paper.convert("L"))] == [text]


def test_a_code_has_modules_of_its_size_and_four_of_quiet_paper() -> None:
    paper = render(receipt_bytes((Text("above"), Qr("KMT-10417-F", 6), Text("below"))))
    code = paper.crop((0, KNIFE + 24, WIDTH, paper.height - 32))
    left, top, right, bottom = ink(code)
    assert (right - left, bottom - top) == (21 * 6, 21 * 6)
    assert abs((left + right) - WIDTH) <= 1
    assert top >= 4 * 6
    assert code.height - bottom >= 4 * 6


def test_an_inverted_line_is_one_black_bar() -> None:
    paper = render(receipt_bytes((Text("SALINAN", Align.CENTER, invert=True),)))
    left, top, right, bottom = ink(paper)
    assert (left, right, bottom - top) == (0, WIDTH, 40)
    assert paper.crop((0, top, 200, bottom)).getextrema() == (0, 0)


def test_a_box_is_closed_on_all_sides() -> None:
    lines = tuple(Text(f"line {number}") for number in range(3))
    paper = render(receipt_bytes((Box(lines),)))
    left, top, right, bottom = ink(paper)
    assert (left, right) == (0, WIDTH)
    for side in ((0, top, 4, bottom), (572, top, 576, bottom), (0, top, 576, top + 4), (0, bottom - 4, 576, bottom)):
        assert paper.crop(side).getextrema() == (0, 0)
    assert paper.crop((4, top + 4, 16, bottom - 4)).getextrema() == (255, 255)


@pytest.mark.parametrize(
    "stream",
    [
        b"\x1bM\x01A\n",  # font B
        b"\x1d(k\x03\x00",  # cut off
        b"\x1dv0\x00\x02\x00\x06\x00\x01",
        b"\x1d(k\x03\x001Q0",  # a code of nothing
        b"\x1d(k\x03\x001C\x10\x1d(k\x7b\x001P0" + b"a" * 120 + b"\x1d(k\x03\x001Q0",  # wider than the paper
        b"\x1dk\x41\x03123",  # a bar code
        b"\x1b{\x01",  # upside down
        b"\x07",
        b"\x1b",
        b"\n" * 2000,
    ],
)
def test_what_cannot_be_drawn_is_an_error(stream: bytes) -> None:
    with pytest.raises(ValueError, match=r"not drawn|dots of paper|of nothing|wider than"):
        render(stream)


def test_a_letter_that_the_code_page_lacks_shows() -> None:
    assert letter(render(b"\x1b@\xe0\n"), 0).getextrema() == (0, 0)  # alpha of code page 437


_BEGINNINGS = (
    b"\x1b",
    b"\x1d",
    b"\x1d(k\x03\x001",
    b"\x1d(k\x06\x001P0",
    b"\x1dv0\x00\x01\x00\x02\x00",
    b"\x1b*\x21\x01\x00",
)


@_FEW
@given(st.lists(st.sampled_from(_BEGINNINGS) | st.binary(max_size=6), max_size=40).map(b"".join))
def test_any_bytes_give_a_picture_or_a_clear_error(stream: bytes) -> None:
    try:
        assert render(stream).width == WIDTH
    except ValueError as error:
        assert str(error)


@_FEW
@given(st.lists(st.sampled_from(_BEGINNINGS) | st.binary(max_size=6), max_size=40).map(b"".join))
def test_cutting_a_stream_into_commands_loses_nothing(stream: bytes) -> None:
    assert b"".join(commands(stream)) == stream


_TEXTS = st.text(max_size=120)
_ALIGNS = st.sampled_from(Align)
_BLOCKS = st.one_of(
    st.builds(Text, _TEXTS, _ALIGNS, st.booleans(), st.integers(1, 8), st.none() | st.integers(1, 8), st.booleans()),
    st.builds(Columns, _TEXTS, _TEXTS, st.booleans()),
    st.builds(Pair, _TEXTS, _TEXTS, st.integers(0, 60)),
    st.builds(Item, st.sampled_from(Icon) | _TEXTS, _TEXTS, _TEXTS, st.booleans()),
    st.builds(Box, st.lists(st.builds(Text, _TEXTS, _ALIGNS, st.booleans()), max_size=3).map(tuple)),
    st.builds(Rule, st.sampled_from(Stroke)),
    st.builds(Qr, st.text(min_size=1, max_size=20), st.integers(6, 8)),
    st.builds(Feed, st.integers(1, 300)),
    st.just(Picture(16, 2, b"\xaa\x55\xff\x00")),
    st.just(Cut()),
)


@_FEW
@given(st.lists(_BLOCKS, max_size=4))
def test_every_receipt_can_be_drawn_and_is_the_same_twice(blocks: list[Text | Qr | Cut]) -> None:
    data = receipt_bytes(blocks)
    assert data == receipt_bytes(blocks)
    assert render(data).width == WIDTH


@_FEW
@given(_TEXTS)
def test_printable_text_is_of_the_code_page_and_starts_no_command(text: str) -> None:
    data = printable(text).encode("cp858")
    assert all(byte >= 0x20 for byte in data)


def test_the_hand_tool_draws_a_file_and_names_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.bin").write_bytes(b"A\n")
    (tmp_path / "bad.bin").write_bytes(b"\x07")
    monkeypatch.setattr("sys.argv", ["receipt_png", str(tmp_path / "good.bin"), str(tmp_path / "good.png")])
    assert receipt_png.main() == 0
    with Image.open(tmp_path / "good.png") as picture:
        assert (picture.mode, picture.width) == ("1", WIDTH)
    monkeypatch.setattr("sys.argv", ["receipt_png", str(tmp_path / "bad.bin"), str(tmp_path / "bad.png")])
    assert receipt_png.main() == 2
    assert "bad.bin: not drawn: 07" in capsys.readouterr().err
