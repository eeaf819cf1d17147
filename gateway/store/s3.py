"""The store as a bucket of an S3 server, for several machines: no lock, the server itself decides who was first.

``<prefix>/<terminal>/<submission id>/`` holds ``manifest.json`` and ``<sha256>.age`` for each part whose hash was
proved. While a part arrives, its bytes are a chain of objects ``<sha256>.part/<offset, ten digits>``. Each is PUT with
``If-None-Match: *``: of two writers at one offset the second hears that it has moved. The part's offset is the length
of the chain from 0 to its first gap.

Nothing is acknowledged before its PUT was answered, and a whole part not before a HEAD told its size (sync-notes
§3.3). Requests of one part that comes in one PATCH: LIST, PUT, HEAD; docs/office.md has the others.
"""

from __future__ import annotations

import hashlib
import re
import threading
import tomllib
from collections import OrderedDict
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from gateway.settings import StoreSettings
from gateway.store.port import ID, MANIFEST, Length, Moved, Place, StoreError, StoreFull, WrongHash

if TYPE_CHECKING:
    from obstore import ObjectMeta  # names of the stubs alone
    from obstore.store import S3Config

_CHUNK = re.compile(r"([0-9a-f]{64})\.part/([0-9]{10})")
_DONE = re.compile(r"([0-9a-f]{64})\.age")
# What the server says; names of objects, in hexadecimal, and durations stand in the same text.
_NO_ROOM = re.compile(r"InsufficientStorage|QuotaExceeded|StorageFull|status code: 507\b")
_REMEMBERED = 4096
# One request, and all tries of one: a terminal waits 20 s for an answer.
_CONNECT, _REQUEST, _ALL = timedelta(seconds=3), timedelta(seconds=10), timedelta(seconds=12)
_TRIES = 2
T = TypeVar("T")


@dataclass(slots=True)
class _Here:
    """What one LIST told of a submission. ``chunks``: of each part, offset to bytes. ``seen``: object to age (s).

    ``marks``: the server's ETag of each complete part.
    """

    manifest: int | None = None
    done: dict[str, int] = field(default_factory=dict[str, int])
    chunks: dict[str, dict[int, int]] = field(default_factory=dict[str, dict[int, int]])
    seen: dict[str, float] = field(default_factory=dict[str, float])
    marks: dict[str, str] = field(default_factory=dict[str, str])

    def note(self, name: str, size: int, mark: str) -> None:
        if name == MANIFEST:
            self.manifest = size
        elif found := _DONE.fullmatch(name):
            self.done[found[1]], self.marks[found[1]] = size, mark
        elif found := _CHUNK.fullmatch(name):
            self.chunks.setdefault(found[1], {})[int(found[2])] = size

    def length(self, sha256: str) -> Length:
        if sha256 in self.done:
            return Length(self.done[sha256], complete=True)
        end, chunks = 0, self.chunks.get(sha256, {})
        while size := chunks.get(end, 0):
            end += size
        return Length(end, complete=False)


class S3:
    """``settings``: where the bucket is. Raises StoreError when the credentials cannot be read."""

    def __init__(self, settings: StoreSettings) -> None:
        self._bucket = _client(settings)
        self._prefix = f"{settings.prefix}/" if settings.prefix else ""
        # A page that comes in one PATCH is one object from the start; a killed gateway loses no more than this.
        self.block = 256 * 1024
        # Where this process knows a chain to end: its next append needs no LIST.
        self._ends: OrderedDict[tuple[Place, str], int] = OrderedDict()
        self._marks: OrderedDict[tuple[Place, str], str] = OrderedDict()
        self._guard = threading.Lock()

    def free(self) -> None:
        """No limit is known."""

    def manifest(self, place: Place) -> bytes:
        """See the port."""
        return self._get(self._name(place, MANIFEST))

    def read(self, place: Place, sha256: str) -> bytes:
        """See the port."""
        return self._get(self._name(place, f"{sha256}.age"))

    def complete(self, place: Place, sha256: str) -> bool:
        """See the port."""
        return self._head(self._name(place, f"{sha256}.age")) is not None

    def length(self, place: Place, sha256: str) -> Length:
        """See the port."""
        length = self._here(place).length(sha256)
        self._remember(self._ends, (place, sha256), None if length.complete else length.offset)
        return length

    def missing(self, place: Place, envelope: bytes, parts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
        """See the port. A complete part is read back, unless the server still tells it by the mark (ETag) that it gave
        to this process for the bytes that were proved.
        """
        here = self._here(place)
        if here.manifest != len(envelope):
            self._put(self._name(place, MANIFEST), envelope)
        lengths = {sha256: here.length(sha256) for sha256 in parts}
        awaited = tuple((sha256, length.offset) for sha256, length in lengths.items() if not length.complete)
        if awaited:
            return awaited
        with self._guard:
            unread = [sha256 for sha256 in parts if self._marks.get((place, sha256), "") != here.marks[sha256]]
        return tuple((sha256, 0) for sha256 in unread if not self.prove(place, sha256))

    def append(self, place: Place, sha256: str, offset: int, data: bytes) -> None:
        """See the port."""
        self._stands(place, sha256, offset)
        if not data:
            return
        try:
            self._put(self._name(place, f"{sha256}.part/{offset:010d}"), data, new=True)
        except AlreadyExistsError:
            raise Moved(self.length(place, sha256).offset) from None
        self._remember(self._ends, (place, sha256), offset + len(data))

    def write(self, place: Place, sha256: str, offset: int, data: bytes, size: int) -> Length:
        """See the port. What is whole at once becomes the part at once."""
        if offset + len(data) != size:
            self.append(place, sha256, offset, data)
            return Length(offset + len(data), complete=False)
        chunks: list[str] = []
        if offset == 0:
            self._stands(place, sha256, 0)
            whole = data
        else:
            here = self._here(place)
            if here.length(sha256) != Length(offset, complete=False):
                raise Moved(here.length(sha256).offset)
            chunks = self._chunks(place, sha256, here)
            whole = b"".join([*(self._get(name) for name in chunks[: _links(here.chunks[sha256], offset)]), data])
        self._remember(self._ends, (place, sha256), None)
        if hashlib.sha256(whole).hexdigest() != sha256:
            self._delete(reversed(chunks))
            raise WrongHash(sha256)
        name = self._name(place, f"{sha256}.age")
        self._put(name, whole)
        kept = self._head(name)
        if kept is None or kept["size"] != size:
            raise StoreError("a part was not kept as it was sent")
        self._remember(self._marks, (place, sha256), kept["e_tag"])
        self._delete(reversed(chunks))
        return Length(size, complete=True)

    def cut(self, place: Place, sha256: str, offset: int, to: int) -> None:
        """See the port."""
        self._remember(self._ends, (place, sha256), None)
        here = self._here(place)
        if here.length(sha256) == Length(offset, complete=False):
            beyond = [at for at, size in here.chunks.get(sha256, {}).items() if at + size > to]
            self._delete(self._name(place, f"{sha256}.part/{at:010d}") for at in sorted(beyond, reverse=True))

    def prove(self, place: Place, sha256: str) -> bool:
        """See the port."""
        name = self._name(place, f"{sha256}.age")
        try:
            if hashlib.sha256(self._get(name)).hexdigest() == sha256:
                return True
        except FileNotFoundError:
            return False
        self._delete([name])
        return False

    def remove(self, place: Place) -> None:
        """See the port."""
        self._delete(name for name in self._here(place).seen if not name.endswith(f"/{MANIFEST}"))

    def places(self) -> Iterator[Place]:
        """See the port."""
        for terminal in self._folders(self._prefix):
            for submission in self._folders(f"{self._prefix}{terminal}/"):
                yield Place(terminal, submission)

    def tidy(self, place: Place, named: Collection[str], idle_s: float) -> int:
        """See the port."""
        here = self._here(place)
        kept = {self._name(place, MANIFEST), *(self._name(place, f"{sha256}.age") for sha256 in named)}
        for sha256 in named:
            if sha256 not in here.done:
                kept.update(self._chunks(place, sha256, here))
        old = [name for name, age_s in here.seen.items() if name not in kept and age_s >= idle_s]
        self._delete(old)
        return len(old)

    def close(self) -> None:
        """Connections end with the process."""

    def _name(self, place: Place, rest: str) -> str:
        return f"{self._prefix}{place.terminal}/{place.submission}/{rest}"

    def _chunks(self, place: Place, sha256: str, here: _Here) -> list[str]:
        return [self._name(place, f"{sha256}.part/{at:010d}") for at in sorted(here.chunks.get(sha256, {}))]

    def _stands(self, place: Place, sha256: str, offset: int) -> None:
        """Raises Moved unless the chain ends at ``offset``."""
        with self._guard:
            known = self._ends.get((place, sha256))
        if known != offset and (here := self.length(place, sha256)) != Length(offset, complete=False):
            raise Moved(here.offset)

    def _remember(self, where: OrderedDict[tuple[Place, str], T], key: tuple[Place, str], what: T | None) -> None:
        with self._guard:
            where.pop(key, None)
            if what is not None:
                where[key] = what
                if len(where) > _REMEMBERED:
                    where.popitem(last=False)

    def _here(self, place: Place) -> _Here:
        """One LIST of a submission's objects."""
        here, folder, now = _Here(), self._name(place, ""), datetime.now(UTC)
        for item in self._asked(lambda: _listed(self._bucket, folder)):
            here.note(item["path"].removeprefix(folder), item["size"], item["e_tag"] or "-")
            here.seen[item["path"]] = (now - item["last_modified"]).total_seconds()
        return here

    def _folders(self, prefix: str) -> list[str]:
        prefixes = self._asked(lambda: _prefixes(self._bucket, prefix))
        names = (path.rstrip("/").rpartition("/")[2] for path in prefixes)
        return sorted(name for name in names if ID.fullmatch(name))

    def _get(self, name: str) -> bytes:
        return self._asked(lambda: bytes(obstore.get(self._bucket, name).bytes()))

    def _head(self, name: str) -> ObjectMeta | None:
        try:
            return self._asked(lambda: obstore.head(self._bucket, name))
        except FileNotFoundError:
            return None

    def _put(self, name: str, data: bytes, *, new: bool = False) -> None:
        mode = "create" if new else "overwrite"
        self._asked(lambda: obstore.put(self._bucket, name, data, mode=mode, use_multipart=False))

    def _delete(self, names: Collection[str] | Iterator[str]) -> None:
        """In their order; one that is gone is no error."""
        gone = list(names)
        if gone:
            self._asked(lambda: obstore.delete(self._bucket, gone))

    def _asked(self, ask: Callable[[], T]) -> T:
        with _told():
            return ask()


def _listed(bucket: S3Store, folder: str) -> Sequence[ObjectMeta]:
    return obstore.list(bucket, folder).collect()  # pyright: ignore[reportUnknownMemberType]  # an overload of it speaks of arrow, which is not here


def _prefixes(bucket: S3Store, prefix: str) -> Sequence[str]:
    return obstore.list_with_delimiter(bucket, prefix)["common_prefixes"]  # pyright: ignore[reportUnknownMemberType]  # as above


def _links(chunks: Mapping[int, int], offset: int) -> int:
    """How many chunks, in order, lie before ``offset``."""
    return sum(1 for at in chunks if at < offset)


def _client(settings: StoreSettings) -> S3Store:
    config: S3Config = {
        "region": settings.region or "us-east-1",
        "virtual_hosted_style_request": not settings.endpoint,
    }
    if settings.endpoint:
        config["endpoint"] = settings.endpoint
    if settings.credentials is not None:
        config["access_key_id"], config["secret_access_key"] = _key(settings.credentials)
    with _told():
        return S3Store(
            settings.bucket,
            config=config,
            client_options={
                "allow_http": settings.endpoint.startswith("http://"),
                "connect_timeout": _CONNECT,
                "timeout": _REQUEST,
            },
            retry_config={
                "max_retries": _TRIES,
                "retry_timeout": _ALL,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=1),
                    "base": 2,
                },
            },
        )


def _key(file: Path) -> tuple[str, str]:
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
        return str(read["access_key_id"]), str(read["secret_access_key"])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError):
        # The parser's words may repeat a piece of the file.
        raise StoreError(f"{file.name}: needs the lines access_key_id and secret_access_key") from None


@contextmanager
def _told() -> Generator[None]:
    """Name what the client throws; its own messages hold addresses and bodies, and stay here."""
    try:
        yield
    except (AlreadyExistsError, FileNotFoundError):
        raise
    except (BaseError, OSError, ValueError) as error:
        kind = StoreFull if _NO_ROOM.search(str(error)) else StoreError
        raise kind(f"the store does not answer as it must ({type(error).__name__})") from error
