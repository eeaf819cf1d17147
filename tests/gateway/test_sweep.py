"""Tidying of the store behind a gateway, on both backends: what no manifest names goes, what a row names stays."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

import pytest

from gateway import sweep
from gateway.store import Place
from tests.gateway.rig import Terminal, opened
from tests.gateway.shelf import Shelf
from wire import ids


def age(data: Path) -> None:
    """Make every file as old as an hour and more, where files have such a time that can be set."""
    then = time.time() - 4000
    for path in data.rglob("store/*/*/*"):
        os.utime(path, (then, then))


def test_orphans_go_and_nothing_that_a_row_names(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    data = terminal.gateway.data
    sent, coming, withdrawn = (terminal.packet(pages=1) for _ in range(3))
    terminal.send(sent)
    terminal.put(coming)
    half = next(iter(coming.parts))
    terminal.patch(half, 0, coming.parts[half][:100])
    terminal.send(withdrawn)
    shelves = {packet.id: Shelf(data, terminal.id, packet.id) for packet in (sent, coming, withdrawn)}
    before = {name: shelf.names() for name, shelf in shelves.items()}
    stray, strange = os.urandom(100), Place(secrets.token_hex(16), ids.uuid7())
    with opened(data) as office:
        # A removal that a kill cut short, strays beside what is named, and a place that no row knows.
        office.store.write(Place(terminal.id, sent.id), ids.sha256(stray), 0, stray, 100)
        office.store.write(strange, ids.sha256(stray), 0, stray, 100)
        kept = Place(secrets.token_hex(16), ids.uuid7())
        office.store.missing(kept, sent.envelope, {})
        part, bytes_ = next(iter(sent.parts.items()))
        office.store.write(kept, part, 0, bytes_, len(bytes_))
        unread = Place(secrets.token_hex(16), ids.uuid7())  # announced to a newer version of the program
        office.store.missing(unread, b"{}", {})
        office.store.write(unread, part, 0, bytes_, len(bytes_))
        assert sweep.sweep(office) == sweep.sweep_strange(office) == 0, "not yet: somebody may be at it"
        age(data)
        time.sleep(1.1)
        if office.settings.store.bucket:
            monkeypatch.setattr(sweep, "IDLE_S", 1.0)
        assert sweep.sweep(office) == 1
        assert sweep.sweep_strange(office) == 1
        assert {name: shelf.names() for name, shelf in shelves.items()} == before
        assert Shelf(data, kept.terminal, kept.submission).names() == sorted(["manifest.json", f"{part}.age"])
        assert office.store.complete(unread, part)
        assert office.store.length(Place(terminal.id, coming.id), half).offset == 100
    terminal.prove(terminal.send(coming))
