"""The staff's PIN at the terminal: what it may be."""

from __future__ import annotations

from itertools import pairwise

from wire.words import N_

SHORTEST, LONGEST = 6, 12

NOT_DIGITS = N_("A PIN has 6 to 12 digits.")
ONE_DIGIT = N_("A PIN must not be one digit repeated.")
PLAIN_RUN = N_("A PIN must not be a plain run of digits.")


def check(pin: str) -> None:
    """Raises ValueError with one of the msgids above. A run goes up or down by one, 9 and 0 being neighbours."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise ValueError(NOT_DIGITS)
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if steps == {0}:
        raise ValueError(ONE_DIGIT)
    if steps in ({1}, {9}):
        raise ValueError(PLAIN_RUN)
