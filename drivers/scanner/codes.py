"""What a scanner's ending means: the exit code of ``scanimage`` is the status of SANE (sane.h, ``SANE_Status``)."""

from __future__ import annotations

UNREACHABLE = "scanner_unreachable"
BUSY = "scanner_busy"
JAMMED = "scanner_jammed"
NO_PAPER = "scanner_no_paper"
COVER_OPEN = "scanner_cover_open"
DOUBLE_FEED = "scanner_double_feed"
FAILED = "scanner_failed"
DENIED = "scanner_denied"
TIMEOUT = "scanner_timeout"

#: Exit codes 1 to 11. 1 is also what ``scanimage`` says when it cannot open the device; 2 (cancelled) is not a fault.
OF_EXIT = {
    1: UNREACHABLE,
    3: BUSY,
    4: FAILED,
    5: FAILED,
    6: JAMMED,
    7: NO_PAPER,
    8: COVER_OPEN,
    9: FAILED,
    10: FAILED,
    11: DENIED,
}
