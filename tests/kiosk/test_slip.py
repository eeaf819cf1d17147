"""The slip of papers and the test slip as bytes and as paper: every service, every answer, both languages."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from drivers.virtual.receipt_png import WIDTH, render
from kiosk import slip
from kiosk.slip import LONGEST, Facts, Sample
from tests.kiosk.test_receipt import PLACE
from wire.enrol import Place
from wire.service import catalogue
from wire.words import translator

AT = dt.datetime(2026, 11, 24, 10, 24, tzinfo=dt.timezone(dt.timedelta(hours=7)))
LOST = {"why": "lost"}
KK = catalogue()["KK-HILANG-RUSAK"]


def printed(answers: dict[str, str] = LOST, language: str = "id", place: Place | None = PLACE) -> bytes:
    return slip.data(Facts(KK, answers, language, place, AT))


def words(data: bytes) -> str:
    return data.decode("cp858")


def codes(data: bytes) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(render(data).convert("L"))]


def test_it_names_papers_where_they_are_had_and_why() -> None:
    said = words(printed())
    for line in (
        "Disdukcapil Kota Banjar",
        "KK hilang atau rusak",
        "ASLI, bukan fotokopi",
        "Formulir F-1.02",
        "2 halaman",
        "Surat kehilangan dari kepolisian",
        "Gratis dari kantor polisi terdekat.",
        "(Karena KK hilang)",
        "bila perlu",
        "08.00 - 15.00",
        "GRATIS",
        "Sel 24 Nov 2026, pukul 10.24",
    ):
        assert line in said, line
    assert "KK rusak" not in words(printed()).replace("hilang atau rusak", "")
    assert "Karena KK rusak" in words(printed({"why": "damaged"}))
    assert "ORIGINALS, not photocopies" in words(printed(language="en"))
    assert render(printed(place=None)).width == WIDTH


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("code", catalogue())
def test_the_code_holds_the_list_for_every_way_through_the_questions(code: str, language: str) -> None:
    service, say = catalogue()[code], translator(language)
    for case in service.cases():
        text = slip.text(service, case, language)
        assert len(text.encode()) <= LONGEST
        lines = text.splitlines()
        assert lines[0] == say(service.name) and lines[-1].startswith(say("ORIGINALS, not photocopies"))
        assert [line.partition(". ")[2].removesuffix(f" ({say('if needed')})") for line in lines[1:-1]] == [
            say(paper.name) for paper in service.needed(case)
        ]
    longest = max(service.cases(), key=lambda case: len(service.needed(case)))
    data = slip.data(Facts(service, longest, language, PLACE, AT))
    assert codes(data) == [slip.text(service, longest, language)]
    assert render(data).height < 2400  # 30 cm


def test_a_list_that_is_too_long_gets_shorter_names_and_never_half_a_character() -> None:
    long = KK.model_copy(
        update={"papers": tuple(p.model_copy(update={"name": "ä" * 110}) for p in KK.papers if p.id != "kk")}
    )
    assert "1. Formulir\n" in slip.text(long, LOST, "id") + "\n"
    longer = long.model_copy(update={"papers": tuple(p.model_copy(update={"short": "ä" * 90}) for p in long.papers)})
    text = slip.text(longer, LOST, "id")
    assert 396 <= len(text.encode()) <= LONGEST and text.endswith("ä")


def test_the_test_slip_has_a_true_ruler_every_dot_and_a_code() -> None:
    data = slip.data(Sample("id", "KMT", AT, "1.2.3"))
    said = words(data)
    for line in ("TES PRINTER", "ä ö ü ß é", "Sel 24 Nov 2026, pukul 10.24", "1.2.3", "ADM KMT"):
        assert line in said
    assert codes(data) == ["ADM KMT 2026-11-24T10:24:00+07:00"]
    dots = np.asarray(render(data).convert("L")) < 128
    whole = [y for y, row in enumerate(dots) if row.all()]
    assert len(whole) >= 24  # the black stripe: no dot of the head is left out
    marks = ruler(dots)
    assert marks[-1] - marks[0] == 560 and set(np.diff(marks)) == {80}


def ruler(dots: np.ndarray) -> list[int]:
    """The columns where a centimetre's mark begins: the row just under the tops of the long marks."""
    for row in dots[180:]:
        starts = [x for x in range(1, WIDTH) if row[x] and not row[x - 1]]
        if len(starts) == 8 and starts[-1] - starts[0] == 560:
            return starts
    raise AssertionError("no ruler")


def test_nothing_personal_and_the_same_bytes_for_the_same_facts() -> None:
    assert printed() == printed()
    assert isinstance(render(slip.data(Sample("en", "", AT))), Image.Image)
