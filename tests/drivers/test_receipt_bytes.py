"""A receipt's bytes: only plain commands, only code page 858, whatever the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.printer.blocks import (
    COLUMNS,
    Align,
    Block,
    Box,
    Columns,
    Cut,
    Feed,
    Icon,
    Image,
    Item,
    Pair,
    Qr,
    Rule,
    Stroke,
    Text,
)
from drivers.printer.bytes import printable, receipt_bytes, wrapped
from drivers.virtual.escpos import commands

QUICK = settings(max_examples=100, deadline=None)
WORDS = st.text(max_size=120)
BLOCKS = st.one_of(
    st.builds(
        Text,
        WORDS,
        st.sampled_from(Align),
        st.booleans(),
        st.integers(1, 8),
        st.none() | st.integers(1, 8),
        st.booleans(),
    ),
    st.builds(Columns, WORDS, WORDS, st.booleans()),
    st.builds(Pair, WORDS, WORDS, st.integers(0, 60)),
    st.builds(Item, st.sampled_from(Icon) | WORDS, WORDS, WORDS, st.booleans()),
    st.builds(Box, st.lists(st.builds(Text, WORDS), max_size=3).map(tuple)),
    st.builds(Rule, st.sampled_from(Stroke)),
    st.builds(Qr, st.text("ABCDEFGHIJ0123456789-", min_size=1, max_size=20), st.integers(6, 12)),
    st.builds(Feed, st.integers(0, 400)),
    st.just(Cut()),
)


@QUICK
@given(st.lists(BLOCKS, max_size=6))
def test_any_receipt_has_bytes_and_never_asks_or_resets_in_the_middle(blocks: list[Block]) -> None:
    data = receipt_bytes(blocks)
    assert data == receipt_bytes(blocks)
    assert data.startswith(b"\x1b@\x1bt\x13")
    found = list(commands(data))
    assert b"".join(found) == data
    assert found.count(b"\x1b@") == 1
    assert not [command for command in found if command[0] == 0x10 or command[:2] in (b"\x1dr", b"\x1da")]
    assert sum(command[:2] == b"\x1dV" for command in found) == sum(isinstance(block, Cut) for block in blocks)


@QUICK
@given(st.text(max_size=200), st.integers(1, COLUMNS))
def test_text_is_made_printable_and_fits(text: str, columns: int) -> None:
    shown = printable(text)
    shown.encode("cp858")
    assert all(character >= " " for character in shown)
    assert all(len(line) <= columns for line in wrapped(text, columns))


def test_characters_that_the_printer_lacks_become_their_nearest() -> None:
    assert printable("“Ā” – … é € ≥\t\u200b") == '"A" - ... é € ?  '


def test_no_line_is_wider_than_the_paper() -> None:
    data = receipt_bytes(
        [
            Columns("kiri " * 20, "kanan"),
            Pair("Layanan", "KTP-el hilang " * 8),
            Item("1.", "Simpan kertas asli Anda " * 6, "2 halaman"),
            Text("panjang " * 30, Align.CENTER),
            Text("TERBALIK " * 20, invert=True),
        ]
    )
    row = 0
    for command in commands(data):
        if command == b"\n":
            row = 0
        elif command[0] >= 0x20:
            row += len(command)
            assert row <= COLUMNS, command


def test_what_cannot_be_printed_is_refused_when_it_is_described() -> None:
    for wrong in (
        lambda: Qr("KMT-1-1", module=5),
        lambda: Qr(""),
        lambda: Image(8, 2, b"\x00"),
        lambda: Image(600, 1, bytes(75)),
    ):
        with pytest.raises(ValueError):
            wrong()
