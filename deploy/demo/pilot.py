"""A resident who does whatever the screen asks for: goes on from any screen, also after the terminal was restarted.

``Visit`` knows the way by heart; this one reads the screen each time, so it can be interrupted anywhere.
"""

from __future__ import annotations

import re

from deploy.demo.bench import Bench
from deploy.demo.hand import Hand, Tree
from deploy.demo.play import SERVICE, SITI, Person, touchable
from wire import service
from wire.words import translator

_words = translator("id", "wire", "kiosk")


def asked_side(tree: Tree) -> tuple[str, int] | None:
    """Which side the scan screen asks for: paper and page, or None."""
    if tree["screen"] != "scan":
        return None
    texts = [node["label"] for node in tree["nodes"]]
    for paper in service.catalogue()[SERVICE].papers:
        if _words("Scan: {paper}").format(paper=_words(paper.name)) in texts:
            shape = re.compile(re.escape(_words("Put page {page} on the dark mat")).replace(r"\{page\}", r"(\d)"))
            pages = [int(found[1]) for text in texts if (found := shape.fullmatch(text))]
            return paper.id, pages[0] if pages else 1
    return None


class Pilot:
    """``step`` does one thing and returns the screen it was done on."""

    def __init__(self, bench: Bench, hand: Hand, person: Person = SITI) -> None:
        self._bench, self._hand, self._person = bench, hand, person
        self._laid: tuple[str, int] | None = None

    def step(self, *, stay: bool = False) -> str:
        """Look, and do what this screen asks for. "" while no window answers.

        Ends the visit when it is over, unless it is to ``stay`` on the last screen.
        """
        tree = self._hand.look()
        if tree is None:
            return ""
        screen = tree["screen"]
        if screen != "scan":
            self._laid = None
        match screen:
            case "home":
                self._tap(tree, "start_apply")
            case "services":
                offered = touchable(tree, f"service_{SERVICE}")
                self._tap(tree, f"service_{SERVICE}" if offered else f"group_{service.catalogue()[SERVICE].group}")
            case "nik" | "form":
                self._type(tree)
            case "scan":
                self._lay(tree)
            case "page_kept":
                self._bench.camera("clear")
                self._tap(tree, "keep")
            case "done" | "no_receipt" if stay:
                pass
            case _:
                for name in ("retake", "send", "stay", "next", "receipt_yes", "end", "cancel_no"):
                    if touchable(tree, name):
                        self._tap(tree, name)
                        break
        return screen

    def _tap(self, tree: Tree, name: str) -> None:
        if touchable(tree, name):
            x, y, width, height = next(node["rect"] for node in tree["nodes"] if node["id"] == name)
            self._hand.touch(round(x + width / 2), round(y + height / 2))

    def _type(self, tree: Tree) -> None:
        texts = [node["label"] for node in tree["nodes"]]
        fields = service.catalogue()[SERVICE].fields
        asked = next((field.id for field in fields if _words(field.label) in texts), "nik")
        answer = self._person.nik if tree["screen"] == "nik" else self._person.answers()[asked]
        typed = next((node["label"] for node in tree["nodes"] if node["id"] == "typed"), "")
        if _plain(typed) != _plain(answer):
            if typed:
                self._tap(tree, "key_clear")
            self._hand.type(answer, within=3)
            return
        self._tap(tree, "next")

    def _lay(self, tree: Tree) -> None:
        side = asked_side(tree)
        if side is not None and side != self._laid:
            self._bench.lay(*side)
            self._laid = side


def _plain(text: str) -> str:
    return "".join(re.findall(r"\w", text)).upper()
