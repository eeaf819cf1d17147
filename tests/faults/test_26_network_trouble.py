"""Fault 26: the line is gone, slow, flapping, or a portal answers for the office: what is sent waits, and goes once."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.demo.bench import wait_for
from deploy.demo.hand import Hand
from tests.faults.stage import LOOK_S, Stage, Stopwatch, ind, says, to_review

PROBE_S = 35.0
"""A line that is down is looked at every 30 s at the longest, as shipped."""
SLOW_BPS = 200_000
FLAP_S = 0.7
FLAPPING_S = 12.0
FLICKER_S = 2.5
"""What the chip says stands longer than this."""


def test_gone_then_a_portal_then_back(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip()
    stage.good(hand)
    began = stage.log_size()
    visit = to_review(stage, hand)
    stage.line("down")
    watch.cause("gone", lambda: hand.tap("send"))
    watch.known("line_changed", says("Offline"), within=10, online=False, reason="no_gateway")
    number = visit.number()
    visit.finish()
    assert says("Offline", screen="home")(hand.tree()), "the terminal goes on without its line"
    assert stage.receipts_of(number) == (1, 0)

    watch.cause("captive portal", lambda: stage.line("portal 200"))
    watch.known("line_changed", says("Offline", screen="home"), within=PROBE_S, online=False, reason="portal")
    time.sleep(3)
    assert not refused(stage, began), "a page of HTML is no verdict of the office"
    assert number not in stage.at_office()

    watch.mend(lambda: stage.line("good"))
    watch.back(says("Online", screen="home"), within=PROBE_S, event="line_changed", online=True)
    stage.sent_once(number)
    assert not refused(stage, began)


def test_slow_and_flapping_goes_out_once_without_a_flicker(stage: Stage, hand: Hand, watch: Stopwatch) -> None:
    stage.equip()
    stage.good(hand)
    hand.wait("the line", says("Online"), within=PROBE_S)
    began = stage.log_size()
    visit = to_review(stage, hand)
    stage.line(f"slow {SLOW_BPS}")
    with chips(hand) as seen:
        watch.cause("slow", lambda: hand.tap("send"))
        watch.known("submission_queued", lambda tree: any(node["id"] == "number" for node in tree["nodes"]), within=5)
        number = visit.number()
        visit.finish()

        watch.cause("flapping", lambda: stage.line(f"flap {FLAP_S}"))
        time.sleep(FLAPPING_S)
        assert number not in stage.at_office(), "it is still under way"
        watch.mend(lambda: stage.line("good"))
        watch.back(says("Online", screen="home"), within=PROBE_S, event="submission_received")
    stood = [after - before for (before, _), (after, _) in itertools.pairwise(seen[1:])]
    assert all(seconds > FLICKER_S for seconds in stood), f"the chip flickers: {seen}"
    stage.sent_once(number)
    assert not refused(stage, began)


def refused(stage: Stage, since: int) -> list[dict[str, object]]:
    """What went to quarantine."""
    return [event for _, event in stage.logged(since) if event["event"] == "submission_quarantined"]


@contextmanager
def chips(hand: Hand) -> Iterator[list[tuple[float, str]]]:
    """What the chip of the line said, and when: one entry a change, as long as the block runs."""
    seen: list[tuple[float, str]] = []
    over = threading.Event()
    words = {ind("Online"), ind("Offline")}

    def look() -> None:
        while not over.wait(LOOK_S):
            for text in hand.texts():
                if text in words and (not seen or seen[-1][1] != text):
                    seen.append((time.time(), text))

    looker = threading.Thread(target=look)
    looker.start()
    try:
        wait_for("a first look", lambda: seen)
        yield seen
    finally:
        over.set()
        looker.join()
