"""What `./adm` runs before and around the environment: the standard library only, on any Python 3.11 to 3.13."""

from __future__ import annotations


class SetupError(Exception):
    """Set-up cannot go on; the text says what to do, in words for the person at the keyboard."""
