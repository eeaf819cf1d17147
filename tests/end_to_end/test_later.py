"""By taps: a second service with a paper left at home, completed later under the first number; and NIK repair."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.demo.bench import Bench, wait_for
from deploy.demo.hand import Hand
from deploy.demo.play import SITI, Errand, Visit
from drivers.virtual import papers
from tests import reading
from tests.end_to_end import rig

LOST_KK = Errand("KK-HILANG-RUSAK", (("why", "lost"),), ("police",))
NIK = Errand("NIK-KONSOLIDASI")


def test_a_missing_paper_is_brought_later_under_the_same_number(bench: Bench, hand: Hand, tmp_path: Path) -> None:
    before = len(bench.receipts())
    visit = Visit(bench, hand, errand=LOST_KK)
    number = visit.apply()
    visit.finish()
    (receipt,) = bench.receipts()[before:]
    words = rig.printed_text(receipt)
    assert "BELUM ADA, HARAP SUSULKAN" in words and "Surat kehilangan" in words
    assert rig.codes(rig.receipt_image(receipt)) == [number]
    wait_for("the application at the office", lambda: number in bench.at_office(), within=60)

    visit.show_receipt(number)
    visit.prove()
    visit.complete(("police", 1))
    hand.wait_screen("done", within=60)
    assert any(number in text for text in hand.texts())
    hand.tap("end")
    wait_for("the second submission", lambda: bench.at_office().count(number) == 2, within=60)
    later = rig.printed_text(bench.receipts()[-1])
    assert "BELUM ADA" not in later and rig.codes(rig.receipt_image(bench.receipts()[-1])) == [number]
    for text in (words, later):
        for private in (SITI.nik, SITI.kk, SITI.phone, *SITI.name.split()):
            assert private not in text

    opened = bench.open_application(number, tmp_path / "opened")
    form = json.loads((opened / "form.json").read_text())
    assert form["fields"] == SITI.answers(LOST_KK) and form["nik"] == SITI.nik
    pages = sorted(opened.glob("page-*.jpg"))
    assert len(pages) == 3  # two sides of the form, and the letter that came later
    assert reading.share_read(papers.draw("police").truth.words, reading.words(pages[-1])) >= 0.95


def test_nik_repair_begins_on_the_home_screen(bench: Bench, hand: Hand) -> None:
    visit = Visit(bench, hand, errand=NIK)
    hand.tap("start_nik")
    visit.prepare()
    visit.identify()
    visit.fill()
    visit.scan()
    number = visit.send()
    visit.finish()
    wait_for("the application at the office", lambda: number in bench.at_office(), within=60)
