"""The office's answers on a stick: which are believed, which are refused and why, and that none is taken twice."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offline_cache import cache as caches
from offline_cache.api import Cache, Taken
from tests.offline_cache.conftest import QUICK, Opener, apply, sync, until
from tests.offline_cache.office import Office, no
from tests.offline_cache.stick import answer, export, fault, index_of, refused, volumes
from wire import canon, courier, manifest
from wire.problem import Code

FOLDER = courier.FOLDER


# Answers that are none.


@pytest.fixture
def answered(here: Cache, office: Office, stick: Path) -> Path:
    """A queue of one, its export, and the office's answer."""
    apply(here)
    export(here)
    return answer(volumes(stick)[0], office)


def test_an_answer_is_taken_once(here: Cache, answered: Path) -> None:
    copy = answered.read_bytes()
    assert here.take_from_stick() == Taken(1, 0)
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
    envelope, read = manifest.unproved(next(iter(office.manifests.values())))
    other = office.sign_receipt(read, b"other", submission_id=read.submission_id)
    answer(answered.with_suffix(".adm"), office, receipts=(canon.b64(other), "!", canon.b64(b"{}")))
    taken = here.take_from_stick()
    assert taken == Taken(0, 0, ((answered.name, courier.PARTLY),)) and here.queue().queued == 1
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
    office.forget()
    office.trick = lambda method, path: no(Code.BROKEN) if method in ("PUT", "PATCH") else None
    sync(here)
    until(lambda: here.queue().queued == 1)
    payload = canon.Envelope.read(data).payload | {"imported_at": "2026-11-25"}
    (stick / FOLDER / name).write_bytes(canon.sign(payload, office.key, "r1", courier.RECEIPTS_CONTEXT))
    assert here.take_from_stick() == Taken(0, 0) and here.queue().queued == 1


def test_what_the_office_had_all_along_is_settled_by_the_courier_alone(
    opener: Opener, office: Office, stick: Path
) -> None:
    """Queued again for nothing, it gets the receipt that we have; the line does not send."""
    here = _queued_again(opener, office, stick)
    export(here)
    answer(volumes(stick)[0], office)
    assert here.take_from_stick() == Taken(1, 0) and here.queue().queued == 0


def test_what_the_office_loses_while_the_stick_is_on_its_way_is_not_settled_by_it(
    opener: Opener, office: Office, stick: Path
) -> None:
    here = _queued_again(opener, office, stick)
    export(here)
    kept = answer(volumes(stick)[0], office)
    data = kept.read_bytes()
    office.have_seq = 0  # restored to before both
    sync(here)
    until(lambda: here.queue().queued == 2)
    kept.write_bytes(data)
    assert here.take_from_stick() == Taken(0, 0) and here.queue().queued == 2
    export(here)
    answer(volumes(stick)[0], office)  # and of this one, it had had both
    assert here.take_from_stick() == Taken(2, 0)


def _queued_again(opener: Opener, office: Office, stick: Path) -> Cache:
    """Two were received by the courier; the office seems to lack the second; the line sends nothing."""
    office.next_s = 5
    here = opener(dataclasses.replace(QUICK, sticks=stick.parent))
    here.enrol(office.code())
    for _ in range(2):
        apply(here)
    export(here)
    answer(volumes(stick)[0], office)
    assert here.take_from_stick().received == 2
    office.have_seq = 1
    office.trick = lambda method, path: no(Code.BROKEN) if method in ("PUT", "PATCH") else None
    sync(here)
    until(lambda: here.queue().queued == 1)
    return here


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
    assert here.take_from_stick().received == 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    assert here.take_from_stick() == Taken(1, 0)


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
