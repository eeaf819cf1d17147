"""A terminal with every device, the bench's page, and the way of a visit through both."""

from __future__ import annotations

import html

import requests

from deploy.demo.bench import Bench, wait_for
from deploy.demo.panel.site import Panel
from deploy.demo.play import SIDES, SITI, Visit, touchable
from tests.end_to_end import rig


class Scene:
    """The terminal, the page, and where the visit stands."""

    def __init__(self, bench: Bench, panel: Panel) -> None:
        self.bench, self.panel = bench, panel
        self.hand = panel.desk.sight.hand
        self.visit = Visit(bench, self.hand, SITI)
        self.number = ""
        self.before: set[int] = set()
        self._at = ""

    def press(self, name: str, words: dict[str, str] | None = None, file: bytes = b"") -> str:
        """Press the button over HTTP; the line that says what was done. A press that failed fails the test."""
        self.before = set(self.bench.processes())
        files = {"file": ("sheet", file)} if file else None
        answer = requests.post(f"{self.panel.url}/do/{name}", data=words, files=files, timeout=60)
        done = self.panel.desk.done[0]
        assert answer.status_code == 200 and done.ok, done.text
        assert done.text in html.unescape(answer.text)
        return done.text

    def go(self, place: str) -> None:
        """Bring the window to ``place``; forward through the visit where that is the way."""
        if place == self._at:
            return
        match place:
            case "home":
                rig.bring_home(self.bench, self.hand)
            case "nik":
                self.go("home")
                self.visit.choose()
                self.hand.tap("next")
                self.hand.wait_screen("nik")
            case "camera":
                if self._at != "nik":
                    self.go("nik")
                self.identify()
                self.hand.tap("choose_camera")
                self.hand.wait_screen("scan")
            case "feeder":
                self.go("nik")
                self.identify()
                self.hand.tap("choose_scanner")
                self.hand.wait_screen("scan_bed")
            case "scanner":
                if self._at != "camera":
                    self.go("camera")
                self.hand.tap("use_scanner")
                self.hand.wait_screen("scan_bed")
            case "review":
                if self._at != "feeder":
                    self.go("feeder")
                self.hand.tap("use_camera")
                self.hand.wait_screen("scan")
                self.visit.scan(SIDES)
                self.hand.wait_screen("review")
            case "status_number":
                self.go("home")
                self.hand.tap("start_status")
                self.hand.wait_screen("status_number")
        self._at = place

    def identify(self) -> None:
        """From the NIK to the choice between camera and scanner."""
        self.hand.type(SITI.nik)
        self.hand.wait("the NIK taken", lambda tree: touchable(tree, "next"))
        self.hand.tap("next")
        self.hand.wait_screen("form")
        self.visit.fill("choose_source")

    def left(self) -> None:
        """The visit is not where it was."""
        self._at = ""

    def scan(self) -> None:
        """Scan what lies there."""
        self.hand.tap("scan")

    def again(self) -> None:
        """From a page that was judged, back to the scanner."""
        if self.hand.screen() in ("page_kept", "page_refused"):
            self.hand.tap("retake")
        self.hand.wait_screen("scan_bed")

    def send(self) -> None:
        """Send the application."""
        self.hand.tap("send")
        self.number = self.visit.number()
        self.left()

    def finish(self) -> None:
        """Take the receipt and go home, once the application has arrived."""
        self.press("printer_well")
        self.press("line_good")
        self.visit.finish()
        wait_for("the application at the office", lambda: self.number in self.bench.at_office(), within=40)

    def stop(self) -> None:
        """Stop the running scan."""
        self.hand.tap("stop_scan")
        self.hand.wait("the end of the scan", lambda tree: touchable(tree, "scan"))
        self.press("scanner_well")

    def ask_status(self) -> None:
        """ "Cek status" for the application that was sent, after the terminal was switched off and on."""
        self.bench.station.stop()
        self.bench.start_station()
        self.left()
        self.visit.status(self.number)
