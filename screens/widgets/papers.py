"""What a service asks for: the questions before the list, the list of papers, and that they must be the originals."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.clock import Clock
from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.intents import Answer
from kiosk.status import PaperView, VisitView
from screens.theme import Theme
from screens.widgets.parts import Card, Pill, Row
from screens.widgets.press import Pressable
from screens.widgets.text import measured
from screens.widgets.view import arrange
from wire.words import N_


class Choice(Pressable):
    """One of several answers: the chosen one is tinted and has a heavy edge and a tick."""

    chosen = BooleanProperty(False)
    fs = NumericProperty(36)


class OriginalBanner(Card):
    """The must-read line: originals, not photocopies."""


class QuestionCard(Card):
    """The question that is shown, and its answers. Nothing where there is none."""

    ask = StringProperty("")
    counted = StringProperty("")
    columns = NumericProperty(2)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._built: tuple[object, ...] = ()
        self._mark: Widget | None = None

    def on_kv_post(self, base_widget: Widget) -> None:
        """The rule has been read: keep what it may leave out alive."""
        self._mark = self.ids["mark"].__self__

    def follow(self, visit: VisitView) -> None:
        """Show the visit's question. The buttons stay while the question does: a finger may be on one."""
        tr, theme = global_idmap["tr"], global_idmap["theme"]
        shown = visit.questions[visit.question] if visit.question < len(visit.questions) else None
        choices = self.ids["choices"]
        if shown is None:
            self.ask, self._built = "", ()
            choices.clear_widgets()
            return
        # A Badge without a side would draw negative ones (see press.kv).
        words = self.ids["words"].__self__
        arrange(self.ids["asked"], [self._mark, words] if self._mark and not theme.lean else [words])
        count = len(visit.questions)
        self.ask = tr.say(shown.ask)
        counted = tr.say(N_("Question {number} of {count}"), number=visit.question + 1, count=count)
        self.counted = counted if count > 1 else ""
        many = len(shown.answers)
        self.columns = (1 if theme.portrait else 3) if many == 3 else 2
        if self._built != (tr.lang, shown.id, shown.answers):
            self._built = (tr.lang, shown.id, shown.answers)
            choices.clear_widgets()
            for answer, label in shown.answers:
                choice = Choice(ident=f"answer_{answer}", text=tr.say(label), fs={2: 36, 3: 31}.get(many, 29))
                choice.intent = Answer(question=shown.id, answer=answer)
                choices.add_widget(choice)
        for choice in choices.children:
            choice.chosen = choice.ident == f"answer_{shown.chosen}"


class PaperRow(Row):
    """One paper. ``second``: where from. ``word``: how needed it is, where no pill says so."""

    number = NumericProperty(1)
    name = StringProperty("")
    second = StringProperty("")
    word = StringProperty("")
    added = BooleanProperty(False)
    dense = BooleanProperty(False)
    last = BooleanProperty(False)


@dataclass(frozen=True)
class Plan:
    """How much of the papers is said: fewer lines where there is less room, never smaller letters."""

    dense: bool = False  # two columns, short names
    where: bool = True  # where each comes from
    headed: bool = True
    because: bool = True  # the answer that adds a paper, else only that it is required
    words: bool = True  # how needed each is, under its name


PLANS = (
    Plan(),
    Plan(where=False),
    Plan(dense=True, where=False),
    Plan(dense=True, where=False, headed=False),
    Plan(dense=True, where=False, headed=False, because=False),
    Plan(dense=True, where=False, headed=False, because=False, words=False),
)


class PaperList(BoxLayout):
    """The papers for the answers so far, on a sheet that is as high as it needs to be and no higher than this."""

    counted = StringProperty("")
    headed = BooleanProperty(True)
    need = NumericProperty(1)
    columns = NumericProperty(1)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._built: tuple[object, ...] = ()
        self._papers: tuple[PaperView, ...] = ()
        self._fit = Clock.create_trigger(self.fit, -1)
        for name in ("size", "pos"):
            self.fbind(name, self._fit)

    def follow(self, visit: VisitView) -> None:
        """List the visit's papers."""
        self._papers = visit.papers
        required = sum(paper.need == "required" for paper in visit.papers)
        self.counted = global_idmap["tr"].say(N_("{count} required"), count=required)
        self._fit()

    def fit(self, *_: object) -> None:
        """Say as much of the papers as there is room for."""
        tr, theme = global_idmap["tr"], global_idmap["theme"]
        if self.width <= 1 or self.height <= 1 or "rows" not in self.ids:
            return
        plans = [plan for plan in PLANS if not (theme.lean and plan.where)]
        plan = next((plan for plan in plans if self._height(plan, 12) <= self.height), plans[-1])
        self.need = min(self.height, self._height(plan, 160))
        built = (tr.lang, theme.step, theme.portrait, self._papers, plan)
        if self._built == built:
            return
        self._built, self.headed, self.columns = built, plan.headed, 2 if plan.dense else 1
        rows = self.ids["rows"]
        rows.clear_widgets()
        for number, paper in enumerate(self._papers, 1):
            row = _row(paper, plan)
            row.number, row.last = number, number == len(self._papers) and not plan.dense
            rows.add_widget(row)

    def _height(self, plan: Plan, least: float) -> float:
        """Height of the sheet in pixels; ``least``: of a row, in units, or what its lines take if that is more."""
        theme: Theme = global_idmap["theme"]
        heights = [max(_need(paper, plan, self.width), least * theme.u) for paper in self._papers]
        step = 2 if plan.dense else 1
        rows = sum(max(heights[at : at + step]) for at in range(0, len(heights), step))
        title = measured(global_idmap["tr"].say(N_("Your papers")), "Semi", 38 * theme.k)[1] + 34 * theme.u
        return rows + (title if plan.headed else 8 * theme.u)


def _lines(paper: PaperView, plan: Plan) -> tuple[str, str, str, str]:
    """Name, where from, the word under the name, and the word of the pill."""
    say = global_idmap["tr"].say
    needed = say(N_("If needed") if paper.need == "optional" else N_("Required"))
    word = say(paper.because) if paper.because and plan.because else needed
    pilled = plan.words and not plan.dense and not global_idmap["theme"].lean
    return (
        say(paper.short if plan.dense else paper.name),
        say(paper.where) if plan.where else "",
        word if plan.words and not pilled else "",
        word if pilled else "",
    )


def _need(paper: PaperView, plan: Plan, width: float) -> float:
    """Height in pixels that the paper's row takes, as papers.kv lays it out."""
    theme: Theme = global_idmap["theme"]
    u, k = theme.u, theme.k
    name, where, word, pill = _lines(paper, plan)
    room = width / 2 - 116 * u if plan.dense else width - 160 * u
    if pill:
        room -= measured(pill, "Semi", 24 * k)[0] + 56 * u
    lines = (
        measured(name, "Semi", (31 if plan.dense else 38) * k, room)[1],
        measured(where, "", 28 * k, room)[1],
        measured(word, "Semi" if paper.because else "", 25 * k, room)[1],
    )
    return max(sum(lines) + 4 * u, (56 if plan.dense else 76) * u) + 10 * u


def _row(paper: PaperView, plan: Plan) -> PaperRow:
    row = PaperRow(dense=plan.dense, added=bool(paper.because))
    row.name, row.second, row.word, word = _lines(paper, plan)
    if word:
        pill = Pill(text=word)
        if paper.because:
            pill.fill_tone, pill.tone = "accent", "accent_ink"
        elif paper.need == "optional":
            pill.fill_tone, pill.tone = "surface_alt", "ink"
        row.add_widget(pill)
    return row
