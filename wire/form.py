"""The form of an application: the one part with the applicant's words, in clear only in memory, at both ends."""

from __future__ import annotations

from pydantic import Field

from wire import ids
from wire.frozen import Open


class Form(Open):
    """Part ``form`` 0 of a submission, canonical JSON inside an age file. ``fields``: the service's fields by id.

    ``answers``: question id to answer id (``wire.service``). A correction repeats NIK and language; its ``fields`` and
    ``answers`` are empty, because those of the first submission stand.

    ``submission_id`` and ``number`` bind the words to their manifest: the office refuses to show a form under another.
    """

    v: int = Field(default=1, ge=1)
    submission_id: ids.SubmissionId
    number: str = Field(max_length=20)
    service: str = Field(max_length=32)
    schema_version: int = Field(ge=1)
    language: str = Field(max_length=3)
    nik: str = Field(max_length=16)
    fields: dict[str, str] = Field(default_factory=dict)
    answers: dict[str, str] = Field(default_factory=dict)
