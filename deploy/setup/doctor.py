"""`./adm doctor`: what is missing on this machine, and the line that mends it. Changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.install import PURGE, STICKS, VIRTUAL_READER, installed
from deploy.setup import debian
from deploy.setup.environment import LEVELS, NEWEST, OLDEST, ROOT, Environment, pins
from deploy.setup.progress import say

FREE_MB = {"base": 1_300, "dev": 2_800}  # environment and Debian packages, measured on an empty Debian 12, with room
SQLITE_WANTED = (3, 51, 3)  # older ones have the WAL-reset bug
NEEDS_DEV = ("demo", "test")

PROBE = """
import ctypes, sqlcipher3
print("sqlite", sqlcipher3.sqlite_version)
try:
    ctypes.CDLL("libGL.so.1")
    print("gl yes")
except OSError as error:
    print("gl", error)
"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``mend``: the line that mends it; None where it is in order."""

    what: str
    seen: str
    mend: str | None = None


def findings(environment: Environment, level: str) -> Iterator[Finding]:
    """Everything that a command of ``level`` needs, in the order in which set-up needs it."""
    command = "./adm test" if level == "dev" else "./adm python -c ''"
    version = ".".join(map(str, sys.version_info[:3]))
    fits = OLDEST <= sys.version_info[:2] <= NEWEST
    yield Finding("Python", f"{version} ({sys.executable})", None if fits else debian.line_for(["python3"]))

    if shutil.which("dpkg-query"):
        missing = debian.missing(level)
        reasons = debian.named(level)
        for package in missing:
            yield Finding(f"Debian package {package}", f"missing: {reasons[package]}", debian.line_for(missing))
        if installed() == "terminal" and VIRTUAL_READER in debian.installed():
            yield Finding(f"Debian package {VIRTUAL_READER}", "the tests' card reader listens to the network", PURGE)
        if not missing:
            yield Finding("Debian packages", f"all {len(reasons)} there")
    else:
        yield Finding("Debian packages", "no Debian here; deploy/setup/packages.*.txt names what is needed")

    folder = next(one for one in (environment.folder, *environment.folder.parents) if one.exists())
    if environment.ready(level) or os.access(folder, os.W_OK):
        free = shutil.disk_usage(folder).free // 1_000_000
        enough = free >= FREE_MB[level] or environment.ready(level)
        seen = f"{free} MB free in {folder}"
        yield Finding("Disk", seen, None if enough else f"make room: {FREE_MB[level]} MB are needed in {folder}")
    else:
        yield Finding("Disk", f"{folder} cannot be written", f"ADM_VENV=~/.adm-venv {command}")

    if installed() == "terminal":
        yield _sticks()
    yield _environment(environment, level, command)
    if environment.version() is not None:
        yield from _libraries(environment, command)


def _sticks() -> Finding:
    """Whether USB sticks of the courier can be mounted here."""
    modules = Path("/lib/modules") / os.uname().release / "kernel" / "fs"
    known = Path("/proc/filesystems").read_text().split()
    lacking = [name for name in ("vfat", "exfat") if name not in known and not any(modules.glob(f"*/{name}.ko*"))]
    if not STICKS.is_dir():
        return Finding("USB sticks", f"{STICKS} is not there", "systemd-tmpfiles --create")
    if lacking:
        return Finding(
            "USB sticks", f"the kernel knows no {' and no '.join(lacking)}", debian.line_for(["linux-image-amd64"])
        )
    there = ", ".join(sorted(path.name for path in STICKS.iterdir() if os.path.ismount(path)))
    return Finding("USB sticks", f"vfat and exfat; plugged in: {there or 'none'}")


def _environment(environment: Environment, level: str, command: str) -> Finding:
    stamp, version = environment.stamp(), environment.version()
    if version is None:
        seen = "not there" if not environment.folder.exists() else "its Python does not run"
    elif stamp is None:
        seen = "not set up to its end"
    elif LEVELS.index(stamp.level) < LEVELS.index(level):
        seen = "holds the product, not the tests and the demo"
    elif stamp.pins != pins(stamp.level):
        seen = "other versions than deploy/requirements names now"
    elif not environment.at_home():
        seen = "was made in another folder"
    elif stamp.python != version:
        seen = f"made with Python {stamp.python}, is now {version}"
    else:
        return Finding("Environment", f"{environment.folder.name}, Python {version}, {stamp.level}")
    return Finding("Environment", f"{environment.folder}: {seen}", command)


def _libraries(environment: Environment, command: str) -> Iterator[Finding]:
    """What only the environment's own Python can tell."""
    answer = subprocess.run([environment.python, "-I", "-c", PROBE], capture_output=True, text=True)
    facts = dict(line.split(" ", 1) for line in answer.stdout.splitlines())
    wanted = ".".join(map(str, SQLITE_WANTED))
    sqlite = facts.get("sqlite", "")
    good = sqlite != "" and tuple(map(int, sqlite.split("."))) >= SQLITE_WANTED
    why = sqlite or (answer.stderr.strip().splitlines() or ["sqlcipher3 does not load"])[-1]
    yield Finding("SQLite in sqlcipher3", f"{why} (at least {wanted})", None if good else command)
    if "gl" in facts:
        opengl = facts["gl"] == "yes"
        mend = None if opengl else debian.line_for(["libgl1", "libgl1-mesa-dri"])
        yield Finding("OpenGL library", "loads" if opengl else facts["gl"], mend)


def run(environment: Environment, words: Sequence[str]) -> int:
    """Prints the findings; 1 if something is missing. A command's name narrows it to what that command needs."""
    level = "dev" if not words or words[0] in NEEDS_DEV else "base"
    found = list(findings(environment, level))
    for finding in found:
        say(f"{'ok     ' if finding.mend is None else 'MISSING'}  {finding.what}: {finding.seen}")
    mends = list(dict.fromkeys(finding.mend for finding in found if finding.mend))
    if not mends:
        say(f"Nothing is missing. The checkout is {ROOT}.")
        return 0
    say("\nTo mend it:")
    for mend in mends:
        say(f"    {mend}")
    return 1
