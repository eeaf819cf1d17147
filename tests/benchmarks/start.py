"""How soon something is on the screen: ``./adm python -m tests.benchmarks.start [--times N]``.

Measured from outside: from the exec of the command to the first drawn frame in the X server's own memory. The first
run of each warms the page cache and is not counted. Limits (issue 2, Accept 6): 1.5 s for ``python -m screens``, 2.5 s
for ``./adm kiosk``, medians.
"""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deploy.demo.bench import ROOT
from tests.benchmarks.framebuffer import Framebuffer

WINDOW_LIMIT_S = 1.5
KIOSK_LIMIT_S = 2.5


def first_frame(frame: Framebuffer, command: list[str], environment: dict[str, str]) -> float:
    """Seconds from exec to the first drawn frame of one start; the command is ended and its window gone afterwards."""
    began = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return frame.wait_drawn(began)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
        frame.wait_empty()


def measure(times: int) -> dict[str, tuple[list[float], float]]:
    """Per command: the measured starts in seconds, and the limit of their median."""
    found: dict[str, tuple[list[float], float]] = {}
    with Framebuffer() as frame, tempfile.TemporaryDirectory(prefix="adm-start-") as folder:
        home = Path(folder)
        (home / "run").mkdir()
        (home / "roles.toml").write_text("")
        settings = home / "kiosk.toml"
        settings.write_text(f'data = "{home}/data"\nroles = "{home}/roles.toml"\nruntime = "{home}/run"\n')
        environment = {
            **os.environ,
            "DISPLAY": frame.display,
            "HOME": folder,
            "TMPDIR": folder,
            "ADM_VENV": os.environ.get("ADM_VENV", sys.prefix),
        }
        environment.pop("SDL_VIDEODRIVER", None)
        commands = {
            "python -m screens": (
                [sys.executable, "-m", "screens", "--link", f"{home}/none.sock"],
                WINDOW_LIMIT_S,
            ),
            "./adm kiosk": ([str(ROOT / "adm"), "kiosk", "--settings", str(settings)], KIOSK_LIMIT_S),
        }
        for name, (command, limit) in commands.items():
            first_frame(frame, command, environment)
            found[name] = ([first_frame(frame, command, environment) for _ in range(times)], limit)
    return found


def main() -> int:
    """Print the table; 1 when a median passes its limit."""
    parser = argparse.ArgumentParser(description="How soon something is on the screen.")
    parser.add_argument("--times", type=int, default=5)
    times: int = parser.parse_args().times
    worst = 0
    print(f"{'first frame':<20}{'median':>8}{'min':>8}{'max':>8}{'limit':>8}   seconds, {times} warm starts")
    for name, (values, limit) in measure(times).items():
        middle = statistics.median(values)
        worst |= middle > limit
        print(f"{name:<20}{middle:>8.2f}{min(values):>8.2f}{max(values):>8.2f}{limit:>8.1f}")
    return int(worst)


if __name__ == "__main__":
    raise SystemExit(main())
