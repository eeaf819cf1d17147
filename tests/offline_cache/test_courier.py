"""The queue leaves on a stick and comes back as receipts: what stands on the stick, and what of it is believed."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offline_cache import courier as out
from offline_cache import durable
from offline_cache.__main__ import main
from offline_cache.api import Cache, CacheError, Exported, Taken
from tests.offline_cache.conftest import QUICK, Opener, apply, sync, until
from tests.offline_cache.office import Office, no
from tests.offline_cache.stick import answer, export, fault, index_of, opened, refused, volumes
from wire import courier, manifest
from wire.problem import Code

FOLDER = courier.FOLDER


# Out and back.


def test_all_that_waits_leaves_and_comes_back_as_received(here: Cache, office: Office, stick: Path) -> None:
    numbers = [apply(here, pages=2) for _ in range(2)]
    before = here.queue()
    told: list[float] = []
    done = here.export_to_stick(told.append)
    assert (done.submissions, done.left, done.broken, len(done.volumes)) == (2, 0, 0, 1)
    assert told == sorted(told) and told[-1] == 1 and len(told) > 10
    (volume,) = volumes(stick)
    assert done.volumes == (volume.name,) and done.bytes == volume.stat().st_size
    after = here.queue()
    assert after == dataclasses.replace(before, disk_free=after.disk_free), "no state moved"
    index = index_of(volume, office)
    files = opened(volume)
    assert [manifest.unproved(files[f"{one.submission_id}.json"])[1].number for one in index.packets] == numbers
    answer(volume, office)
    found = here.stick()
    assert found is not None and (found.path, found.receipts) == (stick, 1)
    assert here.take_from_stick() == Taken(2, 0)
    assert (here.queue().queued, list((stick / FOLDER).iterdir())) == (0, []), "what is settled leaves the stick"
    assert here.take_from_stick() == Taken(0, 0)
    assert {office.open_form(one).number for one in office.receipts} == {*numbers}
    assert export(here) == Exported(0, 0, ())


def test_nothing_readable_stands_on_the_stick(here: Cache, stick: Path) -> None:
    apply(here, name="SITI CONTOH")
    export(here)
    (volume,) = volumes(stick)
    assert b"SITI" not in volume.read_bytes() and b"3279012304850007" not in volume.read_bytes()


def test_volumes_stay_below_their_limit(here: Cache, office: Office, stick: Path, monkeypatch: Any) -> None:
    numbers = {apply(here, size=60_000) for _ in range(3)}
    monkeypatch.setattr(here._courier, "_most", 350_000)  # pyright: ignore[reportAttributeAccessIssue]  # of the real one
    done = export(here)
    assert len(done.volumes) == 3 and done.submissions == 3
    found = [index_of(volume, office) for volume in volumes(stick)]
    assert all(volume.stat().st_size < 350_000 for volume in volumes(stick))
    assert [(index.volume, index.volumes) for index in found] == [(1, 3), (2, 3), (3, 3)]
    for volume in volumes(stick):
        answer(volume, office)
    assert here.take_from_stick().received == 3 and set(office.numbers()) == numbers


def test_what_finds_no_room_is_left_and_said(here: Cache, office: Office, stick: Path, monkeypatch: Any) -> None:
    for _ in range(3):
        apply(here, size=400_000)
    usage = shutil.disk_usage(stick)
    monkeypatch.setattr(out.shutil, "disk_usage", lambda _path: usage._replace(free=2_200_000))
    done = export(here)
    assert (done.submissions, done.left) == (2, 1)
    assert len(index_of(volumes(stick)[0], office).packets) == 2
    monkeypatch.setattr(out.shutil, "disk_usage", lambda _path: usage._replace(free=1_200_000))
    assert fault(lambda: export(here)) == "stick_full"
    assert len(volumes(stick)) == 1 and here.queue().queued == 3


def test_what_the_office_had_refused_travels_too_and_may_be_received(here: Cache, office: Office, stick: Path) -> None:
    office.trick = lambda method, path: no(Code.MALFORMED) if method == "PUT" else None
    apply(here)
    sync(here)
    until(lambda: here.queue().quarantined == 1)
    assert export(here).submissions == 1
    answer(volumes(stick)[0], office)
    assert here.take_from_stick().received == 1 and here.queue().quarantined == 0


def test_a_revoked_paused_terminal_still_exports_and_takes(here: Cache, office: Office, stick: Path) -> None:
    apply(here)
    office.trick = lambda method, path: no(Code.REVOKED)
    sync(here)
    until(lambda: (me := here.identity()) is not None and me.revoked)
    here.pause(True)
    assert export(here).submissions == 1
    answer(volumes(stick)[0], office)
    assert here.take_from_stick().received == 1


def test_each_submission_is_signed_for_by_the_key_it_was_made_under(here: Cache, office: Office, stick: Path) -> None:
    apply(here)
    office.token, office.terminals, office.next_seq = "a-new-code-of-the-terminal", _Same(office.terminals), 2
    here.enrol(office.code())
    apply(here)
    assert export(here).submissions == 2
    keys = [key for _, key in office.terminals.values()]
    assert len(volumes(stick)) == 2 and len(keys) == 2
    for volume, key in zip(volumes(stick), keys, strict=True):
        envelope, _ = courier.read_index(opened(volume)[courier.INDEX])
        envelope.verify(key, courier.CONTEXT)


class _Same(dict[str, Any]):
    """The office's terminals, where a new code belongs to the terminal that is there already."""

    def setdefault(self, token: str, found: Any = None) -> Any:
        return super().setdefault(token, (next(iter(self.values()))[0], found[1]))


# What goes wrong here.


def test_a_damaged_part_of_one_does_not_keep_the_others_home(
    here: Cache, office: Office, stick: Path, tmp_path: Path
) -> None:
    for _ in range(3):
        apply(here)
    parts = sorted((tmp_path / "data" / "parts").iterdir())
    parts[0].write_bytes(b"\0" + parts[0].read_bytes()[1:])
    done = export(here)
    assert (done.submissions, done.broken) == (2, 1) and here.queue().queued == 3
    assert len(index_of(volumes(stick)[0], office).packets) == 2


def test_without_a_stick_it_says_so(here: Cache, stick: Path) -> None:
    apply(here)
    stick.rmdir()
    assert here.stick() is None
    assert fault(lambda: export(here)) == fault(here.take_from_stick) == "stick_missing"
    stick.parent.rmdir()
    assert here.stick() is None


def test_a_stick_that_forgets_is_found_out(here: Cache, stick: Path, monkeypatch: Any) -> None:
    """A cheap one that says yes to every write and gives back zeros."""
    apply(here)
    real = durable.write_blocks

    def lies(path: Path, blocks: Any, **more: Any) -> None:
        real(path, blocks, **more)
        data = bytearray(path.read_bytes())
        data[len(data) // 2 : len(data) // 2 + 512] = bytes(512)
        path.write_bytes(data)

    monkeypatch.setattr(durable, "write_blocks", lies)
    assert fault(lambda: export(here)) == "stick_broken"
    assert volumes(stick) == [] and here.queue().queued == 1


class Pulled:
    """Lets so many calls on the stick pass, then the stick is gone: EIO for ever, and its folder is not there."""

    def __init__(self, stick: Path, after: int, monkeypatch: Any) -> None:
        self.left, self.calls, self.stick = after, 0, stick
        for name in ("write", "fsync", "fdatasync", "open"):
            monkeypatch.setattr(durable.os, name, self._guarded(getattr(os, name)))
        monkeypatch.setattr(durable.Path, "rename", self._guarded(Path.rename))

    def _guarded(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(*args: Any, **more: Any) -> Any:
            self.calls += 1
            if self.calls > self.left:
                raise OSError(errno.EIO, "Input/output error")
            return call(*args, **more)

        return guarded


def test_pulled_out_at_every_point_loses_nothing_and_the_next_export_works(
    here: Cache, office: Office, stick: Path
) -> None:
    numbers = [apply(here, size=9000) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        counted = Pulled(stick, 10**9, patch)
        export(here)
    assert counted.calls > 15
    failed = 0
    for after in range(counted.calls):
        with pytest.MonkeyPatch.context() as patch:
            Pulled(stick, after, patch)
            try:
                export(here)  # the last calls only take the older volume away
            except CacheError as error:
                assert error.code in ("stick_unwritable", "stick_missing"), after
                failed += 1
        assert here.queue().queued == 2
        for volume in volumes(stick):
            index_of(volume, office)  # whatever has the name of a volume is a whole one
    assert failed > counted.calls // 2
    assert export(here).submissions == 2
    (volume,) = (stick / FOLDER).iterdir()  # nothing half, nothing old
    answer(volume, office)
    assert here.take_from_stick().received == 2 and sorted(office.numbers()) == sorted(numbers)


def test_a_write_protected_stick_says_so_and_its_answers_are_still_taken(
    here: Cache, office: Office, stick: Path, monkeypatch: Any
) -> None:
    apply(here)
    export(here)
    answer(volumes(stick)[0], office)

    def locked(*_args: Any, **_more: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(durable, "remove", locked)
    monkeypatch.setattr(durable, "write_blocks", locked)
    assert fault(lambda: export(here)) == "stick_unwritable"
    assert here.take_from_stick().received == 1
    refused(here, courier.TAKEN)


def test_a_second_export_replaces_the_first_but_never_what_only_the_stick_has(
    here: Cache, opener: Opener, office: Office, stick: Path
) -> None:
    apply(here)
    export(here)
    strange = volumes(stick)[0].with_name("KMT-20260101-00000000-1.adm")
    shutil.copy(volumes(stick)[0], strange)
    apply(here)
    export(here)
    assert len(volumes(stick)) == 1 and not strange.exists(), "both hold nothing that is not here"
    kept = volumes(stick)[0]
    here.close()
    other = opener(dataclasses.replace(QUICK, sticks=stick.parent), folder="new-disk")
    office.token, office.terminals = "a-new-disk-of-the-terminal", _Same(office.terminals)
    other.enrol(office.code())
    apply(other)
    export(other)
    assert kept.exists() and len(volumes(stick)) == 2, "the old disk is gone: that volume is all there is of it"


# The command line.


def test_export_and_import_by_hand(
    here: Cache, office: Office, stick: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    apply(here)
    here.close()
    data = str(tmp_path / "data")
    capsys.readouterr()
    assert main(["export", "--data", data, "--to", str(stick), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["submissions"], told["left"], told["broken"]) == (1, 0, 0)
    assert told["volumes"] == [path.name for path in volumes(stick)]
    resi = answer(volumes(stick)[0], office)
    kept = resi.read_bytes()
    assert main(["import", "--data", data, "--from", str(stick), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"received": 1, "quarantined": 0, "refused": []}
    resi.write_bytes(kept)
    assert main(["import", "--data", data, "--from", str(stick)]) == 1
    said = capsys.readouterr()
    assert resi.name in said.out and said.err
    assert main(["export", "--data", data, "--to", str(tmp_path / "none")]) == 1
