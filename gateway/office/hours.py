"""Opening hours in a form: what was typed, checked, and what stands in it; until when it is open."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from gateway.office import words
from wire.places import Opening, Spot, open_now
from wire.words import N_

DAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_TIME = re.compile(r"([01]?\d|2[0-3])[.:]?([0-5]\d)", re.ASCII)


class HoursError(ValueError):
    """What was typed are no hours; the message is a msgid."""


def read(form: Mapping[str, str]) -> tuple[Opening, ...]:
    """The hours of a form: for each day ``opens0`` and ``closes0``, both empty on a closed day. Raises HoursError."""
    by_times: dict[tuple[str, str], list[int]] = {}
    for day in range(7):
        opens, closes = form.get(f"opens{day}", "").strip(), form.get(f"closes{day}", "").strip()
        if not opens and not closes:
            continue
        times = (_time(opens), _time(closes))
        if times[0] >= times[1]:
            raise HoursError(N_("On an open day, closing time is later than opening time."))
        by_times.setdefault(times, []).append(day)
    return tuple(Opening(days=tuple(days), opens=times[0], closes=times[1]) for times, days in by_times.items())


def _time(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        raise HoursError(N_("Give both times of an open day, as in 08.00 and 15.30."))
    return f"{int(found[1]):02}:{found[2]}"


def form_rows(opening: tuple[Opening, ...], typed: Mapping[str, str] | None = None) -> list[dict[str, object]]:
    """One row a weekday for the form; ``typed``: what was typed and refused, shown again."""
    rows: list[dict[str, object]] = []
    for day, name in enumerate(DAYS):
        at = next((each for each in opening if day in each.days), None)
        opens, closes = (at.opens.replace(":", "."), at.closes.replace(":", ".")) if at else ("", "")
        if typed is not None:
            opens, closes = typed.get(f"opens{day}", "")[:5], typed.get(f"closes{day}", "")[:5]
        rows.append({"day": day, "name": words.say(name), "opens": opens, "closes": closes})
    return rows


def until(spot: Spot, now: dt.datetime) -> str:
    """When it closes today, as "15.30", or "" when it is not open."""
    if not open_now(spot, now):
        return ""
    time = now.strftime("%H:%M")
    closes = [each.closes for each in spot.opening if now.weekday() in each.days and each.opens <= time < each.closes]
    return max(closes).replace(":", ".")


def opens_next(spot: Spot, now: dt.datetime) -> str:
    """When it opens next within a week, as "Rabu 08.00" (today: "08.00"), or "" when that is not known."""
    for ahead in range(8):
        day = now.date() + dt.timedelta(days=ahead)
        if spot.closed_until and day.isoformat() <= spot.closed_until:
            continue
        times = sorted(each.opens for each in spot.opening if day.weekday() in each.days)
        if ahead == 0:
            times = [each for each in times if each > now.strftime("%H:%M")]
        if times:
            name = f"{words.say(DAYS[day.weekday()])} " if ahead else ""
            return name + times[0].replace(":", ".")
    return ""
