"""Enrolment, tokens and revocation over real HTTP."""

from __future__ import annotations

from collections.abc import Callable

import requests

from gateway.verify import verify
from tests.gateway.backends import sql
from tests.gateway.rig import PLACE, Gateway, Terminal, opened, problem_of, run
from wire import canon, ids
from wire.heartbeat import Heartbeat


def test_the_answer_is_signed_by_the_key_in_the_code(gateway: Gateway) -> None:
    terminal = Terminal(gateway).enrol(gateway.code("AAA"))
    assert terminal.answer is not None
    assert (terminal.answer.code, terminal.answer.next_seq) == ("AAA", 1)
    assert terminal.answer.place.village == PLACE["village"]
    assert terminal.answer.limits.parts == 20


def test_the_same_token_and_key_get_the_same_answer_another_key_none(gateway: Gateway) -> None:
    code = gateway.code("AAB")
    terminal = Terminal(gateway)
    _, body = terminal.request(code)
    answers = {requests.post(f"{gateway.url}/v1/enrol", data=body, timeout=20).content for _ in range(3)}
    assert len(answers) == 1
    _, other = Terminal(gateway).request(code)
    assert problem_of(requests.post(f"{gateway.url}/v1/enrol", data=other, timeout=20)) == "token-used"


def test_a_newer_code_ends_an_unused_one(gateway: Gateway) -> None:
    old, new = gateway.code("AAC"), gateway.code("AAC")
    _, body = Terminal(gateway).request(old)
    assert problem_of(requests.post(f"{gateway.url}/v1/enrol", data=body, timeout=20)) == "token-used"
    Terminal(gateway).enrol(new)


def test_an_expired_code_is_refused(gateway: Gateway) -> None:
    code = gateway.code("AAD")
    _, body = Terminal(gateway).request(code)
    token = canon.Envelope.read(body).payload["token"]
    sha256 = ids.sha256(str(token).encode())
    sql(gateway.data, "UPDATE enrol_tokens SET expires_at = 1 WHERE token_sha256 = ?", (sha256,))
    assert problem_of(requests.post(f"{gateway.url}/v1/enrol", data=body, timeout=20)) == "token-used"


def test_a_request_signed_by_another_key_is_refused(gateway: Gateway) -> None:
    _, body = Terminal(gateway).request(gateway.code("AAE"))
    read = canon.Envelope.read(body)
    other = canon.sign(read.payload, Terminal(gateway).key, "new", "adm enrol v1")
    assert problem_of(requests.post(f"{gateway.url}/v1/enrol", data=other, timeout=20)) == "malformed"


def test_enrolled_again_the_sequence_goes_on_and_old_manifests_still_hold(
    gateway: Gateway, new_terminal: Callable[[], Terminal]
) -> None:
    old = new_terminal()
    assert old.answer is not None
    sent, announced = old.packet(), old.packet()
    queued = old.packet()
    old.send(sent)
    old.put(announced)
    fresh = Terminal(gateway).enrol(gateway.code(old.answer.code))
    assert fresh.answer is not None
    assert (fresh.id, fresh.answer.next_seq) == (old.id, announced.seq + 1)
    assert problem_of(old.put(sent)) == "unauthenticated"  # its key is no longer the terminal's
    # The same disk under a new key: what was signed with the old one is still its own.
    fresh.send(announced)
    fresh.send(queued)


def test_a_new_disk_goes_on_after_what_the_old_one_had_allotted_and_that_may_still_come(
    gateway: Gateway, new_terminal: Callable[[], Terminal]
) -> None:
    old = new_terminal()
    assert old.answer is not None
    code = old.answer.code
    old.send(old.packet())
    waiting = [old.packet(), old.packet()]  # on a stick, when the disk dies
    _have_seq(old, last_seq=3)
    fresh = Terminal(gateway).enrol(gateway.code(code))
    assert fresh.answer is not None and fresh.answer.next_seq == 4
    assert _have_seq(fresh, last_seq=0) == 3  # it has made nothing yet
    again = Terminal(gateway).enrol(gateway.code(code))
    assert again.answer is not None and again.answer.next_seq == 4
    again.send(own := again.packet())
    assert own.number == f"{code}-4-{own.number[-1]}"
    assert _lacking(gateway, code) == [2, 3]
    for packet in waiting:
        again.send(packet)
    assert _have_seq(again, last_seq=4) == 4
    assert _lacking(gateway, code) == []


def test_a_terminal_that_says_nonsense_does_not_use_up_the_numbers(
    gateway: Gateway, new_terminal: Callable[[], Terminal]
) -> None:
    wild = new_terminal()
    assert wild.answer is not None
    _have_seq(wild, last_seq=2**62)
    fresh = Terminal(gateway).enrol(gateway.code(wild.answer.code))
    assert fresh.answer is not None and fresh.answer.next_seq == 10_001
    fresh.send(fresh.packet())


def _have_seq(terminal: Terminal, last_seq: int) -> int:
    """What the office answers to a heartbeat."""
    told = Heartbeat(
        version="0",
        wall="",
        boot_id="b",
        uptime_s=1,
        queued=0,
        quarantined=0,
        last_seq=last_seq,
        disk_free=1,
        cursor=0,
    )
    url = f"{terminal.gateway.url}/v1/heartbeat"
    got = terminal.http.post(url, data=told.canonical(), headers=terminal.headers(), timeout=20)
    assert got.status_code == 200, got.text
    return int(got.json()["have_seq"])


def _lacking(gateway: Gateway, code: str) -> list[int]:
    with opened(gateway.data) as office:
        return verify(office).lacking.get(code, [])


def test_a_revoked_terminal_is_told_so_until_it_is_enrolled_again(
    gateway: Gateway, new_terminal: Callable[[], Terminal]
) -> None:
    terminal = new_terminal()
    assert terminal.answer is not None
    run("gateway", "terminal", "revoke", "--data", str(gateway.data), "--code", terminal.answer.code)
    assert problem_of(terminal.put(terminal.packet())) == "revoked"
    terminal.enrol(gateway.code(terminal.answer.code))
    terminal.send(terminal.packet())


def test_the_time_is_told_without_a_token(gateway: Gateway) -> None:
    got = requests.get(f"{gateway.url}/v1/time", timeout=20).json()
    assert set(got) == {"server_time"}
