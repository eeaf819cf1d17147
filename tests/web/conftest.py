"""One Chromium for all pages, one gateway with a map and terminals in every state.

The pictures stand in pytest's temporary folder, or where ADM_WEB_SHOTS says.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from deploy.demo import browser
from tests.gateway.rig import Gateway, Officer, Terminal, add_officer
from tests.web.yard import VILLAGES, Eyes, beat, district_map, settle, sign_in


@dataclass(frozen=True)
class District:
    """A gateway and its terminals by village; ``officer``: signed in over plain HTTP."""

    gateway: Gateway
    terminals: dict[str, Terminal]
    officer: Officer


@pytest.fixture(scope="session")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eyes]:
    """Debian's Chromium without a window."""
    path = browser.find()
    assert path is not None, "no Chromium here: apt-get install chromium"
    folder = Path(os.environ.get("ADM_WEB_SHOTS") or tmp_path_factory.mktemp("web"))
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        made = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu", "--no-proxy-server"])
        yield Eyes(made, folder)
        made.close()


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """Nine villages: five good, paper out, a jam, refused submissions, one that was never heard."""
    folder = tmp_path_factory.mktemp("district")
    (folder / "map.geojson").write_bytes(district_map())
    data = folder / "data"
    add_officer(data)
    gateway = Gateway(data, "--map", str(folder / "map.geojson")).start()
    officer = Officer(gateway)
    officer.sign_in()
    terminals = {village: settle(officer, gateway, village) for village in VILLAGES}
    for village, terminal in terminals.items():
        match village:
            case "Bojonghilir":
                beat(terminal, ("printer", "printer_paper_out"), queued=3)
            case "Cikakak":
                beat(terminal, ("printer", "printer_paper_near_end"))
            case "Ekasari":
                beat(terminal, ("scanner", "scanner_jammed"))
            case "Gunungsepi":
                beat(terminal, quarantined=1)
            case "Felanti":
                pass
            case _:
                beat(terminal)
    yield District(gateway, terminals, officer)
    gateway.stop()


@pytest.fixture
def page(eyes: Eyes, district: District) -> Iterator[Page]:
    """A page of an officer who is signed in."""
    context = eyes.open()
    context.set_default_timeout(15_000)
    made = context.new_page()
    sign_in(made, district.gateway)
    yield made
    context.close()
