"""Parts: resumable by byte. The newest request owns a part; what arrived before a cut is kept.

A silent, half-open connection therefore never blocks the next one (sync-notes S8), and an old request that wakes up
late cannot write any more. Whoever asks how much is here, or sends on, makes the old request put down what it still
holds in memory and end: a terminal comes back before we notice that its line was cut, and bytes that crossed the line
were paid for. An old request of another process, or machine, has put them down within ``_KEEP_S``; it hears from the
store that the part has moved, with its true offset, and writes nothing more either.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import and_, bindparam, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from gateway import auth, body
from gateway.auth import Claim
from gateway.problems import Refusal
from gateway.rooms import Office
from gateway.statement import Statement
from gateway.store import Length, Moved, Place, StoreFull, WrongHash
from gateway.tables import Part, Submission, Terminal
from wire import upload
from wire.problem import Code

_RETRY_FULL_S = 300
_KEEP_S = 4.0
"""How long what arrived may be held in memory before it is appended to the part."""
_SETTLE_S = 2.0
"""How long an old request may take to put down what it holds; after that it has lost it."""
_PAUSE_S, _DRAIN_S = 0.05, 0.5
"""An old request first takes what is here and not read yet: until so long a pause, and at most so long."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Target:
    """A part, found: where it goes and how long it will be."""

    place: Place
    sha256: str
    bytes: int


_FIND = Statement(
    select(Terminal.public_key, Terminal.revoked_at, Part.submission_id, Part.bytes, Submission.withdrawn_at)
    .outerjoin(Part, and_(Part.terminal_id == Terminal.id, Part.sha256 == bindparam("sha256")))
    .outerjoin(Submission, Submission.id == Part.submission_id)
    .where(Terminal.id == bindparam("terminal"))
)


def find(office: Office, terminal: str, sha256: str, claim: Claim | None = None) -> Target:
    """The part of that hash among this terminal's own; ``claim``: of whom asks, to be in force now.

    Raises Refusal (NOT_FOUND, UNAUTHENTICATED, REVOKED).
    """
    with office.database.look() as connection:
        found = _FIND.run(connection, {"terminal": terminal, "sha256": sha256}).first()
    if claim is not None:
        auth.in_force(found, claim)
    if found is None or found.submission_id is None or found.withdrawn_at is not None:
        raise Refusal(Code.NOT_FOUND, "no manifest of this terminal names that part")
    return Target(Place(terminal, found.submission_id), sha256, found.bytes)


def length(office: Office, target: Target) -> Length:
    """How much is here, on the disk."""
    return office.store.length(target.place, target.sha256)


def headers(length: Length) -> dict[str, str]:
    """The two header fields of the IETF draft."""
    return {upload.OFFSET: str(length.offset), upload.COMPLETE: upload.YES if length.complete else upload.NO}


@dataclass(eq=False, slots=True)
class _Turn:
    """One request's hold on a part; requests for the same part share the lock. ``wait``: for its next bytes."""

    lock: threading.Lock
    taken: bool = False
    wait: asyncio.Timeout | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> None:
        """Have it end soon: a newer request wants the part."""
        if not self.taken:
            self.taken = True
            if self.wait is not None and not self.wait.expired():
                self.wait.reschedule(asyncio.get_running_loop().time() + _PAUSE_S)


class _Taken(Exception):
    """A newer request wants the part."""


class Writers:
    """Who writes which part now. Lives on the event loop; the disk work runs in threads."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._turns: dict[tuple[str, str], _Turn] = {}

    async def append(self, request: Request, claim: Claim, sha256: str, offset: int) -> Length:
        """Append the request's body at ``offset``. Raises Refusal; what came before a cut is kept."""
        key = (claim.terminal, sha256)
        if key in self._turns:  # who has no right to the part any more shall not end another's request
            await run_in_threadpool(find, self._office, *key, claim)
        before = await self._settled(key)
        turn = _Turn(before.lock if before else threading.Lock())
        self._turns[key] = turn
        try:
            return await self._append(request, claim, offset, turn, key)
        finally:
            turn.done.set()
            if self._turns.get(key) is turn:
                del self._turns[key]

    async def length(self, claim: Claim, sha256: str) -> Length:
        """How much is here; an older request that still holds some of it puts that down first, and ends."""
        target = await run_in_threadpool(find, self._office, claim.terminal, sha256, claim)
        await self._settled((claim.terminal, sha256))
        return await run_in_threadpool(length, self._office, target)

    async def _settled(self, key: tuple[str, str]) -> _Turn | None:
        """Have the request that owns a part end. It, where it does not within ``_SETTLE_S``, else None."""
        try:
            async with asyncio.timeout(_SETTLE_S):
                while before := self._turns.get(key):
                    before.take()
                    await before.done.wait()
        except TimeoutError:
            return self._turns.get(key)
        return None

    async def _append(self, request: Request, claim: Claim, start: int, turn: _Turn, key: tuple[str, str]) -> Length:
        def begin() -> tuple[Target, Length]:
            found = find(self._office, *key, claim)
            return found, length(self._office, found)

        target, here = await self._owned(turn, key, begin)
        if here.offset != start:
            raise Refusal(Code.OFFSET, offset=here.offset)
        if start + (body.declared(request) or 0) > target.bytes:
            raise Refusal(Code.TOO_LARGE, "the part is shorter in its manifest", offset=start)
        if here.complete:
            return here
        store, offset = self._office.store, start
        waiting, kept_at = bytearray(), time.monotonic()

        async def flush() -> None:
            nonlocal offset, kept_at
            data = bytes(waiting)
            await self._owned(turn, key, lambda: store.append(target.place, target.sha256, offset, data))
            offset += len(data)
            waiting.clear()
            kept_at = time.monotonic()

        async def close() -> Length:
            data = bytes(waiting)
            if not data and offset < target.bytes:
                return await self._owned(turn, key, lambda: length(self._office, target))
            return await self._owned(
                turn, key, lambda: store.write(target.place, target.sha256, offset, data, target.bytes)
            )

        try:
            async for chunk in _until(turn, request, self._office.settings.idle_s):
                if offset + len(waiting) + len(chunk) > target.bytes:
                    waiting.clear()
                    await self._owned(turn, key, lambda: store.cut(target.place, target.sha256, offset, start))
                    raise Refusal(Code.TOO_LARGE, "the part is shorter in its manifest", offset=start)
                waiting += chunk
                due = len(waiting) >= store.block or (waiting and time.monotonic() - kept_at >= _KEEP_S)
                if due and offset + len(waiting) < target.bytes:
                    await flush()
        except _Taken as error:
            if waiting:
                await flush()
            raise Refusal(Code.TAKEN_OVER) from error
        except (ClientDisconnect, TimeoutError) as error:
            here = await close()
            raise Refusal(Code.OFFSET, "the body was cut", offset=here.offset) from error
        return await close()

    async def _owned(self, turn: _Turn, key: tuple[str, str], act: Callable[[], T]) -> T:
        """Run ``act`` in a thread, unless a newer request has taken the part over."""

        def run() -> T:
            with turn.lock:
                if self._turns.get(key) is not turn:
                    raise Refusal(Code.TAKEN_OVER)
                return act()

        try:
            return await run_in_threadpool(run)
        except WrongHash as wrong:
            raise Refusal(Code.WRONG_HASH, offset=0) from wrong
        except Moved as moved:
            raise Refusal(Code.OFFSET, "another request was here", offset=moved.offset) from moved
        except StoreFull as error:
            raise Refusal(Code.FULL, retry_after=_RETRY_FULL_S) from error


async def _until(turn: _Turn, request: Request, idle_s: float) -> AsyncIterator[bytes]:
    """The body's chunks until its end, or until a newer request takes the part over (_Taken); b"" in silence."""
    clock = asyncio.get_running_loop().time
    heard, ends, more = clock(), 0.0, True
    while more:
        now = clock()
        if turn.taken:
            ends = ends or now + _DRAIN_S
            if now > ends:
                raise _Taken
        limit = asyncio.timeout_at(now + _PAUSE_S if turn.taken else min(heard + idle_s, now + _KEEP_S))
        turn.wait = limit
        try:
            async with limit:
                chunk, more = await body.piece(request)
        except TimeoutError:
            if turn.taken:
                raise _Taken from None
            if clock() >= heard + idle_s:
                raise
            yield b""
            continue
        finally:
            turn.wait = None
        heard = clock()
        if chunk:
            yield chunk
