"""Installing: packages, users, files, environment, units; in this order, each step safe to repeat."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.install import (
    APP,
    DATA,
    GROUPS,
    HOME,
    KINDS,
    OWNER,
    PURGE,
    RECORD,
    UNITS,
    USERS,
    VENV,
    VIRTUAL_READER,
    InstallError,
    booted,
    credential,
    files,
    installed,
    verify,
)
from deploy.setup import SetupError, debian
from deploy.setup.environment import Environment
from deploy.setup.progress import Log, say


def run(_environment: Environment, words: Sequence[str]) -> int:
    """``./adm install terminal|office``. Returns the exit code."""
    options = _options(words)
    try:
        install(options.kind, options.rotate, start=not options.no_start)
    except (InstallError, SetupError) as error:
        say(f"adm: {error}")
        return 1
    return 0


def install(kind: str, rotate: str = "normal", *, start: bool = True) -> None:
    """Put everything where it belongs. Raises InstallError, SetupError, OSError."""
    _may(kind)
    HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    os.environ["PIP_NO_CACHE_DIR"] = "1"  # a cache in root's home would outlive an uninstall
    log = Log(HOME / "install.log")
    missing = debian.missing(kind)
    say(f"[1/6] Debian packages: {f'installing {len(missing)}' if missing else 'all there'}")
    if missing:
        debian.install(missing, log)
    puts = list(files.puts(kind, rotate))
    # Written first: what was begun and not ended can be taken away all the same.
    made = [put.target for put in puts] + ([credential.DROP_IN] if kind == "terminal" else [])
    record = {"kind": kind, "files": [str(path) for path in made], "units": list(UNITS[kind])}
    record |= {"users": list(USERS[kind]), "groups": list(GROUPS[kind]), "data": str(DATA[kind])}
    record |= {"folders": _new_folders(made)}
    RECORD.write_text(json.dumps(record, indent=2) + "\n")
    say("[2/6] Program: copying to /opt/adm")
    count = files.copy_tree(APP)
    say(f"      {count} files")
    say("[3/6] Environment: pinned wheels, each checked against its hash")
    Environment(VENV).make("base", log)
    _run(str(VENV / "bin" / "python"), "-m", "compileall", "-q", str(APP))
    say("[4/6] Files and users: units, rules, settings")
    kept = _write(puts)
    _run("systemd-sysusers", f"/usr/lib/sysusers.d/adm-{kind}.conf")
    _own(DATA[kind], *OWNER[kind])
    for path in kept:
        say(f"      {path} is there already and stays")
    if kind == "terminal":
        _seal_keys()
    say("[5/6] Checks")
    verify.units(kind)
    _swap()
    say("[6/6] Start")
    if booted():
        _now("core dumps off", "sysctl", "-q", "-p", "/etc/sysctl.d/70-adm.conf")
        if kind == "terminal":
            _now("the place of USB sticks", "systemd-tmpfiles", "--create", "/usr/lib/tmpfiles.d/adm-terminal.conf")
            _now("rules of the devices", "udevadm", "control", "--reload")
            _now("devices that are plugged in", "udevadm", "trigger")
        _run("systemctl", "daemon-reload")
        _run("systemctl", "enable", *UNITS[kind])
        if start:
            _run("systemctl", "restart", *UNITS[kind])
    else:
        say("      systemd does not run here: the units are installed, nothing is started")
    _next(kind)


def _may(kind: str) -> None:
    if os.geteuid() != 0:
        raise InstallError(f"this needs root:\n    sudo ./adm install {kind}")
    if not shutil.which("dpkg-query"):
        raise InstallError("this is made for Debian 12 and 13")
    if kind == "terminal" and VIRTUAL_READER in debian.installed():
        raise InstallError(
            f"{VIRTUAL_READER} is on this machine: the tests' card reader. It listens to the network and must not be on"
            f" a terminal. Take it away, then come back:\n    {PURGE}"
        )
    if (there := installed()) not in ("", kind):
        raise InstallError(f"this machine is installed as {there}; `adm uninstall` first")


def _write(puts: list[files.Put]) -> list[Path]:
    """Write the files; returns those that were kept because a person may have changed them."""
    kept: list[Path] = []
    for put in puts:
        if put.keep and put.target.exists():
            kept.append(put.target)
            continue
        put.target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        beside = put.target.with_name(put.target.name + ".adm-new")
        beside.write_text(put.text, encoding="utf-8")
        beside.chmod(put.mode)
        beside.replace(put.target)
    return kept


def _own(data: Path, user: str, group: str) -> None:
    """The data is its user's; also what an uninstall kept, which is root's until then."""
    data.mkdir(mode=0o700, exist_ok=True)
    kept = list(data.rglob("*")) if data.stat().st_uid == 0 else []
    for path in (*kept, data):
        if not path.is_symlink():
            shutil.chown(path, user, group)


def _seal_keys() -> None:
    """The secret of the key file, and the drop-in that hands it to the station. Raises InstallError."""
    kind = credential.ensure(credential.FOLDER, DATA["terminal"] / "keys.json")
    if not kind:
        credential.DROP_IN.unlink(missing_ok=True)
        say("      keys: systemd-creds seals nothing here; a file that its owner alone may read")
        return
    _write([files.Put(credential.DROP_IN, credential.drop_in())])
    sealed_to = "the host key and the TPM 2.0" if kind == "tpm" else "the host key (no TPM 2.0 can be used)"
    say(f"      keys: sealed by systemd-creds to {sealed_to}")


def _new_folders(made: list[Path]) -> list[str]:
    """The folders that are made for the files, deepest first; those of an earlier install stay in the list."""
    record: dict[str, list[str]] = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    before = record.get("folders", [])
    new = {str(folder) for path in made for folder in path.parents if not folder.exists()}
    return sorted({*before, *new}, key=len, reverse=True)


def _swap() -> None:
    """Our processes never swap (MemorySwapMax=0); a swap that is not encrypted is still worth a word."""
    areas = [line.split()[0] for line in Path("/proc/swaps").read_text().splitlines()[1:]]
    plain = [area for area in areas if not area.startswith(("/dev/dm-", "/dev/mapper/", "/dev/zram"))]
    if plain:
        say(f"      swap that may not be encrypted: {', '.join(plain)}. Our units do not use it; better: swapoff -a")
    else:
        say("      swap: none, or encrypted")


def _next(kind: str) -> None:
    if kind == "terminal":
        say("\nInstalled. Next: write /etc/adm/roles.toml, then `adm enrol CODE` with the office's code.")
    else:
        say("\nInstalled. Next: /etc/adm/gateway.conf; the code for the first account: `journalctl -u adm-gateway`.")


def _now(what: str, *command: str) -> None:
    """What takes hold at the next start in any case: a machine that cannot do it now is told, not refused."""
    try:
        _run(*command)
    except InstallError as error:
        say(f"      {what}: not before the machine is started again ({str(error).splitlines()[0]})")


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise InstallError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        raise InstallError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr or done.stdout}")


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./adm install", description="Install a terminal or an office machine.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--rotate", choices=files.ROTATIONS, default="normal", help="how the panel hangs")
    parser.add_argument("--no-start", action="store_true", help="enable the units, start them later")
    return parser.parse_args(list(words))
