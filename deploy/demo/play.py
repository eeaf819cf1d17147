"""A resident's visit, played by hand on the window: what is touched, what is laid under the camera, in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploy.demo.bench import Bench
from deploy.demo.hand import Hand, Tree
from wire import service
from wire.words import translator

SERVICE = "KTP-HILANG"
SIDES = (("f102", 1), ("f102", 2), ("police", 1), ("kk", 1))


@dataclass(frozen=True, slots=True)
class Person:
    """Who visits. ``lost_date``: DDMMYYYY. Invented, like everybody on the drawn papers."""

    nik: str
    name: str
    kk: str
    phone: str
    lost_date: str
    address: str

    def answers(self) -> dict[str, str]:
        """What is typed into each field of the form."""
        return {
            "name": self.name,
            "kk": self.kk,
            "phone": self.phone,
            "lost_date": self.lost_date,
            "address": self.address,
        }


SITI = Person("3279024107900001", "SITI CONTOH", "3279020101000001", "081200004417", "23112026", "DSN CONTOH 12 RT 01")


def _silent(_moment: str) -> None:
    pass


def touchable(tree: Tree, name: str) -> bool:
    """True when what has this id may be touched."""
    return any(node["id"] == name and not node["disabled"] for node in tree["nodes"])


def number_on(tree: Tree) -> str:
    """The registration number that the screen shows, or ""."""
    return next((node["label"] for node in tree["nodes"] if node["id"] == "number"), "")


def _found(tree: Tree) -> bool:
    """True while the live picture says to keep the paper still: its outline is drawn then."""
    still = translator(tree["lang"], "kiosk")("Keep the paper still…")
    return any(node["label"] == still for node in tree["nodes"])


class Visit:
    """``tell`` is called with the name of each moment while it is on the screen (the demo takes its pictures there)."""

    def __init__(self, bench: Bench, hand: Hand, person: Person = SITI, tell: Callable[[str], None] = _silent) -> None:
        self._bench, self._hand, self._person, self._tell = bench, hand, person, tell

    def home(self) -> None:
        """Wait for the idle screen."""
        self._hand.wait_screen("home", within=60)
        self._tell("home")

    def choose(self) -> None:
        """From the idle screen to the privacy notice."""
        self._hand.tap("start_apply")
        self._hand.wait_screen("services")
        self._tell("services")
        self._hand.tap(f"service_{SERVICE}")
        self._hand.wait_screen("requirements")
        self._tell("requirements")
        self._hand.tap("next")
        self._hand.wait_screen("privacy")
        self._tell("privacy")

    def identify(self) -> None:
        """From the privacy notice to the first field of the form: the NIK is typed."""
        self._hand.tap("next")
        self._hand.wait_screen("nik")
        self._hand.type(self._person.nik)
        self._next("nik")
        self._hand.wait_screen("form")

    def fill(self, then: str = "scan") -> None:
        """Every field of the form, to the scan step, which begins with the screen ``then``."""
        words = translator("id", "wire")
        answers = self._person.answers()
        for field in service.catalogue()[SERVICE].fields:
            self._hand.wait_text(words(field.label))
            self._hand.type(answers[field.id])
            self._next(f"form-{field.id}")
        self._hand.wait_screen(then)

    def scan(self, sides: tuple[tuple[str, int], ...] = SIDES) -> None:
        """Lay each side under the camera, let the terminal take it, and keep it."""
        for paper, page in sides:
            self.take(paper, page)
            self._tell(f"kept-{paper}-{page}")
            self._bench.camera("clear")
            self._hand.tap("keep")
            self._hand.wait("the next side", lambda tree: tree["screen"] in ("scan", "review"))

    def be_refused(self, paper: str, page: int) -> None:
        """Lay one side out of focus, press the shutter, be told what is wrong, and try again."""
        self._bench.lay(paper, page, blur=5.0)
        self._hand.tap("shutter")
        self._hand.wait_screen("page_refused", within=40)
        self._tell("refused")
        self._bench.camera("clear")
        self._hand.tap("retake")
        self._hand.wait_screen("scan")

    def take(self, paper: str, page: int) -> None:
        """Lay one side and wait until the terminal has taken it by itself and found it legible."""
        self.lay(paper, page)
        self._hand.wait(
            "the page on the live picture", lambda tree: tree["screen"] != "scan" or _found(tree), within=40
        )
        if self._hand.screen() == "scan":
            self._tell("scan")
        self._hand.wait_screen("page_kept", within=40)

    def lay(self, paper: str, page: int) -> None:
        """Put one side of a paper under the camera."""
        self._bench.lay(paper, page)

    def send(self) -> str:
        """From the review to the number on the screen, which is returned."""
        self._hand.wait_screen("review")
        if self._bench.gear.camera:
            self._bench.camera("clear")
        self._tell("review")
        self._hand.tap("send")
        number = self.number()
        self._tell("sending")
        return number

    def number(self) -> str:
        """The number on the screen, once it stands there."""
        return number_on(self._hand.wait("a number", number_on, within=40))

    def apply(self) -> str:
        """The whole application from the idle screen to the number on the screen."""
        self.home()
        self.choose()
        self.identify()
        self.fill()
        self.scan()
        return self.send()

    def finish(self) -> None:
        """From the printed receipt back to the idle screen."""
        self._hand.wait_screen("done", within=30)
        self._tell("done")
        self._hand.tap("end")
        self._hand.wait_screen("home")

    def status(self, number: str) -> None:
        """ "Cek status" from the idle screen to the answer: number and NIK are typed."""
        self._hand.wait_screen("home", within=60)
        self._hand.tap("start_status")
        self._hand.wait_screen("status_number")
        self._hand.type(number.replace("-", ""))
        self._next("status-number")
        self.prove()

    def show_receipt(self, number: str) -> None:
        """ "Cek status" from the idle screen to the NIK: the receipt's QR is shown to the camera."""
        self._hand.wait_screen("home", within=60)
        self._hand.tap("start_status")
        self._hand.wait_screen("status_number")
        self._bench.camera("lay", code=number)
        self._hand.wait_screen("status_nik", within=30)
        self._bench.camera("clear")

    def prove(self) -> None:
        """The second fact, to the answer."""
        self._hand.wait_screen("status_nik")
        self._hand.type(self._person.nik)
        self._next("status-nik")
        self._hand.wait_screen("status_result", within=20)
        self._tell("status-result")

    def _next(self, moment: str) -> None:
        self._hand.wait("Next to touch", lambda tree: touchable(tree, "next"))
        self._tell(moment)
        self._hand.tap("next")
