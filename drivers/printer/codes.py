"""The fault codes of the way to a printer; what the printer says of itself is in ``drivers.printer.status``."""

from __future__ import annotations

UNREACHABLE = "printer_unreachable"
MUTE = "printer_mute"
GARBAGE = "printer_garbage"
DENIED = "printer_denied"
IN_USE = "printer_busy"
