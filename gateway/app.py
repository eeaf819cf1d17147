"""The gateway as one ASGI application: the terminals' interface, the officers' pages, one answer for every fault."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway import terminal_api
from gateway.compress import Compressed
from gateway.database import Unfit, Unreachable
from gateway.direct import Calls, Direct
from gateway.problems import Refusal
from gateway.rooms import Office
from gateway.store import StoreError
from wire import problem
from wire.events import log_error
from wire.problem import Code
from wire.version import VERSION

_SECURITY = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    b"form-action 'self'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
}

# How long, and how far, the rest of a refused body is read before the connection is closed.
_LINGER_S = 5.0
_LINGER_BYTES = 9 * 1024 * 1024
_RETRY_DATABASE_S = 5
_RETRY_STORE_S = 10
_BODY_DONE = "adm.body_done"


def build(office: Office, pages: Callable[[FastAPI], None] | None = None) -> ASGIApp:
    """The application over an opened office. ``pages``: adds the officers' pages."""
    app, calls = _api(office)
    if pages is not None:
        pages(app)
    return _Guard(Compressed(Direct(app, calls, _refuse)))


def api(office: Office) -> FastAPI:
    """The terminals' interface alone."""
    return _api(office)[0]


def _api(office: Office) -> tuple[FastAPI, Calls]:
    app = FastAPI(title="Anjungan Dukcapil Mandiri: gateway", version=VERSION, docs_url=None, redoc_url=None)
    router, calls = terminal_api.router(office)
    app.include_router(router)
    for kind, handler in _handlers():
        app.add_exception_handler(kind, handler)
    return app, calls


def _handlers() -> list[tuple[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]]:
    return [
        (Refusal, _refused),
        (Unreachable, _without_database),
        (Unfit, _unfit),
        (StoreError, _without_store),
        (HTTPException, refuse_http),
        (RequestValidationError, _invalid),
        (Exception, _broken),
    ]


async def _refuse(request: Request, error: Exception) -> Response:
    """As the framework answers, for what does not go its way."""
    handler = next(handler for kind, handler in _handlers() if isinstance(error, kind))
    if handler is _broken:
        log_error("gateway", error)
    return await handler(request, error)


def refusal_response(refusal: Refusal) -> Response:
    """A problem as HTTP; the connection is closed after it."""
    headers = {"connection": "close"}
    if refusal.problem.retry_after is not None:
        headers["retry-after"] = str(refusal.problem.retry_after)
    if refusal.problem.offset is not None:
        headers["upload-offset"] = str(refusal.problem.offset)
    body = {name: value for name, value in refusal.problem.plain().items() if value is not None}
    return _Refused(body, status_code=refusal.code.status, media_type=problem.MEDIA_TYPE, headers=headers)


class _Refused(JSONResponse):
    """Sends the refusal at once, then swallows what is still coming of the body, within bounds.

    Closing a socket with unread bytes resets it, and the reset overtakes the answer: the peer would see a broken
    line where we meant a verdict.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        left = _LINGER_BYTES
        try:
            async with asyncio.timeout(_LINGER_S):
                while left > 0 and not scope.get(_BODY_DONE, False):
                    message = await receive()
                    if message["type"] != "http.request":
                        break
                    left -= len(message.get("body", b""))
        except TimeoutError:
            pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _refused(_request: Request, error: Exception) -> Response:
    return refusal_response(cast(Refusal, error))


async def refuse_http(_request: Request, error: Exception) -> Response:
    """The framework's own refusals as a problem: no such path, or no such method on it."""
    return refusal_response(Refusal(Code.NOT_FOUND, f"HTTP {cast(HTTPException, error).status_code}"))


async def _invalid(_request: Request, error: Exception) -> Response:
    first = cast(RequestValidationError, error).errors()[0]
    return refusal_response(Refusal(Code.MALFORMED, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"))


async def _without_database(_request: Request, _error: Exception) -> Response:
    return refusal_response(Refusal(Code.BROKEN, "the database does not answer", retry_after=_RETRY_DATABASE_S))


async def _without_store(_request: Request, _error: Exception) -> Response:
    return refusal_response(Refusal(Code.BROKEN, "the store does not answer", retry_after=_RETRY_STORE_S))


async def _unfit(_request: Request, _error: Exception) -> Response:
    return refusal_response(Refusal(Code.MALFORMED, "a value cannot be kept"))


async def _broken(_request: Request, _error: Exception) -> Response:
    # Starlette raises the error again once this is sent; _Guard logs it.
    return refusal_response(Refusal(Code.BROKEN))


def _came_before(receive: Receive) -> Message | None:
    """What came before the peer went and was not read yet: uvicorn says only that it went, and drops up to 64 KiB."""
    cycle: object = getattr(receive, "__self__", None)
    body: object = getattr(cycle, "body", None)
    if not isinstance(body, bytearray) or not body:
        return None
    data = bytes(body)
    body.clear()
    return {"type": "http.request", "body": data, "more_body": bool(getattr(cycle, "more_body", True))}


class _Guard:
    """Outermost: adds the security headers, and logs every unexpected error (its place, never its message).

    Terminals are no browsers and pay for each byte: they get none of those headers. What they ask for with their token
    no cache may keep (RFC 9111 §3.5); the answer to their one open question, the time, forbids it itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        for_browsers = not cast(str, scope["path"]).startswith("/v1/")

        async def received() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                message = _came_before(receive) or message
            if message["type"] == "http.request" and not message.get("more_body", False):
                scope[_BODY_DONE] = True
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start" and for_browsers:
                headers = list(message.get("headers", []))
                present = {name.lower() for name, _ in headers}
                headers += [(name, value) for name, value in _SECURITY.items() if name not in present]
                if b"cache-control" not in present:
                    headers.append((b"cache-control", b"no-store"))
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, received, guarded)
        except Exception as error:  # the last line: the peer has heard BROKEN by now
            log_error("gateway", error)
