"""A real gateway process and a terminal that speaks its protocol by hand: no part of the product's own client."""

from __future__ import annotations

import io
import json
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from PIL import Image, ImageDraw

from gateway import config, officers
from gateway import enrol as enrolling
from gateway.rooms import Office
from wire import canon, enrol, ids, manifest, receipt, token
from wire.form import Form
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.number import Number

ROOT = Path(__file__).resolve().parents[2]
NIK = "3279024107900001"
NAME = "SITI CONTOH"
PLACE = {
    "village": "Desa Karyamukti",
    "district": "Kec. Pataruman",
    "regency": "Kota Banjar",
    "office": "Disdukcapil Kota Banjar",
}
FIELDS = {
    "name": NAME,
    "kk": "3279020101000001",
    "phone": "081200000000",
    "lost_date": "23112026",
    "address": "DSN CONTOH 12 RT 001 RW 002",
}
OFFICER = ("Rina Kartika", "rina.kartika", "sandi yang panjang")


def run(*words: str, stdin: str = "") -> str:
    """Run a command of the product to its end; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def opened(data: Path) -> Iterator[Office]:
    """What a command has in hand that is run beside the gateway."""
    office = Office.open(config.load(data))
    try:
        yield office
    finally:
        office.database.close()


def add_officer(data: Path) -> None:
    """Make OFFICER's account, as ``gateway officer add`` does (without a Python of its own)."""
    with opened(data) as office:
        officers.add(office, *OFFICER)


class Gateway:
    """The gateway's process over a data directory; it may be killed and started again on its port.

    ``more``: further words of ``gateway serve``.
    """

    def __init__(self, data: Path, *more: str) -> None:
        self.data = data
        self.more = more
        self.port = 0
        self.url = ""
        self.setup_code: str | None = None
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> Gateway:
        self.log = (self.data.parent / f"{self.data.name}.log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "serve", "--data", str(self.data), "--port", str(self.port), *self.more],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        assert self.process.stdout is not None
        greeting = json.loads(self.process.stdout.readline())
        self.url, self.setup_code = greeting["url"], greeting["setup_code"]
        self.port = int(self.url.rpartition(":")[2])
        return self

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._shut()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self._shut()

    def _shut(self) -> None:
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()
        self.log.close()

    def code(self, code: str = "KMT") -> str:
        """A fresh enrolment code, as ``gateway terminal add`` makes it (without a Python of its own)."""
        with opened(self.data) as office:
            return enrolling.add_terminal(
                office,
                enrolling.NewTerminal(code, PLACE["village"], PLACE["district"], PLACE["regency"], PLACE["office"]),
                self.url,
            )


@dataclass
class Packet:
    """A sealed submission, as a terminal holds it. ``parts``: ciphertexts by hash, in manifest order."""

    id: str
    number: str
    seq: int
    envelope: bytes
    parts: dict[str, bytes]
    tag: str = ""


@dataclass
class Terminal:
    """A terminal by hand: key, token, and the calls as plain HTTP."""

    gateway: Gateway
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    id: str = ""
    answer: enrol.EnrolAnswer | None = None
    seq: int = 0
    prev: str = ""
    size: tuple[int, int] = (620, 877)  # of a drawn page, in pixels
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.http.trust_env = False

    def request(self, code_text: str) -> tuple[enrol.EnrolCode, bytes]:
        code = enrol.EnrolCode.from_text(code_text)
        public = canon.b64(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        asked = enrol.EnrolRequest(token=code.token, public_key=public, hardware="test", version="0")
        return code, canon.sign(asked.plain(), self.key, "new", enrol.CONTEXT)

    def enrol(self, code_text: str) -> Terminal:
        code, body = self.request(code_text)
        got = self.http.post(f"{self.gateway.url}/v1/enrol", data=body, timeout=20)
        assert got.status_code == 200, got.text
        signer = Ed25519PublicKey.from_public_bytes(canon.unb64(code.gateway_key))
        self.answer = enrol.EnrolAnswer.take(canon.Envelope.read(got.content).verify(signer, enrol.CONTEXT))
        self.id, self.seq = self.answer.terminal, self.answer.next_seq - 1
        return self

    def beat(self) -> HeartbeatAnswer:
        """A heartbeat of a terminal on which nothing waits, and the answer."""
        told = Heartbeat(
            version="0", wall="w", boot_id="b", uptime_s=1, queued=0, quarantined=0, last_seq=0, disk_free=1, cursor=0
        )
        got = self.http.post(
            f"{self.gateway.url}/v1/heartbeat", data=told.canonical(), headers=self.headers(), timeout=20
        )
        assert got.status_code == 200, got.text
        return HeartbeatAnswer.read(got.content)

    def headers(self, now: float | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token.make(self.id, self.key, now)}"}

    def packet(
        self,
        pages: int = 2,
        *,
        page: bytes | None = None,
        service: str = "KTP-HILANG",
        wall: str = "",
        papers: list[tuple[str, int]] | None = None,
        completes: Packet | None = None,
        missing: tuple[str, ...] = (),
        answers: dict[str, str] | None = None,
        fields: dict[str, str] | None = None,
        nik: str = NIK,
        tag: str = "",
        **changed: object,
    ) -> Packet:
        """Seal a form and pages, number them and sign the manifest. ``papers``: (paper, page) of each page."""
        assert self.answer is not None
        keys = [
            pyrage.x25519.Recipient.from_str(key.recipient)
            for key in (self.answer.office_keys[0], self.answer.escrow_key)
        ]
        self.seq += 1
        number = completes.number if completes else str(Number(self.answer.code, self.seq))
        tag = tag or (completes.tag if completes else canon.b64(secrets.token_bytes(32)))
        submission_id = ids.uuid7()
        form = Form(
            submission_id=submission_id,
            number=number,
            service=service,
            schema_version=1,
            language="id",
            nik=nik,
            fields={} if completes else fields or FIELDS,
            answers={} if completes else answers or {},
        )
        sealed: dict[str, bytes] = {}
        parts: list[manifest.Part] = []
        if papers is None:
            usual = [("f102", 1), ("f102", 2), ("police", 1), ("kk", 1)]
            papers = [(usual[n % 4][0], usual[n % 4][1] + n // 4 * 2) for n in range(pages)]
        plain = [("form", "", 0, "application/json", form.canonical())]
        plain += [("page", paper, n, "image/jpeg", page or picture(f"{paper} {n}", self.size)) for paper, n in papers]
        for role, paper, n, media_type, data in plain:
            part = pyrage.encrypt(data, keys)
            sealed[ids.sha256(part)] = part
            parts.append(
                manifest.Part(
                    role=role,  # pyright: ignore[reportArgumentType]  # one of the two words above
                    paper=paper,
                    n=n,
                    media_type=media_type,  # pyright: ignore[reportArgumentType]  # one of the two types above
                    bytes=len(part),
                    sha256=ids.sha256(part),
                )
            )
        made = manifest.Manifest(
            submission_id=submission_id,
            number=number,
            terminal=self.id,
            seq=self.seq,
            prev=self.prev,
            service=service,
            schema_version=1,
            tag=tag,  # the office never computes it: any 32 bytes will do
            office_key=self.answer.office_keys[0].id,
            clock=manifest.Clock(
                wall=wall or datetime.now(UTC).isoformat(timespec="seconds"), boot_id="boot", monotonic_ms=1
            ),
            missing=missing,
            corrects=completes.id if completes else None,
            parts=tuple(parts),
        )
        payload = {**made.plain(), **changed}
        envelope = canon.sign(payload, self.key, self.id, manifest.CONTEXT)
        self.prev = manifest.digest(envelope)
        return Packet(made.submission_id, number, self.seq, envelope, sealed, tag)

    def put(self, packet: Packet, envelope: bytes | None = None, now: float | None = None) -> requests.Response:
        return self.http.put(
            f"{self.gateway.url}/v1/submissions/{packet.id}",
            data=packet.envelope if envelope is None else envelope,
            headers=self.headers(now),
            timeout=30,
        )

    def head(self, sha256: str) -> requests.Response:
        return self.http.head(f"{self.gateway.url}/v1/blobs/{sha256}", headers=self.headers(), timeout=20)

    def patch(self, sha256: str, offset: int, data: bytes) -> requests.Response:
        headers = {**self.headers(), "Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
        return self.http.patch(
            f"{self.gateway.url}/v1/blobs/{sha256}", data=io.BytesIO(data), headers=headers, timeout=20
        )

    def send(self, packet: Packet) -> bytes:
        """The three calls; returns the receipt's envelope."""
        got = self.put(packet)
        assert got.status_code in (200, 201), got.text
        for part in got.json().get("missing", []):
            data = packet.parts[part["sha256"]][part["offset"] :]
            sent = self.patch(part["sha256"], part["offset"], data)
            assert sent.status_code == 204, sent.text
        got = self.put(packet)
        assert got.json()["state"] == "received", got.text
        return canon.unb64(got.json()["receipt"])

    def prove(self, envelope: bytes) -> receipt.Receipt:
        assert self.answer is not None
        return receipt.prove(envelope, Ed25519PublicKey.from_public_bytes(canon.unb64(self.answer.receipt_key)))

    def raw(self, sha256: str, offset: int, length: int, data: bytes) -> socket.socket:
        """A PATCH that announces ``length`` bytes, sends ``data`` and goes silent."""
        connection = socket.create_connection(("127.0.0.1", self.gateway.port), timeout=20)
        lines = [
            f"PATCH /v1/blobs/{sha256} HTTP/1.1",
            "Host: gateway",
            f"Authorization: {self.headers()['Authorization']}",
            f"Upload-Offset: {offset}",
            f"Content-Length: {length}",
        ]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        return connection


def picture(text: str, size: tuple[int, int] = (620, 877)) -> bytes:
    """A small drawn page with a line of text, as JPEG."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, size[0] - 20, size[1] - 20), outline="black", width=3)
    draw.text((60, 80), f"CONTOH {text} {secrets.token_hex(4)}", fill="black", font_size=28)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def problem_of(got: requests.Response) -> str:
    """The problem's word, after checking that it is one."""
    assert got.headers["content-type"].split(";")[0] == "application/problem+json", got.text
    assert got.json()["status"] == got.status_code
    return str(got.json()["type"]).removeprefix("urn:adm:problem:")


def wait_for(act, within: float = 10.0) -> None:  # noqa: ANN001 - any call that answers true in the end
    """Wait until ``act()`` is true."""
    end = time.monotonic() + within
    while not act():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


class Officer:
    """An officer's browser, as plain HTTP: follows links, posts forms with the token they carry."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.http = requests.Session()
        self.http.trust_env = False

    def get(self, path: str, **words: object) -> requests.Response:
        return self.http.get(self.gateway.url + path, timeout=30, **words)  # pyright: ignore[reportArgumentType]  # requests' own words

    def post(self, path: str, fields: dict[str, str], **words: object) -> requests.Response:
        return self.http.post(self.gateway.url + path, data=fields, timeout=30, **words)  # pyright: ignore[reportArgumentType]  # requests' own words

    @staticmethod
    def csrf(page: requests.Response) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        assert found, page.text
        return found.group(1)

    def sign_in(self, login: str = OFFICER[1], password: str = OFFICER[2]) -> requests.Response:
        page = self.get("/login")
        return self.post("/login", {"csrf": self.csrf(page), "login": login, "password": password})
