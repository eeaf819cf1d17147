"""The terminal's wall clock, moved while it runs: an empty battery, a wrong hand. Its other clocks go on as before."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deploy.demo.parts import BenchError

_SOURCE = Path(__file__).with_name("clock.c")


class WallClock:
    """What is loaded into the station's processes before all else. ``folder``: for its files."""

    def __init__(self, folder: Path) -> None:
        """Compile it. Raises BenchError."""
        self._library = folder / "clock.so"
        self._moved = folder / "clock"
        self.jump(0)
        command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(self._library), str(_SOURCE)]
        try:
            built = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        except OSError as error:
            raise BenchError(f"a clock that can be moved needs gcc: {error.strerror}") from error
        if built.returncode != 0:
            raise BenchError(f"the clock does not build: {built.stderr[-400:]}")

    @property
    def variables(self) -> dict[str, str]:
        """Environment of the processes whose clock it is."""
        return {"LD_PRELOAD": str(self._library), "ADM_WALL": str(self._moved)}

    def jump(self, seconds: int) -> None:
        """The clock shows ``seconds`` more than the true time from now on."""
        beside = self._moved.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.replace(self._moved)
