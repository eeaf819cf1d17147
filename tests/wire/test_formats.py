"""Canonical JSON, envelopes, numbers, manifests, receipts, problems, codes, tokens, tags: what both ends agree on."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from wire import canon, enrol, ids, manifest, problem, receipt, tag, token, upload
from wire.change import REASONS, ChangesPage
from wire.form import Form
from wire.frozen import Frozen
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.manifest import Clock, Manifest, Part
from wire.number import Number, NumberError, check_character
from wire.problem import Code

KEY = Ed25519PrivateKey.generate()
OTHER = Ed25519PrivateKey.generate()
TERMINAL = secrets.token_hex(16)

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8), plain, max_size=5)


def a_manifest(**other: Any) -> Manifest:
    values: dict[str, Any] = {
        "submission_id": ids.uuid7(),
        "number": str(Number("KMT", 7)),
        "terminal": TERMINAL,
        "seq": 7,
        "service": "KTP-HILANG",
        "schema_version": 1,
        "tag": canon.b64(bytes(32)),
        "office_key": "o1",
        "clock": Clock(wall="2026-11-24T00:00:00+00:00", boot_id="b", monotonic_ms=1),
        "parts": (Part(role="form", n=0, media_type="application/json", bytes=5, sha256="0" * 64),),
    }
    return Manifest(**values | other)


# Canonical JSON.


@given(objects)
def test_canonical_json_is_read_back_and_has_one_spelling(value: dict[str, object]) -> None:
    spelled = canon.canonical(value)
    assert canon.parse(spelled) == value
    assert canon.canonical(canon.parse(json.dumps(value, indent=2).encode())) == spelled


@given(st.binary(max_size=200))
@example(b'{"a":1.0}')
@example(b'{"a":1e3}')
@example(b'{"a":NaN}')
@example(b'{"a":1,"a":1}')
@example(b'{"a":"\\ud800"}')
@example(b"[]")
@example(b"[" * 100_000)
@example(b'{"a":' + b"9" * 5000 + b"}")
def test_any_bytes_are_an_object_or_a_canon_error(data: bytes) -> None:
    try:
        canon.canonical(canon.parse(data))
    except canon.CanonError:
        pass


@pytest.mark.parametrize("text", ['{"a":1.0}', '{"a":NaN}', '{"a":Infinity}', '{"a":1,"a":2}', "[]", "1", "", "{"])
def test_what_has_no_single_spelling_is_refused(text: str) -> None:
    with pytest.raises(canon.CanonError):
        canon.parse(text.encode())


@given(st.binary(max_size=99))
def test_base64_returns(data: bytes) -> None:
    assert canon.unb64(canon.b64(data)) == data


@given(st.text(max_size=40))
def test_any_text_is_base64_or_a_canon_error(text: str) -> None:
    try:
        canon.unb64(text)
    except canon.CanonError:
        pass


# Envelopes.


@given(objects)
def test_envelope_holds_for_its_key_and_its_context_alone(payload: dict[str, object]) -> None:
    envelope = canon.sign(payload, KEY, "k", "one")
    assert canon.Envelope.read(envelope).verify(KEY.public_key(), "one") == payload
    for key, context in ((OTHER, "one"), (KEY, "two")):
        with pytest.raises(canon.SignatureError):
            canon.Envelope.read(envelope).verify(key.public_key(), context)


@given(st.data())
def test_envelope_with_one_other_byte_never_passes_as_another_payload(data: st.DataObject) -> None:
    payload: dict[str, object] = {"a": 1, "b": ["x", None, True]}
    envelope = bytearray(canon.sign(payload, KEY, "k", "one"))
    at = data.draw(st.integers(0, len(envelope) - 1))
    envelope[at] = data.draw(st.integers(0, 255))
    try:
        assert canon.Envelope.read(bytes(envelope)).verify(KEY.public_key(), "one") == payload
    except (canon.CanonError, canon.SignatureError):
        pass


# Numbers.


def test_check_character_is_that_of_iso_7064() -> None:
    assert check_character("A12425GABC1234002") == "M"


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3), st.integers(1, 9_999_999_999))
def test_number_is_read_back_however_it_is_typed(code: str, seq: int) -> None:
    text = str(Number(code, seq))
    for typed in (text, text.lower(), text.replace("-", " "), f"  {text}\n"):
        assert Number.parse(typed) == Number(code, seq)


def _is_number(text: str) -> bool:
    try:
        Number.parse(text)
    except NumberError:
        return False
    return True


@given(st.integers(1, 9_999_999_999), st.data())
def test_every_wrong_character_is_found(seq: int, data: st.DataObject) -> None:
    tight = str(Number("KMT", seq)).replace("-", "")
    at = data.draw(st.integers(0, len(tight) - 1))
    wrong = data.draw(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ").filter(lambda one: one != tight[at]))
    assert not _is_number(tight[:at] + wrong + tight[at + 1 :])


def test_nearly_every_swap_of_neighbours_is_found() -> None:
    swapped: list[str] = []
    for seq in range(1, 100_000, 37):
        tight = str(Number("KMT", seq)).replace("-", "")
        swapped += [
            tight[:at] + tight[at + 1] + tight[at] + tight[at + 2 :]
            for at in range(len(tight) - 1)
            if tight[at] != tight[at + 1]
        ]
    assert sum(map(_is_number, swapped)) <= 0.005 * len(swapped)


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_number_error(text: str) -> None:
    try:
        assert Number.parse(str(Number.parse(text))) == Number.parse(text)
    except NumberError as error:
        assert error.reason in ("shape", "check")


# Messages.


def test_manifest_is_read_back_from_its_envelope() -> None:
    whole = a_manifest()
    signed = canon.sign(whole.plain(), KEY, TERMINAL, manifest.CONTEXT)
    envelope, read = manifest.unproved(signed)
    assert read == whole and envelope.kid == TERMINAL
    assert manifest.digest(signed) == ids.sha256(signed)


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "KMT-8-X"},
        {"number": str(Number("KMT", 8))},
        {"number": str(Number("KMT", 7)).lower()},
        {"seq": 0},
        {"service": "ktp"},
        {"tag": "short"},
        {"prev": "x"},
        {"parts": []},
        {"submission_id": "../../etc/passwd"},
        {"submission_id": str(uuid.uuid4())},
        {"name": "SITI"},
    ],
)
def test_l10_manifest_that_does_not_fit_is_refused_by_its_field(wrong: dict[str, object]) -> None:
    with pytest.raises(canon.CanonError, match="Manifest"):
        Manifest.take(a_manifest().plain() | wrong)


@pytest.mark.parametrize("wrong", [{"sha256": ""}, {"sha256": "../x"}, {"bytes": 0}, {"bytes": 1 << 24}, {"role": "x"}])
def test_l10_part_without_hash_or_size_is_refused(wrong: dict[str, object]) -> None:
    part = {"role": "page", "paper": "kk", "n": 1, "media_type": "image/jpeg", "bytes": 9, "sha256": "1" * 64}
    Manifest.take(a_manifest().plain() | {"parts": [part]})
    with pytest.raises(canon.CanonError, match="parts"):
        Manifest.take(a_manifest().plain() | {"parts": [part | wrong]})


def test_two_parts_of_one_hash_and_too_many_bytes_are_refused() -> None:
    part = {"role": "page", "paper": "kk", "n": 1, "media_type": "image/jpeg", "bytes": 8 << 20}
    for parts in ([part | {"sha256": "1" * 64}] * 2, [part | {"sha256": str(n) * 64} for n in range(6)]):
        with pytest.raises(canon.CanonError):
            Manifest.take(a_manifest().plain() | {"parts": parts})


def test_correction_carries_the_first_ones_number() -> None:
    assert a_manifest(seq=9, corrects=ids.uuid7()).number == str(Number("KMT", 7))


def test_receipt_is_proved_by_the_offices_key_alone() -> None:
    told = receipt.Receipt(
        submission_id=ids.uuid7(), manifest_sha256="0" * 64, number="KMT-7-X", terminal=TERMINAL, seq=7, server_seq=1,
        received_at="2026-11-24T00:00:00+00:00",
    )  # fmt: skip
    envelope = canon.sign(told.plain(), KEY, "r", receipt.CONTEXT)
    assert receipt.prove(envelope, KEY.public_key()) == told
    newer = canon.sign({**told.plain(), "counter": 3}, KEY, "r", receipt.CONTEXT)
    assert receipt.prove(newer, KEY.public_key()) == told
    for wrong in (canon.sign(told.plain(), OTHER, "r", receipt.CONTEXT), canon.sign(told.plain(), KEY, "r", "x")):
        with pytest.raises(canon.SignatureError):
            receipt.prove(wrong, KEY.public_key())


READERS: list[Callable[[bytes], object]] = [
    Manifest.read, Form.read, Heartbeat.read, HeartbeatAnswer.read, ChangesPage.read, enrol.EnrolAnswer.read,
    enrol.EnrolRequest.read, problem.Problem.read, upload.IntakeAnswer.read, receipt.Receipt.read, manifest.unproved,
]  # fmt: skip


@given(st.sampled_from(READERS), st.binary(max_size=100) | objects.map(canon.canonical))
def test_any_bytes_are_a_message_or_a_canon_error(read: Callable[[bytes], object], data: bytes) -> None:
    try:
        read(data)
    except canon.CanonError:
        pass


@given(st.data())
def test_manifest_with_one_field_of_another_kind_is_read_or_refused(data: st.DataObject) -> None:
    values = a_manifest().plain()
    values[data.draw(st.sampled_from(sorted(values)))] = data.draw(plain)
    try:
        assert isinstance(Manifest.take(values), Frozen)
    except canon.CanonError:
        pass


def test_newer_office_may_say_more_than_we_know() -> None:
    page = {"changes": [], "cursor": 4, "more": False, "new": {"x": 1}}
    assert ChangesPage.read(canon.canonical(page)).cursor == 4


def test_received_without_a_receipt_is_no_answer() -> None:
    with pytest.raises(canon.CanonError):
        upload.IntakeAnswer.read(b'{"state":"received"}')


# Problems.


@pytest.mark.parametrize("code", list(Code))
def test_problem_names_its_code(code: Code) -> None:
    told = problem.Problem(type=code.type, title="t", status=code.status)
    assert problem.read("application/problem+json; charset=utf-8", told.canonical()) == told
    assert told.code is code


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("text/html", problem.Problem(type=Code.FULL.type, title="t", status=507).canonical()),
        ("application/problem+json", b'{"type":"about:blank","title":"Not Found","status":404}'),
        ("application/problem+json", b"<html>"),
        ("", b""),
    ],
)
def test_what_is_not_ours_is_no_problem(media_type: str, body: bytes) -> None:
    assert problem.read(media_type, body) is None


def test_problem_of_a_newer_office_has_no_code() -> None:
    assert problem.Problem(type="urn:adm:problem:brand-new", title="t", status=418).code is None


# Enrolment codes.


def test_enrolment_code_survives_line_breaks_and_blanks() -> None:
    code = enrol.EnrolCode(url="https://x.example", token="t" * 22, gateway_key="k" * 43)
    text = code.text()
    assert enrol.EnrolCode.from_text(f" {text[:20]}\n {text[20:]} ") == code


@given(st.text(max_size=60) | st.text(max_size=60).map(lambda text: "ADM1." + text))
def test_any_text_is_a_code_or_a_canon_error(text: str) -> None:
    try:
        enrol.EnrolCode.from_text(text)
    except canon.CanonError:
        pass


# Tokens.


def test_token_is_proved_within_ten_minutes_either_way() -> None:
    made = token.make(TERMINAL, KEY, now=1_000_000)
    assert token.kid(made) == TERMINAL
    for now in (999_400, 1_000_000, 1_000_600):
        assert token.prove(made, KEY.public_key(), now).age_s == now - 1_000_000
    for now in (999_399, 1_000_601):
        with pytest.raises(token.ClockError):
            token.prove(made, KEY.public_key(), now)
    with pytest.raises(token.TokenError):
        token.prove(made, OTHER.public_key(), 1_000_000)


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda data: f"{canon.b64(data)}.e30.x"))
def test_any_text_is_refused_as_a_token(text: str) -> None:
    with pytest.raises(token.TokenError):
        token.prove(text, KEY.public_key())


def test_unsigned_token_is_refused() -> None:
    header = canon.b64(canon.canonical({"alg": "none", "kid": TERMINAL}))
    claims = canon.b64(canon.canonical({"aud": token.AUDIENCE, "iat": 1}))
    for signature in ("", "x"):
        with pytest.raises(token.TokenError):
            token.prove(f"{header}.{claims}.{signature}", KEY.public_key(), 1)


# Tags and ids.


def test_tag_depends_on_number_nik_and_district_and_hides_them() -> None:
    one = tag.make("KMT-7-X", "3279012304850007", bytes(32))
    assert len(one) == 43 and tag.same(one, tag.make("KMT-7-X", "3279012304850007", bytes(32)))
    others = [("KMT-8-X", "3279012304850007", bytes(32)), ("KMT-7-X", "1", bytes(32)), ("KMT-7-X", "1", b"x" * 32)]
    assert not any(tag.same(one, tag.make(*other)) for other in others)
    assert not tag.same(one, "é")


def test_ids_are_uuids_of_version_7_in_order_of_time() -> None:
    made = [ids.uuid7() for _ in range(50)]
    assert len(set(made)) == 50
    assert all(uuid.UUID(one).version == 7 and uuid.UUID(one).variant == uuid.RFC_4122 for one in made)
    assert [one[:13] for one in made] == sorted(one[:13] for one in made)


def test_reasons_are_short_enough_for_the_wire() -> None:
    assert all(len(code) <= 32 and text.endswith(".") for code, text in REASONS.items())
