"""The virtual environment: made, filled from the pins, and known to be right by a stamp that is written last."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.setup import SetupError, debian
from deploy.setup.progress import Log, say

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ("base", "dev")  # each holds the one before
BUILD = "build"  # the tools that an sdist is built with; what of them no level names goes again at the end
# Packages without a wheel for Linux: built here from their source archive, pinned like all others.
SDISTS = ("pyscard",)
ONLY_WHEELS = ("--only-binary", ":all:", "--no-binary", ",".join(SDISTS))
OLDEST, NEWEST = (3, 11), (3, 13)
ALWAYS = {"pip"}  # in every environment, in no list


@dataclass(frozen=True)
class Stamp:
    """What the environment held when set-up last ended well."""

    level: str
    pins: str
    python: str


class Environment:
    """The project's environment in ``folder``. Nothing is written until ``make``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(os.environ.get("ADM_VENV") or ROOT / ".venv").absolute()
        self.python = self.folder / "bin" / "python"
        self.stamp_file = self.folder / "adm-stamp.json"

    def ready(self, level: str) -> bool:
        """Whether all that ``level`` needs is there: the pins of today, in an environment whose Python runs."""
        stamp = self.stamp()
        return (
            stamp is not None
            and LEVELS.index(stamp.level) >= LEVELS.index(level)
            and stamp.pins == pins(stamp.level)
            and stamp.python == (version := self.version())
            and as_asked(version)
            and self.at_home()
        )

    def stamp(self) -> Stamp | None:
        """The stamp, or None where set-up has not ended well here."""
        try:
            return Stamp(**json.loads(self.stamp_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def version(self) -> str | None:
        """Version of the environment's Python, by running it; None where it does not run (moved, or upgraded away)."""
        if not self.python.exists():
            return None
        command = [self.python, "-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]
        answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return answer.stdout.strip() if answer.returncode == 0 else None

    def at_home(self) -> bool:
        """Whether the programs in it were written for this folder: in an environment that was moved they do not run."""
        try:
            return str(self.folder / "bin" / "python") in (self.folder / "bin" / "pip").read_text()[:1000]
        except (OSError, ValueError):
            return False

    def make(self, level: str, log: Log) -> None:
        """Makes what is missing. Safe to interrupt and to repeat, and against a second ``./adm``. Raises SetupError."""
        with self._alone():
            if self.ready(level):
                return
            before = self.stamp()
            level = before.level if before and LEVELS.index(before.level) > LEVELS.index(level) else level
            self.stamp_file.unlink(missing_ok=True)
            self._make_folder(log)
            self._install(level, log)
            self._drop_strangers(level, log)
            stamp = Stamp(level, pins(level), self.version() or "")
            beside = self.stamp_file.with_suffix(".new")
            beside.write_text(json.dumps(stamp.__dict__) + "\n")
            beside.replace(self.stamp_file)

    @contextmanager
    def _alone(self) -> Generator[None]:
        path = self.folder.with_name(self.folder.name + "-lock")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("      another ./adm is setting up; waiting for it")
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _make_folder(self, log: Log) -> None:
        """A sound environment stays, whichever Python made it; a broken or half-made one is made anew."""
        version = self.version()
        fits = version is not None and OLDEST <= tuple(map(int, version.split(".")[:2])) <= NEWEST and as_asked(version)
        if (
            fits
            and self.at_home()
            and subprocess.run([self.python, "-I", "-m", "pip", "--version"], capture_output=True).returncode == 0
        ):
            say(f"[3/4] Environment: {self.folder.name} with Python {version} is there")
            return
        say(f"[3/4] Environment: making {self.folder.name} with Python {'.'.join(map(str, sys.version_info[:3]))}")
        if self.folder.exists() and any(self.folder.iterdir()) and not (self.folder / "pyvenv.cfg").exists():
            raise SetupError(f"{self.folder} is there and is no environment; move it away, or set ADM_VENV")
        shutil.rmtree(self.folder, ignore_errors=True)
        if log.run([sys.executable, "-I", "-m", "venv", str(self.folder)], re.compile("$^")) != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            line = debian.line_for(["python3-venv"])
            raise SetupError(f"no environment could be made with {sys.executable}. On Debian this helps:\n    {line}")

    def _install(self, level: str, log: Log) -> None:
        """The tools first, then everything: an sdist is built in the environment and nothing is fetched for it."""
        say(f"[4/4] Wheels: {len(names(level))} packages, each checked against its hash")
        # -I leaves out PYTHON* alone: pip's own settings (index, certificates, cache) are the machine's.
        command = [
            *(str(self.python), "-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check"),
            *("--progress-bar", "off", "--require-hashes", *ONLY_WHEELS, "--no-build-isolation"),
        ]
        variables = {
            **os.environ,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "CFLAGS": "-g0",  # no folder of this machine in what is built: the same tools give the same bytes
        }
        for one in (BUILD, level):
            telling = re.compile(r"Collecting |  Downloading |Building wheel|Installing ")
            if log.run([*command, "--requirement", str(requirements(one))], telling, variables) != 0:
                raise SetupError(f"pip failed; the whole log is {log.path}. ./adm again goes on from here.")

    def _drop_strangers(self, level: str, log: Log) -> None:
        """Removes what no list names: an old pin left behind may stand in the way (two OpenCVs, say)."""
        script = "import importlib.metadata as m; print(*{d.metadata['Name'] for d in m.distributions()}, sep='\\n')"
        answer = subprocess.run([self.python, "-I", "-c", script], check=True, stdout=subprocess.PIPE, text=True)
        strangers = sorted({normal(name) for name in answer.stdout.split()} - names(level) - ALWAYS)
        if strangers:
            say(f"      removing what is pinned no more: {', '.join(strangers)}")
            command = [str(self.python), "-I", "-m", "pip", "uninstall", "--yes", *strangers]
            if log.run(command, re.compile("$^")) != 0:
                raise SetupError(f"pip could not remove {', '.join(strangers)}; the whole log is {log.path}")


def as_asked(version: str | None) -> bool:
    """Whether an environment of ``version`` is what ADM_PYTHON (which then runs this) asks for; without it, any is."""
    return not os.environ.get("ADM_PYTHON") or version == "{}.{}.{}".format(*sys.version_info[:3])


def requirements(level: str) -> Path:
    """The compiled list of ``level``; dev.txt reads base.txt itself."""
    return ROOT / "deploy" / "requirements" / f"{level}.txt"


def _lists(level: str) -> list[str]:
    return [requirements(one).read_text() for one in LEVELS[: LEVELS.index(level) + 1]]


def pins(level: str) -> str:
    """A hash over the lists of ``level`` and the tools: another one means another environment."""
    return hashlib.sha256("\0".join([*_lists(level), requirements(BUILD).read_text()]).encode()).hexdigest()


def names(level: str) -> set[str]:
    """The packages of ``level``, normalised."""
    return {normal(name) for text in _lists(level) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", text, re.M)}


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
