"""What the end-to-end tests share: the bench of the demo, brought back to the idle screen, and readers from outside."""

from __future__ import annotations

import tempfile
from pathlib import Path

import zxingcpp
from PIL import Image

from deploy.demo.bench import Bench, BenchError, wait_for
from deploy.demo.browser import Browser
from deploy.demo.hand import Hand
from deploy.demo.officer import Officer
from drivers.virtual import receipt_png


def hand_of(bench: Bench) -> Hand:
    """The hand at this bench's window."""
    assert bench.display is not None and bench.probe is not None
    return Hand(bench.display, bench.probe)


def bring_home(bench: Bench, hand: Hand) -> None:
    """Everything in order again: line up, paper in, empty mat, the idle screen."""
    bench.line("up")
    bench.printer("on")
    bench.printer("set", **dict.fromkeys(("paper_out", "near_end", "cover", "mute", "stall", "error", "cutter"), False))
    bench.camera("clear")
    if not bench.station.alive:
        bench.start_station()

    def home() -> bool:
        tree = hand.look()
        if tree is None:
            return False
        names = {node["id"] for node in tree["nodes"] if not node["disabled"]}
        if tree["screen"] == "home":
            return True
        for way_out in ("cancel_yes", "end", "retake", "cancel", "receipt_yes", "back"):
            if way_out in names:
                try:
                    hand.tap(way_out, within=2)
                except BenchError:
                    pass  # the screen changed under the hand: look again
                break
        return False

    wait_for("the idle screen", home, within=60, every=0.2)


def restart(bench: Bench, hand: Hand) -> None:
    """Switch the terminal off and on again, in order."""
    bench.station.stop()
    bench.start_station()
    hand.wait_screen("home", within=60)


def decide(bench: Bench, number: str) -> None:
    """An officer asks for a better page, on the office's own pages."""
    with Browser() as browser:
        officer = Officer(browser, bench.url)
        officer.sign_in()
        officer.open(number)
        officer.ask_for_correction()


def screen_codes(hand: Hand) -> list[str]:
    """What every QR on the screen says."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "screen.png"
        hand.picture(picture)
        with Image.open(picture) as image:
            return codes(image)


def receipt_image(receipt: bytes) -> Image.Image:
    """The receipt as it comes out on paper."""
    return receipt_png.render(receipt)


def codes(image: Image.Image) -> list[str]:
    """What every QR on the picture says."""
    grey = image.convert("L")
    return [found.text for found in zxingcpp.read_barcodes(grey)]


def printed_text(receipt: bytes) -> str:
    """Every printable character of the byte stream, whatever stands between."""
    return receipt.decode("cp858", errors="replace")
