"""``./adm demo``: a whole visit, from the idle screen to the office's answer.

Without a screen it is played by real pointer events under a virtual one and leaves ``demo-out/``. With a screen it
opens the terminal for a person to touch, with virtual papers, printer and office.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

import zxingcpp

from deploy.demo.album import Album, Caption, captions
from deploy.demo.bench import ROOT, Bench, BenchError, wait_for
from deploy.demo.browser import Browser, BrowserError, find
from deploy.demo.hand import Hand
from deploy.demo.officer import Officer
from deploy.demo.open_house import open_house
from deploy.demo.play import SIDES, SITI, Visit
from drivers.virtual import receipt_png

_QUICK_LINE = "[cache]\nprobe_cap_s = 2.0\n"  # a returning line is noticed within seconds, as a watcher would like it
_PRINTER_RATE = 1200  # bytes a second on paper, so that one sees it print
_SETTLED_S = 0.25  # from the tree's word to the drawn frame


class _Progress:
    """Says what goes on, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - self._began:5.1f} s] {text}\n")
        sys.stdout.flush()


def played(out: Path) -> None:
    """The visit under a virtual screen; everything lands in ``out``."""
    say = _Progress()
    _clear(out)
    album = Album(out)
    with (
        tempfile.TemporaryDirectory(prefix="adm-demo-") as folder,
        Bench(Path(folder), settings=_QUICK_LINE, cut=True) as bench,
    ):
        assert bench.display is not None and bench.probe is not None
        hand = Hand(bench.display, bench.probe)
        say("Office, printer, camera and terminal stand; the terminal is enrolled, and the line is cut")
        bench.add_officer()
        bench.printer("set", rate=_PRINTER_RATE)

        def picture(moment: str) -> None:
            if moment in captions():
                time.sleep(_SETTLED_S)
                hand.picture(album.place(moment))

        visit = Visit(bench, hand, SITI, picture)
        visit.home()
        visit.choose()
        visit.identify()
        visit.fill()
        say("Service, papers, notice, NIK and form: typed on the screen")
        picture("scan-empty")
        visit.be_refused(*SIDES[0])
        visit.scan()
        say("One blurred page was refused; four pages were laid, judged and kept")
        number = visit.send()
        visit.finish()
        say(f"Sent without a line: the number is {number}, and the receipt is printed")
        receipt = receipt_png.render(bench.receipts()[-1])
        receipt.save(out / "receipt.png")
        code = [found.text for found in zxingcpp.read_barcodes(receipt.convert("L"))]
        if code != [number]:
            raise BenchError(f"the receipt's QR says {code}, the screen {number}")
        picture("idle-queued")

        bench.line("up")
        back = time.monotonic()
        wait_for("the application to arrive", lambda: number in bench.at_office(), within=90)
        travelled = time.monotonic() - back
        say(f"The line is back; the application arrived after {travelled:.1f} s")
        pages = bench.open_application(number, Path(folder) / "opened")
        for page in (*pages.glob("page-*.jpg"), pages / "application.pdf"):
            shutil.copyfile(page, out / page.name)
        say("The office decrypted it, with nothing but its store and its key")
        _decide(bench, album, number)
        say("An officer read it and asked for a better page")

        bench.station.stop()  # the next morning: a terminal asks for news when it is switched on
        bench.start_station()
        visit.status(number)
        say("Siti's next visit: the terminal shows the office's answer")
        facts = [
            Caption(
                "QR pada struk terbaca sama dengan nomor di layar.", "The receipt's QR reads as the screen's number."
            ),
            Caption(
                f"Permohonan tiba {travelled:.1f} detik setelah jaringan kembali.",
                f"The application arrived {travelled:.1f} s after the line came back.",
            ),
        ]
        page = album.write(number, facts)
    say("Done")
    sys.stdout.write(f"\nThe story, in order:  {_shown(page)}\n")


def _decide(bench: Bench, album: Album, number: str) -> None:
    if find() is None:
        raise BenchError("no Chromium here: apt-get install chromium")
    with Browser() as browser:
        officer = Officer(browser, bench.url, lambda moment: browser.shot(album.place(moment)))
        officer.sign_in()
        officer.open(number)
        officer.ask_for_correction()
        officer.see_terminals()


def _clear(out: Path) -> None:
    """Make room for a new story; a folder that holds something else is left alone."""
    if out.exists() and any(out.iterdir()) and not (out / ".adm-demo").exists():
        raise BenchError(f"{out} holds something that is not a demo's; name another folder with --out")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / ".adm-demo").touch()


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> int:
    """The command. 0 when the whole story was played."""
    parser = argparse.ArgumentParser(prog="adm demo", description="Play a visit, or open the terminal to touch.")
    parser.add_argument("--out", type=Path, default=ROOT / "demo-out", help="where pictures and files go (demo-out)")
    parser.add_argument("--played", action="store_true", help="play under a virtual screen though there is a real one")
    options = parser.parse_args()
    try:
        if os.environ.get("DISPLAY") and not options.played:
            open_house(os.environ["DISPLAY"])
        else:
            played(options.out)
    except (BenchError, BrowserError) as error:
        sys.stderr.write(f"adm demo: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
