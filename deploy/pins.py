"""Compiles deploy/requirements/*.in into *.txt: one version a package, and the hash of every wheel we may install.

    ./adm python -m deploy.pins                 pin what is new, keep every version that is pinned already
    ./adm python -m deploy.pins --upgrade       look for newer versions of everything
    ./adm python -m deploy.pins --upgrade NAME  look for a newer version of one package

uv resolves (and reads the machine's own index settings); what it found is narrowed here to CPython 3.11 to 3.13 on
Debian 12 and later, x86_64 and aarch64. A package without a wheel for each of these six stops the compile: nothing is
built on a terminal but what `deploy.setup.environment.SDISTS` names, which is pinned by its source archive and built
with the tools of build.txt alone. The output names no host.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

from deploy.setup.environment import ONLY_WHEELS, SDISTS

HERE = Path(__file__).resolve().parent / "requirements"
PYTHONS = ((3, 11), (3, 12), (3, 13))
MACHINES = ("x86_64", "aarch64")
GLIBC_MINOR = 36  # Debian 12 has glibc 2.36, Debian 13 has 2.41
LINE_END = " \\\n    "


class Archive(TypedDict):
    """One wheel or source archive of a pylock.toml (PEP 751): where it lies and its hashes."""

    url: str
    hashes: dict[str, str]


class Locked(TypedDict):
    """One package of a pylock.toml."""

    name: str
    version: str
    marker: NotRequired[str]
    wheels: NotRequired[list[Archive]]
    sdist: NotRequired[Archive]


@dataclass(frozen=True)
class Target:
    """One kind of machine that the pins must hold for."""

    python: tuple[int, int]
    machine: str

    def tags(self) -> frozenset[Tag]:
        """Every wheel tag that pip accepts there."""
        platforms = [f"manylinux_2_{minor}_{self.machine}" for minor in range(GLIBC_MINOR, 16, -1)]
        platforms += [f"manylinux2014_{self.machine}", f"linux_{self.machine}"]
        if self.machine == "x86_64":
            platforms += [f"manylinux_2_{minor}_x86_64" for minor in range(16, 4, -1)]
            platforms += ["manylinux2010_x86_64", "manylinux1_x86_64"]
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        found: Iterator[Tag] = cpython_tags(self.python, abis=[interpreter], platforms=platforms)
        return frozenset(found) | frozenset(compatible_tags(self.python, interpreter, platforms))

    def wants(self, marker: str | None) -> bool:
        """Whether a package with this marker is installed there."""
        if marker is None:
            return True
        version = f"{self.python[0]}.{self.python[1]}"
        return Marker(marker).evaluate(
            {
                "python_version": version,
                "python_full_version": f"{version}.0",
                "implementation_name": "cpython",
                "platform_python_implementation": "CPython",
                "sys_platform": "linux",
                "platform_system": "Linux",
                "platform_machine": self.machine,
                "os_name": "posix",
            }
        )


TARGETS = tuple(Target(python, machine) for python in PYTHONS for machine in MACHINES)


class NoWheel(Exception):
    """A package has no wheel for one of our targets, or no source archive where one is wanted."""


def resolve(source: Path, constraints: Path) -> list[Locked]:
    """What uv resolves `source` to, under `constraints`. Raises CalledProcessError when nothing fits."""
    command = [
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--fork-strategy", "fewest"),
        *(*ONLY_WHEELS, "--generate-hashes", "--no-header", "--format", "pylock.toml"),
        *("--constraints", str(constraints), str(source)),
    ]
    command[0] = str(Path(sys.executable).with_name("uv"))
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return cast(list[Locked], tomllib.loads(answer.stdout).get("packages", []))


def entry(package: Locked) -> str | None:
    """The requirement with its hashes, or None where none of our targets wants it. Raises NoWheel."""
    marker = package.get("marker")
    targets = [target for target in TARGETS if target.wants(marker)]
    if not targets:
        return None
    hashes = _source(package) if package["name"] in SDISTS else _wheels(package, targets)
    condition = f" ; {marker}" if marker and len(targets) < len(TARGETS) else ""
    lines = [f"{package['name']}=={package['version']}{condition}", *(f"--hash=sha256:{h}" for h in sorted(hashes))]
    return LINE_END.join(lines) + "\n"


def _source(package: Locked) -> set[str]:
    archive = package.get("sdist")
    if archive is None:
        raise NoWheel(f"{package['name']} {package['version']} has no source archive")
    return {archive["hashes"]["sha256"]}


def _wheels(package: Locked, targets: Iterable[Target]) -> set[str]:
    hashes: set[str] = set()
    for target in targets:
        tags = target.tags()
        fitting = [
            wheel["hashes"]["sha256"]
            for wheel in package.get("wheels", [])
            if parse_wheel_filename(wheel["url"].rsplit("/", 1)[1])[3] & tags
        ]
        if not fitting:
            raise NoWheel(f"{package['name']} {package['version']} has no wheel for {target}")
        hashes.update(fitting)
    return hashes


def pinned(path: Path) -> dict[str, str]:
    """Name to version of each requirement in a compiled file; empty where it does not exist yet."""
    if not path.exists():
        return {}
    heads = (line.removesuffix("\\").strip() for line in path.read_text().splitlines() if "==" in line)
    found = [Requirement(head) for head in heads if not head.startswith(("#", "-"))]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in found}


def compile_level(level: str, beneath: dict[str, str], keep: dict[str, str]) -> dict[str, str]:
    """Writes LEVEL.txt beside LEVEL.in, on top of the packages in `beneath`; returns all pins, those included.

    What `keep` names in the list keeps its version.
    """
    constraints = {**keep, **beneath}
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines(f"{name}=={version}\n" for name, version in sorted(constraints.items()))
        file.flush()
        packages = resolve(HERE / f"{level}.in", Path(file.name))
    entries = {p["name"]: text for p in packages if p["name"] not in beneath and (text := entry(p))}
    head = f"# Compiled from {level}.in by `./adm python -m deploy.pins`: do not edit.\n"
    nested = "-r base.txt\n" if beneath else ""
    (HERE / f"{level}.txt").write_text(head + nested + "".join(text for _, text in sorted(entries.items())))
    return {**beneath, **pinned(HERE / f"{level}.txt")}


def main(arguments: Iterable[str] | None = None) -> int:
    """Compiles base.txt, dev.txt and build.txt."""
    parser = argparse.ArgumentParser(prog="./adm python -m deploy.pins", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--upgrade", nargs="*", metavar="NAME", help="newer versions of these; without names, of all")
    options = parser.parse_args(None if arguments is None else list(arguments))
    upgrade = cast(list[str] | None, options.upgrade)
    lifted = {canonicalize_name(name) for name in upgrade or ()}
    now = pinned(HERE / "build.txt") | pinned(HERE / "base.txt") | pinned(HERE / "dev.txt")
    keep = {} if upgrade == [] else {name: version for name, version in now.items() if name not in lifted}
    try:
        base = compile_level("base", {}, keep)
        both = compile_level("dev", base, keep)
        # Stands alone, as it is installed before all others; what it shares with them has one version.
        build = compile_level("build", {}, {**keep, **both})
    except NoWheel as error:
        print(f"deploy.pins: {error}", file=sys.stderr)
        return 1
    print(f"{len(base)} packages in base.txt, {len(both) - len(base)} more in dev.txt, {len(build)} in build.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
