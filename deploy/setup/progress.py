"""Progress for the person, everything else for the log: a long child process says where it is every few seconds."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

EVERY_S = 5.0
TAIL = 15  # lines of the log that are shown when a step fails
WIDTH = 70


def say(text: str) -> None:
    """One line for the person, at once also through a pipe."""
    print(text, flush=True)


class Log:
    """The set-up's log file. Opened for appending, so that a second try does not hide the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    def run(self, command: list[str], telling: re.Pattern[str], env: dict[str, str] | None = None) -> int:
        """Runs ``command`` with no input, logs what it prints, shows a line that ``telling`` matches every few seconds.

        Returns the exit code; on a failure the end of the log is shown.
        """
        last_said = time.monotonic()
        lines: list[str] = []
        with (
            self.path.open("a", encoding="utf-8") as file,
            subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env=env,
            ) as process,
        ):
            print(f"$ {' '.join(command)}", file=file)
            assert process.stdout is not None
            for line in process.stdout:
                file.write(line)
                lines.append(line.rstrip())
                if telling.match(line) and time.monotonic() - last_said >= EVERY_S:
                    last_said = time.monotonic()
                    say(f"      {line.strip()[:WIDTH]}")
        if process.returncode != 0:
            for line in lines[-TAIL:]:
                print(f"      {line}", file=sys.stderr)
        return process.returncode
