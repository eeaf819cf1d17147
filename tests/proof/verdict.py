"""How a long form ends: what it missed on standard error, one line, and its exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence


def said(summary: str, faults: Sequence[str], *, as_json: bool) -> int:
    """1 where there are faults; the first twenty are named."""
    for fault in faults[:20]:
        print(fault, file=sys.stderr)
    print(json.dumps({"summary": summary, "ok": not faults, "faults": faults}) if as_json else summary)
    return int(bool(faults))
