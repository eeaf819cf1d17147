"""Uninstalling: all that was put there goes; the sealed queue, or the office's store, only when it is said so."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from deploy.install import ETC, HOME, RECORD, STICKS, InstallError, booted, credential
from deploy.setup.environment import Environment
from deploy.setup.progress import say

_RUNTIME = ("/run/adm", "/run/adm-display", "/run/adm-window")


def run(_environment: Environment, words: Sequence[str]) -> int:
    """``./adm uninstall [--queue keep|remove]``. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="./adm uninstall", description=__doc__)
    parser.add_argument("--queue", choices=("keep", "remove"), help="what becomes of the data; asked otherwise")
    options = parser.parse_args(list(words))
    try:
        uninstall(options.queue)
    except InstallError as error:
        say(f"adm: {error}")
        return 1
    return 0


def uninstall(queue: str | None) -> None:
    """Take everything away. Raises InstallError, OSError; what was begun can be repeated."""
    if os.geteuid() != 0:
        raise InstallError("this needs root:\n    sudo adm uninstall")
    if not RECORD.exists():
        raise InstallError("nothing of this project is installed here")
    record = cast(dict[str, object], json.loads(RECORD.read_text()))
    data = Path(str(record["data"]))
    keep = _asked(data, queue)
    units, users, groups = (cast(list[str], record[name]) for name in ("units", "users", "groups"))
    if booted():
        subprocess.run(["systemctl", "disable", "--now", *units], capture_output=True)
        subprocess.run(["systemctl", "stop", "adm-stick@*.service"], capture_output=True)  # each unmounts its stick
    for name in cast(list[str], record["files"]):
        Path(name).unlink(missing_ok=True)
    if booted():
        subprocess.run(["systemctl", "daemon-reload"], capture_output=True)
        subprocess.run(["udevadm", "control", "--reload"], capture_output=True)
    if keep and data.exists():
        _to_root(data)
    else:
        shutil.rmtree(data, ignore_errors=True)
        shutil.rmtree(credential.FOLDER, ignore_errors=True)  # what it sealed is gone
    for name in users:
        subprocess.run(["userdel", name], capture_output=True)
    for name in groups:
        subprocess.run(["groupdel", name], capture_output=True)
    # Folders alone, and empty: a stick that is still there loses nothing.
    for folder in (*(STICKS.iterdir() if STICKS.is_dir() else ()), STICKS):
        if folder.is_dir() and not os.path.ismount(folder) and not any(folder.iterdir()):
            folder.rmdir()
    for name in (*_RUNTIME, str(ETC)):
        shutil.rmtree(name, ignore_errors=True)
    for name in cast(list[str], record["folders"]):
        if Path(name).is_dir() and not any(Path(name).iterdir()):  # somebody else may have put something there
            Path(name).rmdir()
    shutil.rmtree(HOME)
    if keep and data.exists():
        say(f"Removed. {data} stays, for root alone: sealed to the office's key, with the terminal's own keys.")
        if credential.FOLDER.exists():
            say(f"{credential.FOLDER} stays too: without it that folder opens nowhere.")
    else:
        say("Removed. Nothing is left but Debian's packages.")


def _asked(data: Path, queue: str | None) -> bool:
    """Whether the data stays."""
    held = [path for path in data.rglob("*") if path.is_file()] if data.exists() else []
    if not held:
        return False
    if queue is None:
        if not sys.stdin.isatty():
            raise InstallError(f"{data} holds data: say --queue keep or --queue remove")
        size = sum(path.stat().st_size for path in held) / 1e6
        say(f"{data} holds {len(held)} files, {size:.1f} MB: applications that may not have reached the office.")
        answer = input("Type REMOVE to remove them, or press Enter to keep them: ")
        return answer.strip() != "REMOVE"
    return queue == "keep"


def _to_root(data: Path) -> None:
    for path in (data, *data.rglob("*")):
        os.chown(path, 0, 0, follow_symlinks=False)
    data.chmod(0o700)
