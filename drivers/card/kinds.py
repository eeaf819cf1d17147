"""What a card is, as far as its answer to reset and its UID tell: pure functions over bytes from outside.

An e-KTP opens its data only to the ministry's own readers; anyone else sees its ATR, which all cards of a series share,
and its UID. A reader makes a contactless card's ATR from its ATS, so that the two are one thing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from drivers.contract import CardKind, CardSeen

# The e-KTP of pcsc-tools' public list.
KTP_ATRS = frozenset(
    bytes.fromhex(atr)
    for atr in (
        "3B 8B 80 01 65 4B 54 50 30 44 32 65 4B 54 50 4C",
        "3B 8B 80 01 50 33 30 38 47 30 50 33 5F 31 30 2B",
        "3B 8A 80 01 30 37 39 31 34 31 5F 30 30 31 6F",
    )
)
# PC/SC part 3: "Get Data: UID"; the reader itself answers it.
GET_UID = bytes.fromhex("FF CA 00 00 00")
UNREADABLE = CardSeen(CardKind.UNREADABLE)
_DONE = b"\x90\x00"
_UID_LENGTHS = (4, 7, 8, 10)  # ISO/IEC 14443-3 types A and B, ISO/IEC 15693, FeliCa
_ANY = "??"

Pattern = tuple[int | None, ...]


def pattern(text: str) -> Pattern:
    """An ATR in hex, ``??`` for any byte, blanks as one likes. Raises ``ValueError``."""
    digits = "".join(text.split())
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)]
    return tuple(None if pair == _ANY else bytes.fromhex(pair)[0] for pair in pairs)


def fits(atr: bytes, wanted: Pattern) -> bool:
    """Whether every byte of ``atr`` is the one wanted."""
    return len(atr) == len(wanted) and all(want is None or want == byte for want, byte in zip(wanted, atr, strict=True))


def kind_of(atr: bytes, staff: Iterable[Pattern]) -> CardKind:
    """The kind of a card that answered. A KTP-el is never staff, whatever the roles file says: everyone has one."""
    if atr in KTP_ATRS:
        return CardKind.KTP
    return CardKind.STAFF if any(fits(atr, wanted) for wanted in staff) else CardKind.OTHER


def uid_in(reply: bytes) -> bytes | None:
    """The UID in the reply to ``GET_UID``; empty: the card tells none. None: this is no answer, or no whole one.

    A card that is pulled while it is asked gives a successful reply of no bytes, or of some.
    """
    if len(reply) < 2:
        return None
    data, end = reply[:-2], reply[-2:]
    if end == _DONE:
        return data if len(data) in _UID_LENGTHS else None
    refused = not data and (0x61 <= end[0] <= 0x6F or 0x90 <= end[0] <= 0x9F)
    return b"" if refused else None


def seen(atr: bytes, uid: bytes, staff: Iterable[Pattern]) -> CardSeen:
    """A card that answered, with its UID if it tells one."""
    return CardSeen(kind_of(atr, staff), uid, random=is_random(uid))


def is_random(uid: bytes) -> bool:
    """Whether the UID is made up anew at each touch (ISO/IEC 14443-3)."""
    return len(uid) == 4 and uid[0] == 0x08
