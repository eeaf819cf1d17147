"""Step 3: the NIK, typed."""

from __future__ import annotations

from screens.views.field import FieldView


class NikView(FieldView):
    """The number pad."""


SHOWS = NikView
