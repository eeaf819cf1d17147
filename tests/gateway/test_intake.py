"""Intake over real HTTP. Ids in the names are those of the sync notes, section 2."""

from __future__ import annotations

import json
import threading
import urllib.parse
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.backends import once
from tests.gateway.rig import Gateway, Packet, Terminal, problem_of, run
from tests.gateway.shelf import Shelf
from wire import canon, ids, manifest


def kept(terminal: Terminal, packet: Packet) -> Shelf:
    return Shelf(terminal.gateway.data, terminal.id, packet.id)


def test_three_calls_end_with_a_receipt_that_holds(terminal: Terminal) -> None:
    packet = terminal.packet()
    got = terminal.put(packet)
    assert got.status_code == 201
    assert got.json()["state"] == "awaiting"
    assert {part["sha256"] for part in got.json()["missing"]} == set(packet.parts)
    proved = terminal.prove(terminal.send(packet))
    assert (proved.submission_id, proved.number, proved.seq) == (packet.id, packet.number, packet.seq)
    assert proved.manifest_sha256 == manifest.digest(packet.envelope)
    assert not proved.withdrawn
    assert kept(terminal, packet).read("manifest.json") == packet.envelope
    for sha256, part in packet.parts.items():
        assert kept(terminal, packet).read(f"{sha256}.age") == part


def test_l2_no_receipt_while_a_part_is_gone_from_the_disk(terminal: Terminal) -> None:
    packet = terminal.packet(pages=3)
    terminal.put(packet)
    for sha256, part in packet.parts.items():
        assert terminal.patch(sha256, 0, part).status_code == 204
    lost, spoilt = list(packet.parts)[1:3]
    kept(terminal, packet).remove(f"{lost}.age")
    kept(terminal, packet).put(f"{spoilt}.age", b"\0" * len(packet.parts[spoilt]))
    got = terminal.put(packet).json()
    assert got == {"state": "awaiting", "missing": [{"sha256": lost, "offset": 0}]}
    assert terminal.patch(lost, 0, packet.parts[lost]).status_code == 204
    got = terminal.put(packet).json()
    assert got == {"state": "awaiting", "missing": [{"sha256": spoilt, "offset": 0}]}
    terminal.prove(terminal.send(packet))


def test_l5_two_identical_pages_are_both_there(terminal: Terminal) -> None:
    packet = terminal.packet(pages=2, page=b"the same page")
    assert len(packet.parts) == 3
    terminal.prove(terminal.send(packet))


def test_d1_twenty_threads_get_one_row_and_one_receipt(terminal: Terminal) -> None:
    packet = terminal.packet()
    with ThreadPoolExecutor(20) as pool:
        first = list(pool.map(lambda _: _put(terminal, packet), range(20)))
    assert sorted(got.status_code for got in first) == [200] * 19 + [201]
    for sha256, part in packet.parts.items():
        terminal.patch(sha256, 0, part)
    with ThreadPoolExecutor(20) as pool:
        receipts = {_put(terminal, packet).json()["receipt"] for _ in pool.map(lambda _: None, range(1))} | {
            got.json()["receipt"] for got in pool.map(lambda _: _put(terminal, packet), range(20))
        }
    assert len(receipts) == 1
    got = terminal.http.get(f"{terminal.gateway.url}/v1/changes", headers=terminal.headers(), timeout=20).json()
    assert [row["state"] for row in got["changes"] if row["submission_id"] == packet.id] == ["received"]


def _put(terminal: Terminal, packet: Packet) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.put(
            f"{terminal.gateway.url}/v1/submissions/{packet.id}",
            data=packet.envelope,
            headers=terminal.headers(),
            timeout=30,
        )


def test_d2_the_answer_is_lost_ten_times(terminal: Terminal) -> None:
    packet = terminal.packet()
    for _ in range(10):
        connection = terminal.raw("0" * 64, 0, 0, b"")
        connection.close()
        terminal.put(packet).close()
    first = terminal.send(packet)
    assert {terminal.put(packet).json()["receipt"] for _ in range(10)} == {canon.b64(first)}
    assert terminal.prove(first).server_seq >= 1


def test_d3_parts_in_any_order_make_one_submission(terminal: Terminal) -> None:
    packet = terminal.packet(pages=6)
    terminal.put(packet)
    halves = {sha256: len(part) // 2 for sha256, part in packet.parts.items()}
    with ThreadPoolExecutor(4) as pool:
        for sha256 in reversed(packet.parts):
            pool.submit(_patch, terminal, sha256, 0, packet.parts[sha256][: halves[sha256]])
    with ThreadPoolExecutor(4) as pool:
        for sha256, half in halves.items():
            pool.submit(_patch, terminal, sha256, half, packet.parts[sha256][half:])
    got = terminal.put(packet)
    assert got.json()["state"] == "received", got.text


def _patch(terminal: Terminal, sha256: str, offset: int, data: bytes) -> int:
    headers = {**terminal.headers(), "Upload-Offset": str(offset)}
    with requests.Session() as session:
        session.trust_env = False
        return session.patch(
            f"{terminal.gateway.url}/v1/blobs/{sha256}", data=data, headers=headers, timeout=20
        ).status_code


def test_d6_a_received_submission_answers_with_its_old_receipt(terminal: Terminal) -> None:
    packet = terminal.packet()
    first = terminal.send(packet)
    got = terminal.put(packet)
    assert got.status_code == 200
    assert canon.unb64(got.json()["receipt"]) == first


def test_other_bytes_under_the_same_id_are_refused_for_good(terminal: Terminal) -> None:
    packet = terminal.packet()
    terminal.send(packet)
    payload = canon.Envelope.read(packet.envelope).payload
    other = canon.sign({**payload, "language": "su"}, terminal.key, terminal.id, manifest.CONTEXT)
    assert problem_of(terminal.put(packet, other)) == "conflict"


def test_a_sequence_number_is_used_once(terminal: Terminal) -> None:
    terminal.put(terminal.packet())
    terminal.seq -= 1
    assert problem_of(terminal.put(terminal.packet())) == "conflict"


def test_d8_a_received_part_cannot_be_rewritten(terminal: Terminal) -> None:
    packet = terminal.packet()
    terminal.send(packet)
    sha256, part = next(iter(packet.parts.items()))
    got = terminal.patch(sha256, 0, b"x" * len(part))
    assert problem_of(got) == "offset"
    assert got.json()["offset"] == len(part)
    assert kept(terminal, packet).read(f"{sha256}.age") == part


def test_d7_withdrawn_then_sent_again_stays_withdrawn(terminal: Terminal, gateway: Gateway) -> None:
    packet = terminal.packet()
    first = terminal.prove(terminal.send(packet))
    run("gateway", "withdraw", "--data", str(gateway.data), "--id", packet.id)
    got = terminal.prove(canon.unb64(terminal.put(packet).json()["receipt"]))
    assert got.withdrawn
    assert (got.server_seq, got.received_at) == (first.server_seq, first.received_at)
    assert kept(terminal, packet).names() == ["manifest.json"]
    assert problem_of(terminal.patch(next(iter(packet.parts)), 0, b"x")) == "not-found"


def test_s1_a_part_before_its_manifest_hears_that_the_manifest_comes_first(terminal: Terminal) -> None:
    packet = terminal.packet()
    sha256, part = next(iter(packet.parts.items()))
    assert terminal.head(sha256).status_code == 404
    assert problem_of(terminal.patch(sha256, 0, part)) == "not-found"
    terminal.prove(terminal.send(packet))


@pytest.mark.parametrize("text", ["e\u0301\u202e\u200f 👩‍👩‍👧", "\u0627" * 2000, "x" * 4096])
def test_l3_no_label_names_a_file(terminal: Terminal, text: str) -> None:
    packet = terminal.packet(clock={"wall": "x", "boot_id": text[:40], "monotonic_ms": 0, "offset_ms": None})
    terminal.send(packet)
    assert set(kept(terminal, packet).names()) == {"manifest.json", *(f"{sha256}.age" for sha256 in packet.parts)}


@once
@pytest.mark.parametrize("wall", ["1970-01-01T00:00:00+00:00", "2106-02-07T06:28:16+00:00", "no clock at all"])
def test_t7_a_wrong_clock_never_refuses_a_submission(terminal: Terminal, wall: str) -> None:
    terminal.prove(terminal.send(terminal.packet(wall=wall)))


def test_a_token_from_a_wrong_clock_hears_the_time(terminal: Terminal) -> None:
    packet = terminal.packet()
    got = terminal.put(packet, now=1000.0)
    assert problem_of(got) == "clock"
    assert terminal.put(packet, now=float(got.json()["server_time"])).status_code == 201


def test_an_unknown_service_is_kept_and_gets_its_receipt(terminal: Terminal) -> None:
    terminal.prove(terminal.send(terminal.packet(service="AKTA-MASA-DEPAN")))


def test_a_manifest_of_another_terminal_is_refused(terminal: Terminal, new_terminal: Callable[[], Terminal]) -> None:
    other = new_terminal()
    packet = other.packet()
    assert problem_of(terminal.put(packet)) == "malformed"
    assert other.put(packet).status_code == 201
    assert problem_of(terminal.put(packet)) == "conflict"
    assert terminal.head(next(iter(packet.parts))).status_code == 404  # a hash cannot be probed by another


def test_a_signature_that_does_not_hold_is_refused(terminal: Terminal) -> None:
    packet = terminal.packet()
    read = canon.Envelope.read(packet.envelope)
    forged = canon.canonical({"kid": read.kid, "payload": read.payload, "sig": canon.b64(b"\0" * 64)})
    assert problem_of(terminal.put(packet, forged)) == "malformed"


@once
def test_a_manifest_larger_than_its_limit_is_refused(terminal: Terminal) -> None:
    assert problem_of(terminal.put(terminal.packet(), b"x" * (manifest.MAX_MANIFEST_BYTES + 1))) == "too-large"


def _beat(terminal: Terminal, **changed: object) -> requests.Response:
    beat = {
        "v": 1,
        "version": "0",
        "wall": "",
        "boot_id": "",
        "uptime_s": 1,
        "queued": 0,
        "quarantined": 0,
        "last_seq": 0,
        "disk_free": 1,
        "devices": [],
        "cursor": 0,
        **changed,
    }
    return terminal.http.post(
        f"{terminal.gateway.url}/v1/heartbeat", data=json.dumps(beat), headers=terminal.headers(), timeout=20
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "a\0b"},
        {"version": "\ud800"},
        {"disk_free": 2**40, "uptime_s": 2**33},
        {"disk_free": 2**70},
        {"cursor": 2**70},
        {"devices": [{"role": "printer\0", "phase": "ready", "faults": ["\0"]}]},
    ],
)
def test_a_value_that_no_column_holds_is_a_problem_and_not_a_failure(
    terminal: Terminal, changed: dict[str, object]
) -> None:
    got = _beat(terminal, **changed)
    assert got.status_code == 200 or problem_of(got) == "malformed", got.text
    assert got.status_code == 200 or changed.get("disk_free") != 2**40
    assert _beat(terminal).json()["have_seq"] >= 0
    huge = terminal.packet(seq=2**63)
    assert problem_of(terminal.put(huge)) == "malformed"


_fuzz = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@once
@_fuzz
@given(body=st.binary(max_size=400) | _json.map(lambda value: canon.json.dumps(value).encode()))
def test_any_body_gets_a_problem(terminal: Terminal, body: bytes) -> None:
    for method, path in (
        ("PUT", f"/v1/submissions/{ids.uuid7()}"),
        ("POST", "/v1/heartbeat"),
        ("POST", "/v1/enrol"),
    ):
        got = terminal.http.request(
            method, terminal.gateway.url + path, data=body, headers=terminal.headers(), timeout=20
        )
        assert problem_of(got) in ("malformed", "token-used"), got.text


@once
@_fuzz
@given(data=st.data())
def test_any_change_to_a_manifest_gets_a_problem_or_is_the_same(terminal: Terminal, data: st.DataObject) -> None:
    packet = terminal.packet(pages=1)
    payload = canon.Envelope.read(packet.envelope).payload
    name = data.draw(st.sampled_from(sorted(payload)))
    value = data.draw(_json)
    if name in ("tag", "office_key", "prev", "corrects", "missing", "clock", "language", "service", "schema_version"):
        return  # what a terminal may truly say otherwise
    try:
        changed = canon.sign({**payload, name: value}, terminal.key, terminal.id, manifest.CONTEXT)
    except canon.CanonError:
        return
    got = terminal.put(packet, changed)
    if changed == packet.envelope:
        assert got.status_code == 201, got.text
    else:
        assert problem_of(got) == "malformed", got.text


@once
@_fuzz
@given(name=st.text(min_size=1, max_size=80))
def test_t6_an_id_is_hex_of_fixed_length_or_nothing(terminal: Terminal, name: str) -> None:
    before = _tree(terminal)
    for path in ("/v1/blobs/", "/v1/submissions/"):
        for spelled in (urllib.parse.quote(name, safe=""), "..%2f..%2f" + urllib.parse.quote(name, safe="")):
            got = terminal.http.request(
                "PATCH" if "blobs" in path else "PUT",
                terminal.gateway.url + path + spelled,
                data=b"x",
                headers={**terminal.headers(), "Upload-Offset": "0"},
                timeout=20,
            )
            assert problem_of(got) == "not-found"
    assert _tree(terminal) == before


def _tree(terminal: Terminal) -> set[str]:
    return {str(path) for path in terminal.gateway.data.rglob("*") if "gateway.db" not in path.name}


@once
def test_every_refusal_of_a_path_is_a_problem(gateway: Gateway) -> None:
    for method, path in (("GET", "/v1/nothing"), ("DELETE", "/v1/time"), ("GET", "/v1/changes")):
        got = requests.request(method, gateway.url + path, timeout=20)
        assert problem_of(got) in ("not-found", "unauthenticated")
    assert requests.get(f"{gateway.url}/v1/changes?after=-1", timeout=20).status_code == 422


def test_one_slow_body_does_not_hold_the_others(terminal: Terminal) -> None:
    packet = terminal.packet()
    terminal.put(packet)
    sha256, part = next(iter(packet.parts.items()))
    silent = [terminal.raw(sha256, 0, len(part), part[:10]) for _ in range(60)]
    done: list[float] = []

    def ask() -> None:
        done.append(requests.get(f"{terminal.gateway.url}/v1/time", timeout=20).elapsed.total_seconds())

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in silent:
        connection.close()
    assert max(done) < 2
