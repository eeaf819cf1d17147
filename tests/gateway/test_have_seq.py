"""How far the office holds all: what a terminal hears, and what it costs when a gap closes."""

from __future__ import annotations

import time

from sqlalchemy import Engine, event, insert

from gateway.intake import put
from gateway.tables import Submission
from gateway.tables import Terminal as Row
from tests.gateway.rig import Terminal, opened
from wire import ids


def test_the_sequence_held_has_no_gap(terminal: Terminal) -> None:
    one, two, three = terminal.packet(), terminal.packet(), terminal.packet()
    terminal.send(one)
    terminal.send(three)
    assert terminal.beat().have_seq == one.seq
    terminal.send(two)
    assert terminal.beat().have_seq == three.seq


def test_a_gap_that_closes_below_thousands_costs_no_question_for_each(terminal: Terminal) -> None:
    low, many = terminal.packet(pages=0), 2000
    terminal.put(low)
    for sha256, part in low.parts.items():
        assert terminal.patch(sha256, 0, part).status_code == 204
    asked: list[str] = []
    with opened(terminal.gateway.data) as office:
        with office.database.write() as session:
            row = session.get_one(Submission, low.id)
            same = {name: getattr(row, name) for name in ("terminal_id", "service", "tag", "manifest", "held")}
            after = (n for n in range(2, many + 3) if n != many)  # the count ends at a gap, not at the highest
            session.execute(
                insert(Submission),
                [
                    {**same, "id": ids.uuid7(), "seq": n, "number": f"N-{n}", "manifest_sha256": "", "missing": []}
                    | {"announced_at": 1, "received_at": 1, "receipt": b"x"}
                    for n in after
                ],
            )
            owner = session.get_one(Row, terminal.id)
        assert terminal.beat().have_seq == 0

        def note(*words: object) -> None:
            asked.append(str(words[2]))

        event.listen(Engine, "before_cursor_execute", note)
        try:
            begun = time.perf_counter()
            assert put(office, owner, low.id, low.envelope).receipt
            took = time.perf_counter() - begun
        finally:
            event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) < 40
    assert took < 5
    assert terminal.beat().have_seq == many - 1
