"""Terminal, a line that is cut, and the real gateway, each its own process: what was promised arrives, once."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from deploy.demo.line import tell
from offline_cache.api import Completes
from offline_cache.cache import open_cache
from tests.gateway.rig import PLACE, ROOT, Gateway, run
from tests.offline_cache.conftest import NIK, everything, until
from tests.offline_cache.driver import SECRETS, SETTINGS
from wire import manifest
from wire.form import Form

KILLS = 20


class Rig:
    """A gateway and the line to it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.control = folder, folder / "line.sock"
        self.gateway = Gateway(folder / "office").start()
        words = [sys.executable, "-m", "deploy.demo.line", "--listen", "0", "--control", str(self.control)]
        self.line = subprocess.Popen(
            [*words, "--to", f"127.0.0.1:{self.gateway.port}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.line.stdout is not None
        self.port = json.loads(self.line.stdout.readline())["port"]

    def code(self) -> str:
        place = [word for name, value in PLACE.items() for word in (f"--{name}", value)]
        data, url = str(self.gateway.data), f"http://127.0.0.1:{self.port}"
        return run("gateway", "terminal", "add", "--data", data, "--code", "KMT", "--url", url, *place).strip()

    def stop(self) -> None:
        self.line.kill()
        self.line.wait()
        assert self.line.stdout is not None
        self.line.stdout.close()
        self.gateway.stop()

    def arrived(self) -> dict[str, tuple[Form, list[bytes]]]:
        """By submission id, decrypted with nothing but the store and the office key."""
        text = (self.gateway.data / "keys" / "office.age").read_text()
        secret = re.search(r"AGE-SECRET-KEY-[0-9A-Z]+", text)
        assert secret is not None
        key = pyrage.x25519.Identity.from_str(secret[0])
        found: dict[str, tuple[Form, list[bytes]]] = {}
        for path in self.gateway.data.rglob("manifest.json"):
            read = manifest.unproved(path.read_bytes())[1]
            plain = [pyrage.decrypt((path.parent / f"{p.sha256}.age").read_bytes(), [key]) for p in read.parts]
            assert path.parent.name == read.submission_id
            found[read.submission_id] = (Form.read(plain[0]), plain[1:])
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Running, stopped at the end."""
    rig = Rig(tmp_path)
    yield rig
    rig.stop()


def test_application_made_while_the_line_is_cut_arrives_when_it_returns(rig: Rig, tmp_path: Path) -> None:
    cache = open_cache(tmp_path / "data", version="test", settings=SETTINGS)
    cache.enrol(rig.code())
    cache.start_sync(tuple, lambda: None)
    until(lambda: cache.line().online)
    tell(rig.control, "down")
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8page", "image/jpeg")
    done = cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK, "name": "SITI"})
    until(lambda: not cache.line().online)
    assert cache.lookup(done.number, NIK).trail is not None and rig.arrived() == {}
    tell(rig.control, "up")
    until(lambda: cache.queue().queued == 0 and cache.line().online)
    form, pages = rig.arrived()[done.submission_id]
    assert (form.number, form.nik, form.fields, pages) == (done.number, NIK, {"name": "SITI"}, [b"\xff\xd8page"])
    until(lambda: (t := cache.lookup(done.number, NIK).trail) is not None and t.state == "received")
    cache.close()


def test_a_paper_that_comes_later_completes_the_application_at_the_real_office(rig: Rig, tmp_path: Path) -> None:
    cache = open_cache(tmp_path / "data", version="test", settings=SETTINGS)
    cache.enrol(rig.code())
    form = {"nik": NIK, "name": "SITI"}
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8one", "image/jpeg")
    first = cache.submit(draft, "KTP-HILANG", 1, "id", form, missing=("police",))
    cache.start_sync(tuple, lambda: None)

    def told(missing: tuple[str, ...], submissions: int) -> bool:
        cache.sync_now()
        trail = cache.lookup(first.number, NIK).trail
        if cache.queue().queued or trail is None or (trail.state, trail.missing) != ("received", missing):
            return False
        return len(rig.arrived()) == submissions

    until(lambda: told(("police",), 1))
    draft = cache.begin_draft()
    cache.keep_page(draft, "police", 1, b"\xff\xd8two", "image/jpeg")
    done = cache.submit(draft, "KTP-HILANG", 1, "id", form, completes=Completes(first.submission_id, first.number))
    until(lambda: told((), 2))
    form_of, pages = rig.arrived()[done.submission_id]
    assert (form_of.number, form_of.fields, pages) == (first.number, {}, [b"\xff\xd8two"])
    until(lambda: cache.places() is not None)
    places, _ = cache.places() or (None, "")
    assert places is not None and [(spot.code, spot.village) for spot in places.spots] == [("KMT", PLACE["village"])]
    cache.close()


def test_s10_black_hole_is_left_when_the_line_returns(rig: Rig, tmp_path: Path) -> None:
    cache = open_cache(tmp_path / "data", version="test", settings=SETTINGS)
    cache.enrol(rig.code())
    cache.start_sync(tuple, lambda: None)
    until(lambda: cache.line().online)
    tell(rig.control, "blackhole")
    draft = cache.begin_draft()
    cache.keep_page(draft, "kk", 1, b"\xff\xd8page", "image/jpeg")
    cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
    time.sleep(1)
    assert cache.queue().queued == 1
    tell(rig.control, "up")
    until(lambda: cache.queue().queued == 0)
    cache.close()


@pytest.mark.slow
def test_l8_l9_d1_killed_at_random_loses_nothing_doubles_nothing_shows_nothing(rig: Rig, tmp_path: Path) -> None:
    """kill -9 of the terminal 20 times and of the gateway twice, on a line that is cut every second."""
    data, chance = tmp_path / "data", random.Random(20261124)
    cache = open_cache(data, version="test", settings=SETTINGS)
    cache.enrol(rig.code())
    cache.close()
    tell(rig.control, "cut-every 1")
    shown: list[str] = []
    last: list[str] = []
    for kill in range(KILLS):
        said = drive(data, 100, chance.uniform(0.7, 2.2), at_work=kill % 4 != 3)
        numbers = [line.split()[1] for line in said if line.startswith("number ")]
        remembered = [line.split()[1] for line in said if line.startswith("last ")]
        if shown and remembered:
            # T8: the number that was seen last, or one that was allotted and never came to be seen.
            assert seq(remembered[0]) >= seq(shown[-1])
            last += remembered
        shown += numbers
        if kill in (7, 14):
            rig.gateway.kill()
            rig.gateway.start()
    assert len(shown) >= KILLS
    tell(rig.control, "cut-every 0")
    assert drive(data, 0, 120)[-1] == "empty 0"
    arrived = rig.arrived()
    count = Counter(form.number for form, _ in arrived.values())
    assert set(shown) | set(last) <= set(count) and max(count.values()) == 1
    assert sorted(seq(number) for number in count) == list(range(1, len(count) + 1)), "a sequence is missing"
    assert all(form.nik == NIK and len(pages) == 2 for form, pages in arrived.values())
    disk = everything(data)
    assert not [secret for secret in SECRETS if secret in disk]
    kept = {part.sha256 for path in rig.gateway.data.rglob("manifest.json") for part in parts_of(path)}
    assert {path.name for path in (data / "parts").iterdir()} == kept, "a draft or an orphan was left"
    print(f"{KILLS} kills, {len(shown)} numbers seen, {len(count)} applications at the office")


def parts_of(path: Path) -> tuple[manifest.Part, ...]:
    return manifest.unproved(path.read_bytes())[1].parts


def seq(number: str) -> int:
    return int(number.split("-")[1])


def drive(data: Path, count: int, life_s: float, *, at_work: bool = False) -> list[str]:
    """Run the driver for so long, then kill -9; what it printed. ``at_work``: its life begins with its first line."""
    words = [sys.executable, "-m", "tests.offline_cache.driver", str(data), str(count)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    killer = threading.Timer(life_s, process.kill)
    assert process.stdout is not None
    with process.stdout:
        first = process.stdout.readline() if at_work else ""
        killer.start()
        said = (first + process.stdout.read()).split("\n")
    process.wait()
    killer.cancel()
    # A line that the kill cut short was not seen.
    return [line for line in said[:-1] if line.split(" ")[0] in ("number", "last", "empty")]
