"""One crafted status a screen: made-up people and numbers, papers drawn here and marked CONTOH."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw

from kiosk.ladder import Screen
from kiosk.slip import text as slip_text
from kiosk.status import (
    CardView,
    DeviceView,
    JudgedView,
    KioskStatus,
    LineView,
    LiveView,
    PaperView,
    PlacesView,
    PlaceView,
    QuestionView,
    ReceiptView,
    SlotView,
    StaffView,
    Step,
    TrailView,
    VisitView,
)
from tests.screens import samples
from wire.service import catalogue

PLACE = PlaceView(
    village="Desa Karyamukti",
    district="Kecamatan Pataruman",
    regency="Kota Banjar",
    office="Disdukcapil Kota Banjar",
    phone="0265 741 200",
    hours=(("Senin–Kamis", "08.00–15.00"), ("Jumat", "08.00–11.30")),
)
DEVICES = (DeviceView(role="printer", phase="ready"), DeviceView(role="camera", phase="ready"))
NUMBER = "KMT-10417-6"
SERVICES = tuple(catalogue())


def page(long_side: int = 360) -> str:
    """A drawn page as base64 JPEG."""
    image = Image.new("RGB", (long_side * 7 // 10, long_side), "#fdfdfb")
    draw = ImageDraw.Draw(image)
    for line in range(14):
        top = 30 + line * 22
        draw.line([24, top, image.width - (24 if line % 3 else 90), top], fill="#333", width=2)
    draw.text((image.width / 2 - 30, long_side / 2), "CONTOH", fill="#c33")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


PAGE = page()
SIDES = (("f102", 1, 2), ("f102", 2, 2), ("police", 1, 1), ("kk", 1, 1))


def slots(done: int) -> tuple[SlotView, ...]:
    return tuple(
        SlotView(
            paper=paper,
            page=number,
            pages=pages,
            state="done" if at < done else "now" if at == done else "next",
            thumb=PAGE if at < done else "",
        )
        for at, (paper, number, pages) in enumerate(SIDES)
    )


def papers_of(service: str, **answers: str) -> tuple[PaperView, ...]:
    """The list for these answers, as the station puts it together."""
    chosen = catalogue()[service]
    return tuple(
        PaperView(
            id=paper.id,
            name=paper.name,
            short=paper.short,
            where=paper.where,
            pages=paper.pages,
            need=paper.need,
            because=chosen.because(paper, answers),
        )
        for paper in chosen.needed(answers)
    )


def questions_of(service: str, **answers: str) -> tuple[QuestionView, ...]:
    """The questions that come up with these answers."""
    return tuple(
        QuestionView(
            id=question.id,
            ask=question.ask,
            answers=tuple((answer.id, answer.label) for answer in question.answers),
            chosen=answers.get(question.id, ""),
        )
        for question in catalogue()[service].asked(answers)
    )


def requirements(service: str, question: int = 0, **answers: str) -> tuple[Screen, KioskStatus]:
    """Step 2 of a service, with the given answers so far."""
    questions = questions_of(service, **answers)
    seen = visit(
        Step.REQUIREMENTS,
        service=service,
        questions=questions,
        question=question,
        papers=papers_of(service, **answers),
        can_next=not questions or bool(questions[question].chosen),
    )
    return Screen.REQUIREMENTS, status(seen)


LOST = papers_of("KK-HILANG-RUSAK", why="lost")


def some_slots() -> tuple[SlotView, ...]:
    """Two sides done, one paper that comes later, one asked for now."""
    done = slots(3)
    return (*done[:2], done[2].model_copy(update={"state": "missing", "thumb": ""}), done[3])


def lost_slots(optional: str = "now") -> tuple[SlotView, ...]:
    """A lost family card: the form is done, the letter comes later; ``optional``: how the power of attorney stands."""
    police = SlotView(paper="police", page=1, pages=1, state="missing")
    return (*slots(2)[:2], police, SlotView(paper="f107", page=1, pages=1, state=optional))


def visit(step: Step, **values: object) -> VisitView:
    given: dict[str, object] = {"kind": "apply", "step": step, "service": "KTP-HILANG", "can_next": True, **values}
    return VisitView.model_validate(given)


def status(seen: VisitView | None = None, **values: object) -> KioskStatus:
    given: dict[str, object] = {
        "rev": 1,
        "place": PLACE,
        "code": "KMT",
        "line": LineView(online=True),
        "devices": DEVICES,
        "services": ("KTP-HILANG",),
        "visit": seen,
        **values,
    }
    return KioskStatus.model_validate(given)


def form(field: str, index: int, text: str, **values: object) -> KioskStatus:
    return status(visit(Step.FORM, field=field, field_index=index, field_count=5, text=text, **values))


def choice(service: str, field: str, picked: str = "", count: int = 12) -> tuple[Screen, KioskStatus]:
    """A choice field of the form; ``count``: its first options."""
    found = next(each for each in catalogue()[service].fields if each.id == field)
    options = tuple((option.id, option.label) for option in found.options)[:count]
    seen = visit(
        Step.FORM,
        service=service,
        field=field,
        field_index=3,
        field_count=5,
        text=picked,
        options=options,
        can_next=bool(picked),
    )
    return Screen.FORM, status(seen)


def many_options() -> tuple[Screen, KioskStatus]:
    """As many options as a choice field can have, long ones."""
    screen, shown = choice("NIK-KONSOLIDASI", "reason")
    assert shown.visit is not None
    two = choice("PINDAH-KELUAR", "scope")[1].visit
    assert two is not None
    visit = shown.visit.model_copy(update={"options": (*shown.visit.options, *two.options)[:12]})
    return screen, shown.model_copy(update={"visit": visit})


ANSWERS = (
    ("nik", "•••• •••• •••• 0007"),
    ("name", "SITI AMINAH"),
    ("kk", "3279021203150004"),
    ("phone", "•••• •••• 4417"),
    ("lost_date", "20-11-2026"),
    ("address", "DUSUN CIKUPA JL. MELATI NO. 12 RT 03 RW 05"),
)
EXAMPLES = {
    "kk": "3279021203150004", "phone": "•••• •••• 4417", "date": "20-11-2026", "digits": "003",
    "text": "DUSUN CIKUPA JL. MELATI NO. 12 RT 03 RW 05",
}  # fmt: skip


def review_of(service: str, missing: tuple[str, ...], **values: object) -> KioskStatus:
    """Step 5 of a service: every page but those of ``missing``, and an answer to every field."""
    chosen = catalogue()[service]
    answers = {name: str(values.pop(name)) for name in [question.id for question in chosen.questions] if name in values}
    sides = tuple(
        SlotView(paper=paper.id, page=page, pages=paper.pages, state=state, thumb=PAGE if state == "done" else "")
        for paper in chosen.needed(answers)
        for page in range(1, paper.pages + 1)
        for state in ["missing" if paper.id in missing else "skipped" if paper.need == "optional" else "done"]
    )
    told = tuple(
        (field.id, "SITI AMINAH" if "name" in field.id else EXAMPLES.get(field.kind) or field.options[0].id)
        for field in chosen.fields_for(answers)
    )
    given: dict[str, object] = {"answers": (ANSWERS[0], *told), **values}
    return status(visit(Step.REVIEW, service=service, slots=sides, missing=missing, **given))


def end(receipt: str, **values: object) -> tuple[Screen, KioskStatus]:
    """Step 6 of an application that lacks a paper."""
    given: dict[str, object] = {"service": "KK-HILANG-RUSAK", "missing": ("police",), "can_back": False, **values}
    seen = visit(Step.DONE, number=NUMBER, receipt=ReceiptView(state=receipt), **given)
    screen = {"printing": Screen.SENDING, "done": Screen.DONE, "failed": Screen.NO_RECEIPT}[receipt]
    return screen, status(seen)


PAPER_OUT = (DeviceView(role="printer", phase="needs_attention", faults=("printer_paper_out",)), DEVICES[1])
NO_CAMERA = (DEVICES[0], DeviceView(role="camera", phase="offline", faults=("camera_unreachable",)))
BOTH = ("camera", "scanner")
CARD = (*DEVICES, DeviceView(role="card", phase="ready"))
CODE = (*DEVICES, DeviceView(role="code", phase="ready"))
LATE = LineView(online=False, reason="no_link", queued=2)


def trail(state: str, reasons: tuple[tuple[str, str], ...] = (), **values: object) -> KioskStatus:
    given = {"service": "KTP-HILANG", "state": state, "reasons": reasons, "at": "2026-11-25T02:58:00+00:00", **values}
    seen = TrailView.model_validate({"number": NUMBER, **given})
    return status(visit(Step.STATUS_RESULT, kind="status", trail=seen))


def scanner(phase: str = "ready", *faults: str) -> tuple[DeviceView, ...]:
    """The terminal's devices with a scanner among them."""
    return (*DEVICES, DeviceView(role="scanner", phase=phase, faults=faults))


def bed(devices: tuple[DeviceView, ...] = (), **values: object) -> KioskStatus:
    """Step 4 with the scanner, where the terminal has both it and a camera."""
    seen = {"slots": slots(1), "sources": BOTH, "source": "scanner", **values}
    return status(visit(Step.SCAN, **seen), devices=devices or scanner())


def broken(*faults: str, phase: str = "needs_attention", **values: object) -> tuple[Screen, KioskStatus]:
    return Screen.SCANNER_OUT, bed(scanner(phase, *faults), slots=slots(2), **values)


def card(state: str = "", text: str = "3279027505900007", **values: object) -> tuple[Screen, KioskStatus]:
    """The NIK step on a terminal with a card reader."""
    seen = {"field": "nik", "text": text, "card": CardView(state=state) if state else None, **values}
    return Screen.NIK, status(visit(Step.NIK, **seen), devices=CARD)


def live(shm: str = "", width: int = 0, height: int = 0, **values: object) -> LiveView:
    return LiveView.model_validate({"shm": shm, "width": width, "height": height, "seq": 1, **values})


def browse(**values: object) -> KioskStatus:
    return status(visit(Step.BROWSE, kind="browse", service="", **values), services=SERVICES)


def browsed(service: str, question: int = 0, slip: str = "", **answers: str) -> tuple[Screen, KioskStatus]:
    """The papers of one service, only to be read."""
    chosen, questions = catalogue()[service], questions_of(service, **answers)
    seen = visit(
        Step.BROWSE_SERVICE,
        kind="browse",
        service=service,
        questions=questions,
        question=question,
        papers=papers_of(service, **answers),
        slip=slip,
        slip_text=slip_text(chosen, answers, "id") if chosen.answered(answers) else "",
        can_next=question + 1 < len(questions) and bool(questions[question].chosen),
    )
    return Screen.BROWSE_SERVICE, status(seen, services=SERVICES)


def locations(places: PlacesView) -> KioskStatus:
    return status(visit(Step.LOCATIONS, kind="locations", service="", places=places, group=places.group))


def staff(step: Step, seen: StaffView, **values: object) -> KioskStatus:
    return status(visit(step, kind="staff", service="", staff=seen, **values), line=LATE)


def trial(role: str, state: str, **values: object) -> tuple[Screen, KioskStatus]:
    return Screen.STAFF_TEST, staff(Step.STAFF_TEST, samples.trial(role, state, **values))


STATUSES: dict[str, tuple[Screen, KioskStatus]] = {
    "starting": (Screen.STARTING, status(ready=False)),
    "home": (Screen.HOME, status(services=SERVICES)),
    "home_few": (Screen.HOME, status()),
    "services": (Screen.SERVICES, status(visit(Step.SERVICE, group="kk"), services=SERVICES)),
    "services_last": (Screen.SERVICES, status(visit(Step.SERVICE, group="data"), services=SERVICES)),
    "services_one": (Screen.SERVICES, status(visit(Step.SERVICE))),
    "requirements": requirements("KTP-HILANG"),
    "requirements_ask": requirements("KK-HILANG-RUSAK"),
    "requirements_lost": requirements("KK-HILANG-RUSAK", why="lost"),
    "requirements_many": requirements("KIA-BARU", 1, age="from5", family="both"),
    "requirements_three": requirements("AKTA-LAHIR", proof="none", marriage="none"),
    "requirements_four": requirements("PINDAH-KELUAR", kind="some"),
    "requirements_second": requirements("PINDAH-KELUAR", 1, kind="head", staying="children"),
    "privacy": (Screen.PRIVACY, status(visit(Step.PRIVACY))),
    "nik": (Screen.NIK, status(visit(Step.NIK, field="nik", text="3279025505", can_next=False))),
    "nik_warning": (
        Screen.NIK,
        status(
            visit(
                Step.NIK,
                field="nik",
                text="3279027505900007",
                warning="The date inside the number looks unusual. Compare it with the card.",
            )
        ),
    ),
    "form_text": (Screen.FORM, form("name", 0, "SITI AMIN")),
    "form_long": (Screen.FORM, form("address", 4, ("DUSUN CIKUPA JL. MELATI NO. 12 RT 03 RW 05 " * 3)[:90])),
    "form_number": (Screen.FORM, form("kk", 1, "32790212")),
    "form_phone": (Screen.FORM, form("phone", 2, "081234", blocked="Type all digits of the phone number.")),
    "form_choice": choice("NIK-KONSOLIDASI", "reason", "bank"),
    "form_choice_seven": choice("PINDAH-KELUAR", "reason"),
    "form_choice_two": choice("PINDAH-KELUAR", "scope"),
    "form_choice_twelve": many_options(),
    "form_date": (Screen.FORM, form("lost_date", 3, "2011")),
    "scan": (Screen.SCAN, status(visit(Step.SCAN, slots=slots(1), live=live()))),
    "scan_skip": (Screen.SCAN, status(visit(Step.SCAN, slots=some_slots(), live=live(), can_skip=True))),
    "scan_skip_optional": (
        Screen.SCAN,
        status(
            visit(Step.SCAN, service="KK-HILANG-RUSAK", slots=lost_slots(), papers=LOST, live=live(), can_skip=True)
        ),
    ),
    "scan_both_skip": (Screen.SCAN, bed(source="camera", live=live(), can_skip=True)),
    "choose_source_skip": (Screen.CHOOSE_SOURCE, bed(source="", can_skip=True)),
    "scan_bed_skip": (Screen.SCAN_BED, bed(sources=("scanner",), can_skip=True)),
    "scan_bed_both_skip": (Screen.SCAN_BED, bed(can_skip=True)),
    "page_refused_skip": (
        Screen.PAGE_REFUSED,
        status(
            visit(Step.SCAN, slots=slots(2), judged=JudgedView(ok=False, reason="blurred", image=PAGE), can_skip=True)
        ),
    ),
    "paper_missing": (Screen.PAPER_MISSING, status(visit(Step.SCAN, slots=slots(2), asking_missing="police"))),
    "page_kept": (Screen.PAGE_KEPT, status(visit(Step.SCAN, slots=slots(1), judged=JudgedView(ok=True, image=PAGE)))),
    "page_refused": (
        Screen.PAGE_REFUSED,
        status(visit(Step.SCAN, slots=slots(1), judged=JudgedView(ok=False, reason="blurred", image=PAGE))),
    ),
    "page_refused_glare": (
        Screen.PAGE_REFUSED,
        status(visit(Step.SCAN, slots=slots(2), judged=JudgedView(ok=False, reason="glare", image=PAGE))),
    ),
    "camera_out": (Screen.CAMERA_OUT, status(visit(Step.SCAN, slots=slots(2)), devices=NO_CAMERA)),
    "camera_out_scanner": (
        Screen.CAMERA_OUT,
        status(
            visit(Step.SCAN, slots=slots(2), sources=BOTH, source="camera"),
            devices=(*NO_CAMERA, DeviceView(role="scanner", phase="ready")),
        ),
    ),
    "scan_both": (Screen.SCAN, bed(source="camera", live=live())),
    "choose_source": (Screen.CHOOSE_SOURCE, bed(source="")),
    "choose_source_half": (Screen.CHOOSE_SOURCE, bed(scanner("offline", "scanner_unreachable"), source="")),
    "choose_source_none": (
        Screen.CHOOSE_SOURCE,
        bed((*NO_CAMERA, DeviceView(role="scanner", phase="unknown")), source="", feeder=True),
    ),
    "scan_bed": (Screen.SCAN_BED, bed()),
    "scan_bed_only": (Screen.SCAN_BED, bed(sources=("scanner",))),
    "scan_bed_busy": (Screen.SCAN_BED, bed(scanner("needs_attention", "scanner_busy"))),
    "scan_bed_blocked": (Screen.SCAN_BED, bed(blocked="A sheet is stuck in the scanner.")),
    "scan_bed_running": (Screen.SCAN_BED, bed(scanner("busy"), capturing=True, progress=0.43)),
    "scan_bed_checking": (Screen.SCAN_BED, bed(scanner("busy"), capturing=True, progress=1.0)),
    "scan_feeder": (Screen.SCAN_BED, bed(feeder=True)),
    "scan_feeder_empty": (
        Screen.SCAN_BED,
        bed(scanner("ready"), feeder=True, blocked="Put the paper in the scanner."),
    ),
    "scan_feeder_running": (Screen.SCAN_BED, bed(scanner("busy"), feeder=True, capturing=True, progress=0.8)),
    "scanner_jam": broken("scanner_jammed", "scanner_failed"),
    "scanner_cover": broken("scanner_cover_open"),
    "scanner_double": broken("scanner_double_feed", feeder=True, sources=("scanner",)),
    "scanner_off": broken("scanner_unreachable", phase="offline", sources=("scanner",)),
    "scanner_hung": broken("scanner_timeout", phase="unknown"),
    "scanner_silent": broken(phase="unknown"),
    "page_refused_bed": (
        Screen.PAGE_REFUSED,
        bed(judged=JudgedView(ok=False, reason="cut_off", image=PAGE)),
    ),
    "page_refused_feeder": (
        Screen.PAGE_REFUSED,
        bed(judged=JudgedView(ok=False, reason="blank", image=PAGE), feeder=True),
    ),
    "page_kept_bed": (Screen.PAGE_KEPT, bed(judged=JudgedView(ok=True, image=PAGE))),
    "card_hint": card(text="3279"),
    "card_new_early": card("new", text="3279", can_next=False),
    "card_new": card("new"),
    "card_remembered": card("remembered"),
    "card_confirmed": card("confirmed"),
    "card_random": card("random"),
    "card_turned": card("turned"),
    "card_other": card("other"),
    "review_missing": (
        Screen.REVIEW,
        status(
            visit(
                Step.REVIEW,
                service="KK-HILANG-RUSAK",
                slots=lost_slots("skipped"),
                answers=(*ANSWERS[:4], ANSWERS[5]),
                missing=("police",),
            )
        ),
    ),
    "review_many": (Screen.REVIEW, review_of("KIA-BARU", ("photo", "kk"), age="from5", family="both")),
    "review_fields": (Screen.REVIEW, review_of("PINDAH-KELUAR", ("guardian",), kind="head", staying="children")),
    "review_blocked": (
        Screen.REVIEW,
        review_of("KTP-HILANG", ("f102", "police", "kk"), can_next=False, blocked="Scan at least one paper first."),
    ),
    "review_completes": (
        Screen.REVIEW,
        status(
            visit(
                Step.REVIEW,
                kind="status",
                service="KK-HILANG-RUSAK",
                completes=True,
                number=NUMBER,
                slots=(SlotView(paper="police", page=1, pages=1, state="done", thumb=PAGE),),
            )
        ),
    ),
    "review": (Screen.REVIEW, status(visit(Step.REVIEW, slots=slots(4), answers=ANSWERS))),
    "sending": (
        Screen.SENDING,
        status(
            visit(Step.DONE, number=NUMBER, receipt=ReceiptView(state="printing"), can_back=False, busy=True), line=LATE
        ),
    ),
    "done": (
        Screen.DONE,
        status(visit(Step.DONE, number=NUMBER, receipt=ReceiptView(state="done"), can_back=False), line=LATE),
    ),
    "no_receipt": (
        Screen.NO_RECEIPT,
        status(
            visit(Step.DONE, number=NUMBER, receipt=ReceiptView(state="failed", faults=("printer_paper_out",))),
            devices=PAPER_OUT,
        ),
    ),
    "sending_missing": end("printing"),
    "done_missing": end("done"),
    "done_many": end("done", missing=("photo", "kk", "birth", "ktp_mother"), service="KIA-BARU"),
    "done_completes": end("done", missing=(), completes=True, kind="status"),
    "no_receipt_missing": end("failed"),
    "receipt_ask": (
        Screen.RECEIPT_ASK,
        status(visit(Step.DONE, number=NUMBER, receipt=ReceiptView(state="doubtful", asked=True))),
    ),
    "closed": (Screen.CLOSED, status(closed=("cache_broken",))),
    "timeout": (Screen.TIMEOUT, status(visit(Step.NIK, field="nik"), timeout_s=23)),
    "last_number": (Screen.LAST_NUMBER, status(last_number=NUMBER)),
    "status_number": (
        Screen.STATUS_NUMBER,
        status(visit(Step.STATUS_NUMBER, kind="status", field="number", text="KMT-104", can_next=False)),
    ),
    "status_number_code": (
        Screen.STATUS_NUMBER,
        status(visit(Step.STATUS_NUMBER, kind="status", field="number", can_next=False), devices=CODE),
    ),
    "status_nik": (
        Screen.STATUS_NIK,
        status(visit(Step.STATUS_NIK, kind="status", field="nik", text="32790", number=NUMBER, lookup="wrong")),
    ),
    "status_result": (
        Screen.STATUS_RESULT,
        trail("needs_correction", (("unreadable", "police"), ("unsigned", "f102"))),
    ),
    "status_fix": (
        Screen.STATUS_RESULT,
        trail("needs_correction", (("missing", "police"),), missing=("police",), todo=("police",)),
    ),
    "status_fix_two": (
        Screen.STATUS_RESULT,
        trail(
            "needs_correction",
            (("unreadable", "kk"), ("unsigned", "f102")),
            missing=("police",),
            todo=("f102", "police", "kk"),
        ),
    ),
    "status_incomplete": (Screen.STATUS_RESULT, trail("received", missing=("police",), todo=("police",))),
    "status_incomplete_two": (Screen.STATUS_RESULT, trail("queued", missing=("police", "kk"), todo=("police", "kk"))),
    "status_ready": (Screen.STATUS_RESULT, trail("ready")),
    "status_queued": (Screen.STATUS_RESULT, trail("queued")),
    "browse": (Screen.BROWSE, browse(group="kk")),
    "browse_service": browsed("KK-HILANG-RUSAK", why="lost"),
    "browse_asking": browsed("KK-HILANG-RUSAK"),
    "browse_plain": browsed("KTP-HILANG"),
    "browse_first": browsed("KIA-BARU", age="from5"),
    "browse_long": browsed("AKTA-LAHIR", 1, proof="none", marriage="none"),
    "browse_most": browsed("KIA-BARU", 1, age="from5", family="both"),
    "browse_four": browsed("PINDAH-KELUAR", 0, kind="some"),
    "slip_printing": browsed("KK-HILANG-RUSAK", slip="printing", why="lost"),
    "slip_done": browsed("KK-HILANG-RUSAK", slip="done", why="lost"),
    "slip_failed": browsed("NIK-KONSOLIDASI", slip="failed"),
    "locations": (Screen.LOCATIONS, locations(samples.PLACES)),
    "locations_last": (Screen.LOCATIONS, locations(samples.MORE_PLACES)),
    "locations_few": (Screen.LOCATIONS, locations(samples.FEW_PLACES)),
    "locations_many": (Screen.LOCATIONS, locations(samples.MANY_DISTRICTS)),
    "locations_empty": (Screen.LOCATIONS, locations(samples.NO_PLACES)),
    "staff_pin": (Screen.STAFF_PIN, staff(Step.STAFF_PIN, StaffView(), field="pin", text="•" * 12)),
    "staff_pin_wrong": (
        Screen.STAFF_PIN,
        staff(Step.STAFF_PIN, StaffView(pin="wrong"), field="pin", lookup="wrong", can_next=False),
    ),
    "staff_pin_locked": (
        Screen.STAFF_PIN,
        staff(Step.STAFF_PIN, StaffView(pin="locked"), field="pin", lookup="locked", lock_s=28, can_next=False),
    ),
    "staff_pin_unset": (Screen.STAFF_PIN, staff(Step.STAFF_PIN, StaffView(pin="unset"), field="pin", can_next=False)),
    "staff_home": (Screen.STAFF_HOME, staff(Step.STAFF_HOME, samples.STAFF)),
    "staff_home_calm": (Screen.STAFF_HOME, staff(Step.STAFF_HOME, samples.CALM)),
    "staff_test": trial("card", "running", hint="Lay a card on the reader.", progress=0.4, left_s=12),
    "staff_test_line": trial("line", "running", hint="Asking the office. Please wait.", progress=0.1, left_s=14),
    "staff_test_asking": trial("printer", "asking", ask="Can you read it?", results=samples.READ[:1]),
    "staff_test_passed": trial("printer", "passed", results=samples.READ),
    "staff_test_failed": trial("scanner", "failed", results=samples.FIGURES, image=samples.sheet()),
    "staff_test_no_card": trial("card", "failed", results=samples.NO_CARD),
}
