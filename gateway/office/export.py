"""An application as one PDF and as JSON, for entry into SIAK."""

from __future__ import annotations

import io
import json

import img2pdf
import pikepdf

from gateway.office.packet import Packet
from wire import service
from wire.form import Form
from wire.words import translator

_A4_MM = (210.0, 297.0)
_LANGUAGE = "id"


def paper_names(service_code: str) -> dict[str, str]:
    """The papers of a service by id, in Indonesian; empty for a service that is not known here."""
    words = translator(_LANGUAGE, "wire")
    known = service.catalogue().get(service_code)
    return {paper.id: words(paper.name) for paper in known.papers} if known else {}


def short_names(service_code: str) -> dict[str, str]:
    """The short names of a service's papers, for narrow places."""
    words = translator(_LANGUAGE, "wire")
    known = service.catalogue().get(service_code)
    return {paper.id: words(paper.short) for paper in known.papers} if known else {}


def page_titles(packet: Packet, names: dict[str, str] | None = None) -> list[str]:
    """One title a page: the paper's name, with a number when the paper has several pages."""
    names = paper_names(packet.manifest.service) if names is None else names
    papers = [part.paper for part in packet.pages]
    seen: dict[str, int] = {}
    titles: list[str] = []
    for paper in papers:
        seen[paper] = seen.get(paper, 0) + 1
        title = names.get(paper, paper or "?")
        titles.append(f"{title} ({seen[paper]})" if papers.count(paper) > 1 else title)
    return titles


def pdf(packet: Packet, identity: str) -> bytes:
    """All pages on A4, the JPEG data untouched, with a bookmark a paper. Raises PacketError."""
    pages = [packet.open_page(index, identity) for index in range(len(packet.pages))]
    if not pages:
        with pikepdf.new() as empty:
            empty.add_blank_page()
            return _saved(empty)
    a4 = (img2pdf.mm_to_pt(_A4_MM[0]), img2pdf.mm_to_pt(_A4_MM[1]))
    layout = img2pdf.get_layout_fun(pagesize=a4, auto_orient=True)
    made = img2pdf.convert(pages, layout_fun=layout, nodate=True)
    with pikepdf.open(io.BytesIO(made)) as document:
        with document.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(title, index) for index, title in enumerate(page_titles(packet)))
        with document.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["dc:title"] = packet.manifest.number
            metadata["dc:subject"] = packet.manifest.service
        return _saved(document)


def as_json(packet: Packet, form: Form) -> bytes:
    """The form's words with the facts of the manifest, indented for people."""
    manifest = packet.manifest
    value = {
        "number": manifest.number,
        "submission_id": manifest.submission_id,
        "service": manifest.service,
        "schema_version": manifest.schema_version,
        "terminal": manifest.terminal,
        "sent": manifest.clock.wall,
        "language": form.language,
        "nik": form.nik,
        "fields": form.fields,
        "pages": [
            {"paper": part.paper, "page": part.n, "title": title}
            for part, title in zip(packet.pages, page_titles(packet), strict=True)
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()
