"""The office's time, signed over the asker's nonce."""

from __future__ import annotations

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


@pytest.mark.parametrize("nonce", ["", "0" * 15, "0" * 65, "g" * 16, "A" * 16, "0" * 16 + "\n", "%00" * 16])
def test_nonce_that_is_none_is_refused(terminal: Terminal, nonce: str) -> None:
    assert problem_of(requests.get(f"{terminal.gateway.url}/v1/time", {"nonce": nonce}, timeout=10)) == "malformed"
