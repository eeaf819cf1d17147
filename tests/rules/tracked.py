"""The files that the rules look at: those that git tracks here, as they lie on disk now."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("screens", "kiosk", "offline_cache", "drivers", "gateway", "wire")


@cache
def tracked(*endings: str) -> tuple[Path, ...]:
    """Tracked files, with one of ``endings`` if any is given."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file() and (not endings or path.suffix in endings))


def product(*endings: str) -> tuple[Path, ...]:
    """Tracked files of the six floors."""
    return tuple(path for path in tracked(*endings) if path.relative_to(ROOT).parts[0] in FLOORS)


def short(path: Path) -> str:
    """The path as a person names it."""
    return str(path.relative_to(ROOT))


@cache
def lines(path: Path) -> tuple[str, ...]:
    """The lines of a text file; none of a binary one."""
    data = path.read_bytes()
    return () if b"\0" in data else tuple(data.decode("utf-8", "replace").splitlines())
