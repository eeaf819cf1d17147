"""Every wait of a visit and of the station, by name. Seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delays:
    """``idle``: without a word from the resident, before "Masih di sini?" is asked; ``warning``: how long that waits.

    ``done``: the same on the last screen. ``submit``: for sealing and queueing at "Kirim"; ``print``: for the printer's
    answer (its own limit is shorter, drivers/printer); ``capture``: for a page to be taken and judged; ``scan``: the
    same with the scanner (its own limit is shorter, drivers/scanner); ``lookup``: for "Cek status"; ``card``: for what
    the cache says of a card; ``trial``: for a staff's test of a device (each has shorter limits of its own).
    ``last_number``: how long the idle screen shows the number of an unfinished visit. ``officer``: how long "Petugas
    dipanggil" stands. ``home``: after which language, text size and contrast go back on the idle screen.
    """

    idle: float = 90.0
    warning: float = 30.0
    done: float = 60.0
    submit: float = 30.0
    print: float = 30.0
    capture: float = 30.0
    scan: float = 180.0
    lookup: float = 15.0
    card: float = 10.0
    trial: float = 240.0
    last_number: float = 600.0
    officer: float = 120.0
    home: float = 90.0


DELAYS = Delays()
