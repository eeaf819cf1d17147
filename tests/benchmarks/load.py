"""What the benchmarks send: pages that look like scans to everything that counts bytes, and one form."""

from __future__ import annotations

import random

FORM = {
    "nik": "3279012304850007",
    "name": "SITI CONTOH",
    "kk": "3279020101000001",
    "phone": "081200000000",
    "lost_date": "23112026",
    "address": "DSN CONTOH 12 RT 001 RW 002",
}


def page(size: int, seed: int = 0) -> bytes:
    """A JPEG's first bytes and as many more as it takes: incompressible, as a JPEG is."""
    return b"\xff\xd8\xff\xe0" + random.Random(seed).randbytes(size - 4)
