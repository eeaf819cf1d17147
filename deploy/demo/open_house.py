"""The demo with a screen: the terminal opens for a person to touch; papers are laid by themselves when asked for."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.demo.bench import OFFICER, Bench, BenchError
from deploy.demo.hand import Hand
from deploy.demo.pilot import asked_side

_PORTRAIT = 1080 / 1920
_EMPTY_S = 1.5  # how long the mat stays empty before the next paper comes, so that one sees what happens


def window_size(display: str) -> tuple[int, int]:
    """The largest portrait window that fits the screen, at most 1080 x 1920. Raises BenchError."""
    asked = subprocess.run(
        ["xdotool", "getdisplaygeometry"], env={"DISPLAY": display}, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        raise BenchError(f"the screen {display} does not answer: {asked.stderr.strip()}")
    width, height = (int(word) for word in asked.stdout.split())
    height = min(1920, height - 80, round(width / _PORTRAIT))  # room for a panel of the desktop
    return round(height * _PORTRAIT), height


def open_house(display: str) -> None:
    """Run until the terminal ends or Ctrl-C."""
    size = window_size(display)
    with (
        tempfile.TemporaryDirectory(prefix="adm-demo-") as folder,
        Bench(Path(folder), size=size, display=display) as bench,
    ):
        assert bench.probe is not None
        bench.add_officer()
        _, login, password = OFFICER
        sys.stdout.write(
            "The terminal is open: touch it with the mouse. Papers are laid under its camera when it asks for them.\n"
            f"The office's pages: {bench.url}   account: {login}   password: {password}\n"
            "End with Ctrl-C.\n"
        )
        sys.stdout.flush()
        _lay_papers(bench, Hand(display, bench.probe))


def _lay_papers(bench: Bench, hand: Hand) -> None:
    laid: tuple[str, int] | None = None
    asked_since = 0.0
    while bench.station.alive:
        time.sleep(0.3)
        tree = hand.look()
        side = asked_side(tree) if tree else None
        if side is None:
            if laid is not None:
                bench.camera("clear")
                laid = None
            asked_since = time.monotonic()
        elif side != laid and time.monotonic() - asked_since > _EMPTY_S:
            bench.lay(*side)
            laid = side
