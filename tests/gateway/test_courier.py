"""What came on a stick is taken by the line's own rules, and nothing else of a stick is."""

from __future__ import annotations

import io
import json
import random
import shutil
import socket
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway import __main__ as command
from gateway import courier as importer
from gateway import courier_command, enrol
from gateway.rooms import Office
from gateway.settings import Quota, StoreSettings
from gateway.store import StoreError
from gateway.store.s3 import S3
from gateway.tables import Audit, Import, Submission
from tests.gateway.rig import Gateway, Packet, Terminal, opened
from tests.gateway.volumes import Volume, answer_of, made, take
from wire import canon, courier, volume
from wire.problem import Code


@pytest.fixture
def office(gateway: Gateway) -> Iterator[Office]:
    """The gateway's office, opened beside it as the command line does."""
    with opened(gateway.data) as office:
        yield office


def small(terminal: Terminal, count: int) -> list[Packet]:
    """Submissions of one little page."""
    return [terminal.packet(pages=1, page=b"\xff\xd8" + bytes([n]) * 400) for n in range(count)]


def refusal(office: Office, data: bytes, name: str) -> str:
    with pytest.raises(importer.VolumeRefusedError) as raised:
        take(office, data, name)
    return raised.value.reason


def here(office: Office, *packets: Packet) -> int:
    """How many of them are received."""
    with office.database.read() as session:
        found = session.scalars(select(Submission).where(Submission.id.in_([packet.id for packet in packets])))
        return sum(row.receipt is not None for row in found)


# Taken.


def test_a_volume_is_received_with_the_receipts_of_the_line(office: Office, terminal: Terminal) -> None:
    packets = [terminal.packet(), terminal.packet(pages=1)]
    made_one = made(terminal, *packets)
    done = take(office, made_one.bytes, made_one.name)
    told = answer_of(terminal, done)
    assert (done.received, done.refused, done.again, told.name) == (2, (), False, made_one.index.name())
    assert told.receipts == tuple(terminal.put(packet).json()["receipt"] for packet in packets)
    again = take(office, made_one.bytes, made_one.name)
    assert again.again and (again.answer, again.imported_at) == (done.answer, done.imported_at)
    with office.database.read() as session:
        row = session.get_one(Import, done.index_sha256)
        acts = session.scalars(select(Audit.detail).where(Audit.act == "courier_imported")).all()
    assert (row.received, row.refused, row.answer) == (2, 0, done.answer) and acts.count(row.name) == 1


def test_a_revoked_terminal_whose_key_was_rolled_is_still_heard_by_stick(
    gateway: Gateway, office: Office, terminal: Terminal
) -> None:
    packets, old = small(terminal, 1), terminal.key
    assert terminal.answer is not None
    terminal.key = Ed25519PrivateKey.generate()
    terminal.enrol(gateway.code(terminal.answer.code))
    terminal.seq = packets[0].seq  # the same disk goes on with its sequence
    packets += small(terminal, 1)
    enrol.revoke(office, terminal.answer.code)
    assert terminal.put(packets[1]).status_code == 403
    first, second = made(terminal, packets[0], key=old), made(terminal, packets[1])
    assert [take(office, each.bytes, each.name).received for each in (first, second)] == [1, 1]
    assert refusal(office, made(terminal, *packets, key=Ed25519PrivateKey.generate()).bytes, first.name)


def test_what_the_line_has_begun_is_finished_and_nothing_is_written_twice(office: Office, terminal: Terminal) -> None:
    packet, whole = terminal.packet(pages=3), terminal.packet(pages=1)
    terminal.put(packet)
    receipt = terminal.send(whole)
    names = list(packet.parts)
    terminal.patch(names[0], 0, packet.parts[names[0]])
    terminal.patch(names[1], 0, packet.parts[names[1]][:700])
    terminal.patch(names[2], 0, b"\0" * 100)  # a part that began wrong: found out by its hash, and sent anew
    made_one = made(terminal, packet, whole)
    done = take(office, made_one.bytes, made_one.name)
    assert done.received == 2 and not done.refused
    assert canon.unb64(answer_of(terminal, done).receipts[1]) == receipt


def test_the_line_and_two_sticks_at_once_make_one(gateway: Gateway, office: Office, terminal: Terminal) -> None:
    packets = small(terminal, 6)
    volumes = [made(terminal, *packets), made(terminal, *reversed(packets))]
    answers: list[importer.Imported] = []
    receipts: list[bytes] = []

    def stick(each: Volume) -> None:
        with opened(gateway.data) as beside:
            answers.append(take(beside, each.bytes, each.name))

    def line() -> None:
        for packet in packets:
            for _ in range(20):
                got = terminal.put(packet).json()
                if got["state"] == "received":
                    receipts.append(canon.unb64(got["receipt"]))
                    break
                for part in got["missing"]:
                    terminal.patch(part["sha256"], part["offset"], packet.parts[part["sha256"]][part["offset"] :])

    threads = [threading.Thread(target=stick, args=(each,)) for each in (*volumes, volumes[0])]
    threads.append(threading.Thread(target=line))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(receipts) == 6 and [done.received for done in answers] == [6, 6, 6]
    told = [{*map(canon.unb64, answer_of(terminal, done).receipts)} for done in answers]
    assert told == [{*receipts}] * 3
    assert len({done.answer for done in answers}) == 2, "one volume, one answer"


def test_limits_of_the_line_do_not_hold_back_a_stick(office: Office, terminal: Terminal) -> None:
    narrow = replace(office, settings=replace(office.settings, quota=Quota(announcements=1, open_bytes=1, beats=1)))
    made_one = made(terminal, *small(terminal, 3))
    assert take(narrow, made_one.bytes, made_one.name).received == 3


def test_without_room_each_is_told_so_and_the_next_import_takes_it(office: Office, terminal: Terminal) -> None:
    made_one = made(terminal, *small(terminal, 2))
    if office.store.free() is None:
        pytest.skip("this store tells no room")
    tight = replace(office, settings=replace(office.settings, reserve=1 << 60))
    done = take(tight, made_one.bytes, made_one.name)
    assert (done.received, {one.problem for one in done.refused}) == (0, {Code.FULL.type})
    better = take(office, made_one.bytes, made_one.name)
    assert (better.received, better.refused, better.again) == (2, (), True)
    assert better.imported_at == done.imported_at and len(answer_of(terminal, better).receipts) == 2


def test_a_store_that_does_not_answer_is_no_fault_of_the_stick(
    office: Office, terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    credentials = tmp_path / "c.toml"
    credentials.write_text('access_key_id = "a"\nsecret_access_key = "b"\n')
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{unheard.getsockname()[1]}"
        dead = replace(office, store=S3(StoreSettings("office", "", endpoint, "", credentials)))
        packets = small(terminal, 1)
        path = made(terminal, *packets).write(tmp_path)
        with pytest.raises(StoreError):
            courier_command.run(dead, [path], as_json=False)
    said = capsys.readouterr()
    assert "cannot be read" not in said.out + said.err and not path.with_suffix(".resi").exists()
    assert courier_command.run(office, [path], as_json=False) == 0
    assert here(office, *packets) == 1


# One broken submission does not stop the others.


def test_a_broken_one_does_not_stop_the_others(office: Office, terminal: Terminal) -> None:
    packets = small(terminal, 5)
    made_one = made(terminal, *packets)
    part = f"{list(packets[0].parts)[1]}.age"
    broken = made_one.with_file(part, bytes(len(packets[0].parts[part[:-4]])))
    broken = broken.with_file(f"{packets[1].id}.json", bytes(len(packets[1].envelope)))
    done = take(office, broken.bytes, broken.name)
    assert [(one.submission_id, one.problem) for one in done.refused] == [
        (packets[0].id, Code.WRONG_HASH.type),
        (packets[1].id, Code.WRONG_HASH.type),
    ]
    assert done.received == here(office, *packets) == 3
    assert len(answer_of(terminal, done).refused) == 2
    again = take(office, made_one.bytes, made_one.name)
    assert (again.received, again.refused, again.again) == (5, (), True), "a good copy of the same volume"


def test_what_the_line_would_refuse_the_stick_does_not_get_in(office: Office, terminal: Terminal) -> None:
    good, forged, other = small(terminal, 3)
    forged.envelope = canon.sign(
        canon.Envelope.read(forged.envelope).payload, Ed25519PrivateKey.generate(), terminal.id, "adm manifest v1"
    )
    conflicting = replace(other, envelope=terminal.packet(pages=1).envelope)
    conflicting.id = good.id
    made_one = made(terminal, good, forged)
    done = take(office, made_one.bytes, made_one.name)
    assert [one.problem for one in done.refused] == [Code.MALFORMED.type] and here(office, good, forged) == 1
    lying = made(terminal, replace(other, parts=good.parts))
    assert [one.problem for one in take(office, lying.bytes, lying.name).refused] == [Code.MALFORMED.type]
    swapped = made(terminal, conflicting)
    assert [one.problem for one in take(office, swapped.bytes, swapped.name).refused] == [Code.MALFORMED.type]


# Refused as a whole.


def test_foreign_forged_and_renamed_volumes_are_refused(office: Office, terminal: Terminal, tmp_path: Path) -> None:
    packets = small(terminal, 1)
    good = made(terminal, *packets)
    assert (
        refusal(office, made(terminal, *packets, said={"terminal": "f" * 32}).bytes, good.name)
        == courier.FOREIGN_TERMINAL
    )
    assert refusal(office, made(terminal, *packets, said={"code": "ZZZ"}).bytes, good.name) == courier.FOREIGN_TERMINAL
    forged = made(terminal, *packets, key=Ed25519PrivateKey.generate())
    assert refusal(office, forged.bytes, forged.name) == courier.UNSIGNED
    envelope = canon.Envelope.read(good.files[0][1])
    later = envelope.payload | {"made_at": "2027-01-01T00:00:00+07:00"}
    changed = canon.canonical({"kid": envelope.kid, "payload": later, "sig": canon.b64(envelope.sig)})
    assert refusal(office, good.with_file(courier.INDEX, changed).bytes, good.name) == courier.UNSIGNED
    assert refusal(office, good.bytes, "KMT-20261124-00000000-1.adm") == courier.RENAMED
    assert refusal(office, good.bytes, good.name + ".adm") == courier.RENAMED
    assert here(office, *packets) == 0


def test_a_cut_volume_gives_what_is_whole_in_it_and_says_the_rest(office: Office, terminal: Terminal) -> None:
    packets = small(terminal, 3)
    made_one = made(terminal, *packets)
    data = made_one.bytes
    start = volume.room(len(made_one.files[0][1]))
    for length in (0, 100, 512, start - 600, start - 1):
        assert refusal(office, data[:length], made_one.name) == courier.NOT_WHOLE
    before = 0
    for length in sorted(random.Random(7).sample(range(start, len(data)), 12)):
        done = take(office, data[:length], made_one.name)
        assert done.received + len(done.refused) == 3 and done.received >= before
        assert {one.problem for one in done.refused} <= {Code.WRONG_HASH.type}
        before = done.received
    assert take(office, data, made_one.name).received == here(office, *packets) == 3


def tricks(made_one: Volume) -> Iterator[tuple[str, bytes]]:
    """The volume as somebody tampers with it: name of the trick and bytes."""

    def build(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
            for info, data in members:
                tar.addfile(info, io.BytesIO(data))
        return out.getvalue()

    def info(name: str, size: int, **more: object) -> tarfile.TarInfo:
        made_info = tarfile.TarInfo(name)
        made_info.size = size
        for key, value in more.items():
            setattr(made_info, key, value)
        return made_info

    plain = [(info(name, len(data)), data) for name, data in made_one.files]
    index, first, second = plain[:3]
    yield (
        "symlink",
        build(index, (info(first[0].name, 0, type=tarfile.SYMTYPE, linkname="/etc/passwd"), b""), *plain[2:]),
    )
    yield "hard link", build(index, (info(first[0].name, 0, type=tarfile.LNKTYPE, linkname="index.json"), b""), second)
    yield "absolute", build(index, (info("/etc/" + first[0].name, len(first[1])), first[1]), *plain[2:])
    yield "upwards", build(index, (info("../" + first[0].name, len(first[1])), first[1]), *plain[2:])
    yield "folder", build(index, (info(first[0].name, 0, type=tarfile.DIRTYPE), b""), *plain[2:])
    yield "device", build(index, (info(first[0].name, 0, type=tarfile.CHRTYPE), b""), *plain[2:])
    yield "twice", build(index, first, first, *plain[2:])
    yield "other order", build(index, second, first, *plain[3:])
    yield "long name", build(index, (info("x" * 300, len(first[1])), first[1]), *plain[2:])
    huge = bytearray(build(index, *plain[1:]))
    at = volume.room(len(index[1]))
    forged = info(first[0].name, 0o77777777777)
    huge[at : at + 512] = forged.tobuf(tarfile.USTAR_FORMAT)
    yield "huge", bytes(huge)
    huge[at : at + 512] = info(first[0].name, 1 << 62).tobuf(tarfile.GNU_FORMAT)
    yield "huger", bytes(huge)
    huge[at : at + 512] = info(first[0].name, len(first[1]), type=tarfile.GNUTYPE_SPARSE).tobuf(tarfile.GNU_FORMAT)
    yield "sparse", bytes(huge)


def test_tricks_of_tar_get_nothing_in(office: Office, terminal: Terminal, gateway: Gateway, tmp_path: Path) -> None:
    packet = terminal.packet(pages=1, page=b"\xff\xd8" + b"x" * 400)
    made_one = made(terminal, packet)
    for trick, data in tricks(made_one):
        done = take(office, data, made_one.name)
        assert (done.received, len(done.refused)) == (0, 1), trick
    with_link = io.BytesIO()
    with tarfile.open(fileobj=with_link, mode="w") as tar:
        link = tarfile.TarInfo(courier.INDEX)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    assert refusal(office, with_link.getvalue(), made_one.name) == courier.NO_VOLUME
    large = tarfile.TarInfo(courier.INDEX)
    large.size = courier.MAX_INDEX_BYTES + 1
    assert refusal(office, large.tobuf() + bytes(4096), made_one.name) == courier.NO_VOLUME
    assert here(office, packet) == 0 and take(office, made_one.bytes, made_one.name).received == 1


def test_an_index_that_asks_for_too_much_is_refused_unread(office: Office, terminal: Terminal) -> None:
    packet = small(terminal, 1)[0]
    entry = made(terminal, packet).index.packets[0].plain()
    for wrong in (
        {"packets": [entry, entry]},
        {"packets": [entry | {"parts": [{"sha256": "0" * 64, "bytes": 1 << 40}]}]},
        {"packets": [entry | {"manifest_bytes": 1 << 30}]},
        {"packets": []},
        {"volume": 2, "volumes": 1},
        {"made_at": "../../etc"},
    ):
        good = made(terminal, packet)
        said = canon.Envelope.read(good.files[0][1]).payload | wrong
        signed = canon.sign(said, terminal.key, terminal.id, courier.CONTEXT)
        assert refusal(office, good.with_file(courier.INDEX, signed).bytes, good.name) == courier.NO_VOLUME


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 7)), min_size=1, max_size=4))
def test_flipped_bits_cost_what_they_touch_and_no_more(
    office: Office, terminal: Terminal, flips: list[tuple[int, int]]
) -> None:
    packets = small(terminal, 2)
    made_one = made(terminal, *packets)
    data = bytearray(made_one.bytes)
    for at, bit in flips:
        data[at % len(data)] ^= 1 << bit
    try:
        done = take(office, bytes(data), made_one.name)
    except importer.VolumeRefusedError:
        assert here(office, *packets) == 0
        return
    assert done.received == here(office, *packets) and done.received + len(done.refused) == 2
    answer_of(terminal, done)
    for packet in packets:
        if here(office, packet):
            assert terminal.put(packet).json()["state"] == "received"


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=3000), index=st.binary(max_size=200) | st.none())
def test_noise_is_no_volume(office: Office, noise: bytes, index: bytes | None) -> None:
    data = noise if index is None else volume.header(courier.INDEX, len(index)) + index + noise
    assert refusal(office, data, "KMT-20261124-00000000-1.adm") in (courier.NO_VOLUME, courier.NOT_WHOLE)


# The command line.


def test_the_command_takes_a_stick_and_writes_the_answers_on_it(
    gateway: Gateway, terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / courier.FOLDER
    folder.mkdir()
    first, second = made(terminal, *small(terminal, 2)), made(terminal, *small(terminal, 1))
    paths = [first.write(folder), second.write(folder)]
    (folder / f"._{paths[0].name}").write_bytes(b"mac")
    words = ["courier", "import", str(tmp_path), "--data", str(gateway.data)]
    assert command.main([*words, "--json"]) == 0
    told = {Path(each["file"]).name: each for each in json.loads(capsys.readouterr().out)}
    assert {name: (each["received"], each["again"]) for name, each in told.items()} == {
        paths[0].name: (2, False),
        paths[1].name: (1, False),
    }
    answers = {path.with_suffix(".resi").read_bytes() for path in paths}
    assert sorted(path.suffix for path in folder.iterdir()) == [".adm", ".adm", ".adm", ".resi", ".resi"]
    assert command.main(words) == 0 and "as on 20" in capsys.readouterr().out
    assert {path.with_suffix(".resi").read_bytes() for path in paths} == answers
    shutil.copy(paths[0], folder / "copy.adm")
    assert command.main(["courier", "import", str(folder / "copy.adm"), "--data", str(gateway.data)]) == 1
    assert courier.RENAMED in capsys.readouterr().out
    assert command.main(["courier", "import", str(tmp_path / "none.adm"), "--data", str(gateway.data)]) == 1
    folder.joinpath("empty").mkdir()
    assert command.main(["courier", "import", str(folder / "empty"), "--data", str(gateway.data)]) == 1
