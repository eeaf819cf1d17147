"""What the page of one application shows: pages, words, papers, history, and what may be decided."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import select
from starlette.exceptions import HTTPException

from gateway.office import decide, papers, words
from gateway.office.dossier import Dossier, Sheet, titles
from gateway.office.packet import Packet, PacketError
from gateway.office.papers import PaperView
from gateway.office.site import Forms, Site
from gateway.tables import Event, Officer, Submission, Terminal
from wire import service
from wire.change import REASONS, State
from wire.form import Form
from wire.words import N_, translator

ZOOMS = (0, 50, 75, 100, 150, 200)  # per cent of the full width; 0 fits the window
LANGUAGES = {"id": N_("Indonesian"), "su": N_("Sundanese"), "jv": N_("Javanese"), "en": N_("English")}
DECISIONS = (
    (State.NEEDS_CORRECTION, N_("Needs correction"), "edit_note"),
    (State.APPROVED, N_("Approve"), "task_alt"),
    (State.READY, N_("Ready for collection"), "storefront"),
)
_DIGITS = {"kk", "phone", "date", "digits"}
_EVENTS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class View:
    """Which page, how large (0 fits), how turned. ``earlier``: 0 the page that stands, 1 the one before it, ..."""

    page: int
    zoom: int = 0
    turn: int = 0
    earlier: int = 0

    @classmethod
    def asked(cls, request: Request, sheets: tuple[Sheet, ...]) -> View:
        """What the address asks for, within what is there."""

        def number(name: str) -> int:
            text = request.query_params.get(name, "")
            return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0

        zoom, turn = number("zoom"), number("turn")
        page = max(1, min(number("page") or 1, len(sheets)))
        return cls(
            page=page,
            zoom=zoom if zoom in ZOOMS else 0,
            turn=turn if turn in (0, 90, 180, 270) else 0,
            earlier=min(number("earlier"), len(sheets[page - 1].earlier)) if sheets else 0,
        )

    def href(self, **changed: int) -> str:
        """The address of the page with something changed."""
        values = {"page": self.page, "zoom": self.zoom, "turn": self.turn, "earlier": self.earlier, **changed}
        return "?" + urlencode({name: value for name, value in values.items() if value})

    def step(self, by: int) -> int:
        """The next zoom up or down; from "fits", the full size."""
        at = ZOOMS.index(self.zoom or 100)
        return ZOOMS[max(1, min(at + by, len(ZOOMS) - 1))]


@dataclass(frozen=True, slots=True)
class Case:
    """An application opened for one page. ``rows``: its submissions, ``apart``: what does not belong to it."""

    dossier: Dossier
    rows: list[Submission]
    apart: list[Submission]
    terminals: dict[str, Terminal]

    @classmethod
    def open(cls, site: Site, number: str) -> Case:
        """The application of a number. Raises HTTPException (404)."""
        with site.office.database.read() as session:
            found = Dossier.of_rows(session, site.office.store, number[:20])
            if found is None:
                raise HTTPException(404)
            dossier, rows, apart = found
            terminals = session.scalars(
                select(Terminal).where(Terminal.id.in_({row.terminal_id for row in (*rows, *apart)}))
            )
            return cls(dossier, rows, apart, {terminal.id: terminal for terminal in terminals})

    @property
    def newest(self) -> Submission:
        """The submission that came last: a decision stands on it."""
        return self.rows[-1]

    @property
    def state(self) -> State:
        """The application's state."""
        return State(self.newest.state or State.RECEIVED)

    @property
    def shown(self) -> tuple[Sheet, ...]:
        """All pages that can be looked at: the application's, then those that do not belong to it."""
        return (*self.dossier.sheets, *self.dossier.strays)

    def village(self, packet: Packet) -> str:
        """Where a submission was made."""
        terminal = self.terminals.get(packet.manifest.terminal)
        return words.bare(terminal.village) if terminal else ""

    def form(self, identity: str) -> tuple[Form | None, str]:
        """The words, or why they cannot be read."""
        if self.dossier.first is None:
            return None, ""
        try:
            return self.dossier.open_form(identity), ""
        except PacketError as error:
            return None, str(error)

    def papers(self, form: Form | None) -> list[PaperView]:
        """The papers; with the form also those that were not brought."""
        answers = form.answers if form else None
        return papers.of_sheets(self.dossier.service, self.dossier.sheets, self.dossier.missing, answers)


def view_values(case: Case, view: View) -> dict[str, object]:
    """The page that is looked at, and the addresses around it."""
    sheets = case.shown
    address = f"/applications/{case.dossier.number}/pages/{view.page}.jpg"
    query = urlencode({"zoom": view.zoom, "turn": view.turn, "earlier": view.earlier})
    standing = sheets[view.page - 1] if sheets else None
    versions = [standing, *standing.earlier] if standing else []
    sheet = versions[view.earlier] if versions else None
    return {
        "page": view.page,
        "title": _titles(case)[view.page - 1] if sheets else "",
        "zoom": view.zoom or 100,
        "fitted": view.zoom == 0,
        "image": f"{address}?{query}",
        "smaller": view.href(zoom=view.step(-1)),
        "larger": view.href(zoom=view.step(1)),
        "full": view.href(zoom=100),
        "fit": view.href(zoom=0),
        "left": view.href(turn=(view.turn - 90) % 360),
        "right": view.href(turn=(view.turn + 90) % 360),
        "before": view.href(page=max(1, view.page - 1), turn=0, earlier=0),
        "next": view.href(page=min(len(sheets), view.page + 1), turn=0, earlier=0),
        "earlier": view.earlier,
        "stray": sheet.apart if sheet else False,
        "later": sheet.later if sheet else False,
        "versions": [
            {"n": len(versions) - index, "href": view.href(earlier=index, turn=0), "current": index == view.earlier}
            for index in range(len(versions))
        ],
    }


def _titles(case: Case) -> list[str]:
    short = papers.short_names(case.dossier.service)
    return [*titles(case.dossier.sheets, short), *titles(case.dossier.strays, short)]


def thumbs(case: Case, view: View, there: list[PaperView]) -> list[dict[str, object]]:
    """The pages in their order, with a slot for each paper that is still to come."""
    made: list[dict[str, object]] = []
    named = list(enumerate(zip(case.shown, _titles(case), strict=True), 1))
    base = f"/applications/{case.dossier.number}/pages"

    def page(index: int, sheet: Sheet, title: str) -> dict[str, object]:
        return {
            "n": index,
            "title": title,
            "href": view.href(page=index, turn=0, earlier=0),
            "image": f"{base}/{index}.jpg?thumb=1",
            "current": index == view.page,
            "later": sheet.later and not sheet.apart,
            "stray": sheet.apart,
        }

    for paper in there:
        mine = [
            page(index, sheet, title) for index, (sheet, title) in named if sheet.paper == paper.id and not sheet.apart
        ]
        made += mine
        if paper.missing and not mine:
            made.append({"n": 0, "title": paper.short})
    return made + [page(index, sheet, title) for index, (sheet, title) in named if sheet.apart]


def fields(form: Form) -> list[dict[str, object]]:
    """The applicant's words: answers of the questions and choices in words, dates and numbers as they are written."""
    say = translator(words.LANGUAGE, "wire")
    known = service.catalogue().get(form.service)
    shown: list[dict[str, object]] = [{"label": "NIK", "value": form.nik, "digits": True}]
    questions = {question.id: question for question in known.questions} if known else {}
    for name, answer in form.answers.items():
        question = questions.get(name)
        found = question.answer(answer) if question else None
        label = say(question.ask) if question else name
        shown.append({"label": label, "value": say(found.label) if found else answer, "digits": False})
    asked = {field.id: field for field in known.fields_for(form.answers)} if known else {}
    for name in [*asked, *(name for name in form.fields if name not in asked)]:
        field, value = asked.get(name), form.fields.get(name, "–")
        kind = field.kind if field else "text"
        if kind == "date" and len(value) == 8 and value.isdigit():
            value = f"{value[:2]}-{value[2:4]}-{value[4:]}"
        if field and kind == "choice":
            value = next((say(option.label) for option in field.options if option.id == value), value)
        shown.append({"label": say(field.label) if field else name, "value": value, "digits": kind in _DIGITS})
    return shown


def completions(site: Site, case: Case) -> list[dict[str, object]]:
    """Each completion: when and where it was made, and which papers it brought."""
    short = papers.short_names(case.dossier.service)
    return [
        {
            "when": site.clock.wall(packet.manifest.clock.wall),
            "where": case.village(packet),
            "papers": ", ".join(short.get(p, p) for p in dict.fromkeys(part.paper for part in packet.pages)),
        }
        for packet in case.dossier.completions
    ]


def history(site: Site, case: Case) -> list[dict[str, object]]:
    """The road of the application so far, the newest events alone where there are many."""
    ids = [row.id for row in case.rows]
    made_by = {row.id: case.terminals[row.terminal_id] for row in case.rows}
    completing = {row.id for row in case.rows if row.corrects is not None}
    with site.office.database.read() as session:
        events = session.execute(
            select(Event, Officer.name)
            .outerjoin(Officer, Officer.id == Event.officer_id)
            .where(Event.submission_id.in_(ids))
            .order_by(Event.no)
        ).all()
    steps: list[dict[str, object]] = []
    if case.dossier.first is not None:
        sent = site.clock.wall(case.dossier.first.manifest.clock.wall)
        steps.append(_step(N_("Sent"), sent, words.bare(case.terminals[case.rows[0].terminal_id].village)))
    for event, name in events[-_EVENTS_SHOWN:]:
        terminal = made_by[event.submission_id]
        word, who = words.state(event.state).word, name or ""
        if event.state == State.RECEIVED and event.submission_id in completing:
            word, who = words.say(N_("Papers added")), words.bare(terminal.village)
        elif event.state == State.RECEIVED:
            word, who = words.say(N_("Received, receipt")), terminal.office
        steps.append(_step(word, site.clock.short(event.at), who))
    if decide.NEXT[case.state]:
        steps.append({**_step(N_("Decision"), words.say(N_("not yet")), ""), "open": True})
    return steps


def _step(word: str, when: str, who: str) -> dict[str, object]:
    return {"word": words.say(word), "when": when, "who": who, "open": False}


def decision_values(case: Case, there: list[PaperView], draft: Forms) -> dict[str, object]:
    """What may be decided, and what the resident would read. A missing paper is named from the start."""
    allowed = decide.NEXT[case.state] if case.dossier.first is not None else frozenset[State]()
    choices = [
        {"value": state.value, "word": words.say(word), "icon": icon, "reads": words.state(state.value).reads}
        for state, word, icon in DECISIONS
        if state in allowed
    ]
    chosen = draft.get("decision") or (choices[0]["value"] if choices else "")
    rows = [(paper.id, paper.short, "missing" if paper.missing else "") for paper in there]
    rows.append(("", words.say(N_("In general")), ""))
    say = translator(words.LANGUAGE, "wire")
    picked = {paper: draft.get(f"reason.{paper}", "" if draft else proposed) for paper, _, proposed in rows}
    return {
        "choices": choices,
        "chosen": chosen,
        "reasons": [(code, say(text)) for code, text in REASONS.items()],
        "reason_papers": [{"id": paper, "name": name, "chosen": picked[paper]} for paper, name, _ in rows],
        "will_read": [
            {"paper": name if paper else "", "words": say(REASONS[picked[paper]])}
            for paper, name, _ in rows
            if picked[paper] in REASONS
        ],
    }
