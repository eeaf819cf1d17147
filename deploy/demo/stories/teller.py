"""What every story needs: pictures of its moments, the receipt, the journey to the office, and what the office does."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

import zxingcpp

from deploy.demo.album import Album, Caption
from deploy.demo.bench import Bench
from deploy.demo.browser import Browser
from deploy.demo.hand import Hand
from deploy.demo.officer import Officer
from deploy.demo.parts import BenchError, wait_for
from drivers.virtual import receipt_png

_SETTLED_S = 0.25  # from the tree's word to the drawn frame


class Teller:
    """One story on one bench. ``say`` tells whoever waits what goes on."""

    def __init__(self, bench: Bench, album: Album, say: Callable[[str], None]) -> None:
        assert bench.display is not None and bench.probe is not None
        self.bench, self.album, self.say = bench, album, say
        self.hand = Hand(bench.display, bench.probe)
        self._moments = album.tale.captions()

    def picture(self, moment: str) -> None:
        """A picture of the screen, if this moment belongs to the story."""
        if moment in self._moments:
            time.sleep(_SETTLED_S)
            self.hand.picture(self.album.place(moment))

    def receipt(self, number: str) -> None:
        """Keep the newest receipt as a picture. Raises BenchError when its code is not ``number``."""
        image = receipt_png.render(self.bench.receipts()[-1])
        image.save(self.album.folder / "receipt.png")
        codes = [found.text for found in zxingcpp.read_barcodes(image.convert("L"))]
        if codes != [number]:
            raise BenchError(f"the receipt's QR says {codes}, the screen {number}")

    def arrive(self, number: str, *, within: float = 90) -> float:
        """Wait until the application lies whole at the office, once; the seconds that it took from now."""
        began = time.monotonic()
        wait_for("the application to arrive", lambda: number in self.bench.at_office(), within=within)
        if self.bench.at_office().count(number) != 1:
            raise BenchError(f"{number} lies at the office more than once")
        return time.monotonic() - began

    def open(self, number: str) -> None:
        """What the office decrypts, into the story's folder."""
        opened = self.bench.open_application(number, self.bench.folder / "opened")
        for page in (*opened.glob("page-*.jpg"), opened / "application.pdf"):
            shutil.copyfile(page, self.album.folder / page.name)

    def decide(self, number: str) -> None:
        """An officer reads the application and asks for a better page."""
        with Browser() as browser:

            def shot(moment: str) -> None:
                if moment in self._moments:
                    browser.shot(self.album.place(moment))

            officer = Officer(browser, self.bench.url, shot)
            officer.sign_in()
            officer.open(number)
            officer.ask_for_correction()
            officer.see_terminals()

    def look(self, number: str, moment: str = "") -> None:
        """An officer reads the application; with ``moment``, the page as it then stands is that picture alone."""
        with Browser() as browser:

            def shot(seen: str) -> None:
                name = (moment if seen == "office-application" else "") if moment else seen
                if name in self._moments:
                    browser.shot(self.album.place(name))

            officer = Officer(browser, self.bench.url, shot)
            officer.sign_in()
            officer.open(number)

    def next_morning(self) -> None:
        """Switch the terminal off and on: it asks for news then."""
        self.bench.station.stop()
        self.bench.start_station()

    def write(self, number: str, *facts: Caption) -> None:
        """The story's page; ``facts``: what was measured on the way."""
        same = Caption(
            "QR pada struk terbaca sama dengan nomor di layar.", "The receipt's QR reads as the screen's number."
        )
        self.album.write(number, [same, *facts])
