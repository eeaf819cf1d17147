"""Papers that come later, at a whole terminal: sent without them, completed by number and NIK, proved at the office."""

from __future__ import annotations

from pathlib import Path

from kiosk import intents
from kiosk.ladder import Screen
from tests.kiosk.journey import NIK
from tests.kiosk.terminal import Terminal, paper
from tests.offline_cache.office import no
from wire import manifest
from wire.problem import Code


def page(terminal: Terminal, paper_id: str) -> None:
    """Take and keep the page of a paper that has one."""
    terminal.until(lambda s: s.visit and any((v.paper, v.state) == (paper_id, "now") for v in s.visit.slots))
    terminal.until(lambda s: s.visit and (s.visit.judged or (s.visit.live and s.visit.live.corners)), 20)
    terminal.say(intents.Shutter())
    terminal.shows(Screen.PAGE_KEPT, 20)
    terminal.say(intents.Keep())


def not_here(terminal: Terminal, paper_id: str) -> None:
    """Say that a required paper comes later."""
    terminal.until(
        lambda s: s.visit and s.visit.can_skip and (paper_id, "now") in [(v.paper, v.state) for v in s.visit.slots]
    )
    terminal.say(intents.NotHere())
    shown = terminal.shows(Screen.PAPER_MISSING).visit
    assert shown is not None and shown.asking_missing == paper_id
    terminal.say(intents.SendWithout(yes=True))


def send(terminal: Terminal) -> str:
    terminal.shows(Screen.REVIEW)
    terminal.say(intents.Send())
    visit = terminal.shows(Screen.DONE, 20).visit
    assert visit is not None
    terminal.say(intents.End())
    terminal.shows(Screen.HOME)
    return visit.number


def test_an_application_is_completed_under_its_first_number(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.mat.lay(paper())
        terminal.to_scan()
        not_here(terminal, "f102")
        page(terminal, "police")
        not_here(terminal, "kk")
        number = send(terminal)

        terminal.say(intents.Start(kind="status"))
        terminal.shows(Screen.STATUS_NUMBER)
        terminal.type(number)
        terminal.shows(Screen.STATUS_NIK)
        terminal.type(NIK)
        result = terminal.shows(Screen.STATUS_RESULT)
        assert NIK not in result.model_dump_json()
        assert result.visit is not None and result.visit.trail is not None
        assert result.visit.trail.todo == ("f102", "kk")
        terminal.say(intents.Complete())
        not_here(terminal, "f102")
        page(terminal, "kk")
        assert send(terminal) == number

        terminal.until(lambda _: terminal.office.numbers() == [number, number], 15)
        first, second = terminal.office.receipts
        manifests = [manifest.unproved(terminal.office.manifests[each])[1] for each in (first, second)]
        assert [each.missing for each in manifests] == [("f102", "kk"), ("f102",)]
        assert [each.corrects for each in manifests] == [None, first]
        assert [[p.paper for p in each.parts if p.paper] for each in manifests] == [["police"], ["kk"]]
        one, two = (job.decode("cp858", "replace") for job in terminal.jobs())
        assert number in one and number in two
        assert "BELUM ADA, HARAP SUSULKAN" in one and "Kartu Keluarga" in one and "BERKAS SUSULAN" not in one
        assert "BERKAS SUSULAN" in two and "Formulir F-1.02" in two and NIK not in one + two


def test_a_receipt_never_says_that_the_office_has_what_it_refused(tmp_path: Path) -> None:
    with Terminal(tmp_path) as terminal:
        terminal.office.trick = lambda method, path: no(Code.CONFLICT) if "/submissions/" in path else None
        terminal.mat.lay(paper())
        terminal.to_scan()
        not_here(terminal, "f102")
        page(terminal, "police")
        not_here(terminal, "kk")
        terminal.shows(Screen.REVIEW)
        terminal.say(intents.Send())
        terminal.shows(Screen.DONE, 20)
        terminal.until(lambda _: terminal.cache.queue().quarantined == 1)
        terminal.say(intents.Reprint())
        terminal.until(lambda _: len(terminal.jobs()) == 2)
        assert "BELUM TERKIRIM" in terminal.jobs()[-1].decode("cp858", "replace")
