"""A terminal with every device: a scanner, a card reader and a code scanner beside printer and camera."""

from __future__ import annotations

import tempfile
from pathlib import Path

from drivers.card.reader import CardDelays, PcscReader
from drivers.code.serial import SerialCodeReader
from drivers.scanner.scanner import SaneScanner, ScannerDelays
from drivers.virtual.twin import Twin
from drivers.worker import Supervision
from tests.kiosk.terminal import Terminal

SOON = Supervision(retry=0.2, backoff=(0.2,))


class Equipped(Terminal):
    """A terminal with every device."""

    def __init__(self, folder: Path) -> None:
        self._twins = tempfile.TemporaryDirectory(prefix="adm-")
        place = Path(self._twins.name)
        self.escl = Twin("escl", place)
        self.reader = Twin("card", place, "--poll-ms", "10")
        self.wand = Twin("code", place)
        super().__init__(folder)
        self.codes: list[str] = []
        """What the code scanner read, after the station heard it."""
        wand = self.devices[-1]
        assert isinstance(wand, SerialCodeReader)
        wand.on_code(self.codes.append)

    def more(self) -> tuple[SaneScanner, PcscReader, SerialCodeReader]:
        quick = ScannerDelays(look=0.3, first=10.0, silent=5.0, whole=30.0, grace=1.0, hold=0.5, ours=0.5)
        link = f"escl:http://127.0.0.1:{self.escl.port}/eSCL"
        return (
            SaneScanner(link, dpi=200, delays=quick, supervision=SOON),
            PcscReader("", self.reader.facts["socket"], delays=CardDelays(silence=2.0, ear=0.05), supervision=SOON),
            SerialCodeReader(f"serial:{self.wand.facts['link']}", supervision=SOON),
        )

    def close(self) -> None:
        super().close()
        for twin in (self.escl, self.reader, self.wand):
            twin.stop()
        self._twins.cleanup()

    def ready(self, *roles: str) -> None:
        """Wait until those devices are usable."""
        self.until(lambda s: all((device := s.device(role)) and device.usable for role in roles), 20)

    def card(self, state: str) -> None:
        """Wait for what is shown of the card; "": nothing."""
        self.until(lambda s: s.visit and (s.visit.card.state if s.visit.card else "") == state)
