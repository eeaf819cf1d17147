"""Heartbeats in groups: those that arrive within ``_COMPANY_S`` share one transaction and its sync.

A transaction costs ten times what one more heartbeat in it does; without the short wait each would be committed nearly
alone, as fast as they can be read. No terminal notices it.
"""

from __future__ import annotations

import asyncio

from starlette.concurrency import run_in_threadpool

from gateway import changes
from gateway.database import Unfit
from gateway.problems import Refusal
from gateway.rooms import Office
from wire.heartbeat import HeartbeatAnswer

_MOST = 64
_COMPANY_S = 0.02

_Answer = HeartbeatAnswer | Refusal | Exception


class Beats:
    """Lives on the event loop; the database's work runs in a thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._waiting: list[tuple[changes.Told, asyncio.Future[HeartbeatAnswer]]] = []
        self._work: asyncio.Task[None] | None = None

    async def take(self, told: changes.Told) -> HeartbeatAnswer:
        """Keep a heartbeat and answer it, after its commit. Raises Refusal, and as the database does."""
        future: asyncio.Future[HeartbeatAnswer] = asyncio.get_running_loop().create_future()
        self._waiting.append((told, future))
        if self._work is None:
            self._work = asyncio.create_task(self._run())
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                if len(self._waiting) < _MOST:
                    await asyncio.sleep(_COMPANY_S)
                group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                answers = await run_in_threadpool(self._keep, [told for told, _ in group])
                for (_, future), answer in zip(group, answers, strict=True):
                    if future.done():
                        continue  # whoever asked has gone
                    if isinstance(answer, Exception):
                        future.set_exception(answer)
                    else:
                        future.set_result(answer)
        finally:
            self._work = None

    def _keep(self, told: list[changes.Told]) -> list[_Answer]:
        try:
            return list(changes.beat(self._office, told))
        except Unfit as error:
            if len(told) == 1:
                return [error]
            return [answer for each in told for answer in self._keep([each])]  # one of them spoils it for the others
        except Exception as error:  # each of them is told, by the handlers of the application
            return [error for _ in told]
