"""The heartbeat: what a terminal tells every few minutes, and what it hears back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wire.change import Change
from wire.frozen import Open


class DeviceReport(Open):
    """One device as the terminal sees it: phase and fault codes of the catalogue.

    ``tested``: ISO 8601 of its newest test at the terminal, "" = never; ``passed``: how that ended.
    """

    role: str = Field(max_length=32)
    phase: str = Field(max_length=32)
    faults: tuple[str, ...] = ()
    tested: str = Field(default="", max_length=40)
    passed: bool | None = None


class Heartbeat(Open):
    """``queued``/``quarantined``: submissions waiting. ``disk_free``: bytes. ``cursor``: of the change feed.

    ``held``: why the queue does not leave though the line is up ("paused", "quiet", "budget"), or "". ``full``: the
    disk's reserve is reached, no new work is taken. ``protection``: what guards the terminal's keys (``wire.guard``).
    """

    v: Literal[1] = 1
    version: str = Field(max_length=40)
    wall: str = Field(max_length=40)
    boot_id: str = Field(max_length=40)
    uptime_s: int = Field(ge=0)
    queued: int = Field(ge=0)
    quarantined: int = Field(ge=0)
    last_seq: int = Field(ge=0)
    disk_free: int = Field(ge=0)
    devices: tuple[DeviceReport, ...] = ()
    cursor: int = Field(ge=0)
    held: str = Field(default="", max_length=16)
    full: bool = False
    protection: str = Field(default="", max_length=16)


class HeartbeatAnswer(Open):
    """``have_seq``: highest gap-free sequence that the office holds. ``next_s``: seconds to the next heartbeat.

    ``places``: version of the list of terminals (``wire.places``, GET /v1/places); "" = the office has none.
    ``keys``: version of the office's sealing keys (``wire.office_keys``, GET /v1/keys); "" = as told at enrolment.
    """

    server_time: int
    have_seq: int = Field(ge=0, lt=1 << 63)
    changes: tuple[Change, ...] = ()
    cursor: int = Field(ge=0, lt=1 << 63)
    more: bool = False
    places: str = Field(default="", max_length=64)
    keys: str = Field(default="", max_length=64)
    next_s: int = Field(ge=5, le=3600)
