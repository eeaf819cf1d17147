"""An application as one PDF and as JSON, for entry into SIAK."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

import img2pdf
import pikepdf

from gateway.office import papers
from gateway.office.dossier import Dossier, titles
from wire.form import Form

_A4_MM = (210.0, 297.0)


def pdf(dossier: Dossier, identity: str) -> bytes:
    """All pages on A4, the JPEG data untouched, with a bookmark a page. Raises PacketError."""
    sheets = dossier.sheets
    pages = [sheet.open(identity) for sheet in sheets]
    return bound(pages, titles(sheets, papers.names(dossier.service)), dossier.number, dossier.service)


def bound(pages: Sequence[bytes], bookmarks: Sequence[str], title: str, subject: str) -> bytes:
    """JPEG pages bound to a PDF of A4 pages, their data untouched; the same pages make the same bytes."""
    if not pages:
        with pikepdf.new() as empty:
            empty.add_blank_page()
            return _saved(empty)
    a4 = (img2pdf.mm_to_pt(_A4_MM[0]), img2pdf.mm_to_pt(_A4_MM[1]))
    layout = img2pdf.get_layout_fun(pagesize=a4, auto_orient=True)
    made = img2pdf.convert(list(pages), layout_fun=layout, nodate=True)
    with pikepdf.open(io.BytesIO(made)) as document:
        with document.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(bookmark, index) for index, bookmark in enumerate(bookmarks))
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = title
            metadata["dc:subject"] = subject
        return _saved(document)


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


def _saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()
