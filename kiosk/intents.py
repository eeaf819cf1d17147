"""The words that the window says to the station: a small closed set. A word that the step does not know is ignored."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from wire import canon
from wire.frozen import Frozen


class Start(Frozen):
    """Begin a visit: an application, "Cek status", NIK repair (an application whose service is chosen), the list of
    requirements, the locations, or the staff's pages.
    """

    word: Literal["start"] = "start"
    kind: Literal["apply", "status", "nik", "browse", "locations", "staff"]


class ChooseService(Frozen):
    """Pick a service by its code."""

    word: Literal["choose_service"] = "choose_service"
    code: str = Field(max_length=32)


class ChooseGroup(Frozen):
    """Pick a group of services, or a district of the locations."""

    word: Literal["choose_group"] = "choose_group"
    group: str = Field(max_length=120)


class TurnPage(Frozen):
    """The next (1) or the previous (-1) page of a list."""

    word: Literal["turn_page"] = "turn_page"
    by: Literal[1, -1]


class Answer(Frozen):
    """Answer a question about the papers."""

    word: Literal["answer"] = "answer"
    question: str = Field(max_length=32)
    answer: str = Field(max_length=32)


class Pick(Frozen):
    """Pick an option of the choice field that is asked."""

    word: Literal["pick"] = "pick"
    option: str = Field(max_length=32)


class NotHere(Frozen):
    """ "I do not have this paper": an optional one is left out, a required one is asked about."""

    word: Literal["not_here"] = "not_here"


class SendWithout(Frozen):
    """The answer to "send without this paper?"."""

    word: Literal["send_without"] = "send_without"
    yes: bool


class Complete(Frozen):
    """From the result of "Cek status": scan what is missing or was refused."""

    word: Literal["complete"] = "complete"


class Apply(Frozen):
    """From the requirements of a service: begin its application."""

    word: Literal["apply"] = "apply"


class PrintSlip(Frozen):
    """Print the list of papers."""

    word: Literal["print_slip"] = "print_slip"


class TestDevice(Frozen):
    """Staff: test this device ("line" and "queue" among them)."""

    word: Literal["test_device"] = "test_device"
    role: str = Field(max_length=32)


class TestAnswer(Frozen):
    """Staff: the answer to what a test asks ("Apakah terbaca?")."""

    word: Literal["test_answer"] = "test_answer"
    yes: bool


class OpenStaff(Frozen):
    """Staff: open a page about sending: the overview, what the office refused, or the USB courier."""

    word: Literal["open_staff"] = "open_staff"
    page: Literal["send", "refused", "courier"]


class Hold(Frozen):
    """Staff: hold sending back, or let it go on."""

    word: Literal["hold"] = "hold"
    on: bool


class TryLine(Frozen):
    """Staff: try the line to the office now."""

    word: Literal["try_line"] = "try_line"


class SendAgain(Frozen):
    """Staff: send again what the office had refused."""

    word: Literal["send_again"] = "send_again"


class Courier(Frozen):
    """Staff: copy the queue to the USB stick, or take the office's answers from it."""

    word: Literal["courier"] = "courier"
    act: Literal["export", "take"]


class Next(Frozen):
    """Go on (also: "I have read it", "this is right")."""

    word: Literal["next"] = "next"


class Back(Frozen):
    """One step back; on the first step the visit ends."""

    word: Literal["back"] = "back"


class Cancel(Frozen):
    """End the visit and wipe it (before sending); the window asks first."""

    word: Literal["cancel"] = "cancel"


class Stay(Frozen):
    """ "I am still here": answers the time-out warning."""

    word: Literal["stay"] = "stay"


class Key(Frozen):
    """One key of a pad: a character, or "back" (rub out one), "clear"."""

    word: Literal["key"] = "key"
    key: str = Field(min_length=1, max_length=5)


class Shutter(Frozen):
    """Take the picture now."""

    word: Literal["shutter"] = "shutter"


class ChooseSource(Frozen):
    """Take the pages with this device from now on."""

    word: Literal["choose_source"] = "choose_source"
    source: Literal["camera", "scanner"]


class StopScan(Frozen):
    """Stop the running scan; the page is asked for again."""

    word: Literal["stop_scan"] = "stop_scan"


class RememberCard(Frozen):
    """By consent: from now on this card confirms this NIK at this terminal."""

    word: Literal["remember_card"] = "remember_card"


class ForgetCard(Frozen):
    """Take that consent back."""

    word: Literal["forget_card"] = "forget_card"


class Keep(Frozen):
    """Keep the judged page."""

    word: Literal["keep"] = "keep"


class Retake(Frozen):
    """Drop the judged page and look again."""

    word: Literal["retake"] = "retake"


class Redo(Frozen):
    """From the review: scan this side again."""

    word: Literal["redo"] = "redo"
    paper: str = Field(max_length=32)
    page: int = Field(ge=1, le=8)


class Send(Frozen):
    """Press "Kirim"."""

    word: Literal["send"] = "send"


class Reprint(Frozen):
    """Print the receipt once more, marked SALINAN (explicit and counted)."""

    word: Literal["reprint"] = "reprint"


class ReceiptCame(Frozen):
    """The answer to "Apakah struk sudah keluar?"."""

    word: Literal["receipt_came"] = "receipt_came"
    yes: bool


class End(Frozen):
    """End a finished visit: "Akhiri kunjungan", "Sudah saya catat"."""

    word: Literal["end"] = "end"


class SetLanguage(Frozen):
    """Change the language, at any time."""

    word: Literal["set_language"] = "set_language"
    language: str = Field(pattern=r"^[a-z]{2,3}$")


class NextTextSize(Frozen):
    """Go round the three text sizes."""

    word: Literal["next_text_size"] = "next_text_size"


class ToggleContrast(Frozen):
    """High contrast on or off."""

    word: Literal["toggle_contrast"] = "toggle_contrast"


class CallOfficer(Frozen):
    """Call the officer."""

    word: Literal["call_officer"] = "call_officer"


class Alive(Frozen):
    """Sent by the window every second from its drawing loop: silence means that it hangs."""

    word: Literal["alive"] = "alive"


Intent = (
    Start
    | ChooseService
    | ChooseGroup
    | TurnPage
    | Answer
    | Pick
    | NotHere
    | SendWithout
    | Complete
    | Apply
    | PrintSlip
    | TestDevice
    | TestAnswer
    | OpenStaff
    | Hold
    | TryLine
    | SendAgain
    | Courier
    | Next
    | Back
    | Cancel
    | Stay
    | Key
    | Shutter
    | ChooseSource
    | StopScan
    | RememberCard
    | ForgetCard
    | Keep
    | Retake
    | Redo
    | Send
    | Reprint
    | ReceiptCame
    | End
    | SetLanguage
    | NextTextSize
    | ToggleContrast
    | CallOfficer
    | Alive
)
_ADAPTER: TypeAdapter[Intent] = TypeAdapter(Annotated[Intent, Field(discriminator="word")])


def read(data: bytes) -> Intent:
    """One intent from the bytes of the link. Raises canon.CanonError."""
    try:
        return _ADAPTER.validate_json(data)
    except ValidationError as error:
        raise canon.CanonError(f"not an intent: {error.errors()[0]['msg']}") from error
