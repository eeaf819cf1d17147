"""Starts a virtual device as a process of its own and talks to its control socket."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

from drivers.virtual.control import call

_ROOT = Path(__file__).resolve().parents[2]


class Twin:
    """One running virtual device: ``with Twin("printer", folder) as twin: twin.port; twin("set", paper_out=True)``."""

    def __init__(self, name: str, folder: Path, *options: str, port: int = 0) -> None:
        """Start ``drivers.virtual.<name>``; its control socket stands in ``folder``. Raises ``RuntimeError``."""
        self.name = name
        self.control = folder / f"{name}.sock"
        command = [sys.executable, "-m", f"drivers.virtual.{name}", "--port", str(port)]
        self._process = subprocess.Popen(
            [*command, "--control", str(self.control), *options], cwd=_ROOT, stdout=subprocess.PIPE
        )
        #: What the device says when it is up: its port, or where else it is to be found.
        self.facts = self._first_line(30.0)
        self.port: int = self.facts["port"]

    def __call__(self, do: str, **args: object) -> dict[str, Any]:
        """Send one command; see the device's module for its words."""
        return call(self.control, do, args)

    @property
    def pid(self) -> int:
        """The process id of the device."""
        return self._process.pid

    def stop(self) -> None:
        """End the process; may be called twice."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self.control.unlink(missing_ok=True)

    def __enter__(self) -> Twin:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _first_line(self, limit: float) -> dict[str, Any]:
        out = self._process.stdout
        assert out is not None
        line = out.readline() if select.select([out], [], [], limit)[0] else b""
        if not line:
            self.stop()
            raise RuntimeError(f"the virtual {self.name} did not start")
        return json.loads(line)
