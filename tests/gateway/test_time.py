"""The office's time, signed over the asker's nonce."""

from __future__ import annotations

import socket
import time

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.gateway.rig import Gateway, Terminal, problem_of
from wire import canon, upload
from wire.enrol import EnrolCode
from wire.upload import ServerTime, SignedTime


def test_t7_time_is_signed_over_the_nonce_with_the_key_that_enrolment_gave(gateway: Gateway) -> None:
    code = EnrolCode.from_text(gateway.code("TIM"))
    key = Ed25519PublicKey.from_public_bytes(canon.unb64(code.gateway_key))
    for nonce in ("0123456789abcdef", "f" * 64):
        got = requests.get(f"{gateway.url}/v1/time", {"nonce": nonce}, timeout=10)
        told = SignedTime.take(canon.Envelope.read(got.content).verify(key, upload.TIME_CONTEXT))
        assert told.nonce == nonce and abs(told.server_time - time.time()) < 10


def test_time_without_a_nonce_is_plain(gateway: Gateway) -> None:
    got = requests.get(f"{gateway.url}/v1/time", timeout=10)
    assert abs(ServerTime.read(got.content).server_time - time.time()) < 10


def test_an_answer_s_body_does_not_wait_for_its_head_to_be_acknowledged(gateway: Gateway) -> None:
    """A peer acknowledges late, when it has nothing to say: 40 ms."""
    took: list[float] = []
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as line:
        for _ in range(20):
            begun, got = time.perf_counter(), b""
            line.sendall(b"GET /v1/time HTTP/1.1\r\nHost: gateway\r\n\r\n")
            while b"server_time" not in got:
                got += (more := line.recv(4096))
                assert more
            took.append(time.perf_counter() - begun)
    assert min(took[5:]) < 0.03  # the first ones of a connection are acknowledged at once


@pytest.mark.parametrize("nonce", ["", "0" * 15, "0" * 65, "g" * 16, "A" * 16, "0" * 16 + "\n", "%00" * 16])
def test_nonce_that_is_none_is_refused(terminal: Terminal, nonce: str) -> None:
    assert problem_of(requests.get(f"{terminal.gateway.url}/v1/time", {"nonce": nonce}, timeout=10)) == "malformed"
