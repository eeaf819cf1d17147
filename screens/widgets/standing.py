"""What the step bar says: "Step 3 of 6" and the step's name, or the place's name outside an application."""

from __future__ import annotations

from kiosk.status import STEP_OF_SIX, KioskStatus, PlacesView, Step, VisitView
from screens import i18n
from screens.i18n import Translator
from screens.naming import device_name
from wire.words import N_

# What the step bar calls each step.
STEP_NAMES: dict[Step, str] = {
    Step.SERVICE: N_("Choose a service"),
    Step.REQUIREMENTS: N_("Prepare your papers"),
    Step.PRIVACY: N_("Fill in your data"),
    Step.NIK: N_("Fill in your data"),
    Step.FORM: N_("Fill in your data"),
    Step.SCAN: N_("Scan your papers"),
    Step.REVIEW: N_("Check your papers"),
    Step.SENDING: N_("Send your papers"),
    Step.DONE: N_("Send your papers"),
    Step.STATUS_NUMBER: N_("Type the number"),
    Step.STATUS_NIK: N_("Type the NIK"),
    Step.STATUS_RESULT: N_("Result"),
    Step.BROWSE: N_("Choose a service"),
    Step.BROWSE_SERVICE: N_("Papers to bring"),
    Step.LOCATIONS: "",
    Step.STAFF_PIN: N_("Type the PIN"),
    Step.STAFF_HOME: "",
    Step.STAFF_TEST: "",
    Step.STAFF_SEND: N_("Sending"),
    Step.STAFF_REFUSED: N_("Refused by the office"),
    Step.STAFF_COURIER: N_("USB courier"),
}
PLACES: dict[str, str] = {
    "status": N_("Check status"),
    "browse": N_("Requirements"),
    "locations": N_("Terminals"),
    "staff": N_("For staff"),
}
"""What stands there instead, by the kind of visit."""


def place_of_six(visit: VisitView) -> int:
    """Which of the six steps; 0 outside an application, and while papers are added to one."""
    return 0 if visit.completes else STEP_OF_SIX.get(visit.step, 0)


def standing(status: KioskStatus, visit: VisitView, tr: Translator) -> tuple[str, str]:
    """Both lines of the step bar, in words."""
    six = place_of_six(visit)
    first = tr.say(N_("Step {number} of 6"), number=six) if six else tr.say(PLACES.get(visit.kind, PLACES["status"]))
    if visit.completes:
        first = tr.say(N_("Later papers"))
    match visit.step:
        case Step.LOCATIONS:
            # At the largest text the line under the heading goes, but what it says must be said.
            told = visit.places if status.text_step == 2 else None
            return first, news_of(told, tr) if told else status.place.regency
        case Step.STAFF_HOME:
            version = visit.staff.version if visit.staff else ""
            return first, tr.say(N_("{code}, version {version}"), code=status.code or "-", version=version)
        case Step.STAFF_TEST:
            trial = visit.staff.trial if visit.staff else None
            return first, tr.say(device_name(trial.role)) if trial else ""
        case _:
            return first, tr.say(STEP_NAMES[visit.step])


def news_of(places: PlacesView, tr: Translator) -> str:
    """That distances are straight lines, and of when the news of the terminals is."""
    on, at = i18n.recent(places.as_of, tr.lang, tr.now().date())
    if not at:
        return tr.say(N_("No word from the office yet."))
    news = tr.say(N_("News of {day}, {hour}."), day=on, hour=at) if on else tr.say(N_("News of {hour}."), hour=at)
    return tr.say(N_("Distances are straight lines.")) + " " + news
