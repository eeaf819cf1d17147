"""What the controller works with."""

from __future__ import annotations

from dataclasses import dataclass

from drivers.contract import Camera, CardReader, CodeReader, Printer, Scanner
from kiosk.judging import Capture
from kiosk.visit.state import CAMERA, SCANNER
from offline_cache.api import Cache


@dataclass(frozen=True, slots=True)
class Parts:
    """None: this terminal has no such device. ``cache_fault``: why there is no cache.

    ``owner``, ``shared``: see ``kiosk.preview.PreviewBlocks``.
    """

    capture: Capture
    cache: Cache | None = None
    cache_fault: str = "cache_broken"
    printer: Printer | None = None
    camera: Camera | None = None
    scanner: Scanner | None = None
    card: CardReader | None = None
    code: CodeReader | None = None
    owner: str = "kiosk"
    shared: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """What pages can be taken with."""
        devices = ((CAMERA, self.camera), (SCANNER, self.scanner))
        return tuple(name for name, device in devices if device is not None)

    @property
    def feeder(self) -> bool:
        """Whether the scanner takes sheets one by one."""
        return self.scanner is not None and self.scanner.source == "feeder"
