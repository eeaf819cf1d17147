"""The script that mounts a courier's stick, with commands in its PATH that write down their words; and who calls it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "deploy" / "session" / "stick"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder of commands: ``blkid`` prints the file "type", the others write down their words."""
    (tmp_path / "bin").mkdir()
    for name, does in {
        "mount": 'echo "mount $*" >>"$SAID"; exit "$(cat "$HERE/fails" 2>/dev/null || echo 0)"',
        "umount": 'echo "umount $*" >>"$SAID"; [ ! -e "$HERE/busy" ] || [ "$1" = -l ]',
        "blkid": 'cat "$HERE/type"',
        "id": '[ "$*" = "-u kiosk" ] && echo 990 || echo 991',
    }.items():
        command = tmp_path / "bin" / name
        command.write_text(f"#!/bin/sh\n{does}\n")
        command.chmod(0o755)
    (tmp_path / "type").write_text("vfat\n")
    (tmp_path / "sticks").mkdir()
    return tmp_path


def run(stick: Path, *words: str) -> tuple[int, list[str]]:
    said = stick / "said"
    said.unlink(missing_ok=True)
    environment = {
        "PATH": f"{stick / 'bin'}:{os.environ['PATH']}",
        "SAID": str(said),
        "HERE": str(stick),
        "ADM_STICKS": str(stick / "sticks"),
    }
    done = subprocess.run([SCRIPT, *words], env=environment, capture_output=True, text=True, timeout=20)
    return done.returncode, said.read_text().splitlines() if said.exists() else []


def test_a_fat_is_mounted_for_the_kiosk_alone(stick: Path) -> None:
    place = stick / "sticks" / "sdb1"
    for kind, more in (("vfat", ",flush"), ("exfat", "")):
        (stick / "type").write_text(f"{kind}\n")
        code, said = run(stick, "mount", "sdb1")
        options = f"nosuid,nodev,noexec,noatime,errors=remount-ro,uid=990,gid=991,umask=077{more}"
        assert (code, said) == (0, [f"mount -t {kind} -o {options} /dev/sdb1 {place}"])
        assert place.stat().st_mode & 0o777 == 0o700, "empty, it is its owner's alone"
    assert run(stick, "unmount", "sdb1") == (0, [f"umount {place}"]) and not place.exists()


@pytest.mark.parametrize("kind", ["ext4", "ntfs", "btrfs", "crypto_LUKS", ""])
def test_other_file_systems_are_refused(stick: Path, kind: str) -> None:
    (stick / "type").write_text(kind)
    assert run(stick, "mount", "sdb1") == (1, []) and not list((stick / "sticks").iterdir())


@pytest.mark.parametrize("name", ["", "../sda1", "sda1;reboot", "sd a", "-l", "mapper/x"])
def test_only_a_kernels_name_is_a_device(stick: Path, name: str) -> None:
    assert run(stick, "mount", name) == (2, []) and run(stick, "unmount", name) == (2, [])


def test_what_cannot_be_mounted_leaves_no_place_behind(stick: Path) -> None:
    (stick / "fails").write_text("32")
    code, said = run(stick, "mount", "sdb1")
    assert (code, len(said)) == (1, 1) and not list((stick / "sticks").iterdir())


def test_one_that_was_pulled_out_under_a_copy_loses_its_place_at_once(stick: Path) -> None:
    place = stick / "sticks" / "sdb1"
    run(stick, "mount", "sdb1")
    (stick / "busy").touch()
    assert run(stick, "unmount", "sdb1") == (0, [f"umount {place}", f"umount -l {place}"]) and not place.exists()


def test_what_the_machine_itself_has_mounted_is_left_alone(stick: Path) -> None:
    own = re.search(r"^/dev/([a-z0-9]+) ", Path("/proc/mounts").read_text(), re.M)
    if own is None:
        pytest.skip("nothing of /dev is mounted here")
    assert run(stick, "mount", own[1]) == (1, [])


def test_udev_calls_it_for_removable_usb_storage_with_a_fat_alone() -> None:
    lines = (ROOT / "deploy" / "udev" / "70-adm.rules").read_text().splitlines()
    (rule,) = [line for line in lines if "adm-stick@" in line]
    for condition in (
        'ACTION!="remove"',
        'SUBSYSTEM=="block"',
        'ENV{ID_BUS}=="usb"',
        'ENV{ID_FS_TYPE}=="vfat|exfat"',
        'ATTRS{removable}=="1"',
    ):
        assert condition in rule
    assert rule.endswith('ENV{SYSTEMD_WANTS}+="adm-stick@%k.service"')


def test_the_unit_has_no_view_of_the_disk_of_its_own() -> None:
    """With one, what it mounts would never be seen by the station."""
    unit = (ROOT / "deploy" / "systemd" / "adm-stick@.service").read_text()
    assert not re.search(
        r"(?m)^(Private|Protect|ReadOnly|ReadWrite|Inaccessible|Bind(ReadOnly)?Paths|Temporary|Root|MountFlags)", unit
    )
    station = (ROOT / "deploy" / "systemd" / "adm-station.service").read_text()
    assert "\nReadWritePaths=-/run/adm-sticks\n" in station and "\nPrivateMounts=" not in station
