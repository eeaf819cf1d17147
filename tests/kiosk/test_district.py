"""The district's file in station, window and gateway: its words are shown, a wrong one ends the start by its lines."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import intents
from kiosk.link import StationLink
from kiosk.status import KioskStatus
from kiosk.view import visit_view
from tests.kiosk.journey import Journey
from tests.kiosk.test_station import ROOT, Station, group, until
from tests.screens.test_process import tree
from wire import service

EXAMPLE = ROOT / "deploy" / "config" / "district.yaml.example"
WRONG = (
    "schema_version: 1\ndistrict: X\nsource: X\nsource_date: 2026\nservices:\n  KTP-HILANG:\n    drop: [kkk]\n  X: {}\n"
)
LINES = (
    "d.yaml:7:12: services.KTP-HILANG.drop.0: there is no paper kkk",
    "d.yaml:8:3: services.X: there is no service X",
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name, and a wrong district file in it."""
    with tempfile.TemporaryDirectory(prefix="adm-") as name:
        (Path(name) / "d.yaml").write_text(WRONG)
        yield Path(name)
        service.use(None)


def test_a_wrong_file_ends_the_stations_start_and_every_flaw_is_named(folder: Path) -> None:
    station = Station(folder, f'district = "{folder}/d.yaml"\n')
    station.start("--no-window")
    assert station.process is not None and station.process.wait(20) == 2
    assert all(line in station.log() for line in LINES)
    station.close()


def test_a_wrong_file_ends_the_gateways_start_too(folder: Path) -> None:
    words = ["serve", "--data", str(folder / "office"), "--port", "0", "--district"]
    command = [sys.executable, "-m", "gateway", *words]
    done = subprocess.run([*command, str(folder / "d.yaml")], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and all(line in done.stderr for line in LINES)
    with subprocess.Popen([*command, str(EXAMPLE)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as good:
        assert good.stdout is not None and "http" in good.stdout.readline()
        good.terminate()


def test_the_station_hands_the_file_to_its_window(folder: Path) -> None:
    station = Station(folder, f'district = "{EXAMPLE}"\n')
    station.start(SDL_VIDEODRIVER="offscreen")
    assert station.process is not None
    pgid = station.process.pid
    until(lambda: any("screens" in line and f"--district {EXAMPLE}" in line for line in group(pgid)))
    assert station.end() == 0
    station.close()


def test_the_window_says_the_districts_words(folder: Path) -> None:
    service.use(EXAMPLE)
    visit = Journey(service="KK-HILANG-RUSAK")
    visit.say(intents.ChooseService(code="KK-HILANG-RUSAK"), intents.Answer(question="why", answer="lost"))
    link, probe = folder / "link", folder / "probe"
    station = StationLink(link)
    status = KioskStatus(rev=1, services=service.offered(), visit=visit_view(visit.now, None, 0.0))
    station.publish(status)
    words = ["--link", str(link), "--probe", str(probe), "--size", "540x960", "--district", str(EXAMPLE)]
    environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen"}
    window = subprocess.Popen([sys.executable, "-m", "screens", *words], cwd=ROOT, env=environment)
    try:
        said = _labels(probe)
        assert "Apakah KK Anda hilang atau rusak?" in said
        assert "Gratis dari Polsek Banjar atau Pataruman." in said
        assert "Surat kehilangan dari kepolisian" in said
    finally:
        window.terminate()
        window.wait(10)
        station.close()


def _labels(probe: Path) -> set[str]:
    def look() -> set[str]:
        try:
            shown = tree(probe)
        except (OSError, ValueError):
            return set()
        return {str(node["label"]) for node in shown["nodes"]} if shown["screen"] == "requirements" else set()

    return until(look, 20)
