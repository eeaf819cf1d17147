"""The calls that a submission is made of, answered without the framework's way to them.

Route, parameters and middleware cost a call more of the core than its token, its row and its bytes together. What is
here is registered there too: for the description, and for whoever asks with another method.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Call = Callable[[Request, str], Awaitable[Response]]
"""Answers a request; the second word is what stands behind the last stroke of its path."""
Calls = Mapping[tuple[str, str], Call]
"""By method and by the path before the last stroke."""
Refuse = Callable[[Request, Exception], Awaitable[Response]]


class Direct:
    """Wraps an application. ``refuse``: the answer for whatever a call raises."""

    def __init__(self, app: ASGIApp, calls: Calls, refuse: Refuse) -> None:
        self._app, self._calls, self._refuse = app, calls, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            before, _, last = cast(str, scope["path"]).rpartition("/")
            call = self._calls.get((scope["method"], before))
            if call is not None and last:
                request = Request(scope, receive)
                try:
                    response = await call(request, last)
                except Exception as error:
                    response = await self._refuse(request, error)
                await response(scope, receive, send)
                return
        await self._app(scope, receive, send)
