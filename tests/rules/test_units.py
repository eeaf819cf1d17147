"""What an installation starts: never with the probe that tests look through, never with a virtual device."""

from __future__ import annotations

from tests.rules.tracked import lines, product, short, tracked

UNITS = (".service", ".socket", ".timer", ".target", ".path", ".rules", ".desktop", ".conf")


def test_no_unit_opens_the_probe_or_names_a_virtual_device() -> None:
    units = [path for path in tracked(*UNITS) if path.parts[-1] and short(path).startswith("deploy/")]
    found = [
        f"{short(path)}: {line.strip()}"
        for path in units
        for line in lines(path)
        if "--probe" in line or "virtual" in line or "PROBE" in line
    ]
    assert found == []


def test_only_the_window_knows_the_probe() -> None:
    """The station hands it through (tests start the station), but no floor turns it on by itself."""
    named = {short(path) for path in product(".py") for line in lines(path) if "--probe" in line}
    assert {name.split("/")[0] for name in named} <= {"screens", "kiosk"}
