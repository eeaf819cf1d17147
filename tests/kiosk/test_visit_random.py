"""The reducer under random words, outcomes and waits: it never raises, and what must hold holds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk import intents
from kiosk.status import Step
from kiosk.visit.state import Kind
from tests.kiosk.world import World
from wire.service import GROUPS, catalogue

WORDS = st.sampled_from(
    [
        *[intents.ChooseService(code=code) for code in (*catalogue(), "NOTHING")],
        *[intents.ChooseGroup(group=group) for group in (GROUPS[1], "nothing")],
        intents.TurnPage(by=1),
        intents.TurnPage(by=-1),
        intents.Answer(question="why", answer="lost"),
        intents.Answer(question="why", answer="damaged"),
        intents.Answer(question="proof", answer="found"),
        intents.Answer(question="nothing", answer="nothing"),
        intents.Pick(option="other"),
        intents.Pick(option="nothing"),
        *[intents.NotHere()] * 3,
        *[intents.SendWithout(yes=True)] * 2,
        intents.SendWithout(yes=False),
        *[intents.Complete()] * 2,
        intents.Apply(),
        intents.PrintSlip(),
        intents.TestDevice(role="printer"),
        intents.TestDevice(role="nothing"),
        intents.TestAnswer(yes=True),
        intents.TestAnswer(yes=False),
        *[intents.Next()] * 4,
        intents.Back(),
        intents.Cancel(),
        intents.Stay(),
        intents.Key(key="7"),
        intents.Key(key="A"),
        intents.Key(key="back"),
        intents.Key(key="clear"),
        *[intents.Shutter()] * 2,
        intents.ChooseSource(source="camera"),
        *[intents.ChooseSource(source="scanner")] * 2,
        intents.StopScan(),
        intents.RememberCard(),
        intents.ForgetCard(),
        intents.Keep(),
        intents.Retake(),
        intents.Redo(paper="f102", page=2),
        *[intents.Redo(paper=paper, page=1) for paper in ("f102", "police", "kk", "f107", "nothing")],
        *[intents.Send()] * 2,
        intents.Reprint(),
        intents.ReceiptCame(yes=True),
        intents.ReceiptCame(yes=False),
        intents.End(),
        intents.SetLanguage(language="en"),
        intents.CallOfficer(),
    ]
)
KINDS = st.sampled_from([*[Kind.APPLY] * 6, *[Kind.STATUS] * 6, Kind.NIK, Kind.BROWSE, Kind.LOCATIONS, Kind.STAFF])
SERVICES = st.sampled_from(["KTP-HILANG", "KK-HILANG-RUSAK", "KK-HILANG-RUSAK", "AKTA-LAHIR", "KIA-BARU"])
SOURCES = st.sampled_from([("camera", "scanner"), ("scanner",), ("camera",), ("camera", "scanner"), ("scanner",), ()])
STARTS = st.sampled_from([Step.SCAN, *[*Step][:9], Step.SCAN, Step.NIK])


@st.composite
def acts(draw: st.DrawFn) -> tuple[str, object]:
    kind = draw(
        st.sampled_from(["word", "ask", "fill", "answer", "late", "wait", "card", "moves", "ask", "word", *["go"] * 12])
    )
    match kind:
        case "word":
            return kind, draw(WORDS)
        case "wait":
            return kind, draw(st.sampled_from([1, 1, 10, 10, 31, 31, 95, 200]))
        case _:
            return kind, draw(st.integers(0, 5))


@settings(max_examples=200, deadline=None)
@given(KINDS, SOURCES, STARTS, SERVICES, st.lists(acts(), min_size=30, max_size=60))
def test_nothing_breaks_the_visit(
    kind: Kind, sources: tuple[str, ...], start: Step, service: str, acts_: list[tuple[str, object]]
) -> None:
    world = World(kind, sources, start, service)
    for act in acts_:
        world.act(*act)


TURNS = st.one_of(
    st.tuples(st.just("go"), st.just(0)),
    st.tuples(st.just("ask"), st.integers(0, 5)),
    st.tuples(
        st.just("word"), WORDS.filter(lambda word: isinstance(word, intents.Redo | intents.Back | intents.NotHere))
    ),
)


@settings(max_examples=60, deadline=None)
@given(SERVICES, st.sampled_from([Step.SCAN, Step.REVIEW]), st.lists(TURNS, min_size=20, max_size=60))
def test_papers_come_and_go(service: str, start: Step, turns: list[tuple[str, object]]) -> None:
    world = World(Kind.APPLY, ("scanner",), start, service)
    for turn in turns:
        world.act(*turn)
    for _ in range(40):  # in the end everything is sent that there is
        world.act("go", 0)
