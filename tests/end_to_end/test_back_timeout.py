"""Build 3: back, cancel and the warned time-out at every step, and a full reset at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.demo.bench import Bench, wait_for
from deploy.demo.hand import Hand
from deploy.demo.play import SITI, Visit
from tests.end_to_end.rig import bring_home, hand_of

# Long enough for a slow machine to do one thing in, short enough to wait for.
QUICK = "[delays]\nidle = 6.0\nwarning = 4.0\ndone = 6.0\n"
STEPS = ("services", "requirements", "privacy", "nik", "form", "scan", "review")


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


def test_back_leads_to_the_step_before_and_keeps_what_was_typed(bench: Bench, hand: Hand) -> None:
    go(bench, hand, "review")
    bench.camera("clear")
    seen = [hand.screen()]
    while seen[-1] != "home":
        hand.tap("back")
        tree = hand.wait("a step back", lambda tree: tree["screen"] != "cancel_ask")
        screen = tree["screen"]
        if screen != seen[-1]:
            seen.append(screen)
        if screen == "nik":
            assert SITI.nik in "".join("".join(text.split()) for text in hand.texts())
        if len(seen) > 12:
            break
        if screen == "services":
            hand.tap("back")
            if hand.wait_screen("cancel_ask", "home") == "cancel_ask":
                hand.tap("cancel_yes")
            hand.wait_screen("home")
            seen.append("home")
    assert [screen for screen in seen if screen != "scan"] == [
        "review",
        "form",
        "nik",
        "privacy",
        "requirements",
        "services",
        "home",
    ]


@pytest.mark.parametrize("step", STEPS)
def test_cancel_at_every_step_wipes_the_visit(bench: Bench, hand: Hand, step: str) -> None:
    go(bench, hand, step)
    hand.tap("cancel")
    hand.wait_screen("cancel_ask")
    hand.tap("cancel_no")
    hand.wait("the step again", lambda tree: tree["screen"] == step)
    hand.tap("cancel")
    hand.wait_screen("cancel_ask")
    hand.tap("cancel_yes")
    hand.wait_screen("home")
    wait_for("no sealed page left", lambda: not list(bench.data.rglob("*.age")) or step != "review", within=10)


@pytest.mark.parametrize("step", STEPS)
def test_the_time_out_warns_and_then_ends_the_visit(quick_bench: Bench, step: str) -> None:
    hand = hand_of(quick_bench)
    bring_home(quick_bench, hand)
    go(quick_bench, hand, step)
    quick_bench.camera("clear")
    hand.wait_screen("timeout", within=20)
    hand.tap("stay", within=4)
    hand.wait_screen(step, within=4)
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
