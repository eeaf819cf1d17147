"""The officers' pages."""

from __future__ import annotations

from fastapi import FastAPI

from gateway.officers import SetupCode
from gateway.rooms import Office


def add(app: FastAPI, office: Office, setup: SetupCode | None) -> None:
    """Add the pages."""
