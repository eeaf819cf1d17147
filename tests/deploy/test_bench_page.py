"""Every button of the bench's page, pressed over HTTP; what it did is read from the station's log and the window.

One terminal with every device lives through all of them, in the order of ``EXPECTED``: an application that is begun at
the idle screen, goes through cards, camera and scanner, is sent over a bad line, and is decided at the office.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from PIL import Image

from deploy.demo.bench import Bench, BenchError, wait_for
from deploy.demo.gear import EVERYTHING
from deploy.demo.panel.site import WINDOW, Panel
from deploy.demo.panel.table import BUTTONS, BY_NAME
from drivers.virtual import papers
from tests.deploy.bench_expected import EXPECTED, Expect
from tests.deploy.bench_scene import Scene
from wire.words import translator

QUICK_LINE = "[cache]\nprobe_cap_s = 0.5\nretry_cap_s = 1.0\n"
ind = translator("id")


def test_every_button_has_an_expectation() -> None:
    assert len({button.name for button in BUTTONS}) == len(BUTTONS) == len(BY_NAME)
    assert set(EXPECTED) == set(BY_NAME)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Everything, running."""
    folder = tmp_path_factory.mktemp("bench")
    with (
        Bench(folder, settings=QUICK_LINE, gear=EVERYTHING, movable=True) as bench,
        Panel(bench) as panel,
    ):
        bench.add_officer()
        scene = Scene(bench, panel)
        scene.hand.wait_screen("home", within=60)
        yield scene


def test_page_draws_every_button_without_a_script_and_takes_no_foreign_press(scene: Scene) -> None:
    page = requests.get(scene.panel.url, timeout=20).text
    before_scripts = page.partition("<script>")[0]
    assert all(f'formaction="/do/{name}"' in before_scripts for name in BY_NAME)
    assert "http-equiv" not in page and "://" not in before_scripts.replace(scene.bench.url, "")
    for headers in ({"Origin": "http://elsewhere.example"}, {"Host": f"elsewhere.example:{scene.panel.port}"}):
        answer = requests.post(f"{scene.panel.url}/do/printer_out", headers=headers, timeout=20)
        assert answer.status_code == 403
    assert requests.post(f"{scene.panel.url}/do/nothing", timeout=20).status_code == 404
    assert scene.bench.printer("state")["flags"]["paper_out"] is False


def test_a_touch_on_the_windows_picture_is_a_touch_on_the_window(scene: Scene) -> None:
    picture = requests.get(f"{scene.panel.url}/window.jpg", timeout=20).content
    with Image.open(io.BytesIO(picture)) as image:
        assert image.size == (2 * WINDOW[0], 2 * WINDOW[1])
    scene.go("home")
    node = scene.hand.find("start_status")
    assert node is not None
    x, y, width, height = node["rect"]
    scale = WINDOW[0] / scene.bench.size[0]
    at = {"at.x": str(int((x + width / 2) * scale)), "at.y": str(int((y + height / 2) * scale))}
    requests.post(f"{scene.panel.url}/touch", data=at, timeout=20)
    scene.hand.wait_screen("status_number")
    scene.left()
    for wrong in ({}, {"at.x": "-1", "at.y": "1"}, {"at.x": "99999", "at.y": "1"}):
        assert requests.post(f"{scene.panel.url}/touch", data=wrong, timeout=20).status_code == 400


def test_a_file_of_ones_own_is_laid_whatever_kind_it_is(scene: Scene, tmp_path: Path) -> None:
    sheet = papers.draw("kk").image.resize((420, 297))
    for kind in ("png", "jpeg", "pdf"):
        held = io.BytesIO()
        sheet.save(held, kind)
        assert scene.press("scanner_lay", {"bed": "good"}, held.getvalue()) == "your file lies on the glass (good)"
        assert str(scene.bench.scanner("state")["laid"]).endswith(".png")
    for junk in (b"no picture", b"%PDF-1.4 and no more"):
        requests.post(f"{scene.panel.url}/do/camera_lay", files={"file": ("x", junk)}, timeout=60)
        assert not scene.panel.desk.done[0].ok
    scene.press("scanner_clear")


@pytest.mark.parametrize("name", EXPECTED)
def test_button_does_what_it_says(scene: Scene, name: str) -> None:
    wanted = EXPECTED[name]
    scene.go(wanted.at)
    for before in wanted.first:
        scene.press(before)
    scene.press(name, wanted.words)
    if wanted.then:
        wanted.then(scene)
    wait_as(scene, wanted)
    if wanted.after:
        wanted.after(scene)


def wait_as(scene: Scene, wanted: Expect) -> None:
    """Wait until log, tree and virtual device say what is expected."""

    def as_wanted() -> bool:
        log, tree = scene.panel.desk.sight.log(), scene.hand.look()
        if tree is None or (wanted.screen and tree["screen"] != wanted.screen):
            return False
        if wanted.shows and not any(ind(wanted.shows) in node["label"] for node in tree["nodes"]):
            return False
        if wanted.line and log.line != wanted.line:
            return False
        if wanted.device:
            role, phase, fault = wanted.device
            told = log.devices.get(role)
            if told is None or told.phase != phase or (fault not in told.faults if fault else bool(told.faults)):
                return False
        return wanted.also is None or bool(wanted.also(scene))

    try:
        wait_for("as expected", as_wanted, within=wanted.within)
    except BenchError:
        log, tree = scene.panel.desk.sight.log(), scene.hand.look()
        shown = [node["label"] for node in tree["nodes"] if node["label"]] if tree else []
        role = wanted.device[0] if wanted.device else ""
        pytest.fail(f"{wanted}\n{log.devices.get(role)}, line {log.line!r}\n{tree and tree['screen']}: {shown}")
