"""The commands of `./adm`: what each needs, and what it runs."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from deploy.install import remove
from deploy.install import steps as install
from deploy.setup import SetupError, checks, debian, doctor
from deploy.setup.environment import Environment
from deploy.setup.progress import Log, say


@dataclass(frozen=True)
class Command:
    """One command. ``level``: what must be set up before it (None: nothing). ``run`` gets the words after the name."""

    words: str
    help: str
    level: str | None
    run: Callable[[Environment, Sequence[str]], int]


def module(name: str) -> Callable[[Environment, Sequence[str]], int]:
    """Becomes ``python -m name``, in the folder where the person is. -P: a ``kiosk`` that lies there is not ours."""

    def run(environment: Environment, words: Sequence[str]) -> int:
        return become(environment, ["-P", "-m", name, *words])

    return run


def become(environment: Environment, words: Sequence[str]) -> int:
    """Replaces this process by the environment's Python. Our floors are found from any folder, other paths are not."""
    sys.stdout.flush()
    os.execve(environment.python, [str(environment.python), *words], checks.variables())


COMMANDS: dict[str, Command] = {
    "demo": Command(
        "",
        "play five visits on virtual devices, to demo-out/; with a screen: open the terminal",
        "dev",
        module("deploy.demo.main"),
    ),
    "bench": Command(
        "", "the terminal on virtual devices, and a page to break them", "dev", module("deploy.demo.open_house")
    ),
    "faults": Command("[numbers]", "play the fault scenarios and print what each took", "dev", module("tests.faults")),
    "prove": Command(
        "[names]", "the long proofs that nothing is lost and nothing is sent twice", "dev", module("tests.proof")
    ),
    "gallery": Command(
        "[words]",
        "draw every screen in every variant, measure them, gallery-out/index.html",
        "dev",
        module("tests.gallery"),
    ),
    "test": Command("[pytest words]", "linters, then every test; with words: pytest alone", "dev", checks.run),
    "kiosk": Command("[words]", "the terminal", "base", module("kiosk")),
    "gateway": Command("[words]", "the office's end", "base", module("gateway")),
    "enrol": Command("CODE", "enrol this terminal at its office", "base", module("kiosk.enrol")),
    "pin": Command("", "make or change the PIN of the terminal's staff pages", "base", module("kiosk.pin")),
    "install": Command("terminal|office", "install this machine for good, as root", None, install.run),
    "uninstall": Command("", "take that away again; asks about the queue", None, remove.run),
    "services": Command(
        "[check [FILES]|play]",
        "all services; the flaws of their files; every way through them",
        "base",
        module("deploy.services"),
    ),
    "doctor": Command("[COMMAND]", "what is missing on this machine, and the line that mends it", None, doctor.run),
    "python": Command("[words]", "the environment's Python", "base", become),
}


def usage() -> str:
    """The list of commands."""
    left = {name: f"./adm {name} {command.words}".rstrip() for name, command in COMMANDS.items()}
    width = max(map(len, left.values()))
    lines = [f"  {left[name]:<{width}}  {command.help}" for name, command in COMMANDS.items()]
    return "\n".join(["Anjungan Dukcapil Mandiri. Commands:", "", *lines])


def set_up(environment: Environment, level: str) -> None:
    """Brings machine and environment to ``level``; silent and quick where they are. Raises SetupError."""
    missing = debian.missing(level)
    if not missing and environment.ready(level):
        return
    began = time.monotonic()
    log = Log(environment.folder.with_name(environment.folder.name + "-setup.log"))
    say(f"[1/4] Python {'.'.join(map(str, sys.version_info[:3]))}: {sys.executable}")
    say(f"[2/4] Debian packages: {f'installing {len(missing)}: ' + ' '.join(missing) if missing else 'all there'}")
    if missing:
        debian.install(missing, log)
    environment.make(level, log)
    say(f"      ready after {time.monotonic() - began:.0f} s")


def main(arguments: Sequence[str]) -> int:
    """Runs one command; returns the exit code (2 for a word that is no command)."""
    name, *words = arguments or ["help"]
    if name in ("help", "-h", "--help"):
        print(usage())
        return 0
    command = COMMANDS.get(name)
    if command is None:
        print(f"adm: no command {name!r}\n\n{usage()}", file=sys.stderr)
        return 2
    environment = Environment()
    try:
        if command.level:
            set_up(environment, command.level)
        return command.run(environment, words)
    except SetupError as error:
        print(f"adm: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # A full disk, or the checkout of another user.
        help_ = "" if os.access(environment.folder.parent, os.W_OK) else " Set ADM_VENV to a folder of yours."
        print(f"adm: {error.filename or 'set-up'}: {error.strerror}.{help_}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nadm: interrupted; ./adm again goes on from here", file=sys.stderr)
        return 130
