"""Enrolment, tokens and revocation over real HTTP."""

from __future__ import annotations

from collections.abc import Callable

import requests

from tests.gateway.backends import sql
from tests.gateway.rig import PLACE, Gateway, Terminal, problem_of, run
from wire import canon, ids


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
