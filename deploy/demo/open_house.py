"""``./adm bench``: the whole terminal on virtual devices, open to a person, with a page to lay papers and break things.

With a screen the window stands on it and the page beside it, in the person's browser; without one the page shows the
window too, and a click on it is a touch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.demo.bench import OFFICER, Bench
from deploy.demo.gear import EVERYTHING
from deploy.demo.panel.site import Panel
from deploy.demo.parts import BenchError

_PORTRAIT = 1080 / 1920
_QUICK_LINE = "[cache]\nprobe_cap_s = 2.0\n"  # a returning line is noticed within seconds


def usable_display() -> str | None:
    """The X display of this session, if it answers."""
    display = os.environ.get("DISPLAY", "")
    return display if display and _geometry(display) else None


def _geometry(display: str) -> tuple[int, int] | None:
    if not shutil.which("xdotool"):
        return None
    asked = subprocess.run(
        ["xdotool", "getdisplaygeometry"],
        env={**os.environ, "DISPLAY": display},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    words = asked.stdout.split()
    return (int(words[0]), int(words[1])) if asked.returncode == 0 and len(words) == 2 else None


def window_size(display: str) -> tuple[int, int]:
    """The largest portrait window that fits the screen, at most 1080 x 1920. Raises BenchError."""
    found = _geometry(display)
    if found is None:
        raise BenchError(f"the screen {display} does not answer")
    width, height = found
    height = min(1920, height - 80, round(width / _PORTRAIT))  # room for a panel of the desktop
    return round(height * _PORTRAIT), height


def open_house(display: str | None, port: int = 0) -> None:
    """Run until Ctrl-C. ``display``: where the window is to stand; None: on a virtual screen, shown by the page."""
    size = window_size(display) if display else (1080, 1920)
    with (
        tempfile.TemporaryDirectory(prefix="adm-demo-") as folder,
        Bench(Path(folder), size=size, display=display, settings=_QUICK_LINE, gear=EVERYTHING) as bench,
        Panel(bench, port=port) as panel,
    ):
        bench.add_officer()
        _, login, password = OFFICER
        where = "The terminal's window is open" if display else "The page shows the terminal's window"
        sys.stdout.write(
            f"\n    The bench:   {panel.url}\n\n"
            f"{where}: touch it with the mouse. Papers, cards, codes and faults are on the bench's page.\n"
            f"The office's pages: {bench.url}   account: {login}   password: {password}\n"
            "End with Ctrl-C.\n"
        )
        sys.stdout.flush()
        if display:
            _show(panel.url)
        while True:
            time.sleep(3600)


def _show(url: str) -> None:
    """Open the page in the person's browser, if there is a way."""
    opener = shutil.which("xdg-open") or shutil.which("chromium")
    if opener:
        subprocess.Popen(
            [opener, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="adm bench", description=(__doc__ or "").partition("\n\n")[2])
    parser.add_argument("--port", type=int, default=0, help="of the page, on this machine alone (0: a free one)")
    parser.add_argument("--no-screen", action="store_true", help="show the window on the page though there is a screen")
    options = parser.parse_args()
    try:
        open_house(None if options.no_screen else usable_display(), options.port)
    except BenchError as error:
        sys.stderr.write(f"adm bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
