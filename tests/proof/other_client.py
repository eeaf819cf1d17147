"""Another client, written from docs/protocol.md and docs/openapi.json alone.

It shares no line with the product, nor with the tests' rig. That it works proves the page, not itself: its state is in
memory, and it waits for nobody.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import tarfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyrage
import requests
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.proof.other_words import (
    LineFault,
    Plain,
    Refused,
    b64,
    canonical,
    prove,
    registration_number,
    sha256,
    sign,
    unb64,
    uuid7,
    verdict,
    wall,
)


class Piece:
    """A body from a file, read in small blocks. ``cut``: the line goes after so many bytes."""

    def __init__(self, path: Path, offset: int, length: int, cut: int | None = None) -> None:
        self.file = path.open("rb")
        self.file.seek(offset)
        self.length, self.left, self.cut = length, length, cut

    def __len__(self) -> int:
        return self.length

    def read(self, _size: int = 0) -> bytes:
        if self.cut is not None and self.length - self.left >= self.cut:
            raise requests.ConnectionError("cut")
        data = self.file.read(min(8192, self.left))
        self.left -= len(data)
        return data


@dataclass
class Submission:
    """``envelope``: the signed manifest. ``parts``: sizes by hash; the bytes are files of the client's folder."""

    id: str
    number: str
    envelope: bytes
    parts: dict[str, int]
    state: str = "queued"
    receipt: bytes = b""


@dataclass
class Client:
    folder: Path
    url: str = ""
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    answer: Plain = field(default_factory=dict)  # of the enrolment
    keys: Plain = field(default_factory=dict)  # office_keys, escrow_key
    keys_version: str = ""
    places: Plain = field(default_factory=dict)
    places_version: str = ""
    clock: float = 0.0  # seconds that the office's clock is ahead of ours
    sequence: int = 0
    prev: str = ""
    cursor: int = 0
    rows: list[Plain] = field(default_factory=list)
    queue: dict[str, Submission] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False

    # The line

    def token(self) -> str:
        header = canonical({"alg": "Ed25519", "kid": self.answer["terminal"]})
        claims = canonical({"aud": "adm-gateway", "iat": int(time.time() + self.clock)})
        signed = f"{b64(header)}.{b64(claims)}"
        return f"{signed}.{b64(self.key.sign(signed.encode()))}"

    def ask(self, method: str, path: str, *, good: tuple[int, ...] = (200,), **words: Any) -> requests.Response:
        """One call; asks once more after ``clock``. Raises Refused, LineFault."""
        body, more = words.pop("body", None), words.pop("headers", {"Content-Type": "application/json"})
        for again in (True, False):
            headers = {**more, **({"Authorization": f"Bearer {self.token()}"} if self.answer else {})}
            sent: Any = {"data": body() if callable(body) else body, "headers": headers, "timeout": (10, 60), **words}
            try:
                return verdict(self.http.request(method, self.url + path, allow_redirects=False, **sent), good)
            except requests.RequestException as error:
                raise LineFault(str(error)) from error
            except Refused as refused:
                if refused.word != "clock" or not again:
                    raise
                self.clock = refused.problem["server_time"] - time.time()
        raise AssertionError

    def told(self, *words: Any, expected: tuple[str, ...], **more: Any) -> Plain:
        """The JSON of a good answer, which has these keys."""
        try:
            read = self.ask(*words, **more).json()
            return {**read, **{key: read[key] for key in expected}}
        except (ValueError, TypeError, KeyError) as error:
            raise LineFault("not what was asked") from error

    # Enrolment, heartbeat, what the office tells

    def enrol(self, code: str, queue_of: str = "") -> Plain:
        """The key is on the disk before the question leaves."""
        with (self.folder / "key").open("wb") as file:
            file.write(self.key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
            os.fsync(file.fileno())
        read = json.loads(unb64(code.removeprefix("ADM1.")))
        self.url, self.answer = read["url"], {}
        public = b64(self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
        asked = {"v": 1, "token": read["token"], "public_key": public, "hardware": "other", "version": "1"}
        body = sign({**asked, "queue_of": queue_of}, self.key, "new", "adm enrol v1")
        got = self.ask("POST", "/v1/enrol", body=body)
        self.answer = self.keys = prove(got.content, read["gateway_key"], "adm enrol v1")
        self.sequence = max(self.sequence, self.answer["next_seq"] - 1)
        return self.answer

    def heartbeat(self) -> Plain:
        states = [one.state for one in self.queue.values()]
        told = canonical({
            "v": 1, "version": "1", "wall": wall(), "boot_id": "other", "uptime_s": 5, "held": "", "full": False,
            "queued": states.count("queued"), "quarantined": states.count("quarantined"), "last_seq": self.sequence,
            "disk_free": 1 << 30, "cursor": self.cursor, "protection": "file",
            "devices": [{"role": "scanner", "phase": "ready", "faults": [], "tested": "", "passed": None}],
        })  # fmt: skip
        answer = self.told("POST", "/v1/heartbeat", body=told, expected=("server_time", "have_seq", "cursor"))
        self.clock = answer["server_time"] - time.time()
        self.take(answer)
        if answer["places"] != self.places_version:
            self.fetch_places()
        if answer["keys"] and answer["keys"] != self.keys_version:
            self.fetch_keys()
        return answer

    def take(self, page: Plain) -> None:
        """The feed's rows, and all that follow."""
        self.rows, self.cursor = self.rows + page["changes"], page["cursor"]
        if page["more"]:
            self.changes()

    def changes(self) -> None:
        self.take(self.told("GET", f"/v1/changes?after={self.cursor}", expected=("cursor", "changes", "more")))

    def status(self, number: str, nik: str) -> list[str]:
        """States of an application, for whoever has number and NIK."""
        own = (number, self.tag(number, nik))
        return [row["state"] for row in self.rows if (row["number"], row["tag"]) == own]

    def fetch_places(self) -> int:
        """The answer's status: 304 when ours is the newest."""
        got = self.ask("GET", "/v1/places", good=(200, 304), headers={"If-None-Match": f'"{self.places_version}"'})
        if got.status_code == 200:
            self.places, self.places_version = got.json(), got.headers["ETag"].strip('"')
        return got.status_code

    def fetch_keys(self) -> None:
        self.keys = prove(self.ask("GET", "/v1/keys").content, self.answer["receipt_key"], "adm office keys v1")
        self.keys_version = sha256(canonical(self.keys))

    def office_time(self) -> int:
        """Proved, so clear HTTP is good enough."""
        nonce = secrets.token_hex(16)
        read = prove(self.ask("GET", f"/v1/time?nonce={nonce}").content, self.answer["receipt_key"], "adm time v1")
        if read["nonce"] != nonce:
            raise LineFault("an old answer")
        return read["server_time"]

    # A submission

    def tag(self, number: str, nik: str) -> str:
        salt = unb64(self.answer["status_key"])
        return b64(hash_secret_raw(f"{number}|{nik}".encode(), salt, 3, 64 * 1024, 1, 32, Type.ID))

    def newest(self) -> Plain:
        return max(self.keys["office_keys"], key=lambda key: key["since"])

    def seal(self, data: bytes) -> tuple[str, int]:
        both = [pyrage.x25519.Recipient.from_str(key["recipient"]) for key in (self.newest(), self.keys["escrow_key"])]
        sealed = pyrage.encrypt(data, both)
        (self.folder / f"{sha256(sealed)}.age").write_bytes(sealed)
        return sha256(sealed), len(sealed)

    def submit(
        self,
        service: str,
        nik: str,
        fields: dict[str, str],
        pages: list[tuple[str, int, bytes]],
        missing: tuple[str, ...] = (),
        corrects: Submission | None = None,
    ) -> Submission:
        """Queue a form and pages (paper, page of the paper, JPEG)."""
        self.sequence += 1
        number = corrects.number if corrects else registration_number(self.answer["code"], self.sequence)
        same: Plain = {"v": 1, "submission_id": uuid7(), "number": number, "service": service, "schema_version": 1}
        same["language"] = "id"
        form = {**same, "nik": nik, "fields": fields, "answers": {}}
        parts: list[Plain] = []
        plain = [("form", "", 0, "application/json", canonical(form))]
        for role, paper, n, kind, data in plain + [("page", paper, n, "image/jpeg", jpeg) for paper, n, jpeg in pages]:
            name, size = self.seal(data)
            parts.append({"role": role, "paper": paper, "n": n, "media_type": kind, "bytes": size, "sha256": name})
        manifest: Plain = {
            **same, "terminal": self.answer["terminal"], "seq": self.sequence, "prev": self.prev,
            "tag": self.tag(number, nik), "office_key": self.newest()["id"], "missing": list(missing),
            "corrects": corrects.id if corrects else None, "parts": parts,
            "clock": {"wall": wall(), "boot_id": "other", "monotonic_ms": 1, "offset_ms": int(self.clock * 1000)},
        }  # fmt: skip
        envelope = sign(manifest, self.key, self.answer["terminal"], "adm manifest v1")
        self.prev = sha256(envelope)
        made = Submission(same["submission_id"], number, envelope, {part["sha256"]: part["bytes"] for part in parts})
        return self.queue.setdefault(made.id, made)

    def announce(self, one: Submission) -> Plain:
        """PUT: how far are we, and is it received. A verdict that is final sets it aside."""
        path = f"/v1/submissions/{one.id}"
        try:
            answer = self.told("PUT", path, good=(200, 201), body=one.envelope, expected=("state",))
        except Refused as refused:
            one.state = "quarantined" if refused.final else one.state
            raise
        if answer["state"] == "received":
            self.acknowledge(one, unb64(answer["receipt"]))
        return answer

    def acknowledge(self, one: Submission, envelope: bytes) -> None:
        receipt = prove(envelope, self.answer["receipt_key"], "adm receipt v1")
        own = (one.id, sha256(one.envelope), self.answer["terminal"])
        if tuple(receipt[key] for key in ("submission_id", "manifest_sha256", "terminal")) != own:
            raise LineFault("another's receipt")
        one.state, one.receipt = "received", envelope

    def offset(self, name: str) -> tuple[int, bool]:
        return self.reached(self.ask("HEAD", f"/v1/blobs/{name}"))

    def append(self, name: str, at: int, length: int, cut: int | None = None) -> tuple[int, bool]:
        """PATCH ``length`` bytes at ``at``; returns the new offset and whether all is there."""
        headers = {"Content-Type": "application/octet-stream", "Upload-Offset": str(at)}
        path = self.folder / f"{name}.age"
        body = lambda: Piece(path, at, length, cut)  # noqa: E731 - a fresh one for each try
        return self.reached(self.ask("PATCH", f"/v1/blobs/{name}", good=(204,), headers=headers, body=body))

    @staticmethod
    def reached(got: requests.Response) -> tuple[int, bool]:
        return int(got.headers["Upload-Offset"]), got.headers["Upload-Complete"] == "?1"

    def upload(self, name: str, size: int, at: int, piece: int = 64 * 1024) -> int:
        """Send a part in pieces from where we believe that the office stands; returns how many calls it took."""
        whole, calls = False, 0
        while not whole:
            calls += 1
            try:
                at, whole = self.append(name, at, max(0, min(piece, size - at)))
            except Refused as refused:
                if refused.word != "offset":
                    raise
                at = refused.problem["offset"]
        return calls

    def send(self, one: Submission) -> None:
        """The three calls, until the receipt is proved."""
        for _ in range(8):
            answer = self.announce(one)
            if answer["state"] == "received":
                return
            for part in answer["missing"]:
                try:
                    self.upload(part["sha256"], one.parts[part["sha256"]], part["offset"])
                except Refused as refused:
                    if refused.word not in ("wrong-hash", "taken-over", "not-found"):
                        raise  # otherwise the next announcement says where everything stands
        raise LineFault("no receipt")

    # The courier

    def export(self, stick: Path) -> Path:
        """All that waits as one volume; changes no state."""
        waiting = [one for one in self.queue.values() if one.state == "queued"]
        export, made_at = uuid7(), wall()
        packets: list[Plain] = []
        for one in waiting:
            parts = [{"sha256": name, "bytes": size} for name, size in one.parts.items()]
            told = {"submission_id": one.id, "manifest_sha256": sha256(one.envelope), "parts": parts}
            packets.append({**told, "manifest_bytes": len(one.envelope)})
        index = {
            "v": 1, "export": export, "terminal": self.answer["terminal"], "code": self.answer["code"],
            "made_at": made_at, "volume": 1, "volumes": 1, "packets": packets,
        }  # fmt: skip
        folder = stick / "ADM-KURIR"
        folder.mkdir(exist_ok=True)
        name = f"{self.answer['code']}-{made_at[:10].replace('-', '')}-{export[-8:]}-1"
        with tarfile.open(folder / f"{name}.adm", "w", format=tarfile.USTAR_FORMAT) as volume:

            def add(member: str, data: bytes) -> None:
                head = tarfile.TarInfo(member)
                head.size = len(data)
                volume.addfile(head, io.BytesIO(data))

            add("index.json", sign(index, self.key, self.answer["terminal"], "adm courier v1"))
            for one in waiting:
                add(f"{one.id}.json", one.envelope)
                for part in one.parts:
                    add(f"{part}.age", (self.folder / f"{part}.age").read_bytes())
        return folder / f"{name}.adm"

    def take_answer(self, path: Path) -> Plain:
        """A .resi: its receipts do what those of the line do."""
        answer = prove(path.read_bytes(), self.answer["receipt_key"], "adm courier receipts v1")
        for text in answer["receipts"]:
            envelope = unb64(text)
            self.acknowledge(self.queue[json.loads(envelope)["payload"]["submission_id"]], envelope)
        for refused in answer["refused"]:
            if Refused({"type": refused["problem"], "status": 422}).final:
                self.queue[refused["submission_id"]].state = "quarantined"
        return answer
