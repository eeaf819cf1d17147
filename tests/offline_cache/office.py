"""A small office for the cache's tests: a real HTTP server that keeps what it gets in memory, and can be told to fail.

It is not the gateway (tests/offline_cache/test_roundtrip.py has that): it answers what a test wants answered.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wire import canon, enrol, ids, manifest, problem, receipt, token, upload
from wire.change import Change
from wire.enrol import EnrolAnswer, EnrolCode, EnrolRequest, Limits, Place, SealKey
from wire.form import Form
from wire.heartbeat import Heartbeat
from wire.manifest import Manifest
from wire.places import Places
from wire.problem import Code

JSON = "application/json"
PLACE = Place(village="Desa Karyamukti", district="Kec. Pataruman", regency="Kota Banjar", office="Disdukcapil")


@dataclass
class Say:
    """One answer, as it goes over the wire."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # what Content-Length claims, when it lies


class Reset(Exception):
    """Close the connection by RST instead of answering."""


def no(code: Code, **more: Any) -> Say:
    """A problem of ours."""
    told = problem.Problem(type=code.type, title=code.word, status=code.status, **more)
    return Say(code.status, told.canonical(), problem.MEDIA_TYPE)


Trick = Callable[[str, str], Say | None]


def raw(key: Ed25519PublicKey) -> str:
    return canon.b64(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def _holds(envelope: canon.Envelope, key: Ed25519PublicKey) -> bool:
    try:
        envelope.verify(key, manifest.CONTEXT)
    except canon.SignatureError:
        return False
    return True


@lru_cache(4096)
def _read(body: bytes) -> Manifest:
    return manifest.unproved(body)[1]


class Office:
    """``trick``: asked before each call with method and path; what it returns is the answer instead."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()
        self.identity, self.escrow = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
        self.status_key = secrets.token_bytes(32)
        self.token = secrets.token_urlsafe(16)
        self.terminals: dict[str, tuple[str, Ed25519PublicKey]] = {}
        self.again = ""  # the terminal that the next new code is for, "" = a new one
        self.manifests: dict[str, bytes] = {}
        self.parts: dict[str, bytearray] = {}
        self.receipts: dict[str, bytes] = {}
        self.beats: list[Heartbeat] = []
        self.changes: list[Change] = []
        self.calls: list[tuple[str, str]] = []
        self.trick: Trick = lambda method, path: None
        self.after: Trick = lambda method, path: None
        self.have_seq: int | None = None
        self.tells = False  # each receipt is a row of the feed, as at the real office
        self.told = 0  # the highest cursor ever; a restore does not take it back
        self.rewind = False  # restored from a backup: a cursor beyond the newest change starts over
        self.places: Places | None = None
        self.places_version: str | None = None
        self.next_seq = 1
        self.next_s = 300
        self.clock_s = 0.0
        self.pace_s = 0.0  # taken for each block of a body
        self.lock = threading.Lock()
        office = self

        class Handler(_Handler):
            pass

        Handler.office = office
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return self.server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def code(self, url: str | None = None) -> str:
        return EnrolCode(url=url or self.url, token=self.token, gateway_key=raw(self.key.public_key())).text()

    def roll(self) -> str:
        """A new code for the terminal that enrolled last."""
        self.again, _ = list(self.terminals.values())[-1]
        self.token = secrets.token_urlsafe(16)
        return self.code()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def numbers(self) -> list[str]:
        """Every number that was received, one for each submission."""
        return [_read(self.manifests[one]).number for one in self.receipts]

    def forget(self, above: int = 0) -> None:
        """Lose every submission above that sequence, and all parts: restored from a backup."""
        with self.lock:
            for one in [one for one, body in self.manifests.items() if _read(body).seq > above]:
                del self.manifests[one], self.receipts[one]
            self.parts.clear()

    def open_form(self, submission_id: str) -> Form:
        _, read = manifest.unproved(self.manifests[submission_id])
        part = next(part for part in read.parts if part.role == "form")
        return Form.read(pyrage.decrypt(bytes(self.parts[part.sha256]), [self.identity]))

    def open_pages(self, submission_id: str) -> list[bytes]:
        _, read = manifest.unproved(self.manifests[submission_id])
        pages = [part for part in read.parts if part.role == "page"]
        return [pyrage.decrypt(bytes(self.parts[part.sha256]), [self.escrow]) for part in pages]

    # The calls.

    def enrol(self, body: bytes) -> Say:
        envelope = canon.Envelope.read(body)
        asked = EnrolRequest.take(envelope.payload)
        key = Ed25519PublicKey.from_public_bytes(canon.unb64(asked.public_key))
        envelope.verify(key, enrol.CONTEXT)
        if asked.token != self.token:
            return no(Code.NOT_FOUND)
        terminal, known = self.terminals.setdefault(asked.token, (self.again or secrets.token_hex(16), key))
        if raw(known) != asked.public_key:
            return no(Code.TOKEN_USED)
        answer = EnrolAnswer(
            terminal=terminal,
            code="KMT",
            next_seq=self.next_seq,
            office_keys=(SealKey(id="o1", recipient=str(self.identity.to_public()), since="2026-01-01T00:00:00Z"),),
            escrow_key=SealKey(id="e1", recipient=str(self.escrow.to_public()), since="2026-01-01T00:00:00Z"),
            receipt_key=raw(self.key.public_key()),
            receipt_kid="r1",
            status_key=canon.b64(self.status_key),
            limits=Limits(part_bytes=8 << 20, parts=20, total_bytes=40 << 20),
            place=PLACE,
            server_time=self.now(),
        )
        return Say(200, canon.sign(answer.plain(), self.key, "r1", enrol.CONTEXT))

    def now(self) -> int:
        return int(time.time() + self.clock_s)

    def proved(self, authorization: str) -> Say | None:
        try:
            text = authorization.removeprefix("Bearer ")
            key = dict(self.terminals.values())[token.kid(text)]
            token.prove(text, key, self.now())
        except token.ClockError:
            return no(Code.CLOCK, server_time=self.now())
        except (token.TokenError, KeyError):
            return no(Code.UNAUTHENTICATED)
        return None

    def put(self, submission_id: str, body: bytes) -> Say:
        envelope, read = manifest.unproved(body)
        if not any(_holds(envelope, key) for terminal, key in self.terminals.values() if terminal == envelope.kid):
            return no(Code.MALFORMED)
        assert read.submission_id == submission_id
        with self.lock:
            if self.manifests.setdefault(submission_id, body) != body:
                return no(Code.CONFLICT)
            return self.answer(submission_id, body, read)

    def answer(self, submission_id: str, body: bytes, read: Manifest) -> Say:
        missing = [
            {"sha256": part.sha256, "offset": len(self.parts.setdefault(part.sha256, bytearray()))}
            for part in read.parts
            if ids.sha256(bytes(self.parts.get(part.sha256, b""))) != part.sha256
        ]
        if missing:
            return Say(201, canon.canonical({"state": "awaiting", "missing": missing}))
        if submission_id not in self.receipts:
            self.receipts[submission_id] = self.sign_receipt(read, body)
            if self.tells:
                self.told += 1
                self.changes.append(
                    Change(
                        cursor=self.told,
                        submission_id=submission_id,
                        number=read.number,
                        service=read.service,
                        tag=read.tag,
                        state="received",
                        at="2026-11-24T00:00:00Z",
                    )
                )
        text = canon.b64(self.receipts[submission_id])
        return Say(200, canon.canonical({"state": "received", "receipt": text}))

    def sign_receipt(self, read: Manifest, body: bytes, **other: Any) -> bytes:
        values: dict[str, Any] = {
            "submission_id": read.submission_id,
            "manifest_sha256": manifest.digest(body),
            "number": read.number,
            "terminal": read.terminal,
            "seq": read.seq,
            "server_seq": len(self.receipts) + 1,
            "received_at": "2026-11-24T00:00:00+00:00",
        }
        return canon.sign(receipt.Receipt(**values | other).plain(), self.key, "r1", receipt.CONTEXT)

    def part_size(self, sha256: str) -> int | None:
        for body in self.manifests.values():
            for part in _read(body).parts:
                if part.sha256 == sha256:
                    return part.bytes
        return None

    def beat(self, body: bytes) -> Say:
        beat = Heartbeat.read(body)
        self.beats.append(beat)
        newest = max((change.cursor for change in self.changes), default=0)
        strange = self.tells and beat.cursor not in {change.cursor for change in self.changes}
        after = 0 if strange or (self.rewind and beat.cursor > newest) else beat.cursor
        every = [change for change in self.changes if change.cursor > after]
        new = every[:2]
        seqs = {_read(self.manifests[one]).seq for one in self.receipts}
        have = next(seq for seq in range(self.next_seq, 1 << 40) if seq not in seqs) - 1
        answer = {
            "server_time": self.now(),
            "have_seq": have if self.have_seq is None else self.have_seq,
            "changes": [change.plain() for change in new],
            "cursor": new[-1].cursor if new else after,
            "more": len(every) > 2,
            "next_s": self.next_s,
        }
        if self.places is not None:
            answer["places"] = self.places.version() if self.places_version is None else self.places_version
        return Say(200, canon.canonical(answer))

    def page(self, after: int) -> Say:
        new = [change for change in self.changes if change.cursor > after]
        page = {"changes": [c.plain() for c in new[:2]], "cursor": new[:2][-1].cursor if new else after}
        return Say(200, canon.canonical(page | {"more": len(new) > 2}))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    office: Office

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        pass

    def _serve(self) -> None:
        office, path = self.office, self.path
        with office.lock:
            office.calls.append((self.command, path))
        try:
            said = office.trick(self.command, path)
            if said is None:
                said = self._call(path)
                said = office.after(self.command, path) or said
        except Reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return
        else:
            if self.command in ("PUT", "POST", "PATCH") and not self._read:
                self._body()
        self.send_response(said.status)
        if said.status != 204:
            self.send_header("Content-Type", said.content_type)
        if said.status != 204 or said.length is not None:
            self.send_header("Content-Length", str(len(said.body) if said.length is None else said.length))
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(said.body)
        if said.length is not None:
            self.close_connection = True

    do_GET = do_PUT = do_HEAD = do_PATCH = do_POST = _serve  # noqa: N815 - the base class's names
    _read = False

    def handle_one_request(self) -> None:
        self._read = False
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def _body(self) -> bytes:
        self._read = True
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _call(self, path: str) -> Say:
        office = self.office
        if path.startswith("/v1/time?nonce="):
            told = {"server_time": office.now(), "nonce": path.partition("=")[2]}
            return Say(200, canon.sign(told, office.key, "r1", upload.TIME_CONTEXT))
        if path == "/v1/time":
            return Say(200, canon.canonical({"server_time": office.now()}))
        if path == "/v1/enrol":
            return office.enrol(self._body())
        refused = office.proved(self.headers.get("Authorization", ""))
        if refused is not None:
            return refused
        last = path.rsplit("/", 1)[1]
        match self.command, path.split("?")[0].split("/")[2]:
            case "PUT", "submissions":
                return office.put(last, self._body())
            case "HEAD", "blobs":
                size = office.part_size(last)
                if size is None:
                    return no(Code.NOT_FOUND)
                have = len(office.parts.get(last, b""))
                return Say(200, headers={"Upload-Offset": str(have), "Upload-Complete": f"?{int(have == size)}"})
            case "PATCH", "blobs":
                return self._patch(last)
            case "POST", "heartbeat":
                return office.beat(self._body())
            case "GET", "changes":
                return office.page(int(path.split("after=")[1]))
            case "GET", "places" if office.places is not None:
                return Say(200, office.places.canonical())
            case _:
                return no(Code.NOT_FOUND)

    def _patch(self, sha256: str) -> Say:
        office, size = self.office, self.office.part_size(sha256)
        if size is None:
            return no(Code.NOT_FOUND)
        part = office.parts.setdefault(sha256, bytearray())
        if int(self.headers["Upload-Offset"]) != len(part):
            return no(Code.OFFSET, offset=len(part))
        self._read = True
        left = int(self.headers["Content-Length"])
        while left:
            block = cast(bytes, self.rfile.read1(min(left, 4096)))
            if not block:
                raise ConnectionError("cut")
            part += block
            time.sleep(office.pace_s)
            left -= len(block)
        whole = len(part) == size
        if whole and hashlib.sha256(part).hexdigest() != sha256:
            part.clear()
            return no(Code.WRONG_HASH)
        return Say(204, headers={"Upload-Offset": str(len(part)), "Upload-Complete": f"?{int(whole)}"})
