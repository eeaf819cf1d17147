"""The queue leaves on a stick and comes back as receipts: what stands on the stick, and what of it is believed."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offline_cache import cache as caches
from offline_cache import courier as out
from offline_cache import durable
from offline_cache.api import Cache, CacheError, Exported, Taken
from tests.gateway.rig import ROOT
from tests.offline_cache.conftest import QUICK, Opener, apply, sync, until
from tests.offline_cache.office import Office, no
from tests.offline_cache.stick import answer, index_of, opened
from wire import canon, courier, manifest
from wire.problem import Code

FOLDER = courier.FOLDER


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "sticks" / "sdb1"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def here(opener: Opener, office: Office, stick: Path) -> Cache:
    """An enrolled cache beside the stick; its line is dead."""
    cache = opener(dataclasses.replace(QUICK, sticks=stick.parent))
    cache.enrol(office.code())
    return cache


def export(cache: Cache) -> Exported:
    return cache.export_to_stick(lambda _part: None)


def volumes(stick: Path) -> list[Path]:
    return sorted((stick / FOLDER).glob("*.adm"))


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


# Out and back.


def test_all_that_waits_leaves_and_comes_back_as_received(here: Cache, office: Office, stick: Path) -> None:
    numbers = [apply(here, pages=2) for _ in range(3)]
    before = here.queue()
    told: list[float] = []
    done = here.export_to_stick(told.append)
    assert (done.submissions, done.left, done.broken, len(done.volumes)) == (3, 0, 0, 1)
    assert told == sorted(told) and told[-1] == 1 and len(told) > 10
    (volume,) = volumes(stick)
    assert done.volumes == (volume.name,) and done.bytes == volume.stat().st_size
    assert here.queue() == dataclasses.replace(before, disk_free=here.queue().disk_free), "no state moved"
    index = index_of(volume, office)
    files = opened(volume)
    assert [manifest.unproved(files[f"{one.submission_id}.json"])[1].number for one in index.packets] == numbers
    answer(volume, office)
    found = here.stick()
    assert found is not None and (found.path, found.receipts) == (stick, 1)
    assert here.take_from_stick() == Taken(3, 0)
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
    numbers = {apply(here, size=90_000) for _ in range(7)}
    monkeypatch.setattr(here._courier, "_most", 600_000)  # pyright: ignore[reportAttributeAccessIssue]  # of the real one
    done = export(here)
    assert len(done.volumes) == 3 and done.submissions == 7
    found = [index_of(volume, office) for volume in volumes(stick)]
    assert all(volume.stat().st_size < 600_000 for volume in volumes(stick))
    assert [(index.volume, index.volumes) for index in found] == [(1, 3), (2, 3), (3, 3)]
    for volume in volumes(stick):
        answer(volume, office)
    assert here.take_from_stick().received == 7 and set(office.numbers()) == numbers


def test_what_finds_no_room_is_left_and_said(here: Cache, office: Office, stick: Path, monkeypatch: Any) -> None:
    for _ in range(5):
        apply(here, size=400_000)
    usage = shutil.disk_usage(stick)
    monkeypatch.setattr(out.shutil, "disk_usage", lambda _path: usage._replace(free=2_600_000))
    done = export(here)
    assert (done.submissions, done.left) == (3, 2)
    assert len(index_of(volumes(stick)[0], office).packets) == 3
    monkeypatch.setattr(out.shutil, "disk_usage", lambda _path: usage._replace(free=1_200_000))
    assert fault(lambda: export(here)) == "stick_full"
    assert len(volumes(stick)) == 1 and here.queue().queued == 5


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


# Answers that are none.


@pytest.fixture
def answered(here: Cache, office: Office, stick: Path) -> Path:
    """A queue of two, its export, and the office's answer."""
    apply(here)
    apply(here)
    export(here)
    return answer(volumes(stick)[0], office)


def test_an_answer_is_taken_once(here: Cache, answered: Path) -> None:
    copy = answered.read_bytes()
    assert here.take_from_stick() == Taken(2, 0)
    answered.write_bytes(copy)
    refused(here, courier.TAKEN, answered.name)


def test_a_renamed_answer_is_refused(here: Cache, answered: Path) -> None:
    answered.rename(answered.with_name(answered.stem + " (1).resi"))
    refused(here, courier.RENAMED)


def test_an_answer_of_another_office_is_refused(here: Cache, office: Office, answered: Path) -> None:
    answer(answered.with_suffix(".adm"), office, key=Ed25519PrivateKey.generate())
    refused(here, courier.UNSIGNED)


def test_an_answer_for_another_terminal_is_refused(here: Cache, office: Office, answered: Path) -> None:
    answer(answered.with_suffix(".adm"), office, terminal="f" * 32)
    refused(here, courier.FOREIGN_ANSWER)


def test_receipts_for_something_else_settle_nothing(here: Cache, office: Office, answered: Path) -> None:
    good = courier.Receipts.take(canon.Envelope.read(answered.read_bytes()).payload).receipts
    envelope, read = manifest.unproved(next(iter(office.manifests.values())))
    other = office.sign_receipt(read, b"other", submission_id=read.submission_id)
    answer(answered.with_suffix(".adm"), office, receipts=(canon.b64(other), "!", canon.b64(b"{}"), good[1]))
    taken = here.take_from_stick()
    assert taken == Taken(1, 0, ((answered.name, courier.PARTLY),)) and here.queue().queued == 1
    assert answered.exists() and envelope


def test_a_receipt_that_the_office_has_lost_again_is_not_believed_twice(
    opener: Opener, office: Office, stick: Path
) -> None:
    """Restored from a backup, the office asks anew (L12): last week's answer must not settle that."""
    office.next_s = 5
    here = opener(dataclasses.replace(QUICK, sticks=stick.parent))
    here.enrol(office.code())
    apply(here)
    export(here)
    kept = answer(volumes(stick)[0], office)
    data, name = kept.read_bytes(), kept.name
    assert here.take_from_stick().received == 1
    for lost in (office.manifests, office.receipts, office.parts):
        lost.clear()
    office.trick = lambda method, path: no(Code.BROKEN) if method in ("PUT", "PATCH") else None
    sync(here)
    until(lambda: here.queue().queued == 1)
    payload = canon.Envelope.read(data).payload | {"imported_at": "2026-11-25"}
    (stick / FOLDER / name).write_bytes(canon.sign(payload, office.key, "r1", courier.RECEIPTS_CONTEXT))
    assert here.take_from_stick() == Taken(0, 0) and here.queue().queued == 1


def test_only_a_final_no_of_the_office_sets_a_submission_aside(here: Cache, office: Office, stick: Path) -> None:
    for _ in range(3):
        apply(here)
    export(here)
    first, second, _ = (packet.submission_id for packet in index_of(volumes(stick)[0], office).packets)
    answer(volumes(stick)[0], office, refuse={first: Code.CONFLICT, second: Code.WRONG_HASH})
    assert here.take_from_stick() == Taken(1, 1)
    assert (here.queue().queued, here.queue().quarantined) == (1, 1)
    assert here.refused()[0][1] == Code.CONFLICT.type
    assert export(here).submissions == 2, "both travel again"


def test_a_cut_answer_is_refused_at_every_length(here: Cache, answered: Path) -> None:
    data = answered.read_bytes()
    for length in {*range(0, len(data), 97), len(data) - 1}:
        answered.write_bytes(data[:length])
        refused(here, courier.NOT_WHOLE)
    answered.write_bytes(data)
    assert here.take_from_stick().received == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 7)), min_size=1, max_size=3, unique=True))
def test_a_flipped_bit_is_never_believed(here: Cache, answered: Path, flips: list[tuple[int, int]]) -> None:
    data = bytearray(answered.read_bytes())
    whole = bytes(data)
    for at, bit in {(at % len(data), bit) for at, bit in flips}:
        data[at] ^= 1 << bit
    name = answered.name
    answered.write_bytes(bytes(data))
    taken = here.take_from_stick()
    try:
        same = canon.Envelope.read(bytes(data)).payload == canon.Envelope.read(whole).payload
    except canon.CanonError:
        same = False
    if not same:  # the key's id and the spelling of the base64 are not signed; what is said is
        assert (taken.received, taken.quarantined) == (0, 0) and taken.refused[0][0] == name
    answered.write_bytes(whole)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    noise=st.binary(max_size=400)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda value: json.dumps({"kid": "r1", "payload": value, "sig": ""}).encode()
    )
)
def test_noise_is_no_answer(here: Cache, stick: Path, noise: bytes) -> None:
    folder = stick / FOLDER
    folder.mkdir(exist_ok=True)
    (folder / "KMT-20261124-00000000-1.resi").write_bytes(noise)
    refused(here, courier.NOT_WHOLE)


def test_what_desk_computers_leave_on_a_stick_is_passed_over(here: Cache, answered: Path, stick: Path) -> None:
    (stick / FOLDER / f"._{answered.name}").write_bytes(b"\0\5\x16\7")
    (stick / "System Volume Information").mkdir()
    (stick / FOLDER / "Thumbs.db").write_bytes(b"x")
    assert here.take_from_stick() == Taken(2, 0)


def test_a_full_disk_takes_work_again_once_the_receipts_are_back(
    here: Cache, office: Office, stick: Path, monkeypatch: Any
) -> None:
    apply(here)
    export(here)
    answer(volumes(stick)[0], office)
    monkeypatch.setattr(caches, "shutil", _Full())
    assert fault(lambda: apply(here)) == "disk_full" and here.queue().queued == 1
    assert here.take_from_stick().received == 1
    assert list((stick.parent.parent / "data" / "parts").iterdir()) == [], "what the office has made room"


class _Full:
    @staticmethod
    def disk_usage(_path: Path) -> Any:
        return shutil._ntuple_diskusage(1, 1, 0)


# The command line.


def command(*words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "offline_cache", *words], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stdout, done.stderr


def test_export_and_import_by_hand(here: Cache, office: Office, stick: Path, tmp_path: Path) -> None:
    apply(here)
    here.close()
    data = str(tmp_path / "data")
    code, said, _ = command("export", "--data", data, "--to", str(stick), "--json")
    told = json.loads(said)
    assert code == 0 and (told["submissions"], told["left"], told["broken"]) == (1, 0, 0)
    assert told["volumes"] == [path.name for path in volumes(stick)]
    resi = answer(volumes(stick)[0], office)
    kept = resi.read_bytes()
    code, said, _ = command("import", "--data", data, "--from", str(stick), "--json")
    assert (code, json.loads(said)) == (0, {"received": 1, "quarantined": 0, "refused": []})
    resi.write_bytes(kept)
    code, said, why = command("import", "--data", data, "--from", str(stick))
    assert code == 1 and resi.name in said and why
    assert command("export", "--data", data, "--to", str(tmp_path / "none"))[0] == 1
