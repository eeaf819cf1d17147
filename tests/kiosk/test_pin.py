"""The staff's PIN at the shell: asked for at enrolment (on a real pty), read from a file, changed later."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offline_cache.cache import open_cache
from tests.gateway.rig import ROOT
from tests.offline_cache.office import Office

PIN, OTHER = "250817", "908172"
_WITHIN_S = 20.0


class Shell:
    """A terminal's folder, and somebody who types at it."""

    def __init__(self, folder: Path, office: Office) -> None:
        self.folder, self.office = folder, office
        self.settings = folder / "kiosk.toml"
        self.settings.write_text(f'data = "{folder}/data"\nruntime = "{folder}"\n')

    def run(self, module: str, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Without a keyboard."""
        command = [sys.executable, "-m", module, *words, "--settings", str(self.settings)]
        return subprocess.run(
            command, cwd=ROOT, input=stdin, capture_output=True, text=True, check=False, timeout=_WITHIN_S
        )

    def enrol(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return self.run("kiosk.enrol", self.office.code(), *words, stdin=stdin)

    def type(self, module: str, *words: str, typed: tuple[str, ...]) -> tuple[int, str]:
        """With a keyboard: each answer once its question (a line's end in ": ") stands there. Code and screen."""
        screen, keyboard = pty.openpty()
        command = [sys.executable, "-m", module, *words, "--settings", str(self.settings)]
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=keyboard, stdout=keyboard, stderr=keyboard, start_new_session=True
        )
        os.close(keyboard)
        shown, asked, deadline = "", 0, time.monotonic() + _WITHIN_S
        try:
            while time.monotonic() < deadline:
                if not select.select([screen], [], [], 0.1)[0]:
                    continue
                try:
                    shown += os.read(screen, 4096).decode()
                except OSError:  # the other side is closed
                    break
                if shown.count("): ") + shown.count("again: ") > asked < len(typed):
                    os.write(screen, f"{typed[asked]}\n".encode())
                    asked += 1
            return child.wait(_WITHIN_S), shown
        finally:
            os.close(screen)
            child.kill()
            child.wait()

    def opens(self, pin: str) -> str:
        """What the terminal says to that PIN."""
        cache = open_cache(self.folder / "data", version="test")
        try:
            return cache.check_pin(pin).result
        finally:
            cache.close()


@pytest.fixture
def shell() -> Iterator[Shell]:
    """Not enrolled yet."""
    office = Office()
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        yield Shell(Path(folder), office)
    office.close()


def test_without_a_keyboard_it_enrols_and_says_that_there_is_no_pin(shell: Shell) -> None:
    done = shell.enrol()
    assert done.returncode == 0 and done.stdout.startswith("KMT: ")
    assert "no PIN yet" in done.stderr and "./adm pin" in done.stderr
    assert shell.opens(PIN) == "unset"
    later = shell.run("kiosk.pin")
    assert later.returncode == 2 and "--pin-file" in later.stderr and shell.opens(PIN) == "unset"


def test_from_a_file_or_from_standard_input(shell: Shell) -> None:
    file = shell.folder / "pin"
    file.write_text(f"{PIN}\nnothing\n")
    done = shell.enrol("--pin-file", str(file))
    assert done.returncode == 0 and "no PIN" not in done.stderr and PIN not in done.stdout + done.stderr
    assert shell.opens(PIN) == "right"
    assert "no PIN" not in shell.enrol().stderr, "one that is there is left alone"
    assert shell.opens(PIN) == "right"
    done = shell.run("kiosk.pin", "--pin-file", "-", stdin=f"{OTHER}\n")
    assert done.returncode == 0 and done.stdout == "The staff's PIN is set.\n"
    assert (shell.opens(PIN), shell.opens(OTHER)) == ("wrong", "right")


@pytest.mark.parametrize("content", [b"", b"123456\n", b"\xff\xfe\n"])
def test_a_file_without_a_pin_is_refused_before_the_office_is_asked(shell: Shell, content: bytes) -> None:
    file = shell.folder / "pin"
    file.write_bytes(content)
    done = shell.enrol("--pin-file", str(file))
    assert done.returncode == 2 and done.stderr and "Traceback" not in done.stderr
    assert not shell.office.terminals and not (shell.folder / "data").exists()
    assert shell.enrol("--pin-file", str(shell.folder / "none")).returncode == 2


def test_asked_twice_until_both_fit_and_never_shown(shell: Shell) -> None:
    typed = ("123456", PIN, OTHER, PIN, PIN)
    code, shown = shell.type("kiosk.enrol", shell.office.code(), typed=typed)
    assert code == 0 and "KMT: " in shown
    assert "plain run" in shown and "The two differ." in shown
    assert PIN not in shown and OTHER not in shown
    assert shell.opens(PIN) == "right"
    code, shown = shell.type("kiosk.enrol", shell.office.code(), typed=())
    assert code == 0 and "PIN for" not in shown, "nothing is asked where there is one"
    code, shown = shell.type("kiosk.pin", typed=(OTHER, OTHER))
    assert code == 0 and shell.opens(OTHER) == "right"


def test_enter_alone_and_no_pin_leave_it_for_later(shell: Shell) -> None:
    code, shown = shell.type("kiosk.enrol", shell.office.code(), typed=("",))
    assert code == 0 and "no PIN yet" in shown and shell.opens(PIN) == "unset"
    code, shown = shell.type("kiosk.enrol", shell.office.code(), "--no-pin", typed=())
    assert code == 0 and "no PIN yet" in shown and "PIN for" not in shown
    code, shown = shell.type("kiosk.pin", typed=("",))
    assert code == 1 and shell.opens(PIN) == "unset"


def test_a_running_terminal_is_said(shell: Shell) -> None:
    shell.enrol()
    cache = open_cache(shell.folder / "data", version="test")
    try:
        done = shell.run("kiosk.pin", "--pin-file", "-", stdin=f"{PIN}\n")
        assert done.returncode == 1 and "stop it first" in done.stderr
    finally:
        cache.close()
