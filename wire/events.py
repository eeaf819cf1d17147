"""The event catalogue and the one way to write the log: JSON lines with ids and codes, never personal data."""

from __future__ import annotations

import logging
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TextIO, cast

import structlog

FILE = Path(__file__).resolve().parent / "events.toml"


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event: its level, the fields it carries and a sentence for the documentation."""

    name: str
    level: str
    fields: tuple[str, ...]
    text: str


@cache
def catalogue() -> dict[str, Event]:
    """All events by name, in the order of the file."""
    with FILE.open("rb") as file:
        return {
            name: Event(
                name,
                cast(str, entry["level"]),
                tuple(cast(list[str], entry["fields"])),
                cast(str, entry["text"]),
            )
            for name, entry in tomllib.load(file).items()
        }


class _StandardError:
    """Whatever standard error is when a line is written: a test's capture comes and goes."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure() -> None:
    """JSON lines on standard error, one an event, with the time in UTC."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )


def log(name: str, **fields: object) -> None:
    """Write one event. Raises KeyError for a name and ValueError for a field that the catalogue lacks."""
    event = catalogue()[name]
    strange = set(fields) - set(event.fields)
    if strange:
        raise ValueError(f"the event {name} has no field {', '.join(sorted(strange))}")
    logger = structlog.get_logger()
    getattr(logger, event.level)(name, **fields)


def log_error(where: str, error: BaseException) -> None:
    """Write an unexpected error with its frames and type; an exception's message may hold what somebody typed."""
    frames: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(
            f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}"
        )
        trace = trace.tb_next
    structlog.get_logger().error("error", where=where, kind=type(error).__name__, trace=frames)


def document() -> str:
    """The catalogue as Markdown: the whole of docs/events.md."""
    rows = [
        "# Events\n\nMade by `./adm python -m wire.events` from `wire/events.toml`.\n",
        "| event | level | fields | meaning |",
        "| --- | --- | --- | --- |",
        *(f"| `{e.name}` | {e.level} | {', '.join(e.fields) or '-'} | {e.text} |" for e in catalogue().values()),
    ]
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
