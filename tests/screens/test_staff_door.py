"""The village's badge: held for two seconds it asks for the staff's pages; nothing else comes of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from kivy.core.window import Window
from kivy.tests.common import UnitTestTouch

from kiosk import intents as say
from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES


def hold(window: Driver, seconds: float, *, slip: bool = False) -> None:
    """A finger on the badge for so long; ``slip``: it leaves the badge and stays down."""
    window.wait(lambda: not window.app.deaf)
    x, y, width, height = window.find("staff_door")["rect"]
    touch = UnitTestTouch(x + width / 2, Window.height - y - height / 2)
    touch.touch_down()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        window.frames(1)
        if slip:
            touch.touch_move(x + width / 2, Window.height / 2)
    touch.touch_up()
    window.frames(3)


def door(window: Driver) -> list[dict[str, Any]]:
    return [node for node in window.nodes() if node["id"] == "staff_door"]


@pytest.mark.parametrize("name", ["home", "closed"])
def test_holding_the_badge_asks_for_the_staffs_pages_once(window: Driver, name: str) -> None:
    window.show(STATUSES[name][1])
    assert door(window)[0]["label"] == "Pintu petugas"
    hold(window, 2.6)
    assert window.said == [say.Start(kind="staff")]


def test_a_short_press_does_nothing(window: Driver) -> None:
    window.show(STATUSES["home"][1])
    for _ in range(4):
        hold(window, 0.6)  # together longer than two seconds
    assert window.said == []


def test_a_finger_that_slips_off_does_nothing(window: Driver) -> None:
    window.show(STATUSES["home"][1])
    hold(window, 2.4, slip=True)
    assert window.said == []


@pytest.mark.parametrize("name", ["starting", "nik", "timeout"])
def test_there_is_no_entrance_in_a_visit_or_before_the_station_is_ready(window: Driver, name: str) -> None:
    window.show(STATUSES[name][1])
    assert door(window) == []
    window.show(STATUSES["home"][1])
    x, y, width, height = window.find("staff_door")["rect"]
    window.show(STATUSES[name][1])
    window.wait(lambda: not window.app.deaf)
    touch = UnitTestTouch(x + width / 2, Window.height - y - height / 2)
    touch.touch_down()
    end = time.monotonic() + 2.3
    while time.monotonic() < end:
        window.frames(1)
    touch.touch_up()
    window.frames(3)
    assert window.said == []


def test_no_resident_sees_it(window: Driver) -> None:
    """Not even while it is pressed."""
    window.show(STATUSES["home"][1])
    window.wait(lambda: not window.app.deaf)
    x, y, width, height = window.find("staff_door")["rect"]
    rest = window.pixels(x, y, width, height)
    touch = UnitTestTouch(x + width / 2, Window.height - y - height / 2)
    touch.touch_down()
    window.frames(3)
    pressed = window.pixels(x, y, width, height)
    touch.touch_up()
    window.frames(3)
    assert pressed == rest
