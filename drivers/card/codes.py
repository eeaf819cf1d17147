"""The fault codes of a card reader."""

from __future__ import annotations

SERVICE_DOWN = "card_service_down"
DENIED = "card_denied"
READER_MISSING = "card_reader_missing"
HUNG = "card_reader_hung"
