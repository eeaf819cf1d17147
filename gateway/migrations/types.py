"""What the migrations say differently to the two databases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer

# A whole number of 64 bits on both: times after 2038, bytes of a disk. SQLite counts rows in INTEGER alone.
WHOLE = BigInteger().with_variant(Integer(), "sqlite")
