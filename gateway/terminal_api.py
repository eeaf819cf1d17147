"""The HTTP interface for terminals, version 1 (sync-notes §3). Bodies are read only after the token is proved."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from gateway import auth, body, changes, enrol, intake, parts
from gateway.beats import Beats
from gateway.direct import Calls
from gateway.problems import Refusal
from gateway.rooms import Office, now
from gateway.tables import Terminal
from wire import canon, courier, manifest, problem, receipt
from wire.change import ChangesPage
from wire.enrol import EnrolAnswer, EnrolRequest
from wire.form import Form
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.office_keys import OfficeKeys
from wire.places import Places
from wire.problem import Code
from wire.upload import TIME_CONTEXT, ServerTime, SignedTime

_MAX_ENROL_BYTES = 16 * 1024
_MAX_HEARTBEAT_BYTES = 64 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUBMISSION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_OFFSET = re.compile(r"[0-9]{1,15}")

_FRESH = {"Cache-Control": "no-store"}
_SIGNED = "An envelope {kid, payload, sig}: canonical JSON, signed with Ed25519 (wire/canon.py)."
_REFUSED: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A refusal (RFC 9457).",
        "content": {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
_LENGTH = {
    "Upload-Offset": {"schema": {"type": "integer"}, "description": "Bytes of the part that are here."},
    "Upload-Complete": {
        "schema": {"type": "string", "enum": ["?0", "?1"]},
        "description": "All are here.",
    },
}


class MissingPart(BaseModel):
    """A part that is not complete, and how many of its bytes are here."""

    sha256: str
    offset: int


class SubmissionAnswer(BaseModel):
    """``state``: awaiting (with ``missing``) or received (with ``receipt``: the signed envelope, base64)."""

    state: str
    missing: list[MissingPart] | None = None
    receipt: str | None = None


def _takes(media_type: str, schema: dict[str, object]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


def _schema(of: type[BaseModel]) -> dict[str, object]:
    return {"$ref": f"#/components/schemas/{of.__name__}"}


def _envelope(of: type[BaseModel]) -> dict[str, object]:
    return {
        "type": "object",
        "description": f"{_SIGNED} Payload: {of.__name__}.",
        "required": ["kid", "payload", "sig"],
        "properties": {
            "kid": {"type": "string"},
            "payload": _schema(of),
            "sig": {"type": "string"},
        },
    }


_BINARY: dict[str, object] = {"type": "string", "format": "binary"}


def router(office: Office) -> tuple[APIRouter, Calls]:
    """The calls of /v1, bound to an opened office; and those that may be answered without a router."""
    calls = APIRouter(prefix="/v1", tags=["terminal"], responses=_REFUSED)
    writers = parts.Writers(office)
    ring, beats = auth.Ring(), Beats(office)

    async def terminal_of(request: Request) -> Terminal:
        return await run_in_threadpool(auth.authenticate, office, request.headers.get("authorization"))

    async def claim_of(request: Request) -> auth.Claim:
        """Whom the token proves; whether the key is in force still is for the call's own look at the database."""
        return ring.prove(request.headers.get("authorization")) or ring.remember(await terminal_of(request))

    @calls.post(
        "/enrol",
        summary="Enrol with a one-time token; same token and same key give the same answer",
        openapi_extra=_takes("application/json", _envelope(EnrolRequest)),
        responses={200: {"content": {"application/json": {"schema": _envelope(EnrolAnswer)}}}},
    )
    async def post_enrol(request: Request) -> Response:
        data = await body.whole(request, _MAX_ENROL_BYTES, office.settings.idle_s)
        return Response(await run_in_threadpool(enrol.enrol_terminal, office, data), media_type="application/json")

    @calls.get(
        "/time",
        summary="The server's time; signed, when it is asked with a nonce, and then good in clear HTTP too",
        responses={
            200: {
                "description": "Without a nonce ServerTime, with one SignedTime in an envelope.",
                "content": {"application/json": {"schema": {"anyOf": [_schema(ServerTime), _envelope(SignedTime)]}}},
            }
        },
    )
    async def get_time(nonce: Annotated[str | None, Query(pattern=r"^[0-9a-f]{16,64}$")] = None) -> Response:
        if nonce is None:
            return JSONResponse(ServerTime(server_time=now()).plain(), headers=_FRESH)
        told = SignedTime(server_time=now(), nonce=nonce).plain()
        signed = canon.sign(told, office.keys.receipt, office.keys.receipt_kid, TIME_CONTEXT)
        return Response(signed, media_type="application/json", headers=_FRESH)

    @calls.put(
        "/submissions/{submission_id}",
        summary="Announce a submission, ask what is missing, or get its receipt",
        openapi_extra=_takes("application/json", _envelope(manifest.Manifest)),
        responses={
            200: {"model": SubmissionAnswer, "description": "Known."},
            201: {"model": SubmissionAnswer, "description": "New."},
        },
    )
    async def put_submission(request: Request, submission_id: Annotated[str, Path()]) -> Response:
        terminal = await terminal_of(request)
        if not _SUBMISSION.fullmatch(submission_id):
            raise Refusal(Code.NOT_FOUND, "no submission id")
        data = await body.whole(request, manifest.MAX_MANIFEST_BYTES, office.settings.idle_s)
        answer = await run_in_threadpool(intake.put, office, terminal, submission_id, data)
        return JSONResponse(answer.plain(), status_code=201 if answer.new else 200)

    @calls.head(
        "/blobs/{sha256}",
        summary="How much of a part is here",
        responses={200: {"description": "The part's length.", "headers": _LENGTH}},
    )
    async def head_blob(request: Request, sha256: Annotated[str, Path()]) -> Response:
        claim = await claim_of(request)
        if not _SHA256.fullmatch(sha256):
            raise Refusal(Code.NOT_FOUND, "no SHA-256")
        return Response(headers=parts.headers(await writers.length(claim, sha256)))

    @calls.patch(
        "/blobs/{sha256}",
        status_code=204,
        summary="Append bytes to a part",
        openapi_extra=_takes("application/octet-stream", _BINARY),
        responses={204: {"description": "Appended.", "headers": _LENGTH}},
    )
    async def patch_blob(
        request: Request, sha256: Annotated[str, Path()], upload_offset: Annotated[str, Header()] = ""
    ) -> Response:
        claim = await claim_of(request)
        if not _SHA256.fullmatch(sha256):
            raise Refusal(Code.NOT_FOUND, "no SHA-256")
        if not _OFFSET.fullmatch(upload_offset):
            raise Refusal(Code.MALFORMED, "Upload-Offset is no number")
        done = await writers.append(request, claim, sha256, int(upload_offset))
        return Response(status_code=204, headers=parts.headers(done))

    @calls.post(
        "/heartbeat",
        summary="Tell how the terminal is; hear what changed",
        openapi_extra=_takes("application/json", {"$ref": "#/components/schemas/Heartbeat"}),
        response_model=HeartbeatAnswer,
    )
    async def post_heartbeat(request: Request) -> Response:
        claim = await claim_of(request)
        data = await body.whole(request, _MAX_HEARTBEAT_BYTES, office.settings.idle_s)
        try:
            heard = Heartbeat.read(data)
        except canon.CanonError as error:
            raise Refusal(Code.MALFORMED, str(error)) from error
        answer = await beats.take(changes.Told(claim, heard))
        return Response(answer.canonical(), media_type="application/json")

    @calls.get("/changes", summary="The change feed after a cursor")
    async def get_changes(request: Request, after: Annotated[int, Query(ge=0, lt=2**62)] = 0) -> ChangesPage:
        await terminal_of(request)

        def read() -> ChangesPage:
            with office.database.read() as session:
                return changes.page(session, after)

        return await run_in_threadpool(read)

    @calls.get(
        "/places",
        summary="The terminals of the asking terminal's regency; If-None-Match with the version gives 304",
        responses={200: {"model": Places}, 304: {"description": "That version is still the newest."}},
    )
    async def get_places(request: Request) -> Response:
        terminal = await terminal_of(request)
        listing = await run_in_threadpool(office.board.of, terminal.regency)
        tag = {"ETag": f'"{listing.version}"'}
        if listing.version in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=tag)
        return Response(listing.body, media_type="application/json", headers=tag)

    @calls.get(
        "/keys",
        summary="The office's sealing keys, when the heartbeat names another version than the terminal has",
        responses={200: {"content": {"application/json": {"schema": _envelope(OfficeKeys)}}}},
    )
    async def get_keys(request: Request) -> Response:
        await terminal_of(request)
        sealing = await run_in_threadpool(lambda: office.keys.sealing)
        return Response(sealing.envelope, media_type="application/json")

    async def patch_direct(request: Request, sha256: str) -> Response:
        return await patch_blob(request, sha256, request.headers.get("upload-offset", ""))

    direct = {
        ("PUT", "/v1/submissions"): put_submission,
        ("HEAD", "/v1/blobs"): head_blob,
        ("PATCH", "/v1/blobs"): patch_direct,
    }
    return calls, direct


def describe(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the terminal's interface, with the messages that travel inside envelopes, parts and volumes."""
    document = app.openapi()
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (
        EnrolRequest,
        EnrolAnswer,
        ServerTime,
        SignedTime,
        manifest.Manifest,
        Form,
        receipt.Receipt,
        courier.Index,
        courier.Receipts,
        Heartbeat,
        OfficeKeys,
        problem.Problem,
    ):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    document["components"]["securitySchemes"] = {
        "terminal": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT (Ed25519), see wire/token.py"}
    }
    for path, operations in document["paths"].items():
        if path not in ("/v1/enrol", "/v1/time"):
            for operation in operations.values():
                operation["security"] = [{"terminal": []}]
    return document
