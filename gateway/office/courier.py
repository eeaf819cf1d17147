"""What came on USB sticks: officers take volumes in, fetch the answers, and see what was taken in before."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from fastapi import FastAPI, Request
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from gateway import courier
from gateway.office import uploads, words
from gateway.office.site import Site
from gateway.officers import SignedIn
from gateway.tables import Import, Officer, Terminal
from wire.courier import MAX_VOLUME_BYTES, RECEIPTS_SUFFIX, SUFFIX
from wire.problem import Code
from wire.words import N_

_FILES = 20
_SHOWN = 50
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = N_("It could not be kept just now. Take the file in again.")
_PROBLEMS = {
    Code.WRONG_HASH.type: N_("Damaged or cut off on the stick. Copy it again at the terminal."),
    Code.CONFLICT.type: N_("Something else is kept here under its number."),
    Code.MALFORMED.type: N_("It is no application of this terminal."),
    Code.FULL.type: N_("This office has no room left."),
}


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One posted file. ``reason``: why nothing of it was taken (a msgid), or ""."""

    name: str
    done: courier.Imported | None
    reason: str = ""

    def row(self, site: Site) -> dict[str, object]:
        """The outcome as the page shows it."""
        if self.done is None:
            look = ("bad", "block", N_("Not taken in"))
            return {"name": self.name, "look": _pill(*look), "why": [words.say(self.reason)], "sha256": ""}
        why = Counter(words.say(_PROBLEMS.get(each.problem, _AGAIN)) for each in self.done.refused)
        if not self.done.received:
            look = ("bad", "block", N_("Not taken in"))
        elif self.done.refused:
            look = ("warn", "warning", N_("Partly taken in"))
        elif self.done.again:
            look = ("info", "history", N_("Taken in before"))
        else:
            look = ("ok", "check", N_("Taken in"))
        return {
            "name": self.done.name,
            "look": _pill(*look),
            "code": self.done.code,
            "volume": self.done.volume,
            "volumes": self.done.volumes,
            "received": self.done.received,
            "before": site.clock.short(self.done.imported_at) if self.done.again else "",
            "why": [f"{count} × {text}" for text, count in why.items()],
            "sha256": self.done.index_sha256,
        }


def add(app: FastAPI, site: Site) -> None:
    """Add the courier's page and its answers."""
    settings = site.office.settings
    limits = uploads.Limits(_FILES, MAX_VOLUME_BYTES, settings.reserve)

    @app.get("/courier", include_in_schema=False)
    async def read(request: Request) -> Response:
        officer = await site.officer(request)
        return await run_in_threadpool(_page, site, officer, (), "")

    @app.post("/courier", include_in_schema=False)
    async def take(request: Request) -> Response:
        officer = await site.officer(request)
        try:
            posted = await uploads.receive(request, officer.csrf, settings.data, limits, settings.idle_s)
        except uploads.UploadError as error:
            return await run_in_threadpool(_page, site, officer, (), str(error), 422)
        if not posted:
            return await run_in_threadpool(_page, site, officer, (), N_("Choose a file first."), 422)

        def done() -> Response:
            return _page(site, officer, tuple(_taken(site, officer, upload) for upload in posted), "")

        return await run_in_threadpool(done)

    @app.get("/courier/{sha256}" + RECEIPTS_SUFFIX, include_in_schema=False)
    async def answer(request: Request, sha256: str) -> Response:
        await site.officer(request)
        row = await run_in_threadpool(_known, site, sha256)
        headers = {"Content-Disposition": f'attachment; filename="{row.name}{RECEIPTS_SUFFIX}"'}
        return Response(row.answer, media_type="application/octet-stream", headers=headers)


def _taken(site: Site, officer: SignedIn, upload: uploads.Upload) -> _Outcome:
    with upload.file:
        try:
            return _Outcome(upload.name, courier.take(site.office, upload.file.read, upload.name, officer.id))
        except courier.VolumeRefusedError as error:
            return _Outcome(upload.name, None, error.reason)


def _known(site: Site, sha256: str) -> Import:
    """Raises HTTPException (404)."""
    with site.office.database.read() as session:
        row = session.get(Import, sha256) if _SHA256.fullmatch(sha256) else None
    if row is None:
        raise HTTPException(404)
    return row


def _page(site: Site, officer: SignedIn, outcomes: tuple[_Outcome, ...], error: str, status: int = 200) -> HTMLResponse:
    with site.office.database.read() as session:
        rows = session.execute(
            select(Import, Terminal.code, Terminal.village, Officer.name)
            .join(Terminal, Terminal.id == Import.terminal_id)
            .join(Officer, Officer.id == Import.officer_id, isouter=True)
            .order_by(Import.imported_at.desc(), Import.name, Import.volume)
            .limit(_SHOWN)
        ).all()
    earlier = [
        {
            "name": row.name,
            "sha256": row.index_sha256,
            "at": site.clock.short(row.imported_at),
            "village": words.bare(village),
            "code": code,
            "received": row.received,
            "refused": row.refused,
            "by": by or words.say(N_("Command line")),
        }
        for row, code, village, by in rows
    ]
    values: dict[str, object] = {
        "outcomes": [outcome.row(site) for outcome in outcomes],
        "error": words.say(error),
        "earlier": earlier,
        "suffix": SUFFIX,
        "answer": RECEIPTS_SUFFIX,
        "section": "courier",
        "officer": officer,
    }
    return site.page("courier.html", values, status)


def _pill(tone: str, icon: str, word: str) -> dict[str, str]:
    return {"tone": tone, "icon": icon, "word": words.say(word)}
