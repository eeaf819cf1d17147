"""What the card reader's driver makes of bytes: ATRs, replies to "Get Data: UID", and the lines of its child."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.card.kinds import KTP_ATRS, fits, is_random, kind_of, pattern, seen, uid_in
from drivers.card.words import Alive, Asking, Came, Gone, ReadersAre, Service, ServiceIs, Word, line, word_in
from drivers.contract import CardKind, CardSeen
from drivers.virtual.card import ATRS, UIDS

STAFF = pattern("3B 8F 80 01 80 4F 0C A0 00 00 03 06 ?? ?? ?? 00 00 00 00 ??")
OK = b"\x90\x00"

readers = st.text(max_size=40)
cards = st.builds(CardSeen, st.sampled_from(CardKind), st.binary(max_size=10), st.booleans())
words: st.SearchStrategy[Word] = st.one_of(
    st.just(Alive()),
    st.builds(ServiceIs, st.sampled_from(Service)),
    st.builds(ReadersAre, st.lists(readers, max_size=4).map(tuple)),
    st.builds(Asking, readers),
    st.builds(Came, readers, cards),
    st.builds(Gone, readers),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def test_kinds_by_answer_to_reset() -> None:
    assert len(KTP_ATRS) == 3
    assert {kind_of(atr, ()) for atr in KTP_ATRS} == {CardKind.KTP}
    found = {name: kind_of(bytes.fromhex(atr), (STAFF,)).value for name, atr in ATRS.items() if name != "mute"}
    assert found == {"ktp": "ktp", "staff": "staff", "other": "other", "random": "other"}
    assert kind_of(bytes.fromhex(ATRS["staff"]), ()) is CardKind.OTHER


def test_an_identity_card_is_never_staff() -> None:
    anything = tuple(pattern("?? " * length) for length in range(2, 34))
    assert {kind_of(atr, anything) for atr in KTP_ATRS} == {CardKind.KTP}


@given(st.binary(min_size=1, max_size=33), st.data())
def test_a_pattern_fits_its_own_atr_and_no_longer_one(atr: bytes, data: st.DataObject) -> None:
    pairs = [data.draw(st.sampled_from([f"{byte:02x}", f"{byte:02X}", "??"])) for byte in atr]
    wanted = pattern(" ".join(pairs))
    assert fits(atr, wanted)
    assert not fits(atr + b"\0", wanted) and not fits(atr[:-1], wanted)


@pytest.mark.parametrize("text", ["3", "3B ?", "XY", "3B8"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        pattern(text)


@pytest.mark.parametrize(
    ("reply", "uid"),
    [
        ("04A1B2C3D4E5F6 9000", "04A1B2C3D4E5F6"),
        ("08A1B2C3 9000", "08A1B2C3"),
        ("6A81", ""),  # the reader knows no such command
        ("6300", ""),
        ("", None),  # pulled: SCARD_S_SUCCESS with nothing
        ("90", None),
        ("04A1B2", None),  # half a reply
        ("9000", None),
        ("0102030405 9000", None),  # no UID has five bytes
        ("04A1B2C3D4E5F6 6A81", None),
    ],
)
def test_the_uid_in_a_reply(reply: str, uid: str | None) -> None:
    assert uid_in(bytes.fromhex(reply)) == (None if uid is None else bytes.fromhex(uid))


@given(st.binary(max_size=300))
def test_any_reply_gives_a_whole_uid_none_or_no_answer(reply: bytes) -> None:
    uid = uid_in(reply)
    assert uid is None or uid == b"" or (len(uid) in (4, 7, 8, 10) and reply == uid + OK)


@given(st.binary(max_size=40), st.sampled_from([b"", *(bytes.fromhex(uid) for uid in UIDS.values())]))
def test_any_atr_is_some_card(atr: bytes, uid: bytes) -> None:
    card = seen(atr, uid, (STAFF,))
    assert card.kind in (CardKind.KTP, CardKind.STAFF, CardKind.OTHER)
    assert card.random == is_random(uid) == (uid[:1] == b"\x08")


@given(words)
def test_every_word_comes_through_its_line(word: Word) -> None:
    text = line(word)
    assert text.endswith(b"\n") and text.count(b"\n") == 1
    assert word_in(text[:-1]) == word


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading_of_a_line(noise: bytes) -> None:
    assert word_in(noise) is None


@given(
    st.dictionaries(st.sampled_from(["is", "reader", "state", "names", "kind", "uid", "random"]), json_values),
    st.sampled_from(["alive", "service", "readers", "asking", "came", "gone", None]),
)
def test_a_line_of_wrong_types_is_no_word_or_a_sound_one(told: dict[str, object], what: str | None) -> None:
    word = word_in(json.dumps({**told, **({} if what is None else {"is": what})}).encode())
    assert word is None or word_in(line(word)[:-1]) == word


def test_a_deeply_nested_line_is_no_word() -> None:
    assert word_in(b"[" * 100_000) is None


def test_a_card_does_not_show_its_uid_when_it_is_printed() -> None:
    card = seen(bytes.fromhex(ATRS["ktp"]), bytes.fromhex("04A1B2C3D4E5F6"), ())
    assert "a1b2" not in f"{card!r} {Came('r', card)!r}".lower() and "\\xa1" not in repr(card)
