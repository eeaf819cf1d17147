"""Every button of the bench, once: the page draws this table, and a test presses each of its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from deploy.demo.panel.desk import BEDS, POSES, Asked, Desk
from drivers.virtual import papers
from wire.change import State

Act = Callable[[Desk, Asked], str]


@dataclass(frozen=True, slots=True)
class Input:
    """Something to choose, type or give beside the buttons. ``kind``: choice, text or file."""

    name: str
    label: str
    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A card of the page. ``device``: shown only where the terminal has it."""

    name: str
    title: str
    icon: str
    device: str = ""
    inputs: tuple[Input, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """``do`` does it and returns the line that says what was done. ``tone``: "", "bad" or "good"."""

    name: str
    group: str
    label: str
    do: Act
    tone: str = ""


_SHEET = Input("sheet", "Sheet", "choice", papers.NAMES)
_FILE = Input("file", "or a file of yours (JPEG, PNG, PDF)", "file")

GROUPS = (
    Group(
        "camera",
        "Document camera",
        "visibility",
        "camera",
        (_SHEET, Input("pose", "How", "choice", tuple(POSES)), _FILE),
    ),
    Group("scanner", "Scanner", "fit_screen", "scanner", (_SHEET, Input("bed", "How", "choice", tuple(BEDS)), _FILE)),
    Group("card", "Card reader", "assignment_ind", "card"),
    Group("code", "Code scanner", "qr_code_2", "code", (Input("text", "The code says", "text"),)),
    Group("printer", "Receipt printer", "edit_note", "printer"),
    Group("line", "Line to the office", "swap_horiz", ""),
    Group("office", "Office", "account_balance", ""),
    Group("clock", "Clock of the terminal", "schedule", ""),
    Group("processes", "Processes", "construction", ""),
)

_PRINTER_WELL: dict[str, object] = {
    **dict.fromkeys(("paper_out", "near_end", "cover", "cutter", "error", "unrecoverable", "mute", "stall"), False),
    "garbage": "",
    "delay": 0.0,
    "rate": 0.0,
    "paper_out_after": None,
    "hang_up_after": None,
}
_CAMERA_WELL: dict[str, object] = {"frozen": False, "garbage": False, "slow": 0.0}
_SCANNER_WELL: dict[str, object] = {
    **dict.fromkeys(("jam", "cover", "double_feed", "busy", "hang", "garbage"), False),
    "slow": 0.0,
    "cut_after": None,
    "http": None,
}
_CARD_WELL: dict[str, object] = {"silent": False, "slow": 0.0, "short": False, "garbage": "", "pull": False}


def _says(device: str, word: str, text: str, values: Mapping[str, object] | None = None) -> Act:
    """One word to one virtual device."""

    def do(desk: Desk, _asked: Asked) -> str:
        desk.bench.device(device, word, **(values or {}))
        return text

    return do


def _line(command: str, text: str) -> Act:
    def do(desk: Desk, _asked: Asked) -> str:
        desk.bench.line(command)
        return text

    return do


def _plugs(device: str, what: str, out: str = "off", back: str = "on") -> tuple[Button, Button]:
    return (
        Button(f"{device}_unplug", device, "Unplug", _says(device, out, f"the {what}'s cable is out"), "bad"),
        Button(f"{device}_plug", device, "Plug in", _says(device, back, f"the {what}'s cable is in"), "good"),
    )


def _card(kind: str, label: str, text: str) -> Button:
    return Button(f"card_{kind}", "card", label, _says("card", "insert", text, {"kind": kind}))


def _sets(device: str, name: str, label: str, text: str, **values: object) -> Button:
    return Button(f"{device}_{name}", device, label, _says(device, "set", text, values), "bad")


def _well(device: str, text: str, values: Mapping[str, object]) -> Button:
    return Button(f"{device}_well", device, "All well", _says(device, "set", text, values), "good")


def _kills(name: str, label: str, what: str, words: str) -> Button:
    return Button(f"kill_{name}", "processes", label, lambda desk, _asked: desk.kill_child(what, words), "bad")


BUTTONS: tuple[Button, ...] = (
    Button("camera_lay", "camera", "Lay it under the camera", Desk.lay_under_camera),
    Button("camera_receipt", "camera", "Lay the newest receipt", Desk.lay_receipt),
    Button("camera_clear", "camera", "Clear the mat", _says("camera", "clear", "the mat is empty")),
    _sets("camera", "frozen", "Frozen", "the camera sends the same picture again and again", frozen=True),
    _sets("camera", "garbage", "Garbage", "the camera sends what is no picture", garbage=True),
    _well("camera", "the camera is well", _CAMERA_WELL),
    *_plugs("camera", "camera"),
    Button("scanner_lay", "scanner", "Lay it on the glass", Desk.lay_on_glass),
    Button("scanner_clear", "scanner", "Clear the glass", _says("scanner", "clear", "the glass is empty")),
    Button("scanner_load", "scanner", "Put it in the feeder", Desk.put_in_feeder),
    Button("scanner_fill", "scanner", "Put every side in the feeder", Desk.fill_feeder),
    Button(
        "scanner_empty", "scanner", "Empty the feeder", _says("scanner", "load", "the feeder is empty", {"papers": []})
    ),
    Button("scanner_feeder", "scanner", "Roles file: feeder", lambda desk, _asked: desk.take_from("feeder")),
    Button("scanner_flatbed", "scanner", "Roles file: flatbed", lambda desk, _asked: desk.take_from("flatbed")),
    _sets("scanner", "jam", "Jam", "a sheet is stuck in the scanner", jam=True),
    _sets("scanner", "cover", "Cover open", "the scanner's cover is open", cover=True),
    _sets("scanner", "double", "Double feed", "two sheets went in at once", double_feed=True),
    _sets("scanner", "busy", "Busy", "somebody else scans", busy=True),
    _sets("scanner", "slow", "Slow", "a page takes six seconds more", slow=6.0),
    _sets("scanner", "hang", "Hang", "the scanner answers nothing", hang=True),
    _sets("scanner", "garbage", "Garbage", "the scanner sends what is no picture", garbage=True),
    _well("scanner", "the scanner is well", _SCANNER_WELL),
    *_plugs("scanner", "scanner"),
    _card("ktp", "KTP-el", "a KTP-el lies on the reader"),
    _card("staff", "Staff card", "a staff card lies on the reader"),
    _card("other", "Another card", "a card that is no KTP-el lies on the reader"),
    _card("random", "KTP-el with random UID", "a card that makes up its UID lies on the reader"),
    _card("mute", "Turned card", "a card lies on the reader and does not answer"),
    Button("card_pull", "card", "Pull the card", _says("card", "remove", "the card is gone")),
    _sets("card", "silent", "Reader hangs", "the next card never answers a command", silent=True),
    _well("card", "cards answer", _CARD_WELL),
    *_plugs("card", "card reader", "unplug", "plug"),
    Button("code_show", "code", "Show it", Desk.show_text),
    Button("code_newest", "code", "Show the newest receipt", Desk.show_newest),
    Button(
        "code_noise", "code", "Noise", _says("code", "send", "noise on the line", {"hex": "ff0091810d0a" * 3}), "bad"
    ),
    *_plugs("code", "code scanner"),
    _sets("printer", "near_end", "Paper near its end", "the roll is nearly used up", near_end=True),
    _sets("printer", "out", "Paper out", "the roll is used up", paper_out=True),
    _sets("printer", "cover", "Cover open", "the printer's cover is open", cover=True),
    _sets("printer", "cutter", "Cutter stuck", "the cutter is stuck", cutter=True),
    _sets("printer", "mute", "Mute", "the printer answers nothing", mute=True),
    _sets("printer", "slow", "Slow", "200 bytes a second come out", rate=200.0),
    _sets("printer", "garbage", "Garbage", "the printer answers with noise", garbage="ff0081", mute=True),
    _well("printer", "the printer is well", _PRINTER_WELL),
    *_plugs("printer", "printer"),
    Button("line_good", "line", "Good", _line("good", "the line is good"), "good"),
    Button("line_slow", "line", "Slow", _line("slow 16000", "the line carries 16 kbit/s")),
    Button("line_flap", "line", "Flapping", _line("flap 4", "the line is there for 4 s and gone for 4 s"), "bad"),
    Button("line_cut", "line", "Cut", _line("down", "the line is cut"), "bad"),
    Button("line_hole", "line", "Black hole", _line("blackhole", "the line swallows everything"), "bad"),
    Button(
        "line_portal", "line", "Captive portal", _line("portal 302", "a captive portal answers with its login"), "bad"
    ),
    Button(
        "line_portal_page", "line", "Portal's page", _line("portal 200", "a captive portal answers with a page"), "bad"
    ),
    Button("line_tls", "line", "TLS wrong", _line("tls", "somebody else's TLS server answers"), "bad"),
    Button("office_approve", "office", "Approve the newest", lambda desk, _asked: desk.decide(State.APPROVED), "good"),
    Button("office_correct", "office", "Needs correction", lambda desk, _asked: desk.decide(State.NEEDS_CORRECTION)),
    Button("clock_jump", "clock", "400 days ahead", lambda desk, _asked: desk.jump(400), "bad"),
    Button("clock_right", "clock", "Right", lambda desk, _asked: desk.jump(0), "good"),
    Button("kill_station", "processes", "Kill the station", Desk.kill_station, "bad"),
    _kills("window", "Kill the window", "window", "-m screens"),
    _kills("capture", "Kill the page check", "page check's child", "kiosk.capture.child"),
    _kills("card", "Kill the card watcher", "card reader's child", "drivers.card.child"),
    Button("kill_pcscd", "processes", "Kill pcscd", _says("card", "kill", "pcscd was killed and started again"), "bad"),
    Button("kill_gateway", "processes", "Kill the gateway", Desk.kill_gateway, "bad"),
    Button("start_gateway", "processes", "Start the gateway", Desk.start_gateway, "good"),
)
BY_NAME = {button.name: button for button in BUTTONS}
