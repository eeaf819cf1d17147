"""Issue 3, Accept 1: the whole visit by taps through the scanner, on either lid, at 200 and 300 dpi, laid askew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deploy.demo.bench import Bench, wait_for
from deploy.demo.gear import PLAIN
from deploy.demo.play import SIDES, SITI, Visit
from drivers.virtual import papers
from tests import reading
from tests.end_to_end.conftest import QUICK_LINE
from tests.end_to_end.rig import hand_of

SCANNER = replace(PLAIN, camera=False, scanner="flatbed")
SKEWS = (-3.0, 2.0, 3.0, -1.3)
READ_AT_LEAST = 0.95


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A terminal that has a scanner and no camera."""
    with Bench(tmp_path_factory.mktemp("scanner"), settings=QUICK_LINE, gear=SCANNER) as bench:
        yield bench


@pytest.mark.slow
@pytest.mark.parametrize(("lid", "dpi"), [("white", 300), ("black", 200)])
def test_a_visit_through_the_scanner_is_read_at_the_office(terminal: Bench, tmp_path: Path, lid: str, dpi: int) -> None:
    hand = hand_of(terminal)
    if (terminal.gear.lid, terminal.gear.dpi) != (lid, dpi):
        terminal.station.stop()
        terminal.write_roles(replace(terminal.gear, lid=lid, dpi=dpi))
        terminal.start_station()
    visit = Visit(terminal, hand)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill("scan_bed")
    for (paper, page), skew in zip(SIDES, SKEWS, strict=True):
        name = paper if page == 1 else f"{paper}_{page}"
        terminal.scanner("lay", paper=name, skew=skew, lid=lid, x_mm=2.5, y_mm=3.0)
        hand.tap("scan")
        hand.wait_screen("page_kept", within=60)
        hand.tap("keep")
        hand.wait("the next side", lambda tree: tree["screen"] in ("scan_bed", "review"))
    number = visit.send()
    visit.finish()
    wait_for("the application at the office", lambda: number in terminal.at_office(), within=60)

    opened = terminal.open_application(number, tmp_path / "opened")
    assert json.loads((opened / "form.json").read_text())["nik"] == SITI.nik
    pages = sorted(opened.glob("page-*.jpg"))
    for (paper, page), picture in zip(SIDES, pages, strict=True):
        truth = papers.draw(paper if page == 1 else f"{paper}_{page}").truth
        if paper != "kk":
            share = reading.share_read(truth.words, reading.words(picture))
            assert share >= READ_AT_LEAST, f"{paper} {page}: {share:.1%} of the words were read"
        else:
            upright = np.rot90(reading.load(picture))  # it lay along the glass; the file keeps it as it lay
            assert set(truth.numbers) <= set(reading.numbers16(np.ascontiguousarray(upright)))
