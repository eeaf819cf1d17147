"""Check status: the number, typed or held under the camera."""

from __future__ import annotations

from screens.views.field import FieldView


class StatusNumberView(FieldView):
    """Letters and digits; the camera looks for the receipt's QR meanwhile."""


SHOWS = StatusNumberView
