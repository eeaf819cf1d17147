"""Reading request bodies with a limit in size and in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

from gateway.problems import Refusal
from wire.problem import Code


def declared(request: Request) -> int | None:
    """The body's length as declared, or None. Raises Refusal for a nonsensical header."""
    text = request.headers.get("content-length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal(Code.MALFORMED, "Content-Length is no number")
    return int(text)


async def chunks(request: Request, idle_s: float) -> AsyncIterator[bytes]:
    """The body as it comes. Raises ClientDisconnect when the peer goes, TimeoutError when it is silent too long."""
    more = True
    while more:
        async with asyncio.timeout(idle_s):
            chunk, more = await piece(request)
        if chunk:
            yield chunk


async def piece(request: Request) -> tuple[bytes, bool]:
    """What came of the body, and whether more comes; cancelled, it loses nothing. Raises ClientDisconnect."""
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message.get("body", b""), message.get("more_body", False)


async def whole(request: Request, limit: int, idle_s: float) -> bytes:
    """The whole body, at most ``limit`` bytes. Raises Refusal."""
    if (declared(request) or 0) > limit:
        raise Refusal(Code.TOO_LARGE, f"at most {limit} bytes")
    data = bytearray()
    try:
        async for chunk in chunks(request, idle_s):
            data += chunk
            if len(data) > limit:
                raise Refusal(Code.TOO_LARGE, f"at most {limit} bytes")
    except (TimeoutError, ClientDisconnect) as error:
        # Not MALFORMED: the line's fault, not the terminal's; trying again mends it.
        raise Refusal(Code.BROKEN, "the body did not come whole") from error
    return bytes(data)
