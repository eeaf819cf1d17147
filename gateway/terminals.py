"""What an administrator changes of a terminal: its place, its hours, days it is closed. Each change is in the audit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import select

from gateway.places import changed
from gateway.rooms import Office, now
from gateway.tables import Audit, Terminal
from wire.places import Opening
from wire.words import N_

# What may stand in a place, and how long; all but the first four may be empty.
PLACE = {"village": 120, "district": 120, "regency": 120, "office": 120, "phone": 40, "address": 200}
_NEEDED = ("village", "district", "regency", "office")
_REGION = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")
_DEGREES = re.compile(r"([+-]?)(\d{1,3})(?:\.(\d{1,12}))?")
# Indonesia: a pair that was swapped, or lost its sign, is not in it.
_LAT, _LNG = (-11_500_000, 6_500_000), (94_500_000, 141_500_000)


class TerminalError(ValueError):
    """A value does not fit, or there is no such terminal; the message is a msgid."""


def micro(text: str) -> int | None:
    """Degrees as typed ("-7.368941", "−7,368941") in millionths, rounded half up; "" is None. Raises TerminalError."""
    plain = "".join(text.split()).replace("−", "-").replace(",", ".").removesuffix("°")
    if not plain:
        return None
    found = _DEGREES.fullmatch(plain)
    if found is None or not plain.isascii():
        raise TerminalError(N_("Latitude and longitude are degrees, as in -7.368941 and 108.541230."))
    size = int(found[2]) * 1_000_000 + (int((found[3] or "").ljust(7, "0")[:7]) + 5) // 10
    return -size if found[1] == "-" else size


def set_place(office: Office, code: str, officer: int, values: Mapping[str, str]) -> None:
    """Set where the terminal stands: PLACE, ``region`` (village code), ``lat`` and ``lng`` (degrees as typed)."""
    clean = {name: " ".join(values.get(name, "").split()) for name in PLACE}
    if any(not clean[name] for name in _NEEDED):
        raise TerminalError(N_("Village, district, regency and office are needed."))
    if any(len(clean[name]) > most or not clean[name].isprintable() for name, most in PLACE.items()):
        raise TerminalError(N_("One of the lines is too long."))
    region = values.get("region", "").strip()
    if region and not (_REGION.fullmatch(region) and region.isascii()):
        raise TerminalError(N_("A village code looks like 32.79.01.1001."))
    lat, lng = micro(values.get("lat", "")), micro(values.get("lng", ""))
    if (lat is None) != (lng is None):
        raise TerminalError(N_("Give both latitude and longitude, or neither."))
    if lat is not None and lng is not None and not (_LAT[0] <= lat <= _LAT[1] and _LNG[0] <= lng <= _LNG[1]):
        raise TerminalError(N_("That point is not in Indonesia. Latitude comes first."))
    with _changed(office, code, officer, "terminal_place") as terminal:
        for name, value in clean.items():
            setattr(terminal, name, value)
        terminal.region, terminal.lat, terminal.lng = region, lat, lng


def set_hours(office: Office, code: str, officer: int, opening: Sequence[Opening]) -> None:
    """Set when its office is open. Raises TerminalError."""
    with _changed(office, code, officer, "terminal_hours") as terminal:
        terminal.opening = [each.plain() for each in opening]


def close(office: Office, code: str, officer: int, until: str, reason: str, today: dt.date) -> None:
    """Close it up to and with a day (ISO date), with a reason that residents read. Raises TerminalError."""
    try:
        last = dt.date.fromisoformat(until)
    except ValueError as error:
        raise TerminalError(N_("Say the last closed day.")) from error
    if not today <= last <= today + dt.timedelta(days=366):
        raise TerminalError(N_("The last closed day lies between today and a year ahead."))
    words = " ".join(reason.split())
    if not 1 <= len(words) <= 120 or not words.isprintable():
        raise TerminalError(N_("Say why, in at most 120 characters. Residents read it."))
    with _changed(office, code, officer, "terminal_closed") as terminal:
        terminal.closed_until, terminal.closed_reason = last.isoformat(), words


def reopen(office: Office, code: str, officer: int) -> None:
    """It is closed no longer. Raises TerminalError."""
    with _changed(office, code, officer, "terminal_opened") as terminal:
        terminal.closed_until = terminal.closed_reason = ""


@contextmanager
def _changed(office: Office, code: str, officer: int, act: str) -> Generator[Terminal]:
    with office.database.write() as session:
        terminal = session.scalar(select(Terminal).where(Terminal.code == code))
        if terminal is None:
            raise TerminalError(N_("There is no such terminal."))
        before = terminal.regency
        yield terminal
        session.add(Audit(at=now(), officer_id=officer, act=act, detail=code))
        changed(session, before, terminal.regency)
    office.board.forget(before, terminal.regency)
