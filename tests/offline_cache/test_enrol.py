"""Enrolment: once, with a key that is durable before the call, believing only the gateway that the code names."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline_cache.api import CacheError
from offline_cache.sync.http import UrlError, check_url
from tests.offline_cache.conftest import Opener, apply, sync, until
from tests.offline_cache.office import Office, Reset, Say, raw
from wire.enrol import EnrolCode


def test_lost_answer_costs_another_call_and_nothing_else(opener: Opener, office: Office) -> None:
    cache = opener()
    lost: list[str] = []

    def after(method: str, path: str) -> Say | None:
        lost.append(path)
        if len(lost) == 1:
            raise Reset
        return None

    office.after = after
    with pytest.raises(CacheError, match="try again"):
        cache.enrol(office.code())
    assert cache.identity() is None and len(office.terminals) == 1
    cache.close()
    cache = opener()
    me = cache.enrol(office.code())
    assert me.code == "KMT" and len(office.terminals) == 1
    assert cache.enrol(office.code()) == me and len(lost) == 2, "an enrolled terminal does not ask again"
    cache.close()
    assert opener().identity() == me


def test_code_of_another_terminal_is_refused_in_words(opener: Opener, office: Office) -> None:
    opener(folder="first").enrol(office.code())
    with pytest.raises(CacheError, match="used by another"):
        opener(folder="second").enrol(office.code())


@pytest.mark.parametrize("text", ["", "hello", "ADM1.", "ADM1.%%%", "ADM1.e30"])
def test_what_is_no_code_is_said(opener: Opener, text: str) -> None:
    with pytest.raises(CacheError, match="no enrolment code"):
        opener().enrol(text)


def test_gateway_that_the_code_does_not_name_is_not_believed(opener: Opener, office: Office) -> None:
    false = raw(Ed25519PrivateKey.generate().public_key())
    cache = opener()
    with pytest.raises(CacheError, match="not the office's"):
        cache.enrol(EnrolCode(url=office.url, token=office.token, gateway_key=false).text())
    assert cache.identity() is None


@pytest.mark.parametrize(
    "said", [Say(200, b"<html>", "text/html"), Say(302), Say(500, b"x"), Say(200, b'{"kid":1}'), Say(204)]
)
def test_answer_of_a_portal_is_not_believed(opener: Opener, office: Office, said: Say) -> None:
    office.trick = lambda method, path: said
    cache = opener()
    with pytest.raises(CacheError, match="not_enrolled"):
        cache.enrol(office.code())
    office.trick = lambda method, path: None
    assert cache.enrol(office.code()).code == "KMT"


def test_plain_http_stays_on_this_machine() -> None:
    for url in ("http://127.0.0.1:8080/", "http://localhost:1", "http://[::1]:80", "https://office.example"):
        assert check_url(url) == url.rstrip("/")
    for url in ("http://office.example", "http://192.168.1.1", "http://127.0.0.1.example", "ftp://x", "https://"):
        with pytest.raises(UrlError):
            check_url(url)


def test_new_code_waits_for_an_empty_queue_and_no_number_comes_twice(opener: Opener, office: Office) -> None:
    cache = opener()
    cache.enrol(office.code())
    number = apply(cache)
    office.token = "another-token-of-22-characters"
    with pytest.raises(CacheError, match="still wait"):
        cache.enrol(office.code())
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    cache.enrol(office.code())
    second = apply(cache)
    assert second != number and second.startswith("KMT-2-")
    until(lambda: second in office.numbers())
