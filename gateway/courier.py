"""Taking in what came on a USB stick: by the very intake of the line, so that rules and receipts are one.

A volume is read from front to back and nothing of it is ever unpacked to a path. The index must be signed by a key
that the terminal enrolled with, also of one that was revoked since: what it sealed before is still an application.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway import auth, intake
from gateway.problems import Refusal
from gateway.rooms import Office, iso, now
from gateway.store import Moved, Place, StoreError, StoreFull, WrongHash
from gateway.tables import Audit, Import, Terminal
from wire import canon, courier, ids, manifest, volume
from wire.courier import Index, Packet, Receipts, Refused
from wire.events import log
from wire.problem import Code

_TRIES = 8  # of a part that the line writes at the same time


class VolumeRefusedError(Exception):
    """Nothing of the file is taken; ``reason``: a msgid of ``wire.courier``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a volume. ``name``: without its suffix. ``code``: the terminal's. ``imported_at``: the first time.

    ``again``: it had been taken in before. ``answer``: the bytes of the .resi file.
    """

    name: str
    code: str
    index_sha256: str
    volume: int
    volumes: int
    received: int
    refused: tuple[Refused, ...]
    imported_at: int
    again: bool
    answer: bytes


def take(office: Office, read: Callable[[int], bytes], name: str, officer: int | None = None) -> Imported:
    """Take in one volume. ``read``: up to so many bytes of the file, none at its end. ``name``: the file's.

    Blocks for the disk. Raises VolumeRefusedError when nothing of it can be believed, OSError of the file.
    """
    reader = volume.Reader(read)
    index, index_sha256, terminal = _opened(office, reader, name)
    before = _before(office, index_sha256)
    if before is not None and not before.refused:
        return _told(index, terminal, before, (), again=True)
    receipts: list[bytes] = []
    refused: list[Refused] = []
    for packet in index.packets:
        try:
            receipts.append(_packet(office, terminal, reader, packet))
        except Refusal as refusal:
            refused.append(Refused(submission_id=packet.submission_id, problem=refusal.code.type))
    return _noted(office, index, index_sha256, terminal, receipts, tuple(refused), officer)


def _opened(office: Office, reader: volume.Reader, name: str) -> tuple[Index, str, Terminal]:
    """The proved index, its hash, and the terminal. Raises VolumeRefusedError."""
    try:
        signed = reader.index()
        envelope, index = courier.read_index(signed)
    except volume.EndedError as error:
        raise VolumeRefusedError(courier.NOT_WHOLE) from error
    except (volume.VolumeError, canon.CanonError) as error:
        raise VolumeRefusedError(courier.NO_VOLUME) from error
    with office.database.read() as session:
        terminal = session.get(Terminal, index.terminal)
        if terminal is None or terminal.code != index.code:
            raise VolumeRefusedError(courier.FOREIGN_TERMINAL)
        if not auth.signed_by(session, terminal.id, envelope, courier.CONTEXT):
            raise VolumeRefusedError(courier.UNSIGNED)
    if name != index.name() + courier.SUFFIX:
        raise VolumeRefusedError(courier.RENAMED)
    return index, ids.sha256(signed), terminal


def _packet(office: Office, terminal: Terminal, reader: volume.Reader, packet: Packet) -> bytes:
    """Take one submission; its receipt. Raises Refusal, the reader standing behind it all the same."""
    (manifest_file, *parts), told = list(volume.files(packet)), None
    place, missing = Place(terminal.id, packet.submission_id), set[str]()
    body, answer = b"", None
    try:
        body = _proved(reader, *manifest_file)
        _agrees(packet, body)
        answer = intake.put(office, terminal, packet.submission_id, body, limited=False)
        missing = {sha256 for sha256, _ in answer.missing}
    except Refusal as refusal:
        told = refusal
    for name, sha256, size in parts:
        if told is not None or sha256 not in missing:
            _pass(reader, size)
            continue
        try:
            _store(office, place, sha256, _proved(reader, name, sha256, size))
        except Refusal as refusal:
            told = refusal
    if told is not None:
        raise told
    if answer is None or answer.receipt is None:
        answer = intake.put(office, terminal, packet.submission_id, body, limited=False)
    if answer.receipt is None:
        raise Refusal(Code.BROKEN, "a part went away again")
    return answer.receipt


def _proved(reader: volume.Reader, name: str, sha256: str, size: int) -> bytes:
    """The next file. Raises Refusal (WRONG_HASH) when it is not the one that the index names."""
    try:
        data = reader.file(name, size)
    except volume.VolumeError as error:
        raise Refusal(Code.WRONG_HASH, str(error)) from error
    if ids.sha256(data) != sha256:
        raise Refusal(Code.WRONG_HASH, "damaged on the stick")
    return data


def _pass(reader: volume.Reader, size: int) -> None:
    try:
        reader.skip(size)
    except volume.EndedError:
        pass  # nothing of it is needed


def _agrees(packet: Packet, body: bytes) -> None:
    """Raises Refusal where index and manifest name other parts."""
    try:
        _, read = manifest.unproved(body)
    except canon.CanonError as error:
        raise Refusal(Code.MALFORMED, str(error)) from error
    if {(part.sha256, part.bytes) for part in read.parts} != {(part.sha256, part.bytes) for part in packet.parts}:
        raise Refusal(Code.MALFORMED, "the index names other parts than the manifest")


def _store(office: Office, place: Place, sha256: str, data: bytes) -> None:
    """Keep a proved part; the line may be writing it too. Raises Refusal."""
    for _ in range(_TRIES):
        try:
            here = office.store.length(place, sha256)
            if here.complete:
                return
            office.store.write(place, sha256, here.offset, data[here.offset :], len(data))
            return
        except (Moved, WrongHash):  # wrong bytes were the line's: ours are proved
            continue
        except StoreFull as error:
            raise Refusal(Code.FULL) from error
        except StoreError as error:
            raise Refusal(Code.BROKEN, "the store does not answer") from error
    raise Refusal(Code.TAKEN_OVER, "the line writes this part now")


def _before(office: Office, index_sha256: str) -> Import | None:
    with office.database.read() as session:
        return session.get(Import, index_sha256)


def _noted(
    office: Office,
    index: Index,
    index_sha256: str,
    terminal: Terminal,
    receipts: list[bytes],
    refused: tuple[Refused, ...],
    officer: int | None,
) -> Imported:
    """Keep the answer; of two imports of one volume the one that took more stands."""
    at = now()
    with office.database.write() as session:
        row = session.get(Import, index_sha256)
        again = row is not None
        if row is None:
            row = Import(
                index_sha256=index_sha256,
                terminal_id=terminal.id,
                export=index.export,
                volume=index.volume,
                imported_at=at,
                officer_id=officer,
                received=0,
                name=index.name(),
            )
            session.add(row)
        if not again or len(receipts) > row.received:
            row.received, row.refused = len(receipts), len(refused)
            row.answer = _answer(office, index, row, receipts, refused)
        session.add(Audit(at=at, officer_id=officer, act="courier_imported", detail=row.name))
    log("gateway_courier", terminal=terminal.id, volume=row.name, received=len(receipts), refused=len(refused))
    return _told(index, terminal, row, refused, again=again)


def _answer(office: Office, index: Index, row: Import, receipts: list[bytes], refused: tuple[Refused, ...]) -> bytes:
    told = Receipts(
        name=row.name,
        export=index.export,
        terminal=index.terminal,
        volume=index.volume,
        index_sha256=row.index_sha256,
        imported_at=iso(row.imported_at),
        receipts=tuple(canon.b64(each) for each in receipts),
        refused=refused,
    )
    return canon.sign(told.plain(), office.keys.receipt, office.keys.receipt_kid, courier.RECEIPTS_CONTEXT)


def _told(index: Index, terminal: Terminal, row: Import, refused: tuple[Refused, ...], *, again: bool) -> Imported:
    return Imported(
        row.name,
        terminal.code,
        row.index_sha256,
        index.volume,
        index.volumes,
        row.received,
        refused,
        row.imported_at,
        again,
        row.answer,
    )
