"""JPEG pages bound to a PDF of A4 pages, their data untouched; the same pages make the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence

import img2pdf
import pikepdf

_A4_MM = (210.0, 297.0)


def bound(pages: Sequence[bytes], bookmarks: Sequence[str], title: str, subject: str) -> bytes:
    """One PDF, with a bookmark a page; without pages one blank page."""
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
            metadata["dc:subject"] = [subject]
        if "/ID" in document.trailer:
            del document.trailer["/ID"]  # img2pdf makes it from the time of day
        return _saved(document)


def _saved(document: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()
