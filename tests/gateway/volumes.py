"""A courier's volumes as a terminal by hand writes them: the standard library's tar, nothing of our own writer."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway import courier as importer
from gateway.rooms import Office
from tests.gateway.rig import Packet, Terminal
from wire import canon, courier, ids, receipt


@dataclass(frozen=True)
class Volume:
    """``files``: (name, bytes) in order, the index first."""

    index: courier.Index
    files: tuple[tuple[str, bytes], ...]

    @property
    def name(self) -> str:
        return f"{self.index.name()}.adm"

    @property
    def bytes(self) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, data in self.files:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    def write(self, folder: Path) -> Path:
        path = folder / self.name
        path.write_bytes(self.bytes)
        return path

    def with_file(self, name: str, data: bytes) -> Volume:
        """The same with another content under a name."""
        return replace(self, files=tuple((each, data if each == name else old) for each, old in self.files))


def made(
    terminal: Terminal, *packets: Packet, key: Ed25519PrivateKey | None = None, said: dict[str, object] | None = None
) -> Volume:
    """A volume of those packets. ``key``: signs instead of the terminal's. ``said``: over what the index says."""
    assert terminal.answer is not None
    index: dict[str, object] = {
        "v": 1,
        "export": ids.uuid7(),
        "terminal": terminal.id,
        "code": terminal.answer.code,
        "made_at": "2026-11-24T10:00:00+07:00",
        "volume": 1,
        "volumes": 1,
        "packets": [
            {
                "submission_id": packet.id,
                "manifest_sha256": ids.sha256(packet.envelope),
                "manifest_bytes": len(packet.envelope),
                "parts": [{"sha256": name, "bytes": len(data)} for name, data in packet.parts.items()],
            }
            for packet in packets
        ],
    } | (said or {})
    signed = canon.sign(index, key or terminal.key, terminal.id, courier.CONTEXT)
    files = [(courier.INDEX, signed)]
    for packet in packets:
        files.append((f"{packet.id}.json", packet.envelope))
        files += [(f"{name}.age", data) for name, data in packet.parts.items()]
    return Volume(courier.Index.take(index), tuple(files))


def take(office: Office, data: bytes, name: str) -> importer.Imported:
    """Import the bytes of a volume."""
    return importer.take(office, io.BytesIO(data).read, name)


def answer_of(terminal: Terminal, done: importer.Imported) -> courier.Receipts:
    """The answer, proved; every receipt in it too."""
    assert terminal.answer is not None
    key = importer.auth.public_key(terminal.answer.receipt_key)
    told = courier.prove_receipts(done.answer, key)
    for each in told.receipts:
        receipt.prove(canon.unb64(each), key)
    return told
