"""Upgrade: ``./adm python -m tests.proof.upgrade [--json]``.

For every schema that ever left a commit: a terminal's folder with a queue and its office's, both as the code of that
time wrote them (tests/proof/release.py), are opened by today's. Everything sends, nothing twice, the copy is there.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pyrage

from offline_cache.cache import open_cache
from offline_cache.migrations import HEAD
from offline_cache.settings import CacheSettings
from tests.gateway.rig import Gateway
from tests.proof.look import look
from tests.proof.quiet import quiet
from tests.proof.release import RELEASED, ROOT
from tests.proof.verdict import said
from wire import manifest
from wire.form import Form

_SETTINGS = CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1, spread_s=0)
NAMES = sorted(path.name.removesuffix(".tar.gz") for path in RELEASED.glob("*.tar.gz"))


def uncovered() -> list[str]:
    """Revisions of the terminal's index, but today's, that no archive holds."""
    steps = (ROOT / "offline_cache" / "migrations" / "versions").glob("*.py")
    revisions = {found[1] for step in steps if (found := re.search(r'^revision = "(\d+)"', step.read_text(), re.M))}
    return sorted(revisions - {HEAD} - {name.split("-")[1] for name in NAMES})


def faults(name: str, folder: Path) -> list[str]:
    """What is wrong after today's code opened that archive in the (empty) folder."""
    with tarfile.open(RELEASED / f"{name}.tar.gz") as archive:
        for each in archive:  # Debian 12's Python has no filter for extractall
            if each.isdir():
                (folder / each.name).mkdir(mode=0o700)
            elif (file := archive.extractfile(each)) is not None:
                (folder / each.name).write_bytes(file.read())
                (folder / each.name).chmod(0o600)
    _, terminal, _, office = name.split("-")
    if _revision(folder / "office" / "gateway.db") != office:
        return [f"{name} holds another office's schema"]
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    address = urlsplit(told["url"])
    gateway = Gateway(folder / "office", "--host", str(address.hostname))
    gateway.port = address.port or 0
    gateway.start()
    try:
        wrong = _send(folder / "terminal", told["applications"], terminal)
        return wrong + _arrived(folder / "office", told["applications"])
    finally:
        gateway.stop()


def _send(data: Path, applications: list[tuple[str, str, int]], revision: str) -> list[str]:
    cache = open_cache(data, version="now", settings=_SETTINGS)
    try:
        if not (data / f"index.db.before-{revision}").is_file():
            return ["no copy of the index was made"]
        if cache.queue().queued != 2:
            return [f"{cache.queue().queued} of 2 are queued after the upgrade"]
        cache.start_sync(tuple, lambda: None)
        end = time.monotonic() + 30
        while cache.queue().queued and time.monotonic() < end:
            time.sleep(0.02)
        if cache.queue().queued or cache.queue().quarantined:
            return [f"the queue does not go: {cache.queue()}, {cache.line()}"]
        draft = cache.begin_draft()
        done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": "3279012304850007"})
        if done.seq != len(applications) + 1:
            return [f"sequence {done.seq} follows {len(applications)}"]
    finally:
        cache.close()
    found = look(data)
    left = [one for one, _, _ in applications if found.rows[one].state != "received"]
    return found.faults() + ([f"{left} are not received"] if left else [])


def _arrived(office: Path, applications: list[tuple[str, str, int]]) -> list[str]:
    secret = re.search(r"AGE-SECRET-KEY-[0-9A-Z]+", (office / "keys" / "office.age").read_text())
    assert secret is not None
    key = pyrage.x25519.Identity.from_str(secret[0])
    found: dict[str, tuple[str, str, int]] = {}
    for path in (office / "store").rglob("manifest.json"):
        read = manifest.unproved(path.read_bytes())[1]
        plain = [pyrage.decrypt((path.parent / f"{part.sha256}.age").read_bytes(), [key]) for part in read.parts]
        form = Form.read(plain[0])
        found[read.submission_id] = (form.number, form.fields.get("name", ""), len(plain) - 1)
    wanted = {one: (number, "SITI CONTOH", pages) for one, number, pages in applications}
    found = {one: found[one] for one in found if one in wanted}  # the one that was made after the upgrade may be there
    return [] if found == wanted else [f"at the office {sorted(found.values())} for {sorted(wanted.values())}"]


def _revision(file: Path) -> str:
    with sqlite3.connect(file) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def main() -> int:
    """One summary line; 1 when a queue of an earlier version did not send."""
    quiet()
    parser = argparse.ArgumentParser(description="Queues of every schema that ever was.")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    wrong = [f"no archive holds terminal schema {revision}" for revision in uncovered()]
    for name in NAMES:
        with tempfile.TemporaryDirectory(prefix="adm-") as folder:
            wrong += [f"{name}: {fault}" for fault in faults(name, Path(folder))]
    summary = f"upgrade: {len(NAMES)} pairs of earlier schemas, {3 * len(NAMES)} applications, {len(wrong)} faults"
    return said(summary, wrong, as_json=given.json)


if __name__ == "__main__":
    sys.exit(main())
