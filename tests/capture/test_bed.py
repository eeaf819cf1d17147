"""Drawn sheets on a flatbed, white lid and black: what is found, what can be read, and each reason to refuse."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from drivers.virtual import papers
from drivers.virtual.papers.bed import corners_on_bed, lay_on_bed, quarter_turned
from kiosk.capture import scan
from kiosk.capture.geometry import overlap
from kiosk.capture.types import BAD_SCAN, THUMB_SIDE, Reason, Verdict
from kiosk.capture.worker import CaptureWorker
from tests import reading

A4 = (210.0, 297.0)
LIDS = ("white", "black")


@pytest.fixture(scope="module")
def worker() -> Iterator[CaptureWorker]:
    one = CaptureWorker()
    yield one
    one.close()


def pnm(picture: Image.Image) -> bytes:
    held = io.BytesIO()
    picture.save(held, "PPM")
    return held.getvalue()


def blank(mm: tuple[float, float] = A4, colour: str = "#fbfbf8") -> Image.Image:
    return Image.new("RGB", (round(mm[0] / 25.4 * 300), round(mm[1] / 25.4 * 300)), colour)


def pixels(verdict: Verdict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(verdict.image)))


def found(verdict: Verdict, mm: tuple[float, float], dpi: int, skew: float, at: tuple[float, float]) -> float:
    """Intersection over union with the sheet as it really lay."""
    assert verdict.corners is not None, verdict
    return overlap(np.array(verdict.corners), corners_on_bed(mm, dpi=dpi, skew=skew, at_mm=at))


@pytest.mark.parametrize(
    ("name", "lid", "skew", "dpi", "at"),
    [
        ("f102", "white", 3.0, 200, (3.0, 3.0)),
        ("f102", "black", -3.0, 300, (3.0, 1.0)),
        ("police", "white", -1.7, 300, (0.0, 0.0)),
        ("police", "black", 3.0, 200, (4.0, 2.0)),
        ("kk", "white", -3.0, 300, (3.0, 1.0)),
        ("kk", "black", 0.6, 200, (0.0, 0.0)),
        ("ktp", "white", 2.4, 200, (0.5, 0.5)),
        ("ktp", "black", -3.0, 300, (90.0, 120.0)),
    ],
)
def test_a_paper_is_found_and_read(name: str, lid: str, skew: float, dpi: int, at: tuple[float, float]) -> None:
    paper = papers.draw(name)
    sheet = lay_on_bed(paper.image, paper.mm, dpi=dpi, skew=skew, lid=lid, at_mm=at)
    verdict = scan.judge(pnm(sheet), "card" if name == "ktp" else "a4", dpi, lid)
    assert verdict.ok, verdict
    assert found(verdict, paper.mm, dpi, skew, at) > 0.97
    assert abs(verdict.measures["skew"] - skew) < 0.1
    page = cv2.imdecode(np.frombuffer(verdict.image, np.uint8), cv2.IMREAD_COLOR)
    assert page is not None
    if quarter_turned(paper.mm):
        page = cv2.rotate(page, cv2.ROTATE_90_COUNTERCLOCKWISE)
    grey = reading.load(np.asarray(page, np.uint8))
    if name in ("f102", "police"):
        words = reading.words(grey, verdict.dpi)
        assert reading.share_read(paper.truth.words, words) >= 0.95
        assert set(paper.truth.numbers) <= set(re.findall(r"\d{16}", " ".join(words)))
    else:
        assert set(paper.truth.numbers) <= set(reading.numbers16(grey, verdict.dpi))


@pytest.mark.parametrize("lid", LIDS)
def test_what_is_handed_out(lid: str) -> None:
    paper = papers.draw("police")
    verdict = scan.judge(pnm(lay_on_bed(paper.image, paper.mm, dpi=200, skew=1.0, lid=lid)), "a4", 200, lid)
    page = pixels(verdict)
    assert (verdict.width, verdict.height, verdict.dpi) == (page.shape[1], page.shape[0], 200.0)
    assert abs(verdict.height / verdict.width - 297 / 210) < 0.003
    assert max(Image.open(io.BytesIO(verdict.thumb)).size) == THUMB_SIDE
    assert np.median(page) >= 250  # white paper, blue stamp
    hue, saturation, _ = cv2.split(cv2.cvtColor(page, cv2.COLOR_RGB2HSV))
    assert np.median(hue[saturation > 120]) == pytest.approx(115, abs=8)
    rim = np.concatenate([part.reshape(-1, 3) for part in (page[:6], page[-6:], page[:, :6], page[:, -6:])])
    assert (rim.min(axis=1) < 120).mean() < 0.02  # neither the lid nor a shadow line round the page


@pytest.mark.parametrize(("lid", "skew"), [("white", -3.0), ("white", 6.0), ("white", 30.0), ("black", 30.0)])
def test_a_card_lies_anywhere(lid: str, skew: float) -> None:
    card = papers.draw("ktp")
    sheet = lay_on_bed(card.image, card.mm, dpi=300, skew=skew, lid=lid, at_mm=(70.0, 110.0))
    verdict = scan.judge(pnm(sheet), "card", 300, lid)
    assert verdict.ok, verdict
    assert found(verdict, card.mm, 300, skew, (70.0, 110.0)) > 0.97
    blue, red = (float(np.median(pixels(verdict)[..., channel])) for channel in (2, 0))
    assert blue > red + 15  # a card keeps the colour of its face


@pytest.mark.parametrize("lid", LIDS)
def test_an_empty_glass_is_no_page(lid: str) -> None:
    verdict = scan.judge(pnm(lay_on_bed(None, A4, dpi=200, lid=lid)), "a4", 200, lid)
    assert (verdict.ok, verdict.reason, verdict.image) == (False, Reason.NO_PAGE, b"")
    assert verdict.thumb


@pytest.mark.parametrize("lid", LIDS)
def test_an_empty_sheet_is_blank(lid: str) -> None:
    verdict = scan.judge(pnm(lay_on_bed(blank(), A4, dpi=200, skew=1.2, lid=lid)), "a4", 200, lid)
    assert verdict.reason is Reason.BLANK
    assert found(verdict, A4, 200, 1.2, (3.0, 3.0)) > 0.98


@pytest.mark.parametrize(
    ("lid", "at"),
    [
        ("white", (3.0, 30.0)),
        ("white", (60.0, 3.0)),
        ("white", (3.0, -40.0)),
        ("black", (3.0, 30.0)),
        ("black", (-30.0, 3.0)),
    ],
)
def test_a_letter_that_runs_off_the_glass_is_cut_off(lid: str, at: tuple[float, float]) -> None:
    paper = papers.draw("f102")
    sheet = lay_on_bed(paper.image, paper.mm, dpi=200, skew=0.5, lid=lid, at_mm=at)
    assert scan.judge(pnm(sheet), "a4", 200, lid).reason is Reason.CUT_OFF


@pytest.mark.parametrize("lid", LIDS)
def test_a_card_that_runs_off_the_glass_is_cut_off(lid: str) -> None:
    card = papers.draw("ktp")
    sheet = lay_on_bed(card.image, card.mm, dpi=200, skew=2, lid=lid, at_mm=(-20.0, 12.0))
    assert scan.judge(pnm(sheet), "card", 200, lid).reason is Reason.CUT_OFF


@pytest.mark.parametrize(("lid", "skew"), [("white", 0.0), ("white", 1.5), ("black", 1.5)])
def test_a_folio_sheet_is_longer_than_the_glass(lid: str, skew: float) -> None:
    folio = blank((215.0, 330.0))
    folio.paste(papers.draw("f102").image, (30, 100))
    sheet = lay_on_bed(folio, (215.0, 330.0), dpi=200, skew=skew, lid=lid, at_mm=(0.5, 0.0))
    verdict = scan.judge(pnm(sheet), "f4", 200, lid)
    assert verdict.ok, verdict
    assert verdict.width / verdict.dpi * 25.4 == pytest.approx(215, abs=3)
    assert verdict.height / verdict.dpi * 25.4 == pytest.approx(297, abs=3)


@pytest.mark.parametrize("shape", ["a4", "card", "any"])
def test_a_picture_on_a_sheet_is_not_the_page(shape: str) -> None:
    """A photocopied card, a barcode and a photo are what stands on the page, not the page."""
    rng = np.random.default_rng(3)
    page = blank()
    page.paste(papers.draw("ktp").image.convert("L"), (700, 500))
    bars = Image.fromarray(np.repeat(np.repeat(rng.integers(0, 2, (1, 120)) * 255, 6, 1), 250, 0).astype(np.uint8))
    page.paste(bars, (900, 2900))
    page.paste(Image.effect_noise((1100, 1300), 60), (300, 1400))
    verdict = scan.judge(pnm(lay_on_bed(page, A4, dpi=200, skew=1.0)), shape, 200, "white")
    assert verdict.ok, verdict
    assert found(verdict, A4, 200, 1.0, (3.0, 3.0)) > 0.98


@pytest.mark.parametrize("skew", [-2.0, 0.4])
@pytest.mark.parametrize("shape", ["a4", "any"])
def test_without_a_visible_edge_nothing_written_is_lost(shape: str, skew: float) -> None:
    """Paper as white as the lid, and no shadow: the page is taken by what stands on it."""
    paper = papers.draw("police")
    drawn = np.array(lay_on_bed(paper.image, paper.mm, dpi=200, skew=skew, at_mm=(3.0, 0.0)))
    faint = (drawn.min(axis=2) > 150)[..., None]
    verdict = scan.judge(pnm(Image.fromarray(np.where(faint, np.uint8(240), drawn))), shape, 200, "white")
    assert verdict.ok, verdict
    assert verdict.measures["borne"] == 0.0
    assert abs(verdict.measures["skew"] - skew) < 0.3
    assert verdict.corners is not None
    ink = np.argwhere(drawn.min(axis=2) < 100)[:, ::-1].astype(np.float32)
    corners = np.array(verdict.corners, np.float32)
    inside = [cv2.pointPolygonTest(corners, (float(x), float(y)), True) for x, y in ink[::50]]
    assert min(inside) > 3 / 25.4 * 200  # with a margin


def test_a_printed_frame_is_kept_whole() -> None:
    """Its four lines look like a sheet's sides when the paper's own cannot be seen; they stay on the page."""
    page = papers.draw("police").image.copy()
    ImageDraw.Draw(page).rectangle((140, 140, 2340, 3380), None, "black", 5)
    drawn = np.array(lay_on_bed(page, A4, dpi=200, skew=1.0, at_mm=(3.0, 0.0)))
    drawn[drawn.min(axis=2) > 150] = 240
    verdict = scan.judge(pnm(Image.fromarray(drawn)), "a4", 200, "white")
    assert verdict.ok, verdict
    corners = np.array(verdict.corners, np.float32)
    ink = np.argwhere(drawn.min(axis=2) < 100)[:, ::-1]
    assert min(cv2.pointPolygonTest(corners, (float(x), float(y)), True) for x, y in ink[::50]) > 1 / 25.4 * 200


def test_the_end_of_the_lid_shows() -> None:
    """A dark strip along a side of the glass is neither a page nor one that is cut off."""
    paper = papers.draw("f102")
    drawn = np.array(lay_on_bed(paper.image, paper.mm, dpi=200, skew=-1.0, at_mm=(3.0, 0.0)))
    drawn[:, -16:] = 40
    verdict = scan.judge(pnm(Image.fromarray(drawn)), "a4", 200, "white")
    assert verdict.ok, verdict
    assert found(verdict, A4, 200, -1.0, (3.0, 0.0)) > 0.97
    empty = np.array(lay_on_bed(None, A4, dpi=200))
    empty[:, -16:] = 40
    assert scan.judge(pnm(Image.fromarray(empty)), "a4", 200, "white").reason in (Reason.NO_PAGE, Reason.BLANK)


@pytest.mark.parametrize(("name", "turn"), [("f102", 0.0), ("police", 0.8), ("kk", -0.5)])
def test_a_feeder_gives_the_sheet_alone(name: str, turn: float) -> None:
    """The picture is as large as the sheet: no side of it shows, and nothing is cut off."""
    paper = papers.draw(name)
    sheet = paper.image.rotate(-turn, Image.Resampling.BICUBIC, fillcolor="#f0f0ee").reduce(2)
    verdict = scan.judge(pnm(sheet), "a4", 150, "white")
    assert verdict.ok, verdict
    assert abs(verdict.measures["skew"] - turn) < 0.3
    mm = verdict.width / verdict.dpi * 25.4, verdict.height / verdict.dpi * 25.4
    assert mm == pytest.approx(paper.mm, abs=6)


@pytest.mark.parametrize("lid", LIDS)
def test_two_cards_are_both_kept(lid: str) -> None:
    card = papers.draw("ktp")
    both = lay_on_bed(card.image, card.mm, dpi=200, skew=2, lid=lid, at_mm=(10.0, 10.0))
    other = lay_on_bed(card.image, card.mm, dpi=200, skew=2, lid=lid, at_mm=(110.0, 12.0))
    both.paste(other.crop((800, 0, *other.size)), (800, 0))
    verdict = scan.judge(pnm(both), "card", 200, lid)
    assert verdict.ok, verdict
    assert set(card.truth.numbers) == set(reading.numbers16(verdict.image, verdict.dpi))
    assert verdict.width / verdict.dpi * 25.4 > 180


def test_a_smaller_sheet_keeps_its_own_size() -> None:
    half = papers.draw("police").image.crop((0, 0, 2480, 1748))
    half.paste("#fbfbf8", (0, 1690, 2480, 1748))
    verdict = scan.judge(pnm(lay_on_bed(half, (210.0, 148.0), dpi=200, skew=2, at_mm=(3.0, 20.0))), "a4", 200, "white")
    assert verdict.ok, verdict
    assert found(verdict, (210.0, 148.0), 200, 2, (3.0, 20.0)) > 0.98


def test_the_lid_was_left_open() -> None:
    paper = papers.draw("police")
    verdict = scan.judge(pnm(lay_on_bed(paper.image, paper.mm, dpi=200, skew=2, lid="black")), "a4", 200, "white")
    assert verdict.ok, verdict
    assert found(verdict, paper.mm, 200, 2, (3.0, 3.0)) > 0.98


def test_the_lamp_is_off() -> None:
    dark = np.asarray(lay_on_bed(papers.draw("police").image, A4, dpi=200)) // 40
    assert scan.judge(pnm(Image.fromarray(dark)), "a4", 200, "white").reason is Reason.DARK


def test_a_sheet_that_does_not_lie_flat_is_blurred() -> None:
    paper = papers.draw("police")
    drawn = np.asarray(lay_on_bed(paper.image, paper.mm, dpi=200, skew=1))
    soft = Image.fromarray(np.asarray(cv2.GaussianBlur(drawn, (0, 0), 4), np.uint8))
    assert scan.judge(pnm(soft), "a4", 200, "white").reason is Reason.BLURRED


def test_a_grey_scan_over_the_wire(worker: CaptureWorker) -> None:
    paper = papers.draw("f102")
    verdict = worker.judge_scan(pnm(lay_on_bed(paper.image, paper.mm, dpi=200).convert("L")), "a4", 200, "white")
    assert verdict.ok, verdict
    assert verdict.image[:2] == verdict.thumb[:2] == b"\xff\xd8"
    assert worker.judge_scan(pnm(lay_on_bed(None, A4, dpi=200)), "next year's", 200, "?").reason is Reason.NO_PAGE


@pytest.mark.parametrize("dpi", [-1, 0, 1, 49, 1201, 1 << 40])
def test_a_resolution_that_cannot_be(worker: CaptureWorker, dpi: int) -> None:
    before = worker.restarts
    assert worker.judge_scan(b"P5 400 400 255\n" + b"\xf0" * 160_000, "a4", dpi, "white").fault == BAD_SCAN
    assert worker.restarts == before


def test_a_scan_too_large_for_the_wire(worker: CaptureWorker) -> None:
    before = worker.restarts
    assert worker.judge_scan(bytes((64 << 20) + 1), "a4", 300, "white").fault == BAD_SCAN
    assert worker.restarts == before


_WHOLE = pnm(lay_on_bed(papers.draw("ktp").image, papers.draw("ktp").mm, dpi=50))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 4), st.sampled_from(["a4", "f4", "card", "any"]), st.data())
def test_arbitrary_bytes(worker: CaptureWorker, noise: bytes, kind: int, shape: str, data: st.DataObject) -> None:
    image, wanted = noise, BAD_SCAN
    if kind == 1:  # cut short
        image = _WHOLE[: data.draw(st.integers(0, len(_WHOLE) - 1))]
    elif kind == 2:  # with other bytes in its header or behind it
        at = data.draw(st.integers(0, 40))
        image, wanted = _WHOLE[:at] + noise[:8] + _WHOLE[at + len(noise[:8]) :], ""
    elif kind == 3:  # of any size, filled with anything
        width, height = data.draw(st.tuples(st.integers(1, 900), st.integers(1, 900)))
        image, wanted = b"P5 %d %d 255\n" % (width, height) + (noise or b"\0") * (width * height), ""
    elif kind == 4:
        image, wanted = b"P6 %d %d 255\n" % data.draw(st.tuples(st.integers(), st.integers())) + noise, BAD_SCAN
    before = worker.restarts
    verdict = worker.judge_scan(image, shape, data.draw(st.sampled_from([50, 100, 300])), "white")
    assert isinstance(verdict, Verdict)
    assert worker.restarts == before, verdict
    assert verdict.fault in (None, BAD_SCAN)
    if wanted:
        assert verdict.fault == wanted
