"""What systemd itself says of the installed units: nothing wrong, and how exposed each is."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from deploy.install import MOST_EXPOSED, TEMPLATES, UNITS, InstallError
from deploy.setup.progress import say

_FOLDER = Path("/etc/systemd/system")
_LEVEL = re.compile(r"Overall exposure level for (\S+): ([0-9.]+)")


def units(kind: str) -> None:
    """Verify every unit and hold its exposure to its bound. Raises InstallError."""
    for unit in (*UNITS[kind], *TEMPLATES[kind]):
        said = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", str(_FOLDER / unit)], capture_output=True, text=True
        )
        complaints = [line for line in said.stderr.splitlines() if "adm-" in line or "/opt/adm" in line]
        if said.returncode or complaints:
            raise InstallError(f"systemd-analyze verify {unit}:\n{said.stderr}")
        level = exposure(unit)
        bound = MOST_EXPOSED.get(unit)
        say(f"      {unit}: verified, exposure {level:.1f}{f' (at most {bound:.1f})' if bound else ''}")
        if bound is not None and level > bound:
            raise InstallError(f"{unit} is more exposed than {bound:.1f}")


def exposure(unit: str) -> float:
    """The exposure that ``systemd-analyze security`` computes from the file, 0 to 10. Raises InstallError."""
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(_FOLDER / unit)],
        capture_output=True,
        text=True,
    )
    found = _LEVEL.search(said.stdout)
    if found is None:
        raise InstallError(f"systemd-analyze security {unit} told no level:\n{said.stderr or said.stdout}")
    return float(found[2])
