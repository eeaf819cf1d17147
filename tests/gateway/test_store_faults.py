"""What seldom happens to a store: a server that is full or away, two requests that announce one submission at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gateway.settings import StoreSettings
from gateway.store import LocalStore, Place, StoreError, StoreFull
from gateway.store.s3 import S3
from tests.gateway.test_store import PLACE, part


class _Full(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:  # noqa: N802 - the library's name
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(507, "Insufficient Storage")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_full_server_is_told_from_a_line_that_is_down(tmp_path: Path) -> None:
    credentials = tmp_path / "c.toml"
    credentials.write_text('access_key_id = "a"\nsecret_access_key = "b"\n')
    with HTTPServer(("127.0.0.1", 0), _Full) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = S3(StoreSettings("office", "", f"http://127.0.0.1:{server.server_address[1]}", "", credentials))
        with pytest.raises(StoreFull):
            store._put("x", b"x")
        server.shutdown()
    # The names of a terminal's objects are hexadecimal: they hold any three digits now and then.
    with pytest.raises(StoreError) as told:
        store.length(Place("507" * 10 + "50", PLACE.submission), "507" * 21 + "0")
    assert not isinstance(told.value, StoreFull)


def test_a_manifest_that_a_receipt_vouches_for_is_not_replaced_by_a_late_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two requests announce it at once; the slower one is killed just after the other's receipt could be signed."""
    store, synced, at, go = LocalStore(tmp_path), set[int](), threading.Event(), threading.Event()
    data, sha256 = part(500)
    fsync, acts = os.fsync, {name: getattr(Path, name) for name in ("replace", "hardlink_to")}

    def sync(descriptor: int) -> None:
        fsync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)

    def late(name: str) -> Callable[[Path, Path], None]:
        def act(path: Path, to: Path) -> None:
            if threading.current_thread() is slow:
                at.set()
                go.wait(10)
            acts[name](path, to)
            if threading.current_thread() is slow:
                raise KeyboardInterrupt

        return act

    def announce() -> None:
        with suppress(KeyboardInterrupt):
            store.missing(PLACE, b"{}", {sha256: 500})

    slow = threading.Thread(target=announce)
    monkeypatch.setattr(os, "fsync", sync)
    for name in acts:
        monkeypatch.setattr(Path, name, late(name))
    slow.start()
    assert at.wait(10)
    store.write(PLACE, sha256, 0, data, 500)
    assert store.missing(PLACE, b"{}", {sha256: 500}) == ()
    go.set()
    slow.join(10)
    assert (store.folder(PLACE) / "manifest.json").stat().st_ino in synced
