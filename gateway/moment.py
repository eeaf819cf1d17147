"""The office's clock: whole seconds since 1970, and how they are written."""

from __future__ import annotations

import time


def now() -> int:
    """Seconds since 1970."""
    return int(time.time())


def iso(at: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
