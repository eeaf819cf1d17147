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
from deploy.demo.browser import find
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
        Bench(Path(folder), size=size, display=display, settings=_QUICK_LINE, gear=EVERYTHING, movable=True) as bench,
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
        browser = _show(panel.url, display, size[0], Path(folder)) if display else None
        try:
            while True:
                time.sleep(3600)
        finally:
            if browser is not None:
                browser.terminate()
                browser.wait()


def _show(url: str, display: str, left: int, folder: Path) -> subprocess.Popen[bytes] | None:
    """Open the page right of the window, ``left`` pixels from the screen's edge; else in the person's own browser."""
    chromium, screen = find(), _geometry(display)
    if chromium and screen:
        words = [
            chromium,
            f"--app={url}",
            f"--user-data-dir={folder / 'browser'}",
            f"--window-position={left},0",
            f"--window-size={max(400, screen[0] - left)},{screen[1]}",
            "--no-first-run",
            "--no-default-browser-check",
            "--no-proxy-server",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # root has none; the page is our own
        ]
    elif opener := shutil.which("xdg-open"):
        words = [opener, url]
    else:
        return None
    return subprocess.Popen(
        words,
        env={**os.environ, "DISPLAY": display},
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
