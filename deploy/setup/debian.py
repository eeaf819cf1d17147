"""Debian packages: which are named, which are missing, and how they come onto the machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from deploy.setup import SetupError
from deploy.setup.progress import Log

FILES = {
    "base": ("packages.product.txt",),
    "dev": ("packages.product.txt", "packages.dev.txt"),
    "terminal": ("packages.product.txt", "packages.terminal.txt"),
    "office": ("packages.product.txt", "packages.office.txt"),
}
LOCK_TIMEOUT_S = 300  # another apt, such as Debian's daily one, may hold the lock
OF_PYTHON = {"python3", "python3-venv"}


def named(level: str) -> dict[str, str]:
    """Package to reason, for ``level`` (a key of FILES), in the order of the files."""
    found: dict[str, str] = {}
    for name in FILES[level]:
        for line in (Path(__file__).parent / name).read_text().splitlines():
            package, _, reason = line.partition("#")
            if package.strip():
                found[package.strip()] = reason.strip()
    return found


def missing(level: str) -> list[str]:
    """The packages of ``level`` that are not installed; none where this is no Debian."""
    if not shutil.which("dpkg-query"):
        return []
    wanted = set(named(level))
    if importlib.util.find_spec("ensurepip"):
        wanted -= OF_PYTHON
    if (Path(sysconfig.get_path("include")) / "Python.h").exists():
        wanted -= {"python3-dev"}  # a Python that is not Debian's brings its own
    return [package for package in named(level) if package in wanted - installed()]


def installed() -> set[str]:
    """Every installed package, and the names that installed packages stand in for (Debian 13's ...t64 ones)."""
    answer = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Provides}\n"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: set[str] = set()
    for line in answer.stdout.splitlines():
        status, package, provides = line.split("\t")
        if status == "installed":
            found.add(package)
            found.update(re.sub(r"\(.*?\)", "", provides).replace(",", " ").split())
    return found


def as_root() -> list[str] | None:
    """The words to put before a command that needs root; None when this user cannot become root without a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n"]
    return None


def line_for(packages: Iterable[str]) -> str:
    """The one line that a person types to install ``packages``."""
    words = f"apt-get install -y --no-install-recommends {' '.join(packages)}"
    if os.geteuid() == 0:
        return f"apt-get update && {words}"
    if shutil.which("sudo"):
        return f"sudo apt-get update && sudo {words}"
    return f"su -c 'apt-get update && {words}'"


def install(packages: list[str], log: Log) -> None:
    """Installs ``packages``. Raises SetupError, with the line to type, where this user cannot or where apt fails."""
    before = as_root()
    if before is None:
        raise SetupError(f"these Debian packages need root. Run this line, then ./adm again:\n    {line_for(packages)}")
    wait = ["-o", f"DPkg::Lock::Timeout={LOCK_TIMEOUT_S}"]
    steps = (
        [*before, "apt-get", "-q", *wait, "update"],
        [
            *(*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", *wait),
            *("-o", "Dpkg::Use-Pty=0", "install", "--no-install-recommends", *packages),
        ],
    )
    for step in steps:
        if log.run(step, re.compile(r"Get:\d+ |Unpacking |Setting up ")) != 0:
            raise SetupError(
                f"apt-get failed; the whole log is {log.path}. Mend that, or run:\n    {line_for(packages)}"
            )
