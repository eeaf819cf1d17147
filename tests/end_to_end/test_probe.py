"""The accessible tree exists only when it was asked for."""

from __future__ import annotations

import stat
from pathlib import Path

from deploy.demo.bench import ROOT, Bench, wait_for
from deploy.demo.hand import Hand
from tests.benchmarks.framebuffer import Framebuffer


def test_the_socket_is_the_owners_alone(bench: Bench, hand: Hand) -> None:
    assert bench.probe is not None
    assert hand.screen() == "home"
    assert stat.S_IMODE(bench.probe.stat().st_mode) & 0o077 == 0


def test_without_the_word_there_is_no_socket(tmp_path: Path) -> None:
    with Framebuffer() as frame, Bench(tmp_path, display=frame.display, probe=False) as bench:
        wait_for("something on the screen", lambda: len(frame.colours()) >= 3, within=30)
        names = [
            path.name for folder in (bench.sockets, bench.folder) for path in folder.rglob("*") if path.is_socket()
        ]
        assert not [name for name in names if "probe" in name]
        assert not [line for line in bench.processes().values() if "--probe" in line]


def test_no_unit_asks_for_it() -> None:
    for folder in ("systemd", "config"):
        for path in (ROOT / "deploy" / folder).rglob("*"):
            if path.is_file():
                assert "--probe" not in path.read_text(encoding="utf-8"), path
