"""What each button of the bench's page does to the terminal, in the order of one visit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.deploy.bench_scene import Scene
from wire.number import Number

Step = Callable[[Scene], object]


@dataclass(frozen=True)
class Expect:
    """What a button does to the terminal, within ``within`` seconds of ``then`` (what a resident does after the press).

    ``device``: role, phase and a fault ("" for none). ``shows``: a msgid that stands on the screen. ``first``: buttons
    before it, ``after``: what ends the scene.
    """

    at: str
    device: tuple[str, str, str] | None = None
    screen: str = ""
    shows: str = ""
    line: str = ""
    also: Callable[[Scene], object] | None = None
    words: dict[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = ()
    then: Step | None = None
    after: Step | None = None
    within: float = 15.0


def printer(phase: str, fault: str, shows: str) -> Expect:
    return Expect("home", ("printer", phase, fault), "home", shows)


def card(shows: str) -> Expect:
    return Expect("nik", ("card", "ready", ""), "nik", shows, after=lambda scene: scene.press("card_pull"))


def camera(phase: str, fault: str, shows: str) -> Expect:
    return Expect("camera", ("camera", phase, fault), "camera_out", shows)


def scanner(phase: str, fault: str, shows: str, screen: str = "scanner_out") -> Expect:
    return Expect("scanner", ("scanner", phase, fault), screen, shows)


def twin(role: str, **wanted: object) -> Callable[[Scene], bool]:
    """What the virtual device says of itself."""

    def look(scene: Scene) -> bool:
        state = scene.bench.device(role, "state")
        state |= state.get("flags", {})
        return all(state[name] == value for name, value in wanted.items())

    return look


def at_line(**wanted: object) -> Callable[[Scene], bool]:
    return lambda scene: all(scene.bench.line("status")[name] == value for name, value in wanted.items())


def anew(words: str) -> Callable[[Scene], bool]:
    """A process of the terminal that was not there before the press."""
    return lambda scene: any(words in line for pid, line in scene.bench.processes().items() if pid not in scene.before)


def year(days: int) -> Callable[[Scene], bool]:
    """The year on the window's clock, so many days from now."""
    wanted = str((datetime.now(ZoneInfo("Asia/Jakarta")) + timedelta(days=days)).year)
    return lambda scene: any(wanted in text for text in scene.hand.texts())


def new_window(scene: Scene) -> None:
    scene.press("kill_window")


def scanned(scene: Scene) -> None:
    scene.scan()


def well(scene: Scene) -> None:
    scene.press("scanner_well")


HINT = "Put the KTP-el on the reader (may be skipped)"
NUMBER = str(Number("KMT", 4711))

EXPECTED: dict[str, Expect] = {
    # the idle screen: the header tells of the printer
    "printer_near_end": printer("ready", "printer_paper_near_end", "Printer ready"),
    "printer_cover": printer("needs_attention", "printer_cover_open", "Printer out of order"),
    "printer_cutter": printer("needs_attention", "printer_cutter", "Printer out of order"),
    "printer_out": printer("needs_attention", "printer_paper_out", "Paper used up"),
    "printer_well": printer("ready", "", "Printer ready"),
    "printer_mute": printer("unknown", "printer_mute", "Printer out of order"),
    "printer_garbage": Expect(
        "home", ("printer", "unknown", "printer_garbage"), "home", "Printer out of order", first=("printer_well",)
    ),
    "printer_unplug": Expect(
        "home", ("printer", "offline", "printer_unreachable"), "home", "Printer out of order", first=("printer_well",)
    ),
    "printer_plug": printer("ready", "", "Printer ready"),
    "code_noise": Expect("home", ("code", "unknown", "code_garbage"), "home"),
    "code_unplug": Expect("home", ("code", "offline", "code_unreachable"), "home"),
    "code_plug": Expect("home", ("code", "ready", ""), "home"),
    "code_show": Expect("home", ("code", "ready", ""), "status_nik", words={"text": NUMBER}, after=Scene.left),
    # the idle screen: the line, as the terminal finds it when it is switched on, and then each half second
    "line_cut": Expect(
        "home", line="no_gateway", shows="Offline", screen="home", then=lambda s: s.press("kill_station")
    ),
    "line_hole": Expect("home", line="no_gateway", shows="Offline", screen="home", also=at_line(mode="blackhole")),
    "line_portal": Expect("home", line="portal", shows="Offline", screen="home", within=30),
    "line_tls": Expect("home", line="no_gateway", shows="Offline", screen="home", within=30),
    "line_portal_page": Expect("home", line="portal", shows="Offline", screen="home"),
    "line_flap": Expect("home", line="online", shows="Online", screen="home"),
    "kill_station": Expect(
        "home", line="online", shows="Online", screen="home", also=anew("kiosk"), first=("line_good",)
    ),
    # the window draws its clock once a minute; a new one draws it at once
    "clock_jump": Expect("home", line="online", shows="Online", screen="home", then=new_window, also=year(400)),
    "clock_right": Expect("home", line="online", shows="Online", screen="home", then=new_window, also=year(0)),
    "kill_window": Expect("home", screen="home", also=anew("-m screens")),
    "kill_pcscd": Expect("nik", ("card", "ready", ""), "nik", HINT),
    "kill_card": Expect("nik", ("card", "ready", ""), "nik", HINT, also=anew("drivers.card.child")),
    # the NIK: the card
    "card_ktp": card("Card seen. First type the whole NIK."),
    "card_random": card("This card cannot be remembered"),
    "card_other": card("This card is no KTP-el"),
    "card_staff": Expect(
        "nik",
        ("card", "ready", ""),
        "nik",
        HINT,
        also=twin("card", card="staff"),
        after=lambda scene: scene.press("card_pull"),
    ),
    "card_mute": card("Turn the card over, then put it down again"),
    "card_pull": Expect("nik", ("card", "ready", ""), "nik", HINT, first=("card_ktp",)),
    "card_silent": Expect(
        "nik", ("card", "unknown", "card_reader_hung"), "nik", then=lambda scene: scene.press("card_ktp"), within=30
    ),
    "card_well": Expect(
        "nik",
        ("card", "ready", ""),
        "nik",
        HINT,
        then=lambda scene: scene.press("card_pull"),
        within=30,
    ),
    "card_unplug": Expect("nik", ("card", "offline", "card_reader_missing"), "nik"),
    "card_plug": Expect("nik", ("card", "ready", ""), "nik", HINT, within=20),
    # pages by the camera
    "camera_frozen": camera("needs_attention", "camera_frozen", "The document camera does not move."),
    "camera_garbage": Expect(
        "camera",
        ("camera", "unknown", "camera_garbage"),
        "camera_out",
        "The document camera is out of order.",
        first=("camera_well",),
    ),
    "camera_well": Expect("camera", ("camera", "ready", ""), "scan"),
    "camera_unplug": camera("offline", "camera_unreachable", "The document camera is off."),
    "camera_plug": Expect("camera", ("camera", "ready", ""), "scan"),
    "camera_lay": Expect("camera", screen="page_kept", words={"sheet": "f102", "pose": "good"}),
    "camera_clear": Expect("camera", screen="scan", then=lambda scene: scene.hand.tap("retake")),
    "kill_capture": Expect("camera", ("capture", "ready", ""), "scan", also=anew("kiosk.capture.child")),
    # pages by the scanner
    "scanner_jam": scanner("needs_attention", "scanner_jammed", "A sheet is stuck in the scanner."),
    "scanner_cover": Expect(
        "scanner",
        ("scanner", "needs_attention", "scanner_cover_open"),
        "scanner_out",
        "The cover of the scanner is open.",
        first=("scanner_well",),
    ),
    "scanner_double": Expect(
        "scanner",
        ("scanner", "needs_attention", "scanner_double_feed"),
        "scanner_out",
        "Two sheets went in at once.",
        first=("scanner_well",),
    ),
    "scanner_well": Expect("scanner", ("scanner", "ready", ""), "scan_bed"),
    "scanner_busy": Expect(
        "scanner",
        ("scanner", "busy", "scanner_busy"),
        "scan_bed",
        "The scanner is busy. Please wait a moment.",
        after=well,
    ),
    "scanner_unplug": scanner("offline", "scanner_unreachable", "The scanner is off."),
    "scanner_plug": Expect("scanner", ("scanner", "ready", ""), "scan_bed"),
    "scanner_lay": Expect("scanner", screen="page_kept", words={"sheet": "f102"}, then=scanned, after=Scene.again),
    "scanner_clear": Expect("scanner", screen="page_refused", then=scanned, after=Scene.again),
    "scanner_slow": Expect("scanner", ("scanner", "busy", ""), "scan_bed", "Scanning…", then=scanned, after=Scene.stop),
    "scanner_garbage": Expect(
        "scanner", screen="scan_bed", shows="The scan did not succeed.", then=scanned, after=well, within=30
    ),
    "scanner_hang": Expect(
        "scanner", ("scanner", "unknown", "scanner_timeout"), "scanner_out", "The scanner does not answer.", within=40
    ),
    "scanner_feeder": Expect("scanner", ("scanner", "ready", ""), "home", first=("scanner_well",), after=Scene.left),
    "scanner_load": Expect("feeder", screen="page_kept", words={"sheet": "f102"}, then=scanned, after=Scene.again),
    "scanner_fill": Expect("feeder", screen="page_kept", then=scanned, after=Scene.again),
    "scanner_empty": Expect("feeder", screen="scan_bed", shows="Put the paper in the scanner.", then=scanned),
    # sending over a bad line
    "line_slow": Expect("review", screen="review", shows="Online", also=at_line(bps=16000)),
    "printer_slow": Expect("review", ("printer", "busy", ""), "sending", then=Scene.send),
    "kill_gateway": Expect("sent", line="no_gateway", shows="Offline", within=40),
    "start_gateway": Expect("sent", line="online", shows="Online", after=Scene.finish),
    # afterwards
    "camera_receipt": Expect("status_number", screen="status_nik", after=Scene.left),
    "code_newest": Expect("home", screen="status_nik", after=Scene.left),
    "office_correct": Expect(
        "home", screen="status_result", shows="Needs correction", then=Scene.ask_status, after=Scene.left
    ),
    "office_approve": Expect("home", screen="status_result", shows="Approved", then=Scene.ask_status, after=Scene.left),
    "line_good": Expect("home", line="online", first=("line_cut",), then=lambda s: s.press("scanner_flatbed")),
    "scanner_flatbed": Expect("home", ("scanner", "ready", ""), "home", after=Scene.left),
}
