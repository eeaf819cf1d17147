"""Step 6 in doubt: only the resident can see whether the receipt came."""

from __future__ import annotations

from screens.widgets.view import View


class ReceiptAskView(View):
    """Yes, or print it again as a copy."""


SHOWS = ReceiptAskView
