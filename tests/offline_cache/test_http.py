"""HTTP with the gateway: what is offered and unpacked, what is counted, what a fault is called."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offline_cache.clock import OfficeClock
from offline_cache.sync.http import MAX_ANSWER, Http, LineFault, Refusal
from offline_cache.sync.tls import OfficeTime
from tests.offline_cache.office import JSON, Office, Reset, Say

ZIP = {"Content-Encoding": "gzip"}


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], int]]:
    """Listens, says these bytes to whoever connects, and closes; gives the port."""
    listeners: list[socket.socket] = []

    def make(said: bytes) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            while True:
                try:
                    sock, _ = listener.accept()
                except OSError:
                    return
                with sock:
                    sock.recv(65536)
                    sock.sendall(said)

        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    yield make
    for listener in listeners:
        listener.close()


def ask(office: Office, body: bytes, headers: dict[str, str]) -> bytes:
    office.trick = lambda method, path: Say(200, body, JSON, headers)
    return Http(office.url, None).ask("GET", "/v1/places", None, {}).body


def test_gzip_is_offered_and_unpacked(office: Office) -> None:
    assert ask(office, gzip.compress(b'{"a":1}' * 999), ZIP) == b'{"a":1}' * 999


def test_zip_bomb_is_left_after_four_mebibytes(office: Office) -> None:
    bomb = gzip.compress(bytes(64 << 20), 9)
    assert len(bomb) < 100_000
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(LineFault, match="endless"):
        ask(office, bomb, ZIP)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_ANSWER and time.monotonic() - began < 5


@pytest.mark.parametrize("damage", ["none of it", "cut", "other packing"])
def test_broken_packing_gives_no_more_than_was_packed(office: Office, damage: str) -> None:
    """urllib3 takes a stream that ends early: what is missing is missed where the JSON is read."""
    whole = b'{"a":1}' * 999
    packed = gzip.compress(whole, mtime=0)
    body = {"none of it": b"not gzip", "cut": packed[: len(packed) // 2], "other packing": zlib.compress(whole)}[damage]
    try:
        assert whole.startswith(ask(office, body, ZIP))
    except LineFault as fault:
        assert fault.reason == "portal"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "no_gateway"),  # hung up in the handshake: a cut
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "portal"),  # no TLS there
        (b"\x15\x03\x01\x00\x02\x02\x28", "portal"),  # an alert: handshake_failure
    ],
)
def test_tls_that_does_not_come_about_is_named(answering: Callable[[bytes], int], said: bytes, reason: str) -> None:
    with pytest.raises(LineFault) as fault:
        Http(f"https://127.0.0.1:{answering(said)}", None).ask("GET", "/v1/time", None, {})
    assert fault.value.reason == reason


def test_no_name_and_no_way_are_no_link() -> None:
    for host in ("gateway.invalid", "[100::1]"):  # .invalid never resolves; 100::/64 is never routed
        with pytest.raises(LineFault) as fault:
            Http(f"https://{host}", None).ask("GET", "/v1/time", None, {})
        assert fault.value.reason == "no_link", host


def test_bytes_on_the_line_are_the_kernels_and_include_what_was_thrown_away(office: Office) -> None:
    spent: list[int] = []
    http = Http(office.url, None, None, spent.append)
    body = b"x" * 200_000

    def trick(method: str, path: str) -> Say | None:
        return Say(200, b"y" * 50_000)

    office.trick = trick
    http.ask("PUT", "/v1/x", body, {})
    assert 250_000 < sum(spent) < 290_000
    office.trick = lambda method, path: reset()
    with pytest.raises(LineFault):
        http.ask("PUT", "/v1/x", body, {})
    assert spent[-1] > 150  # the request that nobody answered, at least its head
    http.drop()
    assert sum(spent) < 500_000 + 30_000


def reset() -> Say:
    raise Reset


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_noise_on_the_line_is_a_fault_or_an_answer_never_anything_else(noise: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listener.accept()
        with sock:
            sock.recv(65536)
            sock.sendall(noise)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        Http(f"http://127.0.0.1:{listener.getsockname()[1]}", None).ask("GET", "/v1/time", None, {})
    except (LineFault, Refusal):
        pass
    finally:
        thread.join(5)
        listener.close()


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["Content-Encoding: gzip\r\n", "", "Transfer-Encoding: chunked\r\n"]))
def test_noise_behind_a_good_head_is_a_fault_or_an_answer(noise: bytes, header: str) -> None:
    test_noise_on_the_line_is_a_fault_or_an_answer_never_anything_else.hypothesis.inner_test(  # pyright: ignore[reportFunctionMemberAccess]  # hypothesis hangs the plain function there
        f"HTTP/1.1 200 OK\r\n{header}\r\n".encode() + noise
    )


def test_office_time_is_only_asked_for_dates(office: Office) -> None:
    """Plain HTTP on this machine has no certificate: nothing asks for the signed time."""
    Http(office.url, None, OfficeTime(office.key.public_key(), OfficeClock())).ask("GET", "/v1/time", None, {})
    assert [path for _, path in office.calls] == ["/v1/time"]
