"""Every message that leaves or reaches a machine, with a whole one and its reader: what the fuzz mutates."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.wire.test_formats import a_manifest
from wire import canon, courier, enrol, ids, manifest, office_keys, problem, receipt, token, upload, volume
from wire.change import Change, ChangesPage
from wire.form import Form
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.places import Places

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key()
TERMINAL = secrets.token_hex(16)
_AT = "2026-11-24T00:00:00+00:00"
_HASH = "1" * 64
EXPECTED = (canon.CanonError, canon.SignatureError, token.TokenError, volume.VolumeError)


@dataclass(frozen=True, slots=True)
class Reader:
    """``read`` gives a value or raises one of EXPECTED. ``signed``: what it believes stands under a signature."""

    name: str
    whole: bytes
    read: Callable[[bytes], object]
    signed: bool = False


def _sealed(plain: dict[str, Any], context: str) -> bytes:
    return canon.sign(plain, KEY, TERMINAL, context)


def readers() -> list[Reader]:
    """One of each, with a message that it takes."""
    seal = enrol.SealKey(id="o1", recipient="age1" + "q" * 58, since=_AT)
    made = a_manifest()
    envelope = _sealed(made.plain(), manifest.CONTEXT)
    told = receipt.Receipt(
        submission_id=made.submission_id, manifest_sha256=_HASH, number=made.number, terminal=TERMINAL, seq=7,
        server_seq=1, received_at=_AT,
    )  # fmt: skip
    index = courier.Index(
        export=ids.uuid7(), terminal=TERMINAL, code="KMT", made_at=_AT, volume=1, volumes=1,
        packets=(courier.Packet(
            submission_id=made.submission_id, manifest_sha256=ids.sha256(envelope), manifest_bytes=len(envelope),
            parts=(courier.File(sha256=_HASH, bytes=5),)),),
    )  # fmt: skip
    answers = courier.Receipts(
        export=index.export, terminal=TERMINAL, volume=1, index_sha256=_HASH, imported_at=_AT, name=index.name(),
        receipts=(canon.b64(_sealed(told.plain(), receipt.CONTEXT)),),
        refused=(courier.Refused(submission_id=ids.uuid7(), problem="urn:adm:problem:conflict"),),
    )  # fmt: skip
    beat = Heartbeat(
        version="1", wall=_AT, boot_id="b", uptime_s=1, queued=1, quarantined=0, last_seq=7, disk_free=9, cursor=0
    )
    change = Change(
        cursor=1, submission_id=made.submission_id, number=made.number, service="KTP-HILANG", tag="t" * 43,
        state="received", at=_AT,
    )  # fmt: skip
    code = enrol.EnrolCode(url="https://x.example", token="t" * 22, gateway_key="k" * 43)
    request = enrol.EnrolRequest(token="t" * 22, public_key="k" * 43)
    keys = office_keys.OfficeKeys(office_keys=(seal,), escrow_key=seal)
    clock = upload.SignedTime(server_time=1, nonce="a" * 16)
    form = Form(
        submission_id=made.submission_id, number=made.number, service="KTP-HILANG", schema_version=1, language="id",
        nik="3279012304850007", fields={"name": "SITI"},
    )  # fmt: skip
    refusal = problem.Problem(type=problem.Code.OFFSET.type, title="offset", status=409, offset=4)
    page = ChangesPage(changes=(change,), cursor=1, more=False)
    intake = b'{"missing":[{"offset":0,"sha256":"' + _HASH.encode() + b'"}],"state":"awaiting"}'
    answer = HeartbeatAnswer(server_time=1, have_seq=1, changes=(change,), cursor=1, next_s=300)
    bearer = token.make(TERMINAL, KEY, 1_000_000).encode()
    return [
        Reader("manifest", envelope, lambda data: _held(data, manifest.CONTEXT, manifest.Manifest.take), signed=True),
        Reader("manifest, unproved", envelope, manifest.unproved),
        Reader("receipt", _sealed(told.plain(), receipt.CONTEXT), lambda d: receipt.prove(d, PUBLIC), signed=True),
        Reader("problem", refusal.canonical(), lambda data: problem.read(problem.MEDIA_TYPE, data)),
        Reader("code", code.text().encode(), lambda data: enrol.EnrolCode.from_text(data.decode("utf-8", "replace"))),
        Reader("enrolment", _sealed(request.plain(), enrol.CONTEXT), _enrolment),
        Reader("heartbeat", beat.canonical(), Heartbeat.read),
        Reader("heartbeat's answer", answer.canonical(), HeartbeatAnswer.read),
        Reader("changes", page.canonical(), ChangesPage.read),
        Reader("places", Places(as_of=_AT).canonical(), Places.read),
        Reader("intake's answer", intake, upload.IntakeAnswer.read),
        Reader("form", form.canonical(), Form.read),
        Reader("office keys", _sealed(keys.plain(), office_keys.CONTEXT), lambda d: office_keys.prove(d, PUBLIC), True),
        Reader("time", _sealed(clock.plain(), upload.TIME_CONTEXT), _time, signed=True),
        Reader("courier's index", _sealed(index.plain(), courier.CONTEXT), courier.read_index),
        Reader("courier's receipts", _sealed(answers.plain(), courier.RECEIPTS_CONTEXT), _answers, signed=True),
        Reader("courier's volume", _volume(index, envelope), _read_volume),
        Reader("token", bearer, lambda data: token.prove(data.decode("utf-8", "replace"), PUBLIC, 1_000_000)),
        Reader("token's name", bearer, lambda data: token.kid(data.decode("utf-8", "replace"))),
    ]  # fmt: skip


def _held(data: bytes, context: str, take: Callable[[dict[str, Any]], object]) -> object:
    return take(canon.Envelope.read(data).verify(PUBLIC, context))


def _time(data: bytes) -> object:
    return _held(data, upload.TIME_CONTEXT, upload.SignedTime.take)


def _answers(data: bytes) -> object:
    return courier.prove_receipts(data, PUBLIC)


def _enrolment(data: bytes) -> object:
    return enrol.EnrolRequest.take(canon.Envelope.read(data).payload)


def _volume(index: courier.Index, envelope: bytes) -> bytes:
    signed = _sealed(index.plain(), courier.CONTEXT)
    files = [(courier.INDEX, signed), (f"{index.packets[0].submission_id}.json", envelope), (f"{_HASH}.age", b"12345")]
    return b"".join(volume.header(n, len(d)) + d + volume.padding(len(d)) for n, d in files) + volume.END


def _read_volume(data: bytes) -> object:
    reader = volume.Reader(io.BytesIO(data).read)
    _, index = courier.read_index(reader.index())
    return [reader.file(name, size) for packet in index.packets for name, _, size in volume.files(packet)]
