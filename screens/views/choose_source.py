"""Step 4, where a terminal has both: the document camera or the scanner."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, StringProperty

from kiosk.intents import ChooseSource
from kiosk.ladder import can_take
from kiosk.status import DeviceView
from screens.widgets.press import Pressable
from screens.widgets.view import View, arrange
from wire.words import N_

# A device: its picture, what its card says and when to take it.
CARDS: dict[str, tuple[str, str, str]] = {
    "camera": (
        "document_camera",
        N_("Use the document camera"),
        N_("Quick. Good for cards and folded papers."),
    ),
    "scanner": (
        "bed",
        N_("Use the document scanner"),
        N_("Sharp. Good for whole sheets and small letters."),
    ),
}
# A phase that is not fit for use: its mark, its word and the word's tone.
STATES: dict[str, tuple[str, str, str]] = {
    "starting": ("later", N_("Getting ready"), "ink_muted"),
    "needs_attention": ("warn", N_("Needs help"), "warn_ink"),
    "offline": ("warn", N_("Switched off"), "warn_ink"),
    "broken": ("bad", N_("Out of order"), "bad_ink"),
}
READY = ("ok", N_("Ready"), "ok_ink")
SILENT = ("unknown", N_("Does not answer"), "ink_muted")


def state_of(device: DeviceView | None, fit: bool) -> tuple[str, str, str]:
    """Mark, msgid of the word, and tone. Silence is never "fine"."""
    if fit:
        return READY
    return STATES.get(device.phase, SILENT) if device else SILENT


class SourceCard(Pressable):
    """One device: its picture, when to take it, and how it is."""

    picture = StringProperty("")
    second = StringProperty("")
    mark = StringProperty("")
    word = StringProperty("")
    tone = StringProperty("ok_ink")


class ChooseSourceView(View):
    """``helpless``: neither can be used now."""

    helpless = BooleanProperty(False)

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._skip = self.ids["skip"].__self__

    def changed(self) -> None:
        """Show how both devices are."""
        say = global_idmap["tr"].say
        self._skip.follow(self.visit)
        arrange(self.ids["actions"], [self._skip] if self.visit.can_skip else [])
        self._place()
        self.helpless = not any(can_take(self.status, source) for source in self.visit.sources)
        for source, (picture, words, when) in CARDS.items():
            card = self.ids[source]
            fit = source in self.visit.sources and can_take(self.status, source)
            card.mark, word, card.tone = state_of(self.status.device(source), fit)
            card.word, card.disabled = say(word), not fit
            card.text, card.second = say(words), say(when)
            card.spoken = f"{card.text}: {card.word}"
            card.picture = "feeder" if source == "scanner" and self.visit.feeder else picture
            card.intent = ChooseSource.model_validate({"source": source})


SHOWS = ChooseSourceView
