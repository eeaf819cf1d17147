"""Both stores, asked alike: what one promises the other does too. Ids are those of the sync notes, section 2."""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import obstore
import pytest

from gateway.settings import StoreSettings
from gateway.store import Length, LocalStore, Moved, Place, Store, StoreError, StoreFull, WrongHash
from gateway.store.s3 import S3
from tests.gateway.s3 import Bucket
from wire import ids

PLACE = Place("a" * 32, "0193a1b2-0000-7000-8000-000000000000")


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "local":
        made: Store = LocalStore(tmp_path)
    else:
        bucket: Bucket = request.getfixturevalue("s3")
        made = S3(bucket.settings())
    yield made
    made.close()


def another(store: Store) -> Store:
    """The same store, as another process has it: nothing is remembered."""
    if isinstance(store, LocalStore):
        return LocalStore(store._root)
    made = object.__new__(S3)
    made.__dict__.update(store.__dict__)
    made._ends, made._marks = type(made._ends)(), type(made._marks)()
    return made


def names(store: Store, place: Place = PLACE) -> list[str]:
    """What lies in a submission's place, also what no call of the port shows."""
    if isinstance(store, LocalStore):
        return sorted(path.name for path in store.folder(place).iterdir())
    assert isinstance(store, S3)
    return sorted(name.partition(place.submission + "/")[2] for name in store._here(place).seen)


def part(size: int) -> tuple[bytes, str]:
    data = os.urandom(size)
    return data, ids.sha256(data)


def test_a_part_in_one_piece(store: Store) -> None:
    data, sha256 = part(150_000)
    assert store.length(PLACE, sha256) == Length(0, complete=False)
    assert store.write(PLACE, sha256, 0, data, len(data)) == Length(len(data), complete=True)
    assert store.complete(PLACE, sha256)
    assert store.length(PLACE, sha256) == Length(len(data), complete=True)
    assert store.read(PLACE, sha256) == data
    assert names(store) == [f"{sha256}.age"]
    with pytest.raises(Moved) as moved:
        another(store).append(PLACE, sha256, 10, b"late")
    assert moved.value.offset == len(data)
    assert names(store) == [f"{sha256}.age"]


def test_a_part_grows_and_what_came_is_kept_by_another_process(store: Store) -> None:
    data, sha256 = part(10_000)
    store.append(PLACE, sha256, 0, data[:1000])
    assert store.write(PLACE, sha256, 1000, data[1000:4000], len(data)) == Length(4000, complete=False)
    assert not store.complete(PLACE, sha256)
    with pytest.raises(FileNotFoundError):
        store.read(PLACE, sha256)
    second = another(store)
    assert second.length(PLACE, sha256) == Length(4000, complete=False)
    second.append(PLACE, sha256, 4000, data[4000:9999])
    assert another(store).write(PLACE, sha256, 9999, data[9999:], len(data)) == Length(10_000, complete=True)
    assert store.read(PLACE, sha256) == data
    assert names(store) == [f"{sha256}.age"]


def test_s9_a_wrong_offset_hears_the_true_one(store: Store) -> None:
    data, sha256 = part(5000)
    store.append(PLACE, sha256, 0, data[:2000])
    for wrong in (0, 1999, 2001, 5000):
        for asked in (store, another(store)):
            with pytest.raises(Moved) as moved:
                asked.write(PLACE, sha256, wrong, data[wrong:], 5000)
            assert moved.value.offset == 2000, wrong
    assert store.length(PLACE, sha256).offset == 2000


def test_wrong_bytes_are_dropped_whole_or_in_pieces(store: Store) -> None:
    data, sha256 = part(5000)
    with pytest.raises(WrongHash):
        store.write(PLACE, sha256, 0, data[:-1] + b"x", 5000)
    store.append(PLACE, sha256, 0, data[:-1][::-1])
    with pytest.raises(WrongHash):
        store.write(PLACE, sha256, 4999, data[-1:], 5000)
    assert store.length(PLACE, sha256) == Length(0, complete=False)
    assert names(store) == []
    assert store.write(PLACE, sha256, 0, data, 5000).complete


def test_cut_goes_back_and_no_further(store: Store) -> None:
    data, sha256 = part(5000)
    store.cut(PLACE, sha256, 0, 0)
    store.append(PLACE, sha256, 0, data[:2000])
    store.append(PLACE, sha256, 2000, data[2000:3000])
    store.cut(PLACE, sha256, 2000, 0)  # another request went on: its bytes stay
    assert another(store).length(PLACE, sha256).offset == 3000
    store.cut(PLACE, sha256, 3000, 2000)
    assert store.length(PLACE, sha256).offset == 2000
    assert store.write(PLACE, sha256, 2000, data[2000:], 5000).complete
    store.cut(PLACE, sha256, 5000, 0)
    assert store.read(PLACE, sha256) == data


def test_l2_nothing_is_missing_only_when_all_is_there(store: Store) -> None:
    sizes = (10, 2000, 30_000)
    parts = {sha256: data for data, sha256 in map(part, sizes)}
    named = {sha256: len(data) for sha256, data in parts.items()}
    envelope = b'{"signed": "manifest"}'
    assert store.missing(PLACE, envelope, named) == tuple((sha256, 0) for sha256 in named)
    assert store.manifest(PLACE) == envelope
    for sha256, data in parts.items():
        store.write(PLACE, sha256, 0, data, len(data))
    assert another(store).missing(PLACE, envelope, named) == ()
    for sha256, data in parts.items():
        spoil(store, sha256, None)
        assert store.missing(PLACE, envelope, named) == ((sha256, 0),), "deleted behind its back"
        store.write(PLACE, sha256, 0, data, len(data))
        spoil(store, sha256, data[:-1])
        assert store.missing(PLACE, envelope, named) == ((sha256, 0),), "cut behind its back"
        store.write(PLACE, sha256, 0, data, len(data))
        spoil(store, sha256, data[:-1] + bytes([data[-1] ^ 1]))
        assert not store.prove(PLACE, sha256)
        assert store.missing(PLACE, envelope, named) == ((sha256, 0),), "changed behind its back"
        store.write(PLACE, sha256, 0, data, len(data))
    assert store.missing(PLACE, envelope, named) == ()


def spoil(store: Store, sha256: str, data: bytes | None) -> None:
    """Put something else in a complete part's place, or nothing."""
    if isinstance(store, LocalStore):
        path = store.folder(PLACE) / f"{sha256}.age"
        path.unlink() if data is None else path.write_bytes(data)
        return
    assert isinstance(store, S3)
    name = store._name(PLACE, f"{sha256}.age")
    bucket = store._bucket
    obstore.delete(bucket, name) if data is None else obstore.put(bucket, name, data)


def test_two_writers_at_one_offset_and_one_is_first(store: Store) -> None:
    data, sha256 = part(40_000)
    seconds = [another(store) for _ in range(8)]
    start = threading.Barrier(8)

    def write(one: Store) -> int:
        won = at = 0
        start.wait()
        while at < 20_000:
            try:
                one.append(PLACE, sha256, at, data[at : at + 1000])
                won, at = won + 1, at + 1000
            except Moved as moved:
                at = moved.offset
        return won

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(write, seconds)) == 20
    assert store.length(PLACE, sha256).offset == 20_000
    assert store.write(PLACE, sha256, 20_000, data[20_000:], 40_000).complete
    assert store.read(PLACE, sha256) == data


def _race(root: Path, sha256: str, data: bytes, start: float) -> None:
    store = LocalStore(root)
    time.sleep(max(0.0, start - time.time()))
    at = 0
    while True:
        try:
            end = min(at + 700, len(data))
            here = store.write(PLACE, sha256, at, data[at:end], len(data))
            if here.complete:
                return
            at = here.offset
        except Moved as moved:
            at = moved.offset
            if at == len(data):
                return


def test_processes_write_one_part_together(tmp_path: Path) -> None:
    data, sha256 = part(100_000)
    start = time.time() + 0.3
    crowd = [
        multiprocessing.get_context("fork").Process(target=_race, args=(tmp_path, sha256, data, start))
        for _ in range(4)
    ]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(20)
        assert each.exitcode == 0
    store = LocalStore(tmp_path)
    assert store.read(PLACE, sha256) == data
    assert names(store) == [f"{sha256}.age"]


def test_a_withdrawn_one_keeps_its_manifest_alone(store: Store) -> None:
    (whole, first), (half, second) = part(900), part(901)
    store.remove(PLACE)
    store.missing(PLACE, b"{}", {first: 900, second: 901})
    store.write(PLACE, first, 0, whole, 900)
    store.append(PLACE, second, 0, half[:5])
    store.remove(PLACE)
    assert names(store) == ["manifest.json"]
    assert list(store.places()) == [PLACE]


def test_tidying_takes_what_no_manifest_names_and_nothing_else(store: Store) -> None:
    (whole, first), (half, second), (stray, third) = part(900), part(901), part(902)
    store.missing(PLACE, b"{}", {first: 900, second: 901})
    store.write(PLACE, first, 0, whole, 900)
    store.append(PLACE, second, 0, half[:5])
    before = names(store)
    store.write(PLACE, third, 0, stray, 902)
    if isinstance(store, LocalStore):
        for name in ("0123.new", f"{first}.part"):
            (store.folder(PLACE) / name).write_bytes(b"left by a killed process")
    else:
        assert isinstance(store, S3)
        store._put(store._name(PLACE, f"{first}.part/0000000000"), b"left")
    assert store.tidy(PLACE, {first, second}, 3600) == 0  # somebody may be at it
    time.sleep(1.1)  # S3 tells times in seconds
    assert store.tidy(PLACE, {first, second}, 1) >= 2
    assert names(store) == before
    assert store.tidy(Place("b" * 32, PLACE.submission), (), 0) == 0


def test_a_server_that_is_down_or_deaf_is_told_within_its_time(tmp_path: Path) -> None:
    credentials = tmp_path / "c.toml"
    credentials.write_text('access_key_id = "a"\nsecret_access_key = "b"\n')
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        dead = S3(StoreSettings("office", "", f"http://127.0.0.1:{unheard.getsockname()[1]}", "", credentials))
        began = time.monotonic()
        for call in (
            lambda: dead.length(PLACE, "0" * 64),
            lambda: dead.write(PLACE, "0" * 64, 0, b"x", 2),
            lambda: dead.missing(PLACE, b"{}", {}),
            lambda: dead.manifest(PLACE),
        ):
            with pytest.raises(StoreError):
                call()
        assert time.monotonic() - began < 12


def test_credentials_that_cannot_be_read_are_named_and_not_repeated(tmp_path: Path) -> None:
    for text in ("", "geheim", 'access_key_id = "geheim"', "\0"):
        file = tmp_path / "c.toml"
        file.write_text(text)
        with pytest.raises(StoreError) as told:
            S3(StoreSettings("office", credentials=file))
        assert "c.toml" in str(told.value) and "geheim" not in str(told.value)


def test_l14_a_full_disk_is_told_and_keeps_what_it_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)
    data, sha256 = part(5000)
    store.append(PLACE, sha256, 0, data[:1000])

    def full(*_words: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(StoreFull):
        store.append(PLACE, sha256, 1000, data[1000:])
    monkeypatch.undo()
    assert store.length(PLACE, sha256).offset == 1000
    assert store.write(PLACE, sha256, 1000, data[1000:], 5000).complete


def test_requests_of_a_part(s3: Bucket) -> None:
    """The figures of docs/office.md: what a part costs in requests of the S3 server."""
    relay = Counted(s3.ports["s3"])
    settings = s3.settings()
    store = S3(StoreSettings(settings.bucket, settings.prefix, relay.url, "", settings.credentials))
    try:
        data, sha256 = part(150_000)
        assert relay.count(lambda: store.missing(PLACE, b"{}", {sha256: 150_000})) == ["GET", "PUT"]
        assert relay.count(lambda: store.length(PLACE, sha256)) == ["GET"]
        assert relay.count(lambda: store.write(PLACE, sha256, 0, data, 150_000)) == ["PUT", "HEAD"]
        assert relay.count(lambda: store.missing(PLACE, b"{}", {sha256: 150_000})) == ["GET"]
        data, sha256 = part(150_000)
        store.length(PLACE, sha256)
        assert relay.count(lambda: store.write(PLACE, sha256, 0, data[:70_000], 150_000)) == ["PUT"]
        assert relay.count(lambda: store.write(PLACE, sha256, 70_000, data[70_000:], 150_000)) == [
            *("GET", "GET", "PUT", "HEAD", "POST")
        ]
    finally:
        relay.close()


class Counted:
    """A relay before the server that notes the method of each request."""

    def __init__(self, port: int) -> None:
        self._to, self._seen = port, list[str]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def count(self, act: Callable[[], object]) -> list[str]:
        self._seen.clear()
        act()
        return list(self._seen)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._to))
            threading.Thread(target=self._pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(server, client, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        try:
            while data := source.recv(1 << 20):
                if counted:
                    for line in data.split(b"\r\n"):
                        if line.endswith(b" HTTP/1.1"):
                            self._seen.append(line.split(b" ")[0].decode("ascii", "replace"))
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for each in (source, sink):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                each.close()

    def close(self) -> None:
        self._listener.close()


def test_a_manifest_behind_its_back_is_put_right(store: Store) -> None:
    data, sha256 = part(100)
    envelope = json.dumps({"payload": secrets.token_hex(40)}).encode()
    store.missing(PLACE, envelope, {sha256: 100})
    if isinstance(store, LocalStore):
        (store.folder(PLACE) / "manifest.json").write_bytes(b"")
    else:
        assert isinstance(store, S3)
        store._put(store._name(PLACE, "manifest.json"), b"")
    store.write(PLACE, sha256, 0, data, 100)
    assert store.missing(PLACE, envelope, {sha256: 100}) == ()
    assert store.manifest(PLACE) == envelope
