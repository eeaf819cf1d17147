"""Fault 22: the card reader is pulled out, its service stops or is killed: back within 5 s, in the same process."""

from __future__ import annotations

from collections.abc import Callable

from deploy.demo.gear import Gear
from deploy.demo.hand import Hand, Tree
from deploy.demo.play import Visit
from tests.faults.stage import Stage, Stopwatch, ind

HINT = "Put the KTP-el on the reader (may be skipped)"
SEEN = "Card seen. First type the whole NIK."
BACK_S = 5.0


def test_the_reader_comes_back_by_itself(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip(Gear(card=True))
    stage.good(hand)
    visit = Visit(stage, hand)
    visit.home()
    visit.choose()
    hand.tap("next")
    hand.wait("the reader's words", shows(HINT), within=20)
    processes = {pid for pid, command in stage.processes().items() if "kiosk" in command or "screens" in command}

    trouble: tuple[tuple[str, str, Callable[[], object], Callable[[], object]], ...] = (
        ("unplugged", "card_reader_missing", lambda: stage.card("unplug"), lambda: stage.card("plug")),
        ("service stopped", "card_service_down", lambda: stage.card("stop"), lambda: stage.card("start")),
        ("service killed", "card_service_down", lambda: stage.card("stop", kill=True), lambda: stage.card("start")),
    )
    for name, fault, break_it, mend_it in trouble:
        watch.cause(name, break_it)
        watch.known("device_changed", lambda tree: not shows(HINT)(tree), within=5, role="card", fault=fault)
        assert hand.screen() == "nik", "the NIK can be typed all the same"
        watch.mend(mend_it)
        watch.back(shows(HINT), within=BACK_S, role="card", phase="ready")
        stage.card("insert", kind="ktp")
        hand.wait("the card", shows(SEEN), within=5)
        stage.card("remove")
        hand.wait("the empty reader", shows(HINT), within=5)

    # In order and at once: the reader may never be missed, but the next card is seen.
    watch.cause("service restarted", lambda: stage.card("restart"))
    watch.mend(lambda: stage.card("insert", kind="ktp"))
    watch.back(shows(SEEN), within=BACK_S, event="")
    stage.card("remove")
    hand.wait("the empty reader", shows(HINT), within=5)
    assert processes <= set(stage.processes()), "nothing was started again"


def shows(msgid: str) -> Callable[[Tree], bool]:
    """A look for these words on the NIK step."""
    return lambda tree: tree["screen"] == "nik" and any(node["label"] == ind(msgid) for node in tree["nodes"])
