"""gzip of the terminals' JSON answers: only where it is offered and gains, and byte for byte what was meant."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import requests
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from gateway.compress import LEAST, Compressed
from tests.gateway.rig import Gateway, Terminal

JSON = "application/json"


def serve(bodies: list[bytes], media_type: str, path: str, offered: str) -> tuple[dict[bytes, bytes], bytes]:
    """The answer of an application that sends these pieces."""
    sent: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % sum(map(len, bodies)))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for number, body in enumerate(bodies):
            await send({"type": "http.response.body", "body": body, "more_body": number + 1 < len(bodies)})

    async def receive() -> Message:
        raise AssertionError("nobody reads a body here")

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "path": path, "headers": [(b"accept-encoding", offered.encode())]}
    asyncio.run(Compressed(app)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", *["http.response.body"] * len(bodies)]
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=3), st.sampled_from(["gzip", "br, gzip;q=0.5", "*", ""]))
def test_what_arrives_is_what_was_meant(bodies: list[bytes], offered: str) -> None:
    headers, body = serve(bodies, JSON, "/v1/places", offered)
    packed = headers.get(b"content-encoding") == b"gzip"
    assert packed == ("gzip" in offered and len(bodies) == 1 and len(bodies[0]) >= LEAST)
    assert int(headers[b"content-length"]) == len(body)
    assert (gzip.decompress(body) if packed else body) == b"".join(bodies)
    assert (headers.get(b"vary") == b"accept-encoding") == packed


def test_pages_problems_and_those_who_refuse_gzip_get_it_as_it_is() -> None:
    text = b"x" * 9999
    for media_type, path, offered in (
        ("text/html", "/v1/x", "gzip"),
        (JSON, "/lokasi.json", "gzip"),
        ("application/problem+json", "/v1/x", "gzip"),
        (JSON, "/v1/x", "gzip;q=0"),
        (JSON, "/v1/x", "identity"),
    ):
        headers, body = serve([text], media_type, path, offered)
        assert body == text and b"content-encoding" not in headers, (media_type, path, offered)


def test_small_answers_and_the_time_are_not_packed_and_carry_no_browsers_headers(
    gateway: Gateway, terminal: Terminal
) -> None:
    told = requests.get(f"{gateway.url}/v1/time", headers={"Accept-Encoding": "gzip"}, timeout=10)
    assert "content-encoding" not in told.headers and told.headers["cache-control"] == "no-store"
    assert not {"content-security-policy", "referrer-policy"} & set(told.headers)
    assert terminal.gateway is gateway
