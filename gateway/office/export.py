"""An application as one PDF and as JSON, for entry into SIAK."""

from __future__ import annotations

import json

from gateway.office import papers
from gateway.office.dossier import Dossier, titles
from gateway.profiles.binding import bound
from wire.form import Form


def pdf(dossier: Dossier, identity: str) -> bytes:
    """All pages on A4, the JPEG data untouched, with a bookmark a page. Raises PacketError."""
    sheets = dossier.sheets
    pages = [sheet.open(identity) for sheet in sheets]
    return bound(pages, titles(sheets, papers.names(dossier.service)), dossier.number, dossier.service)


def as_json(dossier: Dossier, form: Form) -> bytes:
    """The form's words with the facts of the manifests, indented for people."""
    lead = dossier.packets[0].manifest
    sheets = dossier.sheets
    value = {
        "number": dossier.number,
        "submission_id": lead.submission_id,
        "service": lead.service,
        "schema_version": lead.schema_version,
        "terminal": lead.terminal,
        "sent": lead.clock.wall,
        "language": form.language,
        "nik": form.nik,
        "fields": form.fields,
        "answers": form.answers,
        "missing": list(dossier.missing),
        "completions": [
            {
                "submission_id": packet.manifest.submission_id,
                "terminal": packet.manifest.terminal,
                "sent": packet.manifest.clock.wall,
            }
            for packet in dossier.completions
        ],
        "pages": [
            {
                "paper": sheet.paper,
                "page": sheet.part.n,
                "title": title,
                "submission_id": sheet.packet.manifest.submission_id,
            }
            for sheet, title in zip(sheets, titles(sheets, papers.names(dossier.service)), strict=True)
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"
