"""A resident's visit, played by hand on the window: what is touched, what is laid under the camera, in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploy.demo.bench import Bench
from deploy.demo.hand import Hand
from wire import service

SERVICE = "KTP-HILANG"
SIDES = (("f102", 1), ("f102", 2), ("police", 1), ("kk", 1))


@dataclass(frozen=True, slots=True)
class Person:
    """Who visits. ``letter_date``: DDMMYYYY. Invented, like everybody on the drawn papers."""

    nik: str
    name: str
    kk: str
    phone: str
    letter_date: str
    address: str

    def answers(self) -> dict[str, str]:
        """What is typed into each field of the form."""
        return {
            "name": self.name,
            "kk": self.kk,
            "phone": self.phone,
            "letter_date": self.letter_date,
            "address": self.address,
        }


SITI = Person("3279024107900001", "SITI CONTOH", "3279020101000001", "081200004417", "23112026", "DSN CONTOH 12 RT 01")


def _silent(_moment: str) -> None:
    pass


class Visit:
    """``tell`` is called with the name of each moment while it is on the screen (the demo takes its pictures there)."""

    def __init__(self, bench: Bench, hand: Hand, person: Person = SITI, tell: Callable[[str], None] = _silent) -> None:
        self._bench, self._hand, self._person, self._tell = bench, hand, person, tell

    def home(self) -> None:
        """Wait for the idle screen."""
        self._hand.wait_screen("home", within=30)
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
        self._ready()
        self._tell("nik")
        self._hand.tap("next")
        self._hand.wait_screen("form")

    def fill(self) -> None:
        """Every field of the form, to the scan step."""
        answers = self._person.answers()
        for field in service.catalogue()[SERVICE].fields:
            self._hand.wait(
                f"field {field.id}", lambda tree, id=field.id: any(n["id"] == f"field_{id}" for n in tree["nodes"])
            )
            self._hand.type(answers[field.id])
            self._ready()
            self._tell(f"form-{field.id}")
            self._hand.tap("next")
        self._hand.wait_screen("scan")

    def scan(self, sides: tuple[tuple[str, int], ...] = SIDES) -> None:
        """Lay each side under the camera, let the terminal take it, and keep it."""
        for paper, page in sides:
            self.lay(paper, page)
            self._hand.wait_screen("page_kept", within=40)
            self._tell(f"kept-{paper}-{page}")
            self._hand.tap("keep")
            self._hand.wait_screen("scan", "review")

    def lay(self, paper: str, page: int) -> None:
        """Put one side of a paper under the camera."""
        self._bench.camera("lay", paper=paper, page=page)

    def send(self) -> str:
        """From the review to the number on the screen, which is returned."""
        self._hand.wait_screen("review")
        self._bench.camera("clear")
        self._tell("review")
        self._hand.tap("send")
        return self.number()

    def number(self) -> str:
        """The number on the screen, once it stands there."""

        tree = self._hand.wait(
            "a number", lambda tree: any(n["id"] == "number" and n["label"] for n in tree["nodes"]), within=40
        )
        return next(n["label"] for n in tree["nodes"] if n["id"] == "number" and n["label"])

    def apply(self) -> str:
        """The whole application from the idle screen to the number on the screen."""
        self.home()
        self.choose()
        self.identify()
        self.fill()
        self.scan()
        return self.send()

    def _ready(self) -> None:
        self._hand.wait(
            "Next may be pressed", lambda tree: any(n["id"] == "next" and not n["disabled"] for n in tree["nodes"])
        )
