"""What a resident sends, as the station hands it over, and how it lies in its packet: the form, the pages' order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from offline_cache.api import Completes
from offline_cache.drafts import Page
from wire import service
from wire.form import Form


@dataclass(frozen=True, slots=True)
class Application:
    """What the resident sends (see ``api.Cache.submit``). ``completes``: then ``form`` holds the NIK and no more."""

    service: str
    schema_version: int
    language: str
    form: dict[str, str]
    answers: dict[str, str] = field(default_factory=dict[str, str])
    missing: tuple[str, ...] = ()
    completes: Completes | None = None

    @property
    def nik(self) -> str:
        """The applicant's."""
        return self.form.get("nik", "")


def form_of(submission_id: str, number: str, application: Application) -> Form:
    """The form that is sealed; one that completes an earlier application names the applicant and no more."""
    first = application.completes is None
    return Form(
        submission_id=submission_id,
        number=number,
        service=application.service,
        schema_version=application.schema_version,
        language=application.language,
        nik=application.nik,
        fields={name: value for name, value in application.form.items() if name != "nik"} if first else {},
        answers=application.answers if first else {},
    )


def in_order(pages: Iterable[Page], service_code: str) -> list[Page]:
    """By the service's papers, then by page."""
    known = service.catalogue().get(service_code)
    order = {} if known is None else {paper.id: place for place, paper in enumerate(known.papers)}
    return sorted(pages, key=lambda page: (order.get(page.paper, len(order)), page.paper, page.page))
