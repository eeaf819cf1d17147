"""What can be said about a NIK or a KK number from its digits alone.

Neither holds a check digit, so a look at the structure can only say "look again", never "is a NIK"; what it blocks is
length and a row of one digit (domain.md §3.4). A NIK keeps the area of first registration, and the date and sex it
was given with, for life: an unusual one is shown, never refused (domain.md §3.2).
"""

from __future__ import annotations

import datetime as dt

from wire.words import N_

LENGTH = 16

# Province codes in force (38, Kepmendagri 300.2.2-2138/2025), and 54, which older registrations may still carry.
_PROVINCES = frozenset(
    {*range(11, 20), 21, *range(31, 37), *range(51, 55), *range(61, 66), *range(71, 77), 81, 82, *range(91, 97)}
)

AREA = N_("Please check digits 1 to 6 again.")
DATE = N_("Please check digits 7 to 12 again.")
SERIAL = N_("Please check the last four digits again.")


def blocked(text: str) -> str:
    """The msgid of why ``text`` cannot be a NIK or KK number, or ""."""
    if len(text) != LENGTH or not text.isascii() or not text.isdigit():
        return N_("Type all 16 digits.")
    if len(set(text)) == 1:
        return N_("The 16 digits are all the same. Check the number.")
    return ""


def nik_warning(nik: str, today: dt.date) -> str:
    """The msgid of a soft note about a NIK of 16 digits, or "". Women are written with their day of birth plus 40."""
    return _warning(nik, today, women=True)


def kk_warning(kk: str, today: dt.date) -> str:
    """The msgid of a soft note about a KK number of 16 digits, or "". Its date is that of recording."""
    return _warning(kk, today, women=False)


def _warning(text: str, today: dt.date, *, women: bool) -> str:
    if blocked(text):
        return ""
    province, regency, district = int(text[:2]), text[2:4], text[4:6]
    if province not in _PROVINCES or "00" in (regency, district):
        return AREA
    day, month, year = int(text[6:8]), int(text[8:10]), int(text[10:12])
    if women and day > 40:
        day -= 40
    # Two digits do not say the century: one that makes it a real day, not in the future, is enough.
    if not any(_was(day, month, century + year, today) for century in (1900, 2000)):
        return DATE
    return SERIAL if text[12:] == "0000" else ""


def _was(day: int, month: int, year: int, today: dt.date) -> bool:
    try:
        return dt.date(year, month, day) <= today
    except ValueError:
        return False
