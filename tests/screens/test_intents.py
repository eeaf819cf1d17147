"""Each button says exactly its intent; a tap is heard once, and not by the screen that follows it."""

from __future__ import annotations

import pytest
from kivy.core.window import Window
from kivy.tests.common import UnitTestTouch

from kiosk import intents as say
from kiosk.intents import Intent
from screens.widgets.pad import PADS, SPECIAL
from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES

BUTTONS: list[tuple[str, str, Intent]] = [
    ("home", "start_apply", say.Start(kind="apply")),
    ("home", "start_status", say.Start(kind="status")),
    ("home", "start_browse", say.Start(kind="browse")),
    ("home", "start_nik", say.Start(kind="nik")),
    ("home", "start_locations", say.Start(kind="locations")),
    ("home", "officer", say.CallOfficer()),
    ("home", "lang_en", say.SetLanguage(language="en")),
    ("home", "text_size", say.NextTextSize()),
    ("home", "contrast", say.ToggleContrast()),
    ("services_one", "service_KTP-HILANG", say.ChooseService(code="KTP-HILANG")),
    ("services", "group_act", say.ChooseGroup(group="act")),
    ("services_last", "service_NIK-KONSOLIDASI", say.ChooseService(code="NIK-KONSOLIDASI")),
    ("services", "back", say.Back()),
    ("services", "lang_en", say.SetLanguage(language="en")),
    ("requirements", "next", say.Next()),
    ("requirements_ask", "answer_lost", say.Answer(question="why", answer="lost")),
    ("requirements_many", "answer_guardian", say.Answer(question="family", answer="guardian")),
    ("requirements_lost", "next", say.Next()),
    ("scan_skip", "not_here", say.NotHere()),
    ("scan_both_skip", "not_here", say.NotHere()),
    ("scan_bed_both_skip", "not_here", say.NotHere()),
    ("choose_source_skip", "not_here", say.NotHere()),
    ("page_refused_skip", "not_here", say.NotHere()),
    ("page_refused_skip", "retake", say.Retake()),
    ("paper_missing", "without_no", say.SendWithout(yes=False)),
    ("paper_missing", "without_yes", say.SendWithout(yes=True)),
    ("privacy", "next", say.Next()),
    ("nik_warning", "next", say.Next()),
    ("nik", "key_7", say.Key(key="7")),
    ("nik", "key_back", say.Key(key="back")),
    ("nik", "key_clear", say.Key(key="clear")),
    ("form_text", "key_A", say.Key(key="A")),
    ("form_choice", "pick_tax", say.Pick(option="tax")),
    ("form_choice_twelve", "pick_other", say.Pick(option="other")),
    ("form_text", "key_space", say.Key(key="space")),
    ("choose_source", "choose_camera", say.ChooseSource(source="camera")),
    ("choose_source", "choose_scanner", say.ChooseSource(source="scanner")),
    ("choose_source_half", "choose_camera", say.ChooseSource(source="camera")),
    ("scan_bed", "scan", say.Shutter()),
    ("scan_bed_busy", "scan", say.Shutter()),
    ("scan_bed_blocked", "scan", say.Shutter()),
    ("scan_bed_running", "stop_scan", say.StopScan()),
    ("scan_feeder_running", "stop_scan", say.StopScan()),
    ("scan_bed", "use_camera", say.ChooseSource(source="camera")),
    ("scan_both", "use_scanner", say.ChooseSource(source="scanner")),
    ("scanner_jam", "use_camera", say.ChooseSource(source="camera")),
    ("scanner_jam", "officer", say.CallOfficer()),
    ("camera_out_scanner", "use_scanner", say.ChooseSource(source="scanner")),
    ("card_new", "remember_card", say.RememberCard()),
    ("card_remembered", "forget_card", say.ForgetCard()),
    ("page_kept", "keep", say.Keep()),
    ("page_kept", "retake", say.Retake()),
    ("page_refused", "retake", say.Retake()),
    ("review", "redo_f102_2", say.Redo(paper="f102", page=2)),
    ("review_missing", "redo_police_1", say.Redo(paper="police", page=1)),
    ("review_missing", "scan_missing", say.Redo(paper="police", page=1)),
    ("review_missing", "redo_f107_1", say.Redo(paper="f107", page=1)),
    ("review_missing", "send", say.Send()),
    ("review_many", "redo_photo_1", say.Redo(paper="photo", page=1)),
    ("review", "send", say.Send()),
    ("done", "reprint", say.Reprint()),
    ("done", "end", say.End()),
    ("no_receipt", "end", say.End()),
    ("receipt_ask", "receipt_yes", say.ReceiptCame(yes=True)),
    ("receipt_ask", "receipt_no", say.ReceiptCame(yes=False)),
    ("timeout", "stay", say.Stay()),
    ("timeout", "cancel", say.Cancel()),
    ("closed", "officer", say.CallOfficer()),
    ("last_number", "end", say.End()),
    ("status_number", "key_K", say.Key(key="K")),
    ("status_result", "end", say.End()),
    ("status_fix", "complete", say.Complete()),
    ("status_fix_two", "complete", say.Complete()),
    ("status_incomplete", "complete", say.Complete()),
    ("status_incomplete", "end", say.End()),
]


@pytest.mark.parametrize(("name", "ident", "intent"), BUTTONS, ids=[f"{name}-{ident}" for name, ident, _ in BUTTONS])
def test_a_button_says_its_intent(window: Driver, name: str, ident: str, intent: Intent) -> None:
    window.show(STATUSES[name][1])
    window.tap(ident)
    assert window.said == [intent]


def test_every_key_types_what_it_shows(window: Driver) -> None:
    for name, pad in (("nik", "numbers"), ("form_text", "letters"), ("status_number", "code")):
        window.show(STATUSES[name][1])
        marks = dict.fromkeys("".join(PADS[pad]))
        window.said.clear()
        places = {node["id"]: node["rect"] for node in window.nodes()}
        window.wait(lambda: not window.app.deaf)
        for mark in marks:
            window.press(places[SPECIAL[mark][1] if mark in SPECIAL else f"key_{mark}"])
        assert window.said == [say.Key(key=SPECIAL[mark][0] if mark in SPECIAL else mark) for mark in marks]


@pytest.mark.parametrize(
    ("name", "ident"),
    [
        ("nik", "next"),
        ("requirements_ask", "next"),
        ("choose_source_half", "choose_scanner"),
        ("choose_source_none", "choose_camera"),
        ("scan_bed_running", "use_camera"),
        ("scan_bed_checking", "stop_scan"),
    ],
)
def test_a_disabled_button_is_deaf(window: Driver, name: str, ident: str) -> None:
    window.show(STATUSES[name][1])
    assert window.find(ident)["disabled"]
    window.tap(ident)
    assert window.said == []


@pytest.mark.parametrize(
    ("first", "ident", "then", "other"),
    [
        ("scan_bed", "scan", "scan_bed_running", "stop_scan"),
        ("scan_bed_running", "stop_scan", "scan_bed", "scan"),
        ("card_new", "remember_card", "card_remembered", "forget_card"),
    ],
)
def test_a_double_tap_does_not_take_back_what_it_did(
    window: Driver, first: str, ident: str, then: str, other: str
) -> None:
    window.show(STATUSES[first][1])
    window.tap(ident)
    window.said.clear()
    window.lay_out(STATUSES[then][1])
    window.press(window.find(other)["rect"])
    window.frames(3)
    assert window.said == []
    window.tap(other)
    assert len(window.said) == 1


def test_cancel_asks_first(window: Driver) -> None:
    window.show(STATUSES["nik"][1])
    window.tap("cancel")
    assert window.tree()["screen"] == "cancel_ask"
    window.tap("cancel_no")
    assert (window.tree()["screen"], window.said) == ("nik", [])
    window.tap("cancel")
    window.tap("cancel_yes")
    assert window.said == [say.Cancel()]
    window.show(STATUSES["home"][1])
    assert window.tree()["screen"] == "home"


def test_the_question_goes_when_the_visit_goes(window: Driver) -> None:
    window.show(STATUSES["nik"][1])
    window.tap("cancel")
    window.show(STATUSES["home"][1])
    window.show(STATUSES["nik"][1])
    assert window.tree()["screen"] == "nik"


def test_the_second_half_of_a_double_tap_is_dropped(window: Driver) -> None:
    window.show(STATUSES["requirements"][1])
    window.tap("next")
    window.show(STATUSES["privacy"][1])
    x, y, width, height = window.find("next")["rect"]
    touch = UnitTestTouch(x + width / 2, Window.height - y - height / 2)
    touch.touch_down()
    touch.touch_up()
    window.frames(3)
    assert window.said == [say.Next()]


@pytest.mark.parametrize(("name", "ident"), [("services_one", "service_KTP-HILANG"), ("review", "redo_f102_2")])
def test_news_between_finger_down_and_up_loses_no_touch(window: Driver, name: str, ident: str) -> None:
    status = STATUSES[name][1]
    window.show(status)
    window.wait(lambda: not window.app.deaf)
    x, y, width, height = window.find(ident)["rect"]
    touch = UnitTestTouch(x + width / 2, Window.height - y - height / 2)
    touch.touch_down()
    window.show(status.model_copy(update={"rev": status.rev + 1, "line": status.line.model_copy(update={"queued": 9})}))
    touch.touch_up()
    window.frames(3)
    assert len(window.said) == 1


def test_keys_walk_every_control_and_press_one(window: Driver) -> None:
    window.show(STATUSES["home"][1])
    seen: list[str] = []
    for _ in range(20):
        Window.dispatch("on_key_down", 9, 15, "", [])
        window.frames(1)
        seen += [node["id"] for node in window.nodes() if node["focus"]]
    starts = {"start_apply", "start_status", "start_browse", "start_nik", "start_locations"}
    assert {*starts, "officer", "lang_id", "lang_en", "text_size", "contrast"} == set(seen)
    while not window.find("start_status")["focus"]:
        Window.dispatch("on_key_down", 9, 15, "", [])
    Window.dispatch("on_key_down", 13, 40, "", [])
    window.wait(lambda: bool(window.said))
    assert window.said == [say.Start(kind="status")]
