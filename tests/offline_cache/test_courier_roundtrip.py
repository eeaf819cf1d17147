"""The whole way: a terminal's queue onto a stick, into a real gateway by its command, and the receipts back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from sqlalchemy import func, select

from gateway import __main__ as office_command
from gateway.tables import Event, Submission
from offline_cache.api import Cache
from offline_cache.settings import CacheSettings
from tests.gateway.rig import Gateway, opened
from tests.offline_cache.conftest import NIK, Opener, apply, sync, until
from wire import courier, manifest
from wire.form import Form


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway of its own."""
    gateway = Gateway(tmp_path / "office").start()
    yield gateway
    gateway.stop()


@pytest.fixture
def here(opener: Opener, gateway: Gateway, stick: Path) -> Cache:
    """A terminal enrolled at that gateway; what is received goes after half a second."""
    settings = CacheSettings(
        retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1, purge_days=0.5 / 86400, spread_s=0, sticks=stick.parent
    )
    cache = opener(settings)
    cache.enrol(gateway.code())
    return cache


def carried(gateway: Gateway, stick: Path, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What the office's command says of the stick."""
    assert office_command.main(["courier", "import", str(stick), "--data", str(gateway.data), "--json"]) == 0
    said = capsys.readouterr().out
    return json.loads(said[said.index("[\n") :])  # the terminal of this process logs there too


def arrived(gateway: Gateway) -> list[Form]:
    """Every application at the office, decrypted with nothing but the store and the office's key."""
    text = (gateway.data / "keys" / "office.age").read_text()
    secret = re.search(r"AGE-SECRET-KEY-[0-9A-Z]+", text)
    assert secret is not None
    key = pyrage.x25519.Identity.from_str(secret[0])
    found: list[Form] = []
    for path in gateway.data.rglob("manifest.json"):
        parts = manifest.unproved(path.read_bytes())[1].parts
        plain = [pyrage.decrypt((path.parent / f"{part.sha256}.age").read_bytes(), [key]) for part in parts]
        found.append(Form.read(plain[0]))
    return found


def test_weeks_without_a_line(
    here: Cache, gateway: Gateway, stick: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.stop()
    sync(here)
    numbers = [apply(here, pages=2) for _ in range(2)]
    assert here.export_to_stick(lambda _part: None).submissions == 2
    (told,) = carried(gateway, stick, capsys)
    assert (told["received"], told["refused"], told["again"]) == (2, [], False)
    found = here.stick()
    assert found is not None and found.receipts == 1
    taken = here.take_from_stick()
    assert (taken.received, taken.quarantined, taken.refused) == (2, 0, ())
    assert here.queue().queued == 0 and len(list((tmp_path / "data" / "parts").iterdir())) == 6
    assert list((stick / courier.FOLDER).iterdir()) == []
    assert sorted(form.number for form in arrived(gateway)) == sorted(numbers)
    assert {form.nik for form in arrived(gateway)} == {NIK}
    time.sleep(0.6)
    gateway.start()  # the line is back: its clock is heard, and what is received long enough goes
    until(lambda: not list((tmp_path / "data" / "parts").iterdir()), 20)
    assert len(arrived(gateway)) == 2 and {here.lookup(number, NIK).result for number in numbers} == {"found"}


def test_a_revoked_terminal_hands_over_what_it_has(
    here: Cache, gateway: Gateway, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [apply(here) for _ in range(2)]
    assert office_command.main(["terminal", "revoke", "--code", "KMT", "--data", str(gateway.data)]) == 0
    sync(here)
    until(lambda: (me := here.identity()) is not None and me.revoked, 20)
    assert here.queue().queued == 2
    here.export_to_stick(lambda _part: None)
    (told,) = carried(gateway, stick, capsys)
    assert told["received"] == 2 and here.take_from_stick().received == 2
    assert here.queue().queued == 0 and sorted(form.number for form in arrived(gateway)) == sorted(numbers)


def test_the_line_comes_back_while_the_stick_is_on_its_way(
    here: Cache, gateway: Gateway, stick: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [apply(here, pages=2, size=60_000) for _ in range(4)]
    here.export_to_stick(lambda _part: None)
    sync(here)  # sends the very same now
    (told,) = carried(gateway, stick, capsys)
    assert told["received"] == 4
    taken = here.take_from_stick()
    assert taken.refused == () and taken.received <= 4
    until(lambda: here.queue().queued == 0, 30)
    assert here.queue().quarantined == 0
    assert sorted(form.number for form in arrived(gateway)) == sorted(numbers)
    with opened(gateway.data) as office, office.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Submission)) == 4
        assert session.scalar(select(func.count()).select_from(Event)) == 4, "received once each"
