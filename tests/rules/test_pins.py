"""The pins: hashed, free of hosts, one version a package, and all that the product imports is in the product's list."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.pins import pinned
from deploy.setup.environment import SDISTS
from tests.rules.tracked import FLOORS, ROOT, lines, product, short

LISTS = ROOT / "deploy" / "requirements"
PINS = {name: pinned(LISTS / f"{name}.txt") for name in ("base", "dev", "build")}
BASE, DEV, BUILD = PINS.values()


def wanted(path: Path) -> list[Requirement]:
    """The requirements of a .in file."""
    return [Requirement(line) for line in lines(path) if line and not line.startswith("#")]


@pytest.mark.parametrize("name", PINS)
def test_every_pin_has_hashes_and_no_host(name: str) -> None:
    text = (LISTS / f"{name}.txt").read_text()
    assert "://" not in text and "--index" not in text and "--find-links" not in text
    entries = re.split(r"(?m)^(?=[a-z0-9])", text.replace("\\\n", " "))[1:]
    assert len(entries) == len(PINS[name])
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+==[\w.+!]+( ;[^#]*?)?(\s+--hash=sha256:[0-9a-f]{64})+\s*$", entry), entry


def test_dev_stands_on_base_and_repeats_nothing() -> None:
    assert "-r base.txt" in lines(LISTS / "dev.txt")
    assert not BASE.keys() & DEV.keys()
    assert not (BASE | DEV).keys() & {"opencv-python-headless", "opencv-contrib-python", "escpos"}


def test_what_is_built_is_one_package_from_one_archive_with_pinned_tools() -> None:
    assert SDISTS == ("pyscard",)
    entry = (LISTS / "base.txt").read_text().replace("\\\n", " ").split("pyscard==")[1].split("\n")[0]
    assert entry.count("--hash=") == 1  # its source archive: a wheel of the same version would be refused
    assert BUILD.keys() >= {"setuptools", "swig"}
    for name in BUILD.keys() & (BASE | DEV).keys():
        assert BUILD[name] == (BASE | DEV)[name]


def test_pins_are_what_the_in_files_ask_for() -> None:
    for name, pins in PINS.items():
        for requirement in wanted(LISTS / f"{name}.in"):
            assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)]), requirement


def test_the_product_imports_nothing_from_the_test_list() -> None:
    providers = packages_distributions()
    found: dict[str, str] = {}
    for path in product(".py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for top in {name.split(".")[0] for name in names} - {*FLOORS, *sys.stdlib_module_names, "__future__"}:
                owners = {canonicalize_name(owner) for owner in providers.get(top, [])}
                if not owners & BASE.keys():
                    found[f"{short(path)}: {top}"] = ", ".join(owners) or "not installed"
    assert not found
