"""`./adm test`: the linters, then pytest, whose closing line is the last of all."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence

from deploy.setup.environment import ROOT, Environment
from deploy.setup.progress import say

# The suite mostly waits for devices and windows: one process a core, and the tests of a file together.
SHARED_OUT = ("--numprocesses", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder")


def variables() -> dict[str, str]:
    """This process's variables for the environment's Python, which looks in its own folders and in ours alone."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def linters(environment: Environment) -> dict[str, list[str]]:
    """Name to command, in order."""
    python = str(environment.python)
    return {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "import-linter": [str(environment.folder / "bin" / "lint-imports"), "--no-logo"],
        "basedpyright": [python, "-m", "basedpyright", "--pythonpath", python],
    }


def run(environment: Environment, words: Sequence[str]) -> int:
    """Everything, or with ``words`` pytest alone.

    Returns 0 only if all is green; a linter's complaint does not keep pytest from running.
    """
    failed: list[str] = []
    if not words:
        for name, command in linters(environment).items():
            say(f"== {name}")
            began = time.monotonic()
            if subprocess.run(command, cwd=ROOT, env=variables(), stdin=subprocess.DEVNULL).returncode != 0:
                failed.append(name)
            say(f"   {'FAILED' if name in failed else 'green'} after {time.monotonic() - began:.1f} s")
        if failed:
            say(f"== {', '.join(failed)} FAILED: the exit code will say so, whatever pytest says below")
        say("== pytest")
    command = [str(environment.python), "-m", "pytest", *(words or SHARED_OUT)]
    sys.stdout.flush()
    code = subprocess.run(command, cwd=ROOT, env=variables(), stdin=subprocess.DEVNULL).returncode
    return code or (1 if failed else 0)
