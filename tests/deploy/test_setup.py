"""`./adm` as a person meets it: the real command, in a copy of the checkout whose only pin is a wheel made here."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from deploy.setup import debian
from tests.rules.tracked import ROOT


def wheel(folder: Path, name: str, text: str) -> str:
    """Writes a wheel with one module into ``folder``; returns its line for a requirements file."""
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


TOOL = """
import pathlib, zipfile
def build_wheel(folder, settings=None, metadata=None):
    info = "pyscard-1.0.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder) / "pyscard-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("smartcard.py", "built = True")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: pyscard\\nVersion: 1.0\\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        archive.writestr(f"{info}/RECORD", "")
    return "pyscard-1.0-py3-none-any.whl"
"""


def source(folder: Path, name: str) -> str:
    """Writes a source archive that module ``perkakas`` builds; returns its line for a requirements file."""
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for file, text in (
            ("PKG-INFO", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"),
            ("pyproject.toml", '[build-system]\nrequires = ["perkakas"]\nbuild-backend = "perkakas"\n'),
        ):
            member = tarfile.TarInfo(f"{name}-1.0/{file}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Copy:
    """A copy of the set-up with lists of its own, in a folder with a space in its name."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "a checkout"
        self.wheels = tmp_path / "wheels"
        self.wheels.mkdir()
        self.base = self.root / "deploy/requirements/base.txt"
        for room in ("setup", "install"):
            target = self.root / "deploy" / room
            shutil.copytree(ROOT / "deploy" / room, target, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "deploy/__init__.py", self.root / "deploy")
        shutil.copy(ROOT / "adm", self.root)
        for name in ("product", "dev"):
            (self.root / f"deploy/setup/packages.{name}.txt").write_text("# nothing is wanted of Debian here\n")
        self.base.parent.mkdir()
        self.base.write_text(wheel(self.wheels, "pintu", "answer = 42\n"))
        (self.base.parent / "dev.txt").write_text("-r base.txt\n" + wheel(self.wheels, "jendela", "answer = 43\n"))
        (self.base.parent / "build.txt").write_text(wheel(self.wheels, "perkakas", TOOL))

    def adm(self, *words: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
        """Types ./adm WORDS, with pip confined to the wheels made here."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        variables = {**kept, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.run(
            [self.root / "adm", *words],
            cwd=self.root.parent,
            env={**variables, "ADM_PYTHON": python},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


ASK = ("python", "-c", "import pintu; print(pintu.answer)")


def test_without_words_it_lists_the_commands_and_sets_nothing_up(copy: Copy) -> None:
    listed = copy.adm()
    assert listed.returncode == 0
    for command in ("demo", "test", "kiosk", "gateway", "enrol CODE", "doctor", "python"):
        assert f"./adm {command}" in listed.stdout
    wrong = copy.adm("dmeo")
    assert wrong.returncode == 2 and "dmeo" in wrong.stderr and "./adm demo" in wrong.stderr
    assert not (copy.root / ".venv").exists()


def test_set_up_once_then_start_at_once_and_heal(copy: Copy) -> None:
    first = copy.adm(*ASK)
    assert first.returncode == 0, first.stderr
    assert [line[:5] for line in first.stdout.splitlines()[:4]] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert first.stdout.splitlines()[-1] == "42"

    began = time.monotonic()
    second = copy.adm(*ASK)
    assert (second.stdout, second.returncode) == ("42\n", 0)
    assert time.monotonic() - began < 5

    # Killed before its end: no stamp, and whatever came last is half there.
    (copy.root / ".venv/adm-stamp.json").unlink()
    (copy.root / ".venv/bin/python").unlink()
    healed = copy.adm(*ASK)
    assert healed.returncode == 0 and healed.stdout.splitlines()[-1] == "42", healed.stderr

    # Moved to another place: the programs in it would not run there.
    copy.root = copy.root.rename(copy.root.with_name("moved"))
    copy.base = copy.root / "deploy/requirements/base.txt"
    moved = copy.adm(*ASK)
    assert "[3/4]" in moved.stdout and moved.stdout.splitlines()[-1] == "42", moved.stderr
    assert subprocess.run([copy.root / ".venv/bin/pip", "--version"], capture_output=True).returncode == 0

    # The lists change: what they name comes, what they name no more goes.
    copy.base.write_text(wheel(copy.wheels, "gerbang", "answer = 44\n"))
    changed = copy.adm("python", "-c", "import gerbang; print(gerbang.answer)")
    assert changed.returncode == 0 and changed.stdout.splitlines()[-1] == "44", changed.stderr
    assert "pintu" in changed.stdout
    assert copy.adm(*ASK).returncode == 1

    # What the tests need comes only when they are asked for, and then stays.
    more = ("python", "-c", "import importlib.util as u; print(u.find_spec('jendela') is not None)")
    assert copy.adm(*more).stdout == "False\n"
    assert "No module named pytest" in copy.adm("test", "--version").stderr
    assert copy.adm(*more).stdout == "True\n"


def test_a_wheel_with_other_bytes_is_refused(copy: Copy) -> None:
    wheel(copy.wheels, "pintu", "answer = 'not the one that was pinned'\n")
    refused = copy.adm(*ASK)
    assert refused.returncode == 1
    assert "HASHES" in refused.stderr.upper() and ".venv-setup.log" in refused.stderr
    assert not (copy.root / ".venv/adm-stamp.json").exists()


def test_the_one_package_without_wheels_is_built_with_the_pinned_tools_which_go_again(copy: Copy) -> None:
    pintu = copy.base.read_text()
    copy.base.write_text(pintu + source(copy.wheels, "pyscard"))
    built = copy.adm("python", "-c", "import smartcard, importlib.util as u; print(u.find_spec('perkakas'))")
    assert built.returncode == 0 and built.stdout.splitlines()[-1] == "None", built.stderr
    assert "removing what is pinned no more: perkakas" in built.stdout

    copy.base.write_text(pintu + source(copy.wheels, "lain"))
    refused = copy.adm(*ASK)
    assert refused.returncode == 1 and "lain" in refused.stderr


def test_doctor_names_what_is_missing_and_the_line(copy: Copy) -> None:
    (copy.root / "deploy/setup/packages.product.txt").write_text("adm-no-such-package  # to be missed\n")
    told = copy.adm("doctor")
    assert told.returncode == 1
    assert "MISSING  Debian package adm-no-such-package: missing: to be missed" in told.stdout
    assert "apt-get install -y --no-install-recommends adm-no-such-package" in told.stdout
    assert "MISSING  Environment" in told.stdout
    assert not (copy.root / ".venv").exists()


def test_a_python_that_does_not_fit_is_refused(copy: Copy) -> None:
    refused = copy.adm("doctor", python="/bin/false")
    assert refused.returncode == 1 and "ADM_PYTHON" in refused.stderr


def test_names_that_another_package_stands_in_for_count_as_installed() -> None:
    if not shutil.which("dpkg-query"):
        pytest.skip("not a Debian")
    found = debian.installed()
    assert {"dpkg", "libc6"} <= found
    assert not any("(" in name or "," in name for name in found)
    assert "awk" in found  # no package of that name: mawk or gawk provides it


def test_every_package_has_a_reason() -> None:
    assert all(debian.named("dev").values())
    assert set(debian.named("base")) < set(debian.named("dev"))


def test_a_terminal_never_gets_the_virtual_card() -> None:
    assert "vsmartcard-vpcd" in debian.named("dev")
    assert "vsmartcard-vpcd" not in debian.named("base")
