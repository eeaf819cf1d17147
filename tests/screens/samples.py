"""Made-up terminals, devices and tests for the crafted statuses; villages are real, states and distances are not."""

from __future__ import annotations

import base64
import io
from datetime import datetime

from PIL import Image, ImageDraw

from kiosk.status import PlacesView, SpotView
from kiosk.status_staff import CourierView, DeviceTestView, SendingView, StaffView, TrialView
from wire.faults import catalogue


def here(text: str) -> str:
    """The time with this machine's zone, so that a screen shows these very hours anywhere."""
    return datetime.fromisoformat(text).astimezone().isoformat()


AS_OF = here("2026-11-24T10:20")
HOURS = (("Senin–Kamis", "08.00–15.00"), ("Jumat", "08.00–11.30"))
GROUPS = (("Banjar", 7), ("Pataruman", 10), ("Purwaharja", 4), ("Langensari", 6))


def spot(village: str, metres: int, state: str = "open", until: str = "15:00", **values: object) -> SpotView:
    given = {
        "code": village[:3].upper(),
        "village": village,
        "district": "Pataruman",
        "office": f"Kantor Desa {village}",
        "address": f"Jl. Raya {village} No. 4",
        "state": state,
        "until": until,
        "distance_m": metres,
        "hours": HOURS,
        **values,
    }
    return SpotView.model_validate(given)


SPOTS = (
    spot("Karyamukti", 0, here=True),
    spot("Batulawang", 2140),
    spot("Mulyasari", 2760, "later"),
    spot("Pataruman", 3420, "shut", ""),
    spot("Sukamukti", 3610, "closed", "2026-11-27", reason="Kantor dipugar"),
    spot("Hegarsari", 4180, "unknown", ""),
    spot("Sinartanjung", 5030, "later"),
    spot("Binangun", 6110),
)
PLACES = PlacesView(as_of=AS_OF, groups=GROUPS, group="Pataruman", spots=SPOTS, page=0, pages=2)
MORE_PLACES = PLACES.model_copy(
    update={"spots": (spot("Neglasari", 12_300), spot("Raharja Wetan Kidul", -1)), "page": 1}
)
FEW_PLACES = PLACES.model_copy(update={"groups": (("Pataruman", 2),), "spots": SPOTS[:2], "pages": 1})
MANY_DISTRICTS = PLACES.model_copy(
    update={
        "groups": tuple(
            (name, 30 - at)
            for at, name in enumerate(
                (
                    "Banjarsari",
                    "Baregbeg",
                    "Pataruman",
                    "Cijeungjing",
                    "Cimaragas",
                    "Cidolog",
                    "Padaherang",
                    "Mangunjaya",
                    "Lakbok",
                )
            )
        )
    }
)
NO_PLACES = PlacesView()


def device(role: str, phase: str = "ready", words: str = "Ready", **values: object) -> DeviceTestView:
    given = {"tested": here("2026-11-24T07:42"), "passed": True, **values}
    return DeviceTestView.model_validate({"role": role, "phase": phase, "words": words, **given})


LONGEST = max((fault.staff for fault in catalogue().values()), key=len)
DEVICES = (
    device("printer", "needs_attention", "Put in a new roll of paper.", faults=("printer_paper_out",)),
    device("code", "broken", LONGEST, faults=("code_garbage",), tested="", passed=None),
    device("card", "unknown", "Does not answer", tested=here("2026-11-21T15:10")),
    device("scanner", words="Ready", passed=False),
    device("camera"),
    device("capture", testable=False, tested="", passed=None),
    device("line"),
    device("queue"),
)
STAFF = StaffView(
    devices=DEVICES,
    queued=2,
    quarantined=1,
    disk_free=71_000_000_000,
    oldest=AS_OF,
    synced=here("2026-11-24T10:19"),
    version="0.4.0",
)
CALM = StaffView(
    devices=tuple(device(role) for role in ("printer", "camera", "line", "queue")),
    disk_free=71_000_000_000,
    synced=here("2026-11-24T10:19"),
    version="0.4.0",
)
PAUSED = STAFF.model_copy(update={"held": "paused", "quarantined": 0})
BROKEN = StaffView(
    devices=(device("queue", "broken", "Ready", faults=("cache_broken",), tested="", passed=None),),
    fault=catalogue()["cache_broken"].staff,
    version="0.4.0",
)
NEW = StaffView(disk_free=71_000_000_000, version="0.4.0")


def sheet() -> str:
    """A drawn test sheet as base64 JPEG."""
    image = Image.new("RGB", (640, 452), "#20262a")
    draw = ImageDraw.Draw(image)
    draw.rectangle([90, 30, 550, 420], fill="#f4f4f0")
    for at in range(9):
        draw.rectangle([140 + at * 40, 70, 180 + at * 40, 110], fill=(at * 28,) * 3)
    draw.text((270, 220), "CONTOH", fill="#c33")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def trial(role: str, state: str, **values: object) -> StaffView:
    made = TrialView.model_validate({"role": role, "state": state, **values})
    return STAFF.model_copy(update={"trial": made})


FIGURES = (
    ("Scanned in", "6,2 s", ""),
    ("Dots an inch", "300", ""),
    ("A page was found", "Yes", "ok"),
    ("Blur of the edges", "74 % (≤ 100)", "ok"),
    ("Width of strokes", "2,1 (≤ 3,2)", "ok"),
    ("Light", "61 (≥ 90)", "bad"),
    ("Reflected light", "0,2 % (≤ 1,5)", "ok"),
    ("Slant of the sheet", "0,6°", ""),
    ("Too dark", "", "bad"),
    ("Lay the paper flat on the dark mat.", "", ""),
)
READ = (("The printer confirmed it", "1,4 s", "ok"), ("Can you read it?", "Yes", "ok"))
NO_CARD = (("A card came", "No", "bad"), (LONGEST, "", "bad"))


ONLINE = "The line works."
HOST = "This machine's own key"
STICK = {"stick": True, "free": 7_800_000_000, "receipts": 1}
REFUSED = (
    ("KMT-10412-4", "Its sequence is taken."),
    ("KMT-10413-2", "A page is missing here."),
    ("KMT-10414-0", "The office refused it."),
    ("KMT-10415-1", "An unknown page is asked for."),
    ("KMT-10416-9", "It is too large."),
)
PULLED = "The stick was pulled out too early. Plug it in again."
NO_ANSWERS = (
    ("KMT-20261124-1a2b3c4d-1.resi", "This answer is for another terminal."),
    ("KMT-20261124-1a2b3c4d-2.resi", "The signature on this file does not hold."),
    ("KMT-20261120-9f8e7d6c-1.resi", "The file is not whole."),
    ("KMT-20261120-9f8e7d6c-2.resi", "The file is not whole."),
    ("KMT-20261120-9f8e7d6c-3.resi", "The file is not whole."),
)


def sending(state: str, figures: StaffView = STAFF, **values: object) -> StaffView:
    """How sending stands. ``figures``: of the queue."""
    made = SendingView.model_validate({"state": state, "line": ONLINE, "protection": HOST, **values})
    return figures.model_copy(update={"sending": made, "devices": ()})


def courier(figures: StaffView = STAFF, **values: object) -> StaffView:
    return sending("down", figures, courier=CourierView.model_validate(values))
