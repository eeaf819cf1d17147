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
class Errand:
    """What the resident came for. ``answers``: to the service's questions. ``missing``: papers left at home."""

    service: str = SERVICE
    answers: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def chosen(self) -> service.Service:
        """The service."""
        return service.catalogue()[self.service]

    @property
    def fields(self) -> tuple[service.FormField, ...]:
        """The fields that are asked."""
        return self.chosen.fields_for(dict(self.answers))

    @property
    def sides(self) -> tuple[tuple[str, int], ...]:
        """Every side of every paper, in order: (paper, page)."""
        papers = self.chosen.needed(dict(self.answers))
        return tuple((paper.id, page) for paper in papers for page in range(1, paper.pages + 1))

    @property
    def optional(self) -> tuple[str, ...]:
        """Papers that may be left out."""
        return tuple(p.id for p in self.chosen.needed(dict(self.answers)) if p.need == "optional")


@dataclass(frozen=True, slots=True)
class Person:
    """Who visits. ``lost_date``: DDMMYYYY. Invented, like everybody on the drawn papers."""

    nik: str
    name: str
    kk: str
    phone: str
    lost_date: str
    address: str
    reason: str = "bank"
    problem: str = "BANK TIDAK MENEMUKAN NIK"

    def answers(self, errand: Errand | None = None) -> dict[str, str]:
        """What is typed into, or picked for, each field of the form."""
        return {field.id: str(getattr(self, field.id)) for field in (errand or Errand()).fields}


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

    def __init__(
        self,
        bench: Bench,
        hand: Hand,
        person: Person = SITI,
        tell: Callable[[str], None] = _silent,
        errand: Errand | None = None,
    ) -> None:
        self._bench, self._hand, self._person, self._tell = bench, hand, person, tell
        self._errand = errand or Errand()

    def home(self) -> None:
        """Wait for the idle screen."""
        self._hand.wait_screen("home", within=60)
        self._tell("home")

    def choose(self) -> None:
        """From the idle screen to the privacy notice."""
        chosen = self._errand.chosen
        self._hand.tap("start_apply")
        self._hand.wait_screen("services")
        self._tell("services")
        self._hand.tap(f"group_{chosen.group}")
        self._hand.tap(f"service_{chosen.code}")
        self.prepare()

    def prepare(self) -> None:
        """The papers and the questions about them, to the privacy notice."""
        self._hand.wait_screen("requirements")
        self._tell("requirements")
        for _question, answer in self._errand.answers:
            self._hand.tap(f"answer_{answer}")
            self._next(f"answered-{answer}")
        if not self._errand.answers:
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
        answers = self._person.answers(self._errand)
        for field in self._errand.fields:
            self._hand.wait_text(words(field.label))
            if field.kind == "choice":
                self._hand.tap(f"pick_{answers[field.id]}")
            else:
                self._hand.type(answers[field.id])
            self._next(f"form-{field.id}")
        self._hand.wait_screen(then)

    def scan(self, sides: tuple[tuple[str, int], ...] | None = None) -> None:
        """Lay each side under the camera, let the terminal take it, and keep it; say so of a paper that is not here."""
        for paper, page in self._errand.sides if sides is None else sides:
            if paper in (*self._errand.missing, *self._errand.optional):
                self.leave_out(paper, page)
                continue
            self.take(paper, page)
            self._tell(f"kept-{paper}-{page}")
            self._bench.camera("clear")
            self._hand.tap("keep")
            self._hand.wait("the next side", lambda tree: tree["screen"] in ("scan", "review"))

    def leave_out(self, paper: str, page: int) -> None:
        """A paper that is not here: an optional one is skipped, a required one comes later."""
        if page > 1:
            return
        self._hand.wait_screen("scan")
        self._hand.tap("not_here")
        if paper in self._errand.missing:
            self._hand.wait_screen("paper_missing")
            self._tell(f"missing-{paper}")
            self._hand.tap("without_yes")
        self._hand.wait("the next side", lambda tree: tree["screen"] in ("scan", "review"))

    def complete(self, *sides: tuple[str, int]) -> None:
        """From the answer of "Cek status": scan what was missing or refused, send it, and go."""
        self._hand.tap("complete")
        self._hand.wait_screen("scan")
        for paper, page in sides:
            self.take(paper, page)
            self._tell(f"later-{paper}-{page}")
            self._bench.camera("clear")
            self._hand.tap("keep")
            self._hand.wait("the next side", lambda tree: tree["screen"] in ("scan", "review"))
        self._hand.wait_screen("review")
        self._tell("review-later")
        self._hand.tap("send")

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
