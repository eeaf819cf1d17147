"""How a scanner is reached, by its link: under which name in SANE, with which configuration, and how it is looked at.

sane:DEVICE        sane:usb:VENDOR:PRODUCT[:SERIAL]        escl:http://host:port/eSCL

A scanner on USB is best named by who it is: looking at a plain SANE device means opening it every few seconds.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from drivers.addresses import USB, UsbAddress, usb_address
from drivers.contract import Phase
from drivers.scanner import escl
from drivers.scanner.child import Ending, Limits, Why, run
from drivers.scanner.codes import BUSY, DENIED, FAILED, TIMEOUT, UNREACHABLE
from drivers.scanner.usb import NODES, UsbPlace, find_usb, name_at
from drivers.scanner.words import LIST_FORMAT, detail_of, fault_of, read_list
from drivers.usb_bus import DEVICES
from drivers.worker import Missing, SetupFailed

SANE = "sane:"
ESCL = "escl:"
_CONFIG = "SANE_CONFIG_DIR"
_ESCL_NAME = "adm"


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at an idle scanner told."""

    phase: Phase
    faults: tuple[str, ...] = ()
    detail: str = ""


class Tool:
    """``scanimage`` with the configuration of one scanner. ``stop``: asked while a child runs; True ends it."""

    def __init__(self, config: Path | None, stop: Callable[[], bool]) -> None:
        self.config = config
        self._stop = stop

    @property
    def environment(self) -> dict[str, str]:
        """For the child: English words, and SANE's configuration."""
        environment = {**os.environ, "LC_ALL": "C"}
        if self.config is not None:
            environment[_CONFIG] = str(self.config)
        return environment

    def ask(self, words: Sequence[str], limit: float) -> str:
        """The output of a question that scans nothing. Raises ``Missing`` or ``SetupFailed``."""
        try:
            ending = run(("scanimage", *words), self.environment, Limits(limit, limit, limit), stop=self._stop)
        except OSError as error:
            raise SetupFailed(FAILED, str(error)) from error
        trouble = trouble_of(ending)
        if trouble is None:
            return ending.out.decode("utf-8", "replace")
        if trouble.faults == (UNREACHABLE,):
            raise Missing(UNREACHABLE, trouble.detail)
        raise SetupFailed(trouble.faults[0], trouble.detail, trouble.phase)


class Way(Protocol):
    """One way to a scanner, used from the worker's thread."""

    #: True when ``look`` tells of jams and covers; False when only a scan can.
    tells: bool

    def open(self, tool: Tool) -> tuple[str, dict[str, str]]:
        """The scanner's name for ``scanimage -d``, and notes for staff. Raises ``Missing`` or ``SetupFailed``."""
        ...

    def look(self, tool: Tool, closely: bool) -> Look:
        """Look at the idle scanner. ``closely``: it was in trouble. Raises ``Missing`` or ``SetupFailed``."""
        ...

    def close(self) -> None:
        """Leave nothing behind; may be called twice."""
        ...


def way_from(link: str, *, feeder: bool, limit: float) -> Way:
    """The way that ``link`` names. ``limit``: seconds for one question. Raises ``ValueError``: what is wrong."""
    if link.startswith(ESCL):
        return EsclWay(link.removeprefix(ESCL), feeder)
    if not link.startswith(SANE):
        raise ValueError(f"a scanner's link starts with {SANE} or {ESCL}, not {link!r}")
    name = link.removeprefix(SANE)
    if name.startswith(USB):
        return UsbWay(usb_address(name.removeprefix(USB)), limit)
    if not name or not name.isprintable() or name.startswith("-"):
        raise ValueError(f"{name!r} is no SANE device (see scanimage -L)")
    return NamedWay(name, limit)


def trouble_of(ending: Ending) -> Look | None:
    """What the end of a child that was only asked says of the scanner; None: nothing wrong."""
    detail = detail_of(ending.words)
    if ending.why is Why.SILENT:
        return Look(Phase.UNKNOWN, (TIMEOUT,), detail or "scanimage hung")
    if ending.why is not Why.ENDED:
        return Look(Phase.UNKNOWN, (FAILED,), detail or "scanimage was stopped")
    if ending.code == 0:
        return None
    fault = fault_of(ending.code, ending.words)
    phase = {BUSY: Phase.BUSY, UNREACHABLE: Phase.OFFLINE, DENIED: Phase.OFFLINE}.get(fault, Phase.UNKNOWN)
    return Look(phase, (fault,), detail or f"scanimage ended with {ending.code}")


def _open_once(name: str, tool: Tool, limit: float) -> Look:
    """Open the scanner without scanning."""
    try:
        tool.ask(("-d", name, "-n"), limit)
    except SetupFailed as trouble:
        return Look(trouble.phase, (trouble.fault,), trouble.detail)
    return Look(Phase.READY)


class NamedWay:
    """A scanner by its name in SANE."""

    tells = False

    def __init__(self, name: str, limit: float) -> None:
        self._name = name
        self._limit = limit

    def open(self, tool: Tool) -> tuple[str, dict[str, str]]:
        """See ``Way``."""
        return self._name, {}

    def look(self, tool: Tool, closely: bool) -> Look:
        """Open the scanner without scanning."""
        return _open_once(self._name, tool, self._limit)

    def close(self) -> None:
        """Nothing was left."""


class UsbWay:
    """A scanner on USB, by who it is: its name in SANE may change with each plug."""

    tells = False

    def __init__(self, address: UsbAddress, limit: float, devices: Path = DEVICES, nodes: Path = NODES) -> None:
        self._address = address
        self._limit = limit
        self._devices = devices
        self._nodes = nodes
        self._place: UsbPlace | None = None
        self._name = ""

    def open(self, tool: Tool) -> tuple[str, dict[str, str]]:
        """Find its place, then its name in SANE's list."""
        place = self._place = find_usb(self._address, self._devices)
        if place is None:
            raise Missing(UNREACHABLE, f"no USB device {self._address}")
        found = name_at(place, self._address, read_list(tool.ask(("-f", LIST_FORMAT), self._limit)))
        if found is None:
            if not place.allowed(self._nodes):
                raise SetupFailed(DENIED, f"USB device {self._address} may not be used", Phase.OFFLINE)
            raise SetupFailed(FAILED, f"no driver of SANE knows USB device {self._address}")
        self._name = found.name
        return found.name, {"model": f"{found.vendor} {found.model}".strip()[:100]}

    def look(self, tool: Tool, closely: bool) -> Look:
        """Is it still there? It is opened only after trouble, since opening wakes a scanner that sleeps."""
        if find_usb(self._address, self._devices) != self._place:
            raise Missing(UNREACHABLE, f"USB device {self._address} was taken away")
        return _open_once(self._name, tool, self._limit) if closely else Look(Phase.READY)

    def close(self) -> None:
        """Nothing was left."""
        self._place = None


class EsclWay:
    """A network scanner: sane-airscan in a configuration of its own that knows this scanner alone."""

    tells = True

    def __init__(self, url: str, feeder: bool) -> None:
        escl.escl_url(url)
        self._url = url
        self._feeder = feeder
        self._folder: Path | None = None

    def open(self, tool: Tool) -> tuple[str, dict[str, str]]:
        """Is it there? Then write the configuration."""
        look = self.look(tool, closely=False)
        if look.faults in ((TIMEOUT,), (FAILED,)):
            raise SetupFailed(look.faults[0], look.detail, look.phase)
        self._folder = Path(tempfile.mkdtemp(prefix="adm-sane-"))
        (self._folder / "dll.conf").write_text("airscan\n", encoding="ascii")
        (self._folder / "airscan.conf").write_text(
            f'[devices]\n"{_ESCL_NAME}" = {self._url}, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n',
            encoding="ascii",
        )
        tool.config = self._folder
        return f"airscan:e0:{_ESCL_NAME}", {"model": escl.ask_model(self._url)}

    def look(self, tool: Tool, closely: bool) -> Look:
        """Ask for its status; a jam, a cover, two sheets at once are told apart."""
        try:
            phase, faults = escl.ask_status(self._url).judged(self._feeder)
        except escl.Gone as gone:
            raise Missing(UNREACHABLE, str(gone)) from gone
        except escl.Silent as silent:
            return Look(Phase.UNKNOWN, (TIMEOUT,), str(silent))
        except escl.BadStatus as bad:
            return Look(Phase.UNKNOWN, (FAILED,), str(bad))
        return Look(phase, faults)

    def close(self) -> None:
        """Remove the configuration."""
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
