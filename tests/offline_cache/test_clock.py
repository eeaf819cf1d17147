"""T7 under TLS: a clock too wrong for certificates, against a real TLS server; and what else certificates may say.

The machine's clock is right here, so the certificates are from the future or the past: to TLS that is the same.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from offline_cache.api import CacheError
from offline_cache.clock import OfficeClock
from offline_cache.settings import CacheSettings
from offline_cache.sync import http as line
from offline_cache.sync.http import Http, LineFault
from offline_cache.sync.tls import OfficeTime, Question
from tests.offline_cache.conftest import Opener, apply, received, sync, until
from tests.offline_cache.office import Office, Say, no
from tests.offline_cache.tls_office import DAY, NOW, Authority, Front
from wire import canon, upload
from wire.problem import Code

_KEY = Ed25519PrivateKey.generate().public_key()
YEAR_S = 365 * 86400.0
Fronted = Callable[[datetime.timedelta, datetime.timedelta], tuple[Front, Path]]


@pytest.fixture
def fronted(office: Office, tmp_path: Path) -> Iterator[Fronted]:
    """Makes a TLS front of the office whose certificates are valid between two distances from now."""
    fronts: list[Front] = []

    def make(since: datetime.timedelta, until: datetime.timedelta) -> tuple[Front, Path]:
        authority = Authority(tmp_path, NOW + since, NOW + until)
        fronts.append(Front(authority.server(), office.port))
        return fronts[-1], authority.file

    yield make
    for front in fronts:
        front.close()


def settings(ca_file: Path) -> CacheSettings:
    return CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1, ca_file=ca_file)


def test_without_a_setting_the_machines_own_authorities_are_trusted(
    fronted: Fronted, monkeypatch: pytest.MonkeyPatch
) -> None:
    front, file = fronted(-DAY, DAY)
    with pytest.raises(LineFault, match="portal"):
        Http(front.url, None).ask("GET", "/v1/time", None, {})
    monkeypatch.setattr(line, "SYSTEM_CAS", file)  # as update-ca-certificates writes it
    assert Http(front.url, None).ask("GET", "/v1/time", None, {}).status == 200


@pytest.mark.parametrize("years", [10, -10])
def test_t7_clock_too_wrong_for_tls_is_mended_by_the_signed_time(
    opener: Opener, office: Office, fronted: Fronted, years: int
) -> None:
    """Ten years behind (not yet valid) and ten years ahead (expired): enrolled, sent, received, over TLS."""
    there = DAY * 365 * years
    front, ca_file = fronted(there - DAY, there + DAY)
    office.clock_s = years * YEAR_S
    cache = opener(settings(ca_file))
    cache.enrol(office.code(front.url))
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number) and cache.line().online)
    asked = [path for method, path in office.calls if method == "GET" and path.startswith("/v1/time?nonce=")]
    assert len(set(asked)) == front.clear == 2  # once to enrol, once to send; nothing else in clear
    assert front.handshakes >= 2
    assert abs(datetime.datetime.fromisoformat(cache.line().synced).timestamp() - time.time() - years * YEAR_S) < 60


@pytest.mark.parametrize("lie", ["none", "unsigned", "nonce", "garbage", "portal"])
def test_t7_time_that_is_not_the_offices_is_not_believed(
    opener: Opener, office: Office, fronted: Fronted, lie: str
) -> None:
    front, ca_file = fronted(DAY * 3650, DAY * 3660)
    cache = opener(settings(ca_file))
    cache.enrol(office.code())  # in clear on this machine
    cache.close()
    told = {"server_time": int(time.time() + 10.005 * YEAR_S), "nonce": "0" * 32}
    answers = {
        "none": no(Code.NOT_FOUND),
        "unsigned": Say(200, canon.canonical({"server_time": told["server_time"]})),
        "nonce": Say(200, canon.sign(told, office.key, "r1", upload.TIME_CONTEXT)),
        "garbage": Say(200, b"\xff{"),
        "portal": Say(302, b"", "text/html", {"Location": "http://127.0.0.1:1/login"}),
    }
    office.trick = lambda method, path: answers[lie] if path.startswith("/v1/time") else None
    http = Http(front.url, ca_file, OfficeTime(office.key.public_key(), clock := OfficeClock()))
    with pytest.raises(LineFault) as fault:
        http.ask("GET", "/v1/time", None, {})
    assert (fault.value.reason, clock.heard, clock.offset_s) == ("clock", False, None)
    assert front.clear >= 1 and front.handshakes == 0


def test_expired_certificate_by_a_right_clock_is_not_the_clocks_fault(office: Office, fronted: Fronted) -> None:
    front, ca_file = fronted(DAY * -20, DAY * -10)
    http = Http(front.url, ca_file, OfficeTime(office.key.public_key(), OfficeClock()))
    for _ in range(2):
        with pytest.raises(LineFault) as fault:
            http.ask("GET", "/v1/time", None, {})
        assert fault.value.reason == "portal"


def test_mended_clock_does_not_make_a_bad_certificate_good(office: Office, fronted: Fronted) -> None:
    """The office's clock says ten years on; the certificate begins in eleven, or belongs to another authority."""
    front, ca_file = fronted(DAY * 365 * 11, DAY * 365 * 12)
    office.clock_s = 10 * YEAR_S
    http = Http(front.url, ca_file, OfficeTime(office.key.public_key(), OfficeClock()))
    with pytest.raises(LineFault) as fault:
        http.ask("GET", "/v1/time", None, {})
    assert fault.value.reason == "portal"
    assert not any(path == "/v1/time" for _, path in office.calls)


def test_foreign_authority_is_a_portal_also_with_a_mended_clock(
    office: Office, fronted: Fronted, tmp_path: Path
) -> None:
    ours, ca_file = fronted(DAY * 3640, DAY * 3660)
    office.clock_s = 3650 * 86400
    clock = OfficeClock()
    http = Http(ours.url, ca_file, OfficeTime(office.key.public_key(), clock))
    assert http.ask("GET", "/v1/time", None, {}).status == 200 and clock.heard
    (tmp_path / "other").mkdir()
    ours.context = Authority(tmp_path / "other", NOW + DAY * 3640, NOW + DAY * 3660).server()
    http.drop()
    with pytest.raises(LineFault) as fault:
        http.ask("GET", "/v1/time", None, {})
    assert fault.value.reason == "portal"


def test_clock_is_shown_while_the_time_cannot_be_asked(opener: Opener, office: Office, fronted: Fronted) -> None:
    front, ca_file = fronted(DAY * 3650, DAY * 3660)
    office.trick = lambda method, path: no(Code.NOT_FOUND) if path.startswith("/v1/time") else None
    cache = opener(settings(ca_file))
    with pytest.raises(CacheError, match="clock"):
        cache.enrol(office.code(front.url))


@given(st.binary(max_size=300) | st.dictionaries(st.text(max_size=9), st.integers()).map(canon.canonical))
def test_no_bytes_but_the_offices_move_the_clock(data: bytes) -> None:
    clock = OfficeClock()
    office = OfficeTime(_KEY, clock)
    with pytest.raises(ValueError):
        office.correct(data, Question("0" * 32, time.monotonic()))
    assert clock.offset_s is None


def test_time_that_was_held_back_is_not_believed(office: Office) -> None:
    clock = OfficeClock()
    told = canon.sign({"server_time": 1, "nonce": "a" * 32}, office.key, "r1", upload.TIME_CONTEXT)
    believer = OfficeTime(office.key.public_key(), clock)
    with pytest.raises(ValueError, match="held back"):
        believer.correct(told, Question("a" * 32, time.monotonic() - 31))
    assert not clock.heard
    believer.correct(told, Question("a" * 32, time.monotonic()))
    assert clock.heard
