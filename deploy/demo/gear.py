"""Which devices the terminal of the bench has, the virtual ones that play them, and the roles file that names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drivers.virtual.card import ATRS


@dataclass(frozen=True, slots=True)
class Gear:
    """``printer``: "tcp", "serial" or "". ``scanner``: "flatbed", "feeder" or "". ``lid``: "white" or "black"."""

    printer: str = "tcp"
    camera: bool = True
    scanner: str = ""
    lid: str = "white"
    dpi: int = 300
    card: bool = False
    code: bool = False

    def programs(self, sockets: Path) -> dict[str, list[str]]:
        """Name and Python arguments of each virtual device. Their sockets and links stand in ``sockets``."""
        words: dict[str, list[str]] = {}
        if self.printer:
            words["printer"] = [
                "printer",
                *(["--pty", str(sockets / "printer.tty")] if self.printer == "serial" else []),
            ]
        if self.camera:
            words["camera"] = ["mjpeg"]
        if self.scanner:
            words["scanner"] = ["escl", "--lid", self.lid]
        if self.card:
            words["card"] = ["card"]
        if self.code:
            words["code"] = ["code"]
        return {
            name: ["-m", f"drivers.virtual.{module}", "--port", "0", "--control", str(sockets / f"{name}.sock"), *more]
            for name, (module, *more) in words.items()
        }

    def roles(self, greeting: Callable[[str], Mapping[str, Any]]) -> str:
        """The roles file. ``greeting``: what the virtual device of that name said when it was up."""
        tables: list[str] = []
        if self.printer == "serial":
            tables.append(f'[printer]\nlink = "serial:{greeting("printer")["link"]}"\n')
        elif self.printer:
            tables.append(f'[printer]\nlink = "tcp://127.0.0.1:{greeting("printer")["port"]}"\n')
        if self.camera:
            tables.append(f'[camera]\nlink = "http://127.0.0.1:{greeting("camera")["port"]}/stream"\n')
        if self.scanner:
            tables.append(
                f'[scanner]\nlink = "escl:http://127.0.0.1:{greeting("scanner")["port"]}/eSCL"\n'
                f'source = "{self.scanner}"\nlid = "{self.lid}"\ndpi = {self.dpi}\n'
            )
        if self.card:
            tables.append(f'[card]\nsocket = "{greeting("card")["socket"]}"\nstaff = ["{ATRS["staff"]}"]\n')
        if self.code:
            tables.append(f'[code]\nlink = "serial:{greeting("code")["link"]}"\n')
        return "\n".join(tables)


PLAIN = Gear()
"""A receipt printer on the network and a document camera."""
EVERYTHING = Gear(scanner="flatbed", card=True, code=True)
"""Every device of a visit."""
