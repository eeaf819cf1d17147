"""The office's end of the courier by hand: volumes opened with the standard library's tar, answers signed by hand."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from offline_cache.api import Cache, CacheError, Exported
from tests.offline_cache.office import Office
from wire import canon, courier, ids, manifest
from wire.problem import Code


def opened(volume: Path) -> dict[str, bytes]:
    """The files of a volume, in order; every one is a plain file."""
    with tarfile.open(volume) as tar:
        members = tar.getmembers()
        assert all(member.isreg() for member in members)
        files = {member.name: tar.extractfile(member).read() for member in members}  # pyright: ignore[reportOptionalMemberAccess]  # all are files
    assert len(files) == len(members)
    return files


def index_of(volume: Path, office: Office) -> courier.Index:
    """The index of a volume, proved with the terminal's key; every file is there as it says."""
    files = opened(volume)
    assert next(iter(files)) == courier.INDEX
    envelope, index = courier.read_index(files[courier.INDEX])
    envelope.verify(dict(office.terminals.values())[index.terminal], courier.CONTEXT)
    assert volume.name == f"{index.name()}.adm"
    told = {f"{packet.submission_id}.json": packet.manifest_sha256 for packet in index.packets}
    told |= {f"{part.sha256}.age": part.sha256 for packet in index.packets for part in packet.parts}
    assert {name: ids.sha256(data) for name, data in files.items() if name != courier.INDEX} == told
    return index


def answer(
    volume: Path,
    office: Office,
    *,
    refuse: dict[str, Code] | None = None,
    key: Ed25519PrivateKey | None = None,
    **other: Any,
) -> Path:
    """Write the office's answer beside a volume. ``refuse``: submission ids. ``other``: over what it says."""
    files, index = opened(volume), index_of(volume, office)
    receipts: list[str] = []
    refused: list[courier.Refused] = []
    for packet in index.packets:
        if code := (refuse or {}).get(packet.submission_id):
            refused.append(courier.Refused(submission_id=packet.submission_id, problem=code.type))
            continue
        body = files[f"{packet.submission_id}.json"]
        office.manifests[packet.submission_id] = body
        office.parts |= {part.sha256: bytearray(files[f"{part.sha256}.age"]) for part in packet.parts}
        if packet.submission_id not in office.receipts:
            office.receipts[packet.submission_id] = office.sign_receipt(manifest.unproved(body)[1], body)
        receipts.append(canon.b64(office.receipts[packet.submission_id]))
    said: dict[str, Any] = {
        "name": index.name(),
        "export": index.export,
        "terminal": index.terminal,
        "volume": index.volume,
        "index_sha256": ids.sha256(files[courier.INDEX]),
        "imported_at": "2026-11-24T00:00:00+00:00",
        "receipts": tuple(receipts),
        "refused": tuple(refused),
    }
    told = courier.Receipts(**said | other)
    path = volume.with_suffix(courier.RECEIPTS_SUFFIX)
    path.write_bytes(canon.sign(told.plain(), key or office.key, "r1", courier.RECEIPTS_CONTEXT))
    return path


def export(cache: Cache) -> Exported:
    return cache.export_to_stick(lambda _part: None)


def volumes(stick: Path) -> list[Path]:
    return sorted((stick / courier.FOLDER).glob("*.adm"))


def fault(act: Callable[[], object]) -> str:
    with pytest.raises(CacheError) as raised:
        act()
    return raised.value.code


def refused(cache: Cache, reason: str, name: str = "") -> None:
    """The one file on the stick is refused for that reason, and nothing moves."""
    before = cache.queue()
    taken = cache.take_from_stick()
    assert (taken.received, taken.quarantined) == (0, 0) and [why for _, why in taken.refused] == [reason], taken
    assert (cache.queue().queued, cache.queue().quarantined) == (before.queued, before.quarantined)
    assert not name or taken.refused[0][0] == name
