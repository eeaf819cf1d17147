"""The rows of the office's end: what one core of the gateway takes in. Served on one core, asked from another.

Intake stands beside the same requests to a handler that makes each a durable file and does no more (``bare``), the two
in turn on the same disk; both were once held up by 40 ms an answer, which made the ratio say nothing. Heartbeats come
over kept connections, each with its terminal's own token, from a district of 83,762 terminals.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import insert

from gateway.rooms import Office
from gateway.settings import Settings
from gateway.tables import EnrolToken, Terminal
from tests.benchmarks.table import Row
from tests.gateway.rig import PLACE, ROOT, Gateway
from wire import canon, ids, manifest, token
from wire.heartbeat import DeviceReport, Heartbeat
from wire.number import Number

NAMES = ("intake", "heartbeats")
_DISTRICTS, _TERMINALS, _SPEAKING = 514, 83_762, 2000
_NEED = 280.0
_CALM_S = 3.0
_CODES = 26**3
_LANES = 128
_PART, _PAGES = 150_000, 5
_DAILY, _DAY_S = 10, 8 * 3600
_DISK = "/var/tmp"


def measure(names: list[str], *, quick: bool) -> list[Row]:
    """The rows of those names."""
    made: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="adm-office-", dir=_DISK) as folder:
        if "intake" in names:
            made.append(_intake(Path(folder), 8 if quick else 24, 2 if quick else 5))
        if "heartbeats" in names:
            made.append(_heartbeats(Path(folder), 5_000 if quick else _TERMINALS, 5.0 if quick else 60.0))
    return made


@dataclass(frozen=True, slots=True)
class _Speaker:
    """A terminal that the office knows."""

    id: str
    code: str
    key: Ed25519PrivateKey

    def words(self, method: str, path: str, body: bytes, more: str = "") -> bytes:
        """A whole request."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {token.make(self.id, self.key)}\r\n"
            f"Content-Length: {len(body)}\r\n{more}\r\n"
        )
        return head.encode() + body


def people(data: Path, count: int, speaking: int) -> list[_Speaker]:
    """Put ``count`` enrolled terminals into the database; the first ``speaking`` with keys of their own."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    office = Office.open(Settings(data))
    at, made, rows, tokens = int(time.time()), list[_Speaker](), list[dict[str, object]](), list[dict[str, object]]()
    for number in range(count):
        code = letters[number // 676 % 26] + letters[number // 26 % 26] + letters[number % 26]
        code = code if number < _CODES else f"{number}"  # a row that only lies there
        one = _Speaker(secrets.token_hex(16), code, made[0].key if number >= speaking else Ed25519PrivateKey.generate())
        if number < speaking:
            made.append(one)
        known = number < _CODES
        public = canon.b64(one.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        place = {**PLACE, "regency": f"Kab. {number % _DISTRICTS}"}
        rows.append(
            {"id": one.id, "code": one.code, "public_key": public if known else None, "created_at": at, **place}
        )
        if number < speaking:
            told = {"token_sha256": secrets.token_hex(32), "terminal_id": one.id, "public_key": public}
            tokens.append({**told, "created_at": at, "expires_at": at, "used_at": at})
    with office.database.write() as session:
        session.execute(insert(Terminal), rows)
        session.execute(insert(EnrolToken), tokens)
    office.database.close()
    return made


async def _speak(port: int, lanes: list[list[bytes]], seconds: float = 1e9) -> tuple[int, float, int]:
    """Each lane's requests over a connection of its own: (answers, seconds it took, answers that were no success)."""
    count = bad = 0
    began = time.monotonic()

    async def lane(requests: list[bytes]) -> None:
        nonlocal count, bad
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in requests:
            if time.monotonic() - began > seconds:
                break
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            at = head.lower().find(b"content-length:")
            if at >= 0:
                await reader.readexactly(int(head[at + 15 : head.index(b"\r", at)]))
            count += 1
            bad += head[9:10] != b"2"
        writer.close()

    await asyncio.gather(*(lane(each) for each in lanes))
    return count, time.monotonic() - began, bad


@contextmanager
def _cores() -> Iterator[Callable[[], None]]:
    """Give the function that begins serving's core; this process keeps to another one where there is one."""
    before = sorted(os.sched_getaffinity(0))

    def serving() -> None:
        os.sched_setaffinity(0, before[-1:])

    try:
        yield serving
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def _served(start: Callable[[], object]) -> Iterator[None]:
    """Start on the last core, ask from the first one."""
    with _cores() as serving:
        serving()
        start()
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
        yield


def _heartbeats(folder: Path, terminals: int, seconds: float) -> Row:
    data = folder / "beats"
    speakers = people(data, terminals, min(_SPEAKING, terminals))
    beat = Heartbeat(
        version="1.0.0",
        wall="2026-11-24T08:00:00+07:00",
        boot_id="b" * 36,
        uptime_s=86_400,
        queued=0,
        quarantined=0,
        last_seq=41,
        disk_free=20_000_000_000,
        devices=tuple(DeviceReport(role=role, phase="ready") for role in ("camera", "printer", "card", "codes")),
        cursor=0,
    ).canonical()
    requests = [one.words("POST", "/v1/heartbeat", beat, "Content-Type: application/json\r\n") for one in speakers]
    gateway = Gateway(data)
    with _served(gateway.start):
        try:
            lanes = [requests[number::_LANES] for number in range(_LANES)]
            # Each once: from now on the office knows them, and soon every regency's list has them as heard.
            asyncio.run(_speak(gateway.port, lanes))
            time.sleep(_CALM_S)
            asyncio.run(_speak(gateway.port, lanes))
            lanes = [lane * 50 for lane in lanes]
            used = _cpu(gateway.process)
            count, took, bad = asyncio.run(_speak(gateway.port, lanes, seconds))
            used = _cpu(gateway.process) - used
        finally:
            gateway.stop()
    rate = count / took if not bad else 0.0
    return Row(
        "heartbeats",
        f"heartbeats, one core, Ed25519 verified, {terminals} terminals in the table, every answer after its commit",
        f"{rate:.0f} a second",
        f"need {_NEED:.0f} a second",
        rate / _NEED,
        2.0,
        least=True,
        notes=(f"{count} in {took:.1f} s, {1000 * used / count:.2f} ms of the core each, {bad} refused",),
    )


def _cpu(process: subprocess.Popen[str] | None) -> float:
    """Seconds of a core that a process has used."""
    assert process is not None
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _intake(folder: Path, submissions: int, rounds: int) -> Row:
    speakers = 4
    known = people(folder / "intake", speakers, speakers)
    lanes = [[_submission(one, 1 + n) for n in range(submissions * rounds)] for one in known]
    size = sum(len(request) for request in lanes[0][0])
    gateway = Gateway(folder / "intake")
    words = [sys.executable, "-m", "tests.benchmarks.bare", str(folder / "bare")]
    ours, theirs, our_cpu, their_cpu = list[float](), list[float](), list[float](), list[float]()
    bare: list[subprocess.Popen[str]] = []

    def start() -> None:
        gateway.start()
        bare.append(subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True))

    with _served(start):
        try:
            assert bare[0].stdout is not None
            port: int = json.loads(bare[0].stdout.readline())["port"]
            for turn in range(rounds):
                part = slice(turn * submissions, (turn + 1) * submissions)
                plain = [[request for one in lane[part] for request in one] for lane in lanes]
                for where, process, rates, used in (
                    (gateway.port, gateway.process, ours, our_cpu),
                    (port, bare[0], theirs, their_cpu),
                ):
                    before = _cpu(process)
                    _, took, bad = asyncio.run(_speak(where, plain))
                    assert not bad, f"{bad} refused"
                    rates.append(speakers * submissions * size / took / 1e6)
                    used.append((_cpu(process) - before) / (speakers * submissions) * 1e3)
        finally:
            gateway.stop()
            bare[0].terminate()
            bare[0].wait()
    mine, peer = statistics.median(ours), statistics.median(theirs)
    rate = (
        f"{mine * 1e6 / size:.1f} submissions a second, {2 + _PAGES + 1} requests each, over {speakers} connections; "
        f"{rounds} rounds in turn, medians"
    )
    core = (
        f"of the core {statistics.median(our_cpu):.0f} ms each (bare: {statistics.median(their_cpu):.0f} ms): tokens, "
        "hashes, the database and its commits, a rename of each part"
    )
    need = (
        f"need at ten a terminal in eight hours: {_TERMINALS * _DAILY / _DAY_S:.0f} a second for the whole nation, "
        f"{_TERMINALS / _DISTRICTS * _DAILY / _DAY_S:.2f} for a district"
    )
    return Row(
        "intake",
        "gateway intake, one core: manifest, form, five parts of 150 kB, receipt",
        f"{mine:.1f} MB/s",
        f"bare handler {peer:.1f} MB/s",
        mine / peer,
        0.7,
        least=True,
        notes=(rate, core, need),
    )


def _submission(speaker: _Speaker, seq: int) -> list[bytes]:
    """Its requests: announce, every part, ask for the receipt."""
    parts = [secrets.token_bytes(1000), *(secrets.token_bytes(_PART) for _ in range(_PAGES))]
    listed = [
        manifest.Part(
            role="page" if n else "form",
            paper="kk" if n else "",
            n=n,
            media_type="image/jpeg" if n else "application/json",
            bytes=len(part),
            sha256=ids.sha256(part),
        )
        for n, part in enumerate(parts)
    ]
    made = manifest.Manifest(
        submission_id=ids.uuid7(),
        number=str(Number(speaker.code, seq)),
        terminal=speaker.id,
        seq=seq,
        prev="0" * 64,
        service="KTP-HILANG",
        schema_version=1,
        tag="A" * 43,
        language="id",
        office_key="office",
        clock=manifest.Clock(wall="2026-11-24T08:00:00+07:00", boot_id="b" * 36, monotonic_ms=1),
        parts=tuple(listed),
    )
    envelope = canon.sign(made.plain(), speaker.key, speaker.id, manifest.CONTEXT)
    announce = speaker.words(
        "PUT", f"/v1/submissions/{made.submission_id}", envelope, "Content-Type: application/json\r\n"
    )
    sent = [
        speaker.words("PATCH", f"/v1/blobs/{listed[n].sha256}", part, "Upload-Offset: 0\r\n")
        for n, part in enumerate(parts)
    ]
    return [announce, *sent, announce]
