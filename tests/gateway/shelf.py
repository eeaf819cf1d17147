"""What lies in a gateway's store, looked at and spoilt behind its back, on the disk or in the bucket."""

from __future__ import annotations

from pathlib import Path

import obstore
from obstore.store import S3Store

from gateway import config
from gateway.store import s3


class Shelf:
    """The place of one submission. A part that arrives in pieces reads as one file ``<sha256>.part``."""

    def __init__(self, data: Path, terminal: str, submission: str) -> None:
        settings = config.load(data)
        self._folder = settings.store_folder / terminal / submission
        self._bucket: S3Store | None = None
        if settings.store.bucket:
            self._bucket = s3._client(settings.store)
            self._prefix = f"{settings.store.prefix}/{terminal}/{submission}/"

    def names(self) -> list[str]:
        """Sorted."""
        if self._bucket is None:
            return sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []
        return sorted({name.partition("/")[0] for name in self._objects()})

    def read(self, name: str) -> bytes:
        """Empty when it is not there."""
        if self._bucket is None:
            path = self._folder / name
            return path.read_bytes() if path.exists() else b""
        found = [each for each in self._objects() if each.partition("/")[0] == name]
        return b"".join(bytes(obstore.get(self._bucket, self._prefix + each).bytes()) for each in sorted(found))

    def put(self, name: str, data: bytes) -> None:
        """Something else in its place."""
        if self._bucket is None:
            (self._folder / name).write_bytes(data)
        else:
            obstore.put(self._bucket, self._prefix + name, data)

    def remove(self, name: str) -> None:
        """Away with it."""
        if self._bucket is None:
            (self._folder / name).unlink()
        else:
            obstore.delete(self._bucket, self._prefix + name)

    def _objects(self) -> list[str]:
        assert self._bucket is not None
        found = obstore.list(self._bucket, self._prefix).collect()
        return [item["path"].removeprefix(self._prefix) for item in found]


def folder_of(data: Path, beside: Path) -> Path:
    """The store as a folder: the gateway's own, or a copy of its bucket, as an administrator would fetch it."""
    settings = config.load(data)
    if not settings.store.bucket:
        return settings.store_folder
    bucket = s3._client(settings.store)
    for item in obstore.list(bucket, f"{settings.store.prefix}/").collect():
        path = beside / item["path"].removeprefix(f"{settings.store.prefix}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(obstore.get(bucket, item["path"]).bytes()))
    return beside
