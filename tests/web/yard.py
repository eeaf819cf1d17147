"""A district to look at: a made-up map of nine villages, terminals in every state, and a browser that measures."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import axe_playwright_python
from playwright.sync_api import Browser, BrowserContext, Page

from tests.gateway.rig import OFFICER, Gateway, Officer, Terminal

DESK, PHONE = (1440, 900), (390, 844)
_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_REGENCY = "Kota Contoh"

# Village: kecamatan, terminal's code, column and row on the map, bend of its north-western corner.
VILLAGES = {
    "Awiluar": ("Kec. Hulu", "AWL", 0, 0),
    "Bojonghilir": ("Kec. Hulu", "BJH", 1, 0),
    "Cikakak": ("Kec. Hulu", "CKK", 2, 0),
    "Dukuhseda": ("Kec. Tengah", "DKS", 0, 1),
    "Ekasari": ("Kec. Tengah", "EKS", 1, 1),
    "Felanti": ("Kec. Tengah", "FLT", 2, 1),
    "Gunungsepi": ("Kec. Hilir", "GNS", 0, 2),
    "Hegarcinta": ("Kec. Hilir", "HGC", 1, 2),
    "Indrajaya": ("Kec. Hilir", "IDJ", 2, 2),
}
_DISTRICTS = {"Kec. Hulu": "01", "Kec. Tengah": "02", "Kec. Hilir": "03"}
ROLES = ("printer", "scanner", "camera", "card", "code", "capture")


def region(village: str) -> str:
    """The village's code on the map."""
    district, _, column, _ = VILLAGES[village]
    return f"99.01.{_DISTRICTS[district]}.20{column + 1:02}"


def corner(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a corner of the villages' grid, a little crooked."""
    return 108.5 + column * 0.04 + row * 0.006, -7.3 - row * 0.03 + ((column * 7 + row * 3) % 5) * 0.003


def district_map() -> bytes:
    """The district as GeoJSON."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": region(name), "name": name},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        corner(column + i, row + j)
                        for i, j in ((0, 0), (0.5, -0.1), (1, 0), (1, 1), (0.5, 0.9), (0, 1), (0, 0))
                    ]
                ],
            },
        }
        for name, (_, _, column, row) in VILLAGES.items()
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def beat(terminal: Terminal, *faults: tuple[str, str], queued: int = 0, quarantined: int = 0, **more: object) -> str:
    """A heartbeat: all devices ready but those with a fault (role, code). Returns the version of the places."""
    broken = dict(faults)
    devices = [
        {
            "role": role,
            "phase": "needs_attention" if role in broken else "ready",
            "faults": [broken[role]] if role in broken else [],
            "tested": "2026-11-24T00:02:00Z" if role != "card" else "",
            "passed": role != "code" if role != "card" else None,
        }
        for role in ROLES
    ]
    told = {
        "v": 1,
        "version": "1.4.2",
        "wall": "",
        "boot_id": "boot",
        "uptime_s": 7 * 86400,
        "queued": queued,
        "quarantined": quarantined,
        "last_seq": 0,
        "disk_free": 41 * 2**30,
        "devices": devices,
        "cursor": 0,
        "protection": "host",
        **more,
    }
    got = terminal.http.post(
        f"{terminal.gateway.url}/v1/heartbeat", data=json.dumps(told), headers=terminal.headers(), timeout=20
    )
    assert got.status_code == 200, got.text
    return str(got.json()["places"])


def settle(officer: Officer, gateway: Gateway, village: str) -> Terminal:
    """Register and enrol the village's terminal, with its place on the map and its hours."""
    district, code, _, _ = VILLAGES[village]
    place = {
        "village": f"Desa {village}",
        "district": district,
        "regency": _REGENCY,
        "office": f"Kantor Desa {village}",
    }
    page = officer.get("/terminals")
    csrf = officer.csrf(page)
    shown = officer.post("/terminals", {"csrf": csrf, "code": code, "phone": "", **place})
    found = re.search(r"ADM1\.[A-Za-z0-9_-]+", shown.text)
    assert found, shown.text
    terminal = Terminal(gateway).enrol(found.group(0))
    got = officer.post(
        f"/terminals/{code}/place",
        {
            "csrf": csrf,
            **place,
            "phone": "",
            "address": "Jl. Contoh 1",
            "region": region(village),
            "lat": "",
            "lng": "",
        },
    )
    assert got.status_code == 200, got.text
    return terminal


@dataclass(frozen=True)
class Eyes:
    """A browser that looks at pages: measures with axe, keeps pictures."""

    browser: Browser
    folder: Path

    def open(self, size: tuple[int, int] = DESK) -> BrowserContext:
        """A fresh profile without script rights for the pages: none is needed."""
        return self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="id-ID", timezone_id="Asia/Jakarta"
        )

    def look(self, page: Page, name: str) -> None:
        """Take a picture at desk and phone size and let axe measure both: nothing serious, no sideways scroll."""
        before = page.viewport_size
        for word, size in (("desk", DESK), ("phone", PHONE)):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            page.screenshot(path=self.folder / f"{name}-{word}.png", full_page=word == "phone")
            found = flaws(page)
            assert not found, f"{name} at {size}: {found}"
            wide = cast(int, page.evaluate("document.documentElement.scrollWidth"))
            assert wide <= size[0], f"{name} scrolls sideways at {size}: {wide}"
        if before is not None:
            page.set_viewport_size(before)


def flaws(page: Page) -> list[str]:
    """What axe calls serious or critical on the page, each with the place it was found."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(_AXE)
    told = cast(
        list[dict[str, Any]],
        page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(r => r.violations)", _RULES
        ),
    )
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]}"
        for each in told
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


def sign_in(page: Page, gateway: Gateway) -> None:
    """Sign the officer in by hand."""
    page.goto(f"{gateway.url}/login")
    page.get_by_label("Nama akun").fill(OFFICER[1])
    page.get_by_label("Sandi").fill(OFFICER[2])
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/inbox")
