"""What an eSCL scanner says of itself, and what it reads in a job: the XML of the virtual scanner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

DPIS = (100, 200, 300)
UNITS = 300
"""Regions of a scan are told in so many units an inch, whatever the resolution."""
GLASS = (2550, 3508)
"""Width and height of the glass and of the feeder's opening, in these units."""
_SPACES = 'xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
MIME = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Order:
    """What a job asks for. ``box``: left, top, right, bottom in pixels at ``dpi``."""

    feeder: bool
    dpi: int
    grey: bool
    box: tuple[int, int, int, int]


def capabilities(serial: str) -> bytes:
    """A flatbed and a feeder, grey and colour."""
    caps = (
        f"<scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{GLASS[0]}</scan:MaxWidth>"
        f"<scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{GLASS[1]}</scan:MaxHeight>"
        "<scan:MaxScanRegions>1</scan:MaxScanRegions><scan:SettingProfiles><scan:SettingProfile><scan:ColorModes>"
        "<scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>"
        f"<scan:DocumentFormats><pwg:DocumentFormat>{MIME}</pwg:DocumentFormat>"
        f"<scan:DocumentFormatExt>{MIME}</scan:DocumentFormatExt></scan:DocumentFormats>"
        "<scan:SupportedResolutions><scan:DiscreteResolutions>"
        + "".join(
            f"<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution>"
            f"<scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>"
            for dpi in DPIS
        )
        + "</scan:DiscreteResolutions></scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles>"
        "<scan:SupportedIntents><scan:Intent>Document</scan:Intent></scan:SupportedIntents>"
    )
    return (
        f"{_HEAD}<scan:ScannerCapabilities {_SPACES}><pwg:Version>2.63</pwg:Version>"
        f"<pwg:MakeAndModel>Virtual Scanner</pwg:MakeAndModel><pwg:SerialNumber>{serial}</pwg:SerialNumber>"
        "<scan:UUID>00000000-0000-1000-8000-000000000001</scan:UUID>"
        f"<scan:Platen><scan:PlatenInputCaps>{caps}</scan:PlatenInputCaps></scan:Platen>"
        f"<scan:Adf><scan:AdfSimplexInputCaps>{caps}</scan:AdfSimplexInputCaps>"
        "<scan:FeederCapacity>20</scan:FeederCapacity></scan:Adf></scan:ScannerCapabilities>"
    ).encode()


def status(state: str, adf: str, jobs: Sequence[tuple[str, str]]) -> bytes:
    """``jobs``: path and state of each."""
    told = "".join(
        f"<scan:JobInfo><pwg:JobUri>{path}</pwg:JobUri><pwg:JobUuid>{path.rpartition('/')[2]}</pwg:JobUuid>"
        f"<pwg:JobState>{job}</pwg:JobState></scan:JobInfo>"
        for path, job in jobs
    )
    return (
        f"{_HEAD}<scan:ScannerStatus {_SPACES}><pwg:Version>2.63</pwg:Version><pwg:State>{state}</pwg:State>"
        f"<scan:AdfState>{adf}</scan:AdfState><scan:Jobs>{told}</scan:Jobs></scan:ScannerStatus>"
    ).encode()


def read_order(body: str) -> Order:
    """What the ScanSettings ask for. Raises ``ValueError``, as a scanner answers 400."""

    def told(name: str, otherwise: str) -> str:
        found = re.search(rf"<(?:\w+:)?{name}>\s*([^<]*?)\s*<", body)
        return found[1] if found else otherwise

    dpi = int(told("XResolution", "300"))
    mime = told("DocumentFormatExt", told("DocumentFormat", MIME))
    if dpi not in DPIS or mime != MIME:
        raise ValueError(f"{dpi} dpi, {mime}")
    left, top = int(told("XOffset", "0")), int(told("YOffset", "0"))
    right = min(GLASS[0], left + int(told("Width", str(GLASS[0]))))
    bottom = min(GLASS[1], top + int(told("Height", str(GLASS[1]))))
    if not (0 <= left < right and 0 <= top < bottom):
        raise ValueError("no region")
    box = (left * dpi // UNITS, top * dpi // UNITS, right * dpi // UNITS, bottom * dpi // UNITS)
    feeder = told("InputSource", "Platen") == "Feeder"
    return Order(feeder, dpi, told("ColorMode", "RGB24") == "Grayscale8", box)
