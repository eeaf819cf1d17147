"""Which file comes from where: the product's tree, units, rules and settings."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from deploy.install import DATA, ETC, TEMPLATES, UNITS, InstallError
from deploy.setup.environment import ROOT

# Not part of an installed machine: tests, the demo, and the devices that are not there.
_LEFT_OUT = ("tests/", ".ci/", "deploy/demo/", "deploy/typings/", "drivers/virtual/", "docs/acceptance/", ".git")
_MATRICES = {
    "normal": "1 0 0 0 1 0 0 0 1",
    "left": "0 -1 1 1 0 0 0 0 1",
    "right": "0 1 0 -1 0 1 0 0 1",
    "inverted": "-1 0 1 0 -1 1 0 0 1",
}
ROTATIONS = tuple(_MATRICES)


@dataclass(frozen=True)
class Put:
    """One file: its words and where it goes. ``keep``: a person's settings, never written over."""

    target: Path
    text: str
    mode: int = 0o644
    keep: bool = False


def tree() -> list[str]:
    """The product's files, relative to the checkout. Raises InstallError."""
    try:
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
        ).stdout.decode()
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if path.is_file() and not any(part.startswith(".venv") or part == "__pycache__" for part in path.parts)
        ]
    names = [name for name in names if not name.startswith(_LEFT_OUT) and (ROOT / name).is_file()]
    if "adm" not in names:
        raise InstallError(f"{ROOT} is no checkout of this project")
    return sorted(names)


def copy_tree(target: Path) -> int:
    """Copy the product beside the old one and change them over. Returns how many files."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    names = tree()
    for name in names:
        to = fresh / name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, to)
        to.chmod(0o755 if (ROOT / name).stat().st_mode & 0o100 else 0o644)
    old = target.with_name(target.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return len(names)


def puts(kind: str, rotate: str) -> Iterator[Put]:
    """Every file outside /opt/adm."""
    deploy = ROOT / "deploy"

    def text(name: str) -> str:
        return (deploy / name).read_text(encoding="utf-8")

    for unit in (*UNITS[kind], *TEMPLATES[kind]):
        yield Put(Path("/etc/systemd/system") / unit, text(f"systemd/{unit}"))
    yield Put(Path(f"/usr/lib/sysusers.d/adm-{kind}.conf"), text(f"host/adm-{kind}.sysusers"))
    yield Put(Path("/etc/systemd/coredump.conf.d/70-adm.conf"), text("host/coredump.conf"))
    yield Put(Path("/etc/sysctl.d/70-adm.conf"), text("host/sysctl.conf"))
    yield Put(Path("/usr/local/bin/adm"), text("host/adm"), 0o755)
    yield Put(ETC / "district.yaml.example", text("config/district.yaml.example"))
    if kind == "office":
        yield Put(ETC / "gateway.conf", text("config/gateway.conf.example"), keep=True)
        yield Put(ETC / "gateway.toml", text("config/gateway.toml.example"), keep=True)
        return
    yield Put(Path("/etc/udev/rules.d/70-adm.rules"), text("udev/70-adm.rules"))
    yield Put(Path("/usr/lib/tmpfiles.d/adm-terminal.conf"), text("host/adm-terminal.tmpfiles"))
    yield Put(Path("/etc/polkit-1/rules.d/70-adm.rules"), text("polkit/70-adm.rules"))
    screen = text("host/xorg.conf").replace("@ROTATE@", rotate).replace("@MATRIX@", _MATRICES[rotate])
    yield Put(Path("/etc/X11/xorg.conf.d/70-adm.conf"), screen)
    yield Put(ETC / "kiosk.toml", settings(text("config/kiosk.toml.example")), keep=True)
    yield Put(ETC / "roles.toml", devices(text("config/roles.toml.example")), keep=True)


def settings(example: str) -> str:
    """The station's settings of an installed terminal: the example with this machine's folders."""
    changed = {
        'data = "data/kiosk"': f'data = "{DATA["terminal"]}"',
        'roles = "data/roles.toml"': f'roles = "{ETC / "roles.toml"}"',
        '# runtime = "/run/adm"': 'runtime = "/run/adm"',
        'window_user = ""': 'window_user = "kiosk-window"',
    }
    for old, new in changed.items():
        if old not in example:
            raise InstallError(f"deploy/config/kiosk.toml.example has no line {old}")
        example = example.replace(old, new, 1)
    return example


def devices(example: str) -> str:
    """The roles file to begin with: no device, and the example to fill in."""
    lines = (line if not line or line.startswith("#") else f"# {line}" for line in example.splitlines())
    first = "# Take the # away before the devices that this terminal has. Then: systemctl restart adm-station"
    return "\n".join([first, *lines, ""])
