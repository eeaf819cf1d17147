"""Step 3: the NIK, typed, and what a card on the reader has to say to it."""

from __future__ import annotations

from kivy.lang import global_idmap
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.intents import ForgetCard, Intent, RememberCard
from screens.views.field import FieldView
from screens.widgets.press import Surface
from wire.words import N_

# A card's state: look (a note's kind), mark, what it means, and more (both msgids).
CARDS: dict[str, tuple[str, str, str, str]] = {
    "confirmed": ("ok", "ok", N_("This card matches the NIK above"), ""),
    "remembered": ("ok", "ok", N_("This card is remembered"), N_("Next time it matches the NIK by itself.")),
    "random": ("info", "", N_("This card cannot be remembered"), N_("Go on as usual.")),
    "turned": ("warn", "warn", N_("Turn the card over, then put it down again"), ""),
    "other": ("warn", "warn", N_("This card is no KTP-el"), N_("Go on as usual.")),
}
NEW = ("info", "", N_("Optional. Only a scrambled mark is stored, not the NIK."), "")
NEW_EARLY = ("info", "", N_("Card seen. First type the whole NIK."), "")
HINT = ("plain", "", N_("Put the KTP-el on the reader (may be skipped)"), "")
NOTHING = ("plain", "", "", "")
BUTTONS: dict[str, tuple[str, str, Intent]] = {
    "new": ("remember_card", N_("Remember this card"), RememberCard()),
    "remembered": ("forget_card", N_("Forget this card"), ForgetCard()),
}


class CardLine(BoxLayout, Surface):
    """One line about the card, and at most one button. ``kind``: a key of NOTES, or "plain".

    ``need``: how high it is beside the pad, in pixels. ``pictured``: a card on a reader stands before the words.
    """

    kind = StringProperty("plain")
    mark = StringProperty("")
    bold = StringProperty("")
    plain = StringProperty("")
    button = StringProperty("")
    press = StringProperty("")
    intent: ObjectProperty[Intent | None] = ObjectProperty(None, allownone=True)
    need = NumericProperty(1.0)
    pictured = BooleanProperty(False)


class NikView(FieldView):
    """The number pad. ``reader``: this terminal has a card reader, so its line has a place that never moves."""

    reader = BooleanProperty(False)

    def changed(self) -> None:
        """Show the field and the card."""
        super().changed()
        status, visit = self.status, self.visit
        device = status.device("card")
        self.reader = device is not None or visit.card is not None
        card = visit.card.state if visit.card else ""
        if card == "new":
            shown = NEW if visit.can_next else NEW_EARLY
        elif device is not None and device.usable and not card:
            shown = HINT
        else:
            shown = CARDS.get(card, NOTHING)
        say = global_idmap["tr"].say
        line = self.ids["card"]
        line.kind, line.mark, bold, plain = shown
        line.bold, line.plain = say(bold) if bold else "", say(plain) if plain else ""
        pressed = BUTTONS.get(card) if shown is not NEW_EARLY else None
        line.button, words, line.intent = pressed or ("", "", None)
        line.press = say(words) if words else ""
        self.turn = "forget" if card == "remembered" else ""


SHOWS = NikView
