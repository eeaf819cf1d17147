"""A line between a terminal's and an office's network namespace, as the benchmarks hold it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.link.emulator import OFFICE, PORTS
from tests.benchmarks.link.shape import Profile

ROOT = Path(__file__).resolve().parents[3]


def why_not() -> str:
    """Why there are no namespaces here, or ""."""
    if not Path("/dev/net/tun").exists():
        return "no /dev/net/tun"
    done = subprocess.run([*_alone(), "true"], capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def _alone() -> list[str]:
    """The command that gives a process the right to make namespaces."""
    return ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]


class Link:
    """Two namespaces and the line between them. ``listeners``: sockets of the office, already listening."""

    kind = "namespaces"
    host = OFFICE
    ports = PORTS

    def __init__(self) -> None:
        here, there = socket.socketpair()
        with here, there:
            self._process = subprocess.Popen(
                [*_alone(), sys.executable, "-m", "tests.benchmarks.link.emulator", str(there.fileno())],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                pass_fds=(there.fileno(),),
            )
            there.close()
            here.settimeout(20)
            _, handles, _, _ = socket.recv_fds(here, 1, 8)
        self.listeners = [socket.socket(fileno=handle) for handle in handles]
        self._spaces: dict[str, int] = self._said()

    def terminal(self, words: list[str]) -> list[str]:
        """The command that runs ``words`` at the terminal's end."""
        return self._inside("terminal", words)

    def office(self, words: list[str]) -> list[str]:
        """The command that runs ``words`` at the office's end."""
        return self._inside("office", words)

    def shape(self, profile: Profile) -> None:
        """Take a profile; its clock and the counts begin now."""
        self._tell({"shape": profile.plain()})

    def counts(self) -> dict[str, dict[str, int]]:
        """Per direction ("up" is the terminal's), the fields of ``shape.Counts``."""
        return self._tell({"counts": True})

    def close(self) -> None:
        """End the line; the namespaces go with it."""
        for one in self.listeners:
            one.close()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _inside(self, end: str, words: list[str]) -> list[str]:
        process = f"/proc/{self._process.pid}"
        user = [] if os.geteuid() == 0 else [f"--user={process}/ns/user", "--preserve-credentials"]
        return ["nsenter", *user, f"--net={process}/fd/{self._spaces[end]}", "--", *words]

    def _tell(self, command: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._said()

    def _said(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise OSError("the line's emulator has ended")
        return json.loads(line)
