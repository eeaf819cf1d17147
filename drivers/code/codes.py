"""The fault codes of a code scanner."""

from __future__ import annotations

UNREACHABLE = "code_unreachable"
IN_USE = "code_in_use"
GARBAGE = "code_garbage"
