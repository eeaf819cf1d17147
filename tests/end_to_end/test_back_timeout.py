"""Build 3: back, cancel and the warned time-out at every step, and a full reset at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from deploy.demo.bench import Bench, wait_for
from deploy.demo.hand import Hand, Tree
from deploy.demo.play import SITI, Visit
from tests.end_to_end.rig import bring_home, hand_of
from wire import service

# Long enough for a slow machine to take a page in, short enough to wait for.
WARNING_S = 6.0
QUICK = f"[delays]\nidle = 8.0\nwarning = {WARNING_S}\ndone = 8.0\n"


@pytest.fixture(scope="module")
def quick_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("quick"), settings=QUICK) as bench:
        yield bench


def go(bench: Bench, hand: Hand, step: str) -> None:
    """From the idle screen to ``step``."""
    visit = Visit(bench, hand)
    visit.home()
    hand.tap("start_apply")
    hand.wait_screen("services")
    if step == "services":
        return
    hand.tap("group_ktp")
    hand.tap("service_KTP-HILANG")
    hand.wait_screen("requirements")
    if step == "requirements":
        return
    hand.tap("next")
    hand.wait_screen("privacy")
    if step == "privacy":
        return
    if step == "nik":
        hand.tap("next")
        hand.wait_screen("nik")
        hand.type(SITI.nik)
        return
    visit.identify()
    if step == "form":
        return
    visit.fill()
    if step == "scan":
        return
    visit.scan()


def sealed(bench: Bench) -> set[str]:
    """The sealed parts on the terminal's disk."""
    return {path.name for path in (bench.data / "parts").rglob("*") if path.is_file()}


def typed(tree: Tree) -> str:
    """What stands in the field, without the gaps that make it legible."""
    return re.sub(r"\W", "", next((node["label"] for node in tree["nodes"] if node["id"] == "typed"), ""))


def test_back_leads_to_the_step_before_and_keeps_what_was_typed(bench: Bench, hand: Hand) -> None:
    go(bench, hand, "review")
    for field in reversed(service.catalogue()["KTP-HILANG"].fields):
        answer = re.sub(r"\W", "", SITI.answers()[field.id])
        hand.tap("back")
        hand.wait(f"{field.id} as it was typed", lambda tree, answer=answer: typed(tree) == answer)
    hand.tap("back")
    hand.wait("the NIK as it was typed", lambda tree: tree["screen"] == "nik" and typed(tree) == SITI.nik)
    for screen in ("privacy", "requirements", "services", "home"):
        hand.tap("back")
        if hand.wait_screen(screen, "cancel_ask") == "cancel_ask":
            hand.tap("cancel_yes")
        hand.wait_screen(screen)


def test_every_step_asks_before_it_ends_and_goes_on_where_it_was(quick_bench: Bench) -> None:
    hand = hand_of(quick_bench)
    bring_home(quick_bench, hand)
    visit = Visit(quick_bench, hand)

    def asked(step: str) -> None:
        hand.wait_screen(step)
        hand.tap("cancel")
        hand.wait_screen("cancel_ask")
        hand.tap("cancel_no")
        hand.wait_screen(step)
        hand.wait_screen("timeout", within=20)
        hand.tap("stay", within=WARNING_S)
        hand.wait_screen(step, within=WARNING_S)

    hand.tap("start_apply")
    asked("services")
    hand.tap("group_ktp")
    hand.tap("service_KTP-HILANG")
    asked("requirements")
    hand.tap("next")
    asked("privacy")
    hand.tap("next")
    asked("nik")
    hand.type(SITI.nik)
    hand.tap("next")
    asked("form")
    visit.fill()
    asked("scan")
    visit.scan()
    asked("review")
    assert SITI.name in hand.texts()
    hand.wait_screen("timeout", within=20)
    hand.wait_screen("home", within=20)
    wait_for("nothing sealed to be left", lambda: not sealed(quick_bench), within=10)


@pytest.mark.parametrize("step", ["services", "nik", "review"])
def test_cancel_wipes_the_visit(bench: Bench, hand: Hand, step: str) -> None:
    before = sealed(bench)
    go(bench, hand, step)
    hand.tap("cancel")
    hand.wait_screen("cancel_ask")
    hand.tap("cancel_yes")
    hand.wait_screen("home")
    wait_for("nothing sealed to be left", lambda: sealed(bench) == before, within=10)


@pytest.mark.parametrize("step", ["services", "form"])
def test_the_time_out_warns_and_then_ends_the_visit(quick_bench: Bench, step: str) -> None:
    hand = hand_of(quick_bench)
    bring_home(quick_bench, hand)
    go(quick_bench, hand, step)
    hand.wait_screen("timeout", within=20)
    hand.wait_screen("home", within=20)


def test_the_end_resets_language_size_and_contrast(quick_bench: Bench) -> None:
    hand = hand_of(quick_bench)
    bring_home(quick_bench, hand)
    hand.tap("lang_en")
    hand.wait("English", lambda tree: tree["lang"] == "en")
    hand.tap("contrast")
    hand.wait("contrast", lambda tree: tree["palette"] != "light")
    hand.tap("start_apply")
    hand.wait_screen("services")
    hand.wait_screen("timeout", within=20)
    tree = hand.wait("the idle screen as it was", lambda tree: tree["screen"] == "home", within=20)
    assert (tree["lang"], tree["palette"]) == ("id", "light")
