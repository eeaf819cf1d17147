"""Every flaw of service and district files, a line each: file, line, column, place, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from wire import district, marked, service
from wire.marked import Flaw, Marked, mapping

_DISTRICTS = ("district", "services")


def check(paths: Iterable[Path]) -> list[Flaw]:
    """The flaws of all ``paths``, in their order."""
    flaws: list[Flaw] = []
    codes: dict[str, str] = {}
    for path in paths:
        file = marked.read(path)
        if is_district(file):
            flaws += district.check(file, service.base())[2]
            continue
        made, found = service.check(file)
        flaws += found
        if made is None:
            continue
        if made.code in codes:
            flaws.append(file.flaw(("code",), f"{made.code} stands in {codes[made.code]} too"))
        elif made.code != path.stem and path.suffix == ".yaml":
            flaws.append(file.flaw(("code",), f"the file of {made.code} must be called {made.code}.yaml"))
        codes.setdefault(made.code, path.name)
    return flaws


def is_district(file: Marked) -> bool:
    """True for a district's file, False for a service's or for what is neither."""
    keys = mapping(file.data)
    return "code" not in keys and any(key in keys for key in _DISTRICTS)


def base_files() -> list[Path]:
    """The files of the national base."""
    return sorted(service.FOLDER.glob("*.yaml"))
