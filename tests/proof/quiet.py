"""Long forms say one line: what the product logs meanwhile is left out."""

from __future__ import annotations

import structlog


def quiet() -> None:
    """For this process."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
