"""What the crafted statuses are made of: made-up people and numbers, papers drawn here and marked CONTOH."""

from __future__ import annotations

import base64
import io

from PIL import Image, ImageDraw

from kiosk.ladder import Screen
from kiosk.slip import text as slip_text
from kiosk.status import (
    CardView,
    DeviceView,
    KioskStatus,
    LineView,
    LiveView,
    PaperView,
    PlacesView,
    PlaceView,
    QuestionView,
    ReceiptView,
    SlotView,
    Step,
    TrailView,
    VisitView,
)
from kiosk.status_staff import StaffView
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


def spent(seen: tuple[Screen, KioskStatus]) -> tuple[Screen, KioskStatus]:
    """The same after the third slip of the visit."""
    screen, shown = seen
    assert shown.visit is not None
    return screen, shown.model_copy(update={"visit": shown.visit.model_copy(update={"slips_left": 0})})


def locations(places: PlacesView) -> KioskStatus:
    return status(visit(Step.LOCATIONS, kind="locations", service="", places=places, group=places.group))


def staff(step: Step, seen: StaffView, **values: object) -> KioskStatus:
    return status(visit(step, kind="staff", service="", staff=seen, **values), line=LATE)


def trial(role: str, state: str, **values: object) -> tuple[Screen, KioskStatus]:
    return Screen.STAFF_TEST, staff(Step.STAFF_TEST, samples.trial(role, state, **values))


def send_page(state: str, seen: StaffView = samples.STAFF, *, online: bool = True, **values: object) -> KioskStatus:
    """The staff's overview of sending."""
    blocked = values.pop("blocked", "")
    shown = staff(Step.STAFF_SEND, samples.sending(state, seen, **values), blocked=blocked)
    return shown.model_copy(update={"line": LineView(online=online, queued=seen.queued)})


def courier(seen: StaffView = samples.STAFF, **values: object) -> tuple[Screen, KioskStatus]:
    return Screen.STAFF_COURIER, staff(Step.STAFF_COURIER, samples.courier(seen, **values))
