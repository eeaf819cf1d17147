"""Whatever a scanner and ``scanimage`` may say: read where it is known, and never more than unknown where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.contract import Phase
from drivers.scanner.codes import FAILED
from drivers.scanner.escl import BadStatus, EsclStatus, escl_url, read_model, read_status
from drivers.scanner.options import Option, Unfit, read_options, recipe, source_name
from drivers.scanner.pnm import SIZE_LIMIT, BadImage, check_image, read_head
from drivers.scanner.words import Listed, Progress, detail_of, fault_of, has_failed, read_list
from drivers.virtual import escl_texts
from wire.faults import catalogue

AIRSCAN = """
All options specific to device `airscan:e0:adm':
  Standard:
    --resolution 100|200|300dpi [300]
        Sets the resolution of the scanned image.
    --mode Color|Gray [Color]
        Selects the scan mode (e.g., lineart, monochrome, or color).
    --source Flatbed|ADF|ADF Duplex [Flatbed]
  Geometry:
    -l 0..215.9mm [0]
    -x 0..215.9mm [215.9]
    -y 0..297.011mm [297.011]
  Enhancement:
    --negative[=(yes|no)] [no]
    --adf-justification-x <string> [inactive]
"""
OLD = """
    --mode Lineart|Gray|24bit Color[Fast] [24bit Color[Fast]]
    --depth 8|16 [16]
    --resolution auto||75|150|400|1200dpi [75]
    --source Document Table|Transparency Unit [Document Table]
    --page-loaded[=(yes|no)] [no] [read-only]
    -x 0..500mm (in steps of 0.1) [300] [advanced]
"""

# Images.


@given(st.binary(max_size=5000))
def test_noise_is_no_image(noise: bytes) -> None:
    try:
        head = check_image(noise)
    except BadImage:
        return
    assert len(noise) == head.length


@given(
    st.sampled_from([b"P5", b"P6"]),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([b"\n", b" ", b"\n# SANE data follows\n", b"\t\r\n#\n# x\n"]),
    st.data(),
)
def test_an_image_is_whole_or_refused(kind: bytes, width: int, height: int, gap: bytes, data: st.DataObject) -> None:
    head = kind + gap + b"%d" % width + b" " + b"%d" % height + gap + b"255\n"
    image = head + bytes(width * height * (3 if kind == b"P6" else 1))
    assert check_image(image) == read_head(image)
    short = image[: data.draw(st.integers(0, len(image) - 1))]
    begun = read_head(short)
    assert begun is None or begun == read_head(image)
    for wrong in (short, image + b"\0"):
        with pytest.raises(BadImage):
            check_image(wrong)


@pytest.mark.parametrize(
    "head",
    [
        b"P4\n8 8\n",
        b"P6\n10 10\n65535\n",
        b"P6\n0 10\n255\n",
        b"P6\n20001 1\n255\n",
        b"P6\n9000 9000\n255\n",
        b"P6 123456 1 255\n",
        b"P5\n# " + b"x" * 5000,
        b"\x89PNG",
    ],
)
def test_heads_of_other_images_are_refused(head: bytes) -> None:
    with pytest.raises(BadImage):
        read_head(head + bytes(5000))
    assert SIZE_LIMIT >= 2600 * 4016 * 3  # F4 in colour at 300 dpi


# What scanimage says.


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_progress_never_shrinks_nor_leaves_its_bounds(pieces: list[bytes]) -> None:
    progress = Progress()
    shares = [0.0]
    for piece in pieces:
        progress.feed(piece)
        shares.append(progress.share)
    assert shares == sorted(shares)
    assert shares[-1] <= 1


@given(st.integers(1, 40))
def test_progress_is_read_from_any_pieces(size: int) -> None:
    told = b"scanimage: rounded value\nProgress: 0.1%\rProgress: 9.9%\rProgress: 50.0%\rProgress: 49.0%\r"
    progress = Progress()
    grown = [progress.feed(told[start : start + size]) for start in range(0, len(told), size)]
    assert progress.share == 0.5
    assert any(grown)


@given(st.integers(-64, 255).filter(bool), st.text(max_size=300))
def test_every_ending_is_a_fault_of_ours(code: int, words: str) -> None:
    assert catalogue()[fault_of(code, words)].role == "scanner"
    assert len(detail_of(words)) <= 200
    has_failed(words)


@pytest.mark.parametrize(
    ("code", "words", "fault"),
    [
        (1, "scanimage: open of device test:7 failed: Invalid argument\n", "scanner_unreachable"),
        (1, "scanimage: open of device x failed: Error during device I/O\n", "scanner_unreachable"),
        (1, "scanimage: open of device x failed: Device busy\n", "scanner_busy"),
        (1, "scanimage: open of device x failed: Access to resource has been denied\n", "scanner_denied"),
        (1, "scanimage: no SANE devices found\n", "scanner_unreachable"),
        (1, "scanimage: setting of option --source failed (Invalid argument)\n", "scanner_failed"),
        (6, "", "scanner_jammed"),
        (127, "setpriv: failed to execute scanimage: No such file or directory", "scanner_failed"),
        (-11, "", "scanner_failed"),
        (-9, "Progress: 0.0%\rscanimage: sane_read: Document feeder jammed\n", "scanner_jammed"),
        (-9, "scanimage: sane_start: Document feeder out of documents\n", "scanner_no_paper"),
        (-9, "scanimage: sane_read: Error during device I/O\n", "scanner_failed"),
    ],
)
def test_endings_that_were_seen(code: int, words: str, fault: str) -> None:
    assert fault_of(code, words) == fault


@given(st.text(max_size=400))
def test_any_list_is_read(text: str) -> None:
    assert all(listed.name for listed in read_list(text))


def test_a_list_is_read_line_by_line() -> None:
    text = "hp: warning\nepson2:libusb:001:004\tEpson\tGT-1500\n\t\t\n-rf\tx\ty\n"
    assert read_list(text) == (Listed("epson2:libusb:001:004", "Epson", "GT-1500"),)


# What a scanner can do.


@given(st.text(max_size=400), st.sampled_from(["flatbed", "feeder"]), st.sampled_from([200, 300]))
def test_any_options_are_read(text: str, source: str, dpi: int) -> None:
    for told in (text, f"    --resolution {text}", f"    --source {text} [x]\n    --resolution 200|{text}dpi [75]"):
        options = read_options(told)
        try:
            made = recipe(options, source_name(options, source), dpi)
        except Unfit:
            continue
        assert made.dpi >= 1
        assert all(isinstance(word, str) and word for word in made.options)


def test_the_options_of_a_network_scanner() -> None:
    options = read_options(AIRSCAN)
    assert "--adf-justification-x" not in options
    assert source_name(options, "feeder") == "ADF"
    made = recipe(options, "ADF", 200)
    assert made.dpi == 200
    assert " ".join(made.options) == "--source ADF --mode Color --resolution 200 -l 0 -x 215.9 -y 297.011"
    assert options["--negative"] == Option(("yes", "no"), now="no")


def test_the_options_of_an_old_scanner() -> None:
    options = read_options(OLD)
    assert source_name(options, "flatbed") == "Document Table"
    with pytest.raises(Unfit, match="no feeder"):
        source_name(options, "feeder")
    made = recipe(options, "Document Table", 300)
    assert made.dpi == 400
    words = ("--mode", "24bit Color[Fast]", "--resolution", "400", "--depth", "8", "-x", "220")
    assert made.options == ("--source", "Document Table", *words)
    assert "--page-loaded" not in options


def test_a_scanner_with_one_source_is_not_asked_for_it() -> None:
    options = read_options("    --resolution 50..600dpi (in steps of 1) [50]\n    --mode Gray [Gray]\n")
    assert source_name(options, "feeder") is None
    assert recipe(options, None, 300).options == ("--resolution", "300")
    with pytest.raises(Unfit):
        recipe(read_options("    --mode Color [Color]\n"), None, 300)


@pytest.mark.parametrize(
    ("choices", "wanted", "given"),
    [
        (("75", "150", "600"), 300, 600),
        (("75", "150", "1200"), 300, 150),
        ((), 300, None),
        (("low", "high"), 300, None),
    ],
)
def test_the_nearest_resolution_is_taken(choices: tuple[str, ...], wanted: int, given: float | None) -> None:
    assert Option(choices).number(wanted) == given


# What a network scanner says of itself.


@given(st.binary(max_size=600))
def test_noise_is_no_status(noise: bytes) -> None:
    for read in (read_status, read_model):
        with pytest.raises(BadStatus):
            read(noise)


@given(st.text(max_size=60), st.text(max_size=60), st.booleans())
def test_unknown_words_are_an_unknown_state(state: str, adf: str, feeder: bool) -> None:
    phase, faults = EsclStatus(f"x{state}", f"x{adf}").judged(feeder)
    assert (phase, faults) == (Phase.UNKNOWN, (FAILED,))


@given(st.data())
def test_a_damaged_status_is_refused_or_says_nothing_better(data: st.DataObject) -> None:
    good = escl_texts.status("Stopped", "ScannerAdfJam", [("/eSCL/ScanJobs/1", "Processing")])
    at = data.draw(st.integers(0, len(good) - 1))
    cut = data.draw(st.integers(0, 60))
    damaged = good[:at] + data.draw(st.binary(max_size=8)) + good[at + cut :]
    try:
        phase, faults = read_status(damaged).judged(feeder=True)
    except BadStatus:
        return
    assert phase in (Phase.NEEDS_ATTENTION, Phase.UNKNOWN)
    assert faults


@pytest.mark.parametrize(
    ("state", "adf", "flatbed", "feeder"),
    [
        ("Idle", "ScannerAdfEmpty", (Phase.READY, ()), (Phase.READY, ())),
        ("Idle", "ScannerAdfLoaded", (Phase.READY, ()), (Phase.READY, ())),
        ("Idle", "", (Phase.READY, ()), (Phase.READY, ())),
        ("Idle", "ScannerAdfJam", (Phase.READY, ()), (Phase.NEEDS_ATTENTION, ("scanner_jammed",))),
        ("Stopped", "ScannerAdfJam", *[(Phase.NEEDS_ATTENTION, ("scanner_jammed",))] * 2),
        ("Stopped", "ScannerAdfHatchOpen", *[(Phase.NEEDS_ATTENTION, ("scanner_cover_open",))] * 2),
        ("Stopped", "ScannerAdfMultipickDetected", *[(Phase.NEEDS_ATTENTION, ("scanner_double_feed",))] * 2),
        ("Stopped", "ScannerAdfEmpty", *[(Phase.NEEDS_ATTENTION, ("scanner_failed",))] * 2),
        ("Processing", "ScannerAdfProcessing", *[(Phase.BUSY, ("scanner_busy",))] * 2),
        ("Testing", "", *[(Phase.BUSY, ("scanner_busy",))] * 2),
        ("Down", "", *[(Phase.UNKNOWN, ("scanner_failed",))] * 2),
    ],
)
def test_states_and_what_they_mean(
    state: str, adf: str, flatbed: tuple[Phase, tuple[str, ...]], feeder: tuple[Phase, tuple[str, ...]]
) -> None:
    status = read_status(escl_texts.status(state, adf, ()))
    assert status.judged(feeder=False) == flatbed
    assert status.judged(feeder=True) == feeder


def test_bombs_and_strangers_are_refused() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ScannerStatus><State>&b;</State></ScannerStatus>'
    deep = b"<a>" * 9000 + b"</a>" * 9000
    for body in (bomb, bomb.decode().encode("utf-16"), deep, b"<html><State>Idle</State></html>", b"<x>" * 40000, b""):
        with pytest.raises(BadStatus):
            read_status(body)


def test_make_and_model_are_read() -> None:
    assert read_model(escl_texts.capabilities("V1")) == "Virtual Scanner"
    assert read_model(b"<ScannerCapabilities/>") == ""


@given(st.text(max_size=60))
def test_an_address_that_could_write_into_the_configuration_is_refused(text: str) -> None:
    for url in (text, f"http://{text}/eSCL", f"http://host/{text}"):
        try:
            escl_url(url)
        except ValueError:
            continue
        assert url.isascii() and url.isprintable() and not set(url) & set(' ";,#\\\n')


def test_the_codes_are_all_known() -> None:
    text = (Path(__file__).parents[2] / "drivers" / "scanner" / "codes.py").read_text()
    named = {word for word in text.split('"') if word.startswith("scanner_")}
    assert named == {code for code, fault in catalogue().items() if fault.role == "scanner"}
