"""Nothing times out without a warning: are you still here?"""

from __future__ import annotations

from kivy.properties import BooleanProperty

from kiosk.status import Step
from screens.widgets.view import View


class TimeoutView(View):
    """The seconds run down; one press goes on."""

    sent = BooleanProperty(False)

    def changed(self) -> None:
        """See whether there is anything to lose."""
        self.sent = self.visit.step in (Step.DONE, Step.STATUS_RESULT)


SHOWS = TimeoutView
