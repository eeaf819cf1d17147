"""docs/protocol.md is enough to write another client: one that was written from it, against a real gateway."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.office import open as office_open
from tests.gateway.rig import Gateway, picture, run, wait_for
from tests.proof.other_client import Client, Submission
from tests.proof.other_words import LineFault, Refused, registration_number, sign

NIK = "3279024107900001"
FIELDS = {"name": "SITI CONTOH", "phone": "081200000000"}


@pytest.fixture(scope="module")
def client(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Client:
    made = Client(tmp_path_factory.mktemp("other"))
    made.enrol(gateway.code("OTH"))
    return made


@pytest.fixture
def one(client: Client) -> Iterator[Submission]:
    """Queued; taken out of the queue again."""
    made = apply(client, [("kk", 1, picture("KK"))])
    yield made
    client.queue.pop(made.id)


def apply(client: Client, pages: list[tuple[str, int, bytes]], **more: object) -> Submission:
    return client.submit("KTP-HILANG", NIK, FIELDS, pages, **more)  # pyright: ignore[reportArgumentType]  # its own words


def test_the_number_of_the_page_is_one() -> None:
    assert registration_number("KMT", 10417) == "KMT-10417-F"


def test_enrolment_is_repeatable_with_its_key_and_rolls_with_a_new_code(gateway: Gateway, tmp_path: Path) -> None:
    client, code = Client(tmp_path), gateway.code("OTR")
    answer = client.enrol(code)
    assert client.enrol(code) == answer
    with pytest.raises(Refused, match="token-used"):
        Client(tmp_path).enrol(code)
    waiting = apply(client, [])
    client.key = Ed25519PrivateKey.generate()
    with pytest.raises(Refused, match="conflict"):
        client.enrol(gateway.code("OTS"), queue_of=answer["terminal"])
    assert client.enrol(gateway.code("OTR"), queue_of=answer["terminal"])["terminal"] == answer["terminal"]
    after = apply(client, [])
    client.send(after)
    assert client.heartbeat()["have_seq"] == 0
    client.send(waiting)  # signed with the old key
    assert client.heartbeat()["have_seq"] == 2


def test_heartbeat_places_keys_and_time(client: Client) -> None:
    begun = time.monotonic()
    beat = client.heartbeat()
    assert client.places["spots"][0]["district"] == "Kec. Pataruman"
    assert client.fetch_places() == 304
    assert client.keys_version == beat["keys"]  # our hash of what we proved
    assert 0 <= client.office_time() - beat["server_time"] <= time.monotonic() - begun + 1  # both are whole seconds
    assert 5 <= beat["next_s"] <= 900


def test_a_wrong_clock_is_corrected_by_the_refusal(client: Client) -> None:
    client.clock, begun = 7200, time.monotonic()
    client.changes()
    assert abs(client.clock) < 2 + time.monotonic() - begun  # a machine with much to do is slow to tell the time


def test_a_portal_a_cut_and_wrong_offsets(client: Client, one: Submission) -> None:
    home, client.url = client.url, client.url + "/login?"  # an HTML page that answers everything
    with pytest.raises(LineFault):
        client.announce(one)
    client.url = home
    assert one.state == "queued"
    client.announce(one)
    name = list(one.parts)[1]
    with pytest.raises(LineFault):
        client.append(name, 0, one.parts[name], cut=8192)
    wait_for(lambda: client.offset(name) == (8192, False))
    for wrong in (0, one.parts[name] - 1):  # up and down
        with pytest.raises(Refused, match="offset") as told:
            client.append(name, wrong, 1)
        assert told.value.problem["offset"] == 8192
    assert client.upload(name, one.parts[name], 0, piece=8192) == 1 + -(-(one.parts[name] - 8192) // 8192)
    assert client.offset(name) == (one.parts[name], True)


def test_wrong_bytes_start_at_0_again(client: Client, one: Submission) -> None:
    client.announce(one)
    name = list(one.parts)[1]
    path = client.folder / f"{name}.age"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Refused, match="wrong-hash"):
        client.upload(name, one.parts[name], 0)
    path.write_bytes(whole)
    assert client.offset(name) == (0, False)
    client.send(one)
    assert one.state == "received"


def test_a_conflict_sets_one_aside_and_the_next_goes_on(client: Client, one: Submission) -> None:
    client.announce(one)
    read = json.loads(one.envelope)["payload"]
    one.envelope = sign({**read, "language": "su"}, client.key, client.answer["terminal"], "adm manifest v1")
    with pytest.raises(Refused, match="conflict"):
        client.announce(one)
    assert one.state == "quarantined"
    after = apply(client, [])
    client.send(after)
    assert after.state == "received"


def test_line_and_stick_reach_the_office(gateway: Gateway, client: Client, tmp_path: Path) -> None:
    """The application goes by the line, what completes it by the stick; the office opens both as one."""
    pages = [("f102", 1, picture("satu", (1240, 1754))), ("f102", 2, picture("dua"))]
    first = apply(client, pages, missing=("kk",))
    client.send(first)
    receipt = first.receipt
    client.announce(first)
    assert (first.state, first.receipt) == ("received", receipt)  # the same for ever

    late_pages = [("kk", 1, picture("tiga"))]
    late = client.submit("KTP-HILANG", NIK, {}, late_pages, corrects=first)
    volume = client.export(tmp_path)
    run("gateway", "courier", "import", str(tmp_path), "--data", str(gateway.data))
    told = client.take_answer(volume.with_suffix(".resi"))
    assert (told["name"], told["volume"], told["refused"]) == (volume.stem, 1, [])
    assert late.state == "received"
    receipt = late.receipt
    client.announce(late)
    assert late.receipt == receipt  # the line's and the stick's are one

    client.heartbeat()
    assert client.status(first.number, "3279024107900002") == []
    assert rows(client, first.number) == [("", ["kk"]), (first.id, [])]
    client.rows, client.cursor = [], client.cursor + 100  # the office was restored: from the beginning
    client.changes()
    assert client.status(first.number, NIK) == ["received", "received"]

    out, keys = tmp_path / "out", [str(path) for path in (gateway.data / "keys").glob("office*.age")]
    words = ["--store", str(gateway.data / "store"), "--key", *keys, "--number", first.number, "--out", str(out)]
    assert office_open.main(words) == 0
    jpegs = [jpeg for _, _, jpeg in (*pages, *late_pages)]
    assert [(out / f"page-{n}.jpg").read_bytes() for n in (1, 2, 3)] == jpegs
    form = json.loads((out / "form.json").read_bytes())
    assert (form["nik"], form["fields"], form["submission_id"]) == (NIK, FIELDS, first.id)
    assert [page["paper"] for page in form["pages"]] == ["f102", "f102", "kk"]


def rows(client: Client, number: str) -> list[tuple[str, list[str]]]:
    return [(row["first"], row["missing"]) for row in client.rows if row["number"] == number]
