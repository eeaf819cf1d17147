"""Accept 2: the whole visit by pointer events with the line cut; it returns, and the office reads the file."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.demo.bench import Bench, wait_for
from deploy.demo.hand import Hand
from deploy.demo.play import SITI, Visit
from drivers.virtual import papers
from tests import reading
from tests.end_to_end import rig

LETTERS = ("f102", "f102_2", "police")
READ_AT_LEAST = 0.95


def test_applies_with_the_line_cut_and_the_office_reads_it_when_it_returns(
    bench: Bench, hand: Hand, tmp_path: Path
) -> None:
    before = len(bench.receipts())
    bench.line("down")
    visit = Visit(bench, hand)
    number = visit.apply()
    visit.finish()
    assert number not in bench.at_office()

    receipt, *more = bench.receipts()[before:]
    assert not more
    assert rig.codes(rig.receipt_image(receipt)) == [number]
    words = rig.printed_text(receipt)
    for private in (SITI.nik, SITI.kk, SITI.phone, *SITI.name.split(), SITI.address):
        assert private not in words

    bench.line("up")
    wait_for("the application at the office", lambda: number in bench.at_office(), within=60)
    assert bench.at_office().count(number) == 1

    opened = bench.open_application(number, tmp_path / "opened")
    form = json.loads((opened / "form.json").read_text())
    assert form["nik"] == SITI.nik
    assert form["fields"] == SITI.answers()
    pages = sorted(opened.glob("page-*.jpg"))
    assert len(pages) == 4
    for name, page in zip((*LETTERS, "kk"), pages, strict=True):
        truth = papers.draw(name).truth
        if name in LETTERS:
            share = reading.share_read(truth.words, reading.words(page))
            assert share >= READ_AT_LEAST, f"{name}: {share:.1%} of the words were read"
        else:
            assert set(truth.numbers) <= set(reading.numbers16(page))


def test_the_answer_of_the_office_comes_back_to_the_terminal(bench: Bench, hand: Hand) -> None:
    visit = Visit(bench, hand)
    number = visit.apply()
    visit.finish()
    wait_for("the application at the office", lambda: number in bench.at_office(), within=60)
    rig.decide(bench, number)

    rig.restart(bench, hand)  # the terminal asks for news when it starts, and every few minutes
    visit.status(number)
    hand.wait_text("Perlu perbaikan")
    hand.tap("end")

    # The second time the receipt's QR is shown to the camera and the number is not typed.
    visit.show_receipt(number)
    visit.prove()
    hand.wait_text("Perlu perbaikan")
    assert any(number in text for text in hand.texts())
