"""The pages that tell the demo's stories: pictures in order, each with its words in Indonesian and English."""

from __future__ import annotations

import html
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.parts import ROOT

_FONTS = ROOT / "screens" / "assets" / "fonts"


@dataclass(frozen=True, slots=True)
class Caption:
    """Words under a picture, in both languages."""

    indonesian: str
    english: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the story. ``wide``: its pictures are pages of a browser, not screens of the terminal."""

    indonesian: str
    english: str
    moments: dict[str, Caption]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Tale:
    """A whole story. ``name``: its folder's. ``cover``: the moment whose picture stands for it.

    ``receipt_after``: behind how many chapters the receipt is shown.
    """

    name: str
    title: Caption
    lead: Caption
    cover: str
    chapters: tuple[Chapter, ...]
    receipt_after: int = 1

    def captions(self) -> dict[str, Caption]:
        """Every moment's words, in the order of the story."""
        return {name: caption for chapter in self.chapters for name, caption in chapter.moments.items()}


_TITLE = Caption("Lima kunjungan, dari anjungan ke kantor", "Five visits, from the terminal to the office")
_LEAD = Caption(
    "Semua gambar dari program yang sebenarnya. Orang dan surat direka, bertanda CONTOH.",
    "Every picture is of the real programs: touched by pointer events, printed byte by byte, decrypted by the office. "
    "The people and papers are invented and marked CONTOH.",
)

_STYLE = """
@font-face { font-family: Atkinson; font-weight: 400; src: url(fonts/regular.ttf); }
@font-face { font-family: Atkinson; font-weight: 700; src: url(fonts/bold.ttf); }
* { box-sizing: border-box; }
body { margin: 0; background: #F4F2EC; color: #13231F; font: 400 18px/1.45 Atkinson, system-ui, sans-serif; }
header { background: #0B4A3E; color: #fff; border-bottom: 8px solid #E8A317; padding: 56px 24px 48px; }
header > *, main > * { max-width: 1180px; margin-inline: auto; }
h1 { margin: 0 auto 12px; font-size: clamp(30px, 5vw, 48px); line-height: 1.1; }
header p { margin: 0 auto; color: #B9D6CC; max-width: 1180px; }
main { padding: 8px 24px 64px; }
h2 { margin: 56px auto 20px; font-size: 30px; line-height: 1.15; }
h2 small { display: block; font-weight: 400; font-size: 18px; color: #51625C; margin-top: 4px; }
ol { list-style: none; margin: 0 auto; padding: 0; display: grid; gap: 26px;
     grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); }
ol.tales { grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); }
ol.wide { grid-template-columns: repeat(auto-fit, minmax(min(520px, 100%), 1fr)); }
figure { margin: 0; background: #fff; border: 2px solid #D5DBD3; border-radius: 20px; overflow: hidden; height: 100%;
         display: flex; flex-direction: column; }
figure a { display: block; background: #E9EFEA; }
figure img { display: block; width: 100%; height: auto; }
figcaption { padding: 14px 18px 18px; }
figcaption b { display: block; color: #0B5A4A; font-size: 15px; }
figcaption em { display: block; margin-top: 6px; color: #51625C; font-style: normal; font-size: 16px; }
.number { font-weight: 700; white-space: nowrap; }
.paper { display: grid; grid-template-columns: minmax(240px, 380px) 1fr; gap: 36px; align-items: start; }
.paper img { width: 100%; height: auto; border-radius: 6px; box-shadow: 0 8px 26px -4px #0A2A2230; background: #fff;
             padding: 18px 0; }
.paper li { margin-bottom: 12px; }
.paper .pages { display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px; align-items: start; margin: 28px 0; }
.paper .pages img { padding: 0; }
@media (max-width: 720px) { .paper { grid-template-columns: 1fr; } }
.paper ul { margin: 0; padding-left: 22px; }
footer { color: #51625C; font-size: 15px; padding: 0 24px 48px; }
footer p { max-width: 1180px; margin: 0 auto; }
a { color: #0B5A4A; }
"""


class Album:
    """One story's page. ``folder``: where the pictures, the receipt, the PDF and index.html lie in the end."""

    def __init__(self, folder: Path, tale: Tale) -> None:
        self.folder, self.tale = folder, tale
        self._pictures: dict[str, str] = {}

    def place(self, moment: str) -> Path:
        """Where the picture of ``moment`` belongs; its number is its place in the story."""
        order = list(self.tale.captions())
        name = f"{order.index(moment) + 1:02d}-{moment}.png"
        self._pictures[moment] = name
        return self.folder / name

    def write(self, number: str, facts: list[Caption]) -> Path:
        """Write index.html; ``facts``: what was measured on the way. Returns its path."""
        lay_fonts(self.folder)
        page = self.folder / "index.html"
        page.write_text(self._page(number, facts), encoding="utf-8")
        return page

    def _page(self, number: str, facts: list[Caption]) -> str:
        tale = self.tale
        parts = [self._chapter(chapter) for chapter in tale.chapters]
        parts.insert(tale.receipt_after, self._receipt(number, facts))
        return framed(tale.title, tale.lead, "".join(parts))

    def _chapter(self, chapter: Chapter) -> str:
        rows: list[str] = []
        for count, (moment, caption) in enumerate(chapter.moments.items(), start=1):
            name = self._pictures.get(moment)
            if name is None:
                continue
            rows.append(
                f'<li><figure><a href="{name}"><img src="{name}" alt="{html.escape(caption.english)}">'
                f"</a><figcaption><b>{count}</b>{html.escape(caption.indonesian)}"
                f'<em lang="en">{html.escape(caption.english)}</em></figcaption></figure></li>\n'
            )
        kind = ' class="wide"' if chapter.wide else ""
        return (
            f'<h2>{html.escape(chapter.indonesian)}<small lang="en">{html.escape(chapter.english)}</small></h2>\n'
            f"<ol{kind}>\n{''.join(rows)}</ol>\n"
        )

    def _receipt(self, number: str, facts: list[Caption]) -> str:
        items = "".join(
            f'<li>{html.escape(fact.indonesian)}<br><span lang="en">{html.escape(fact.english)}</span></li>\n'
            for fact in facts
        )
        pages = "".join(
            f'<a href="{page.name}"><img src="{page.name}" alt="page {count}"></a>'
            for count, page in enumerate(sorted(self.folder.glob("page-*.jpg")), start=1)
        )
        return (
            '<h2>Yang ia bawa pulang, dan yang dibuka kantor<small lang="en">'
            "What she takes home, and what the office opens</small></h2>\n"
            f'<div class="paper"><a href="receipt.png"><img src="receipt.png" alt="The receipt with {number}"></a>'
            f'<div><p>Nomor permohonan <span class="number">{number}</span>. QR-nya memuat nomor itu saja: tanpa nama, '
            'tanpa NIK.</p><p lang="en">Its QR holds the number alone: no name, no NIK.</p>'
            f"<ul>\n{items}</ul>"
            f'<div class="pages">{pages}</div>'
            '<p><a href="application.pdf">application.pdf</a>: berkas seperti dibuka kantor. '
            '<span lang="en">The file as the office decrypted it.</span></p></div></div>\n'
        )


def lay_fonts(folder: Path) -> None:
    """The fonts that a page in ``folder`` is set in."""
    fonts = folder / "fonts"
    fonts.mkdir(exist_ok=True)
    for weight, target in (("400Regular", "regular"), ("700Bold", "bold")):
        shutil.copyfile(_FONTS / f"AtkinsonHyperlegibleNext_{weight}.ttf", fonts / f"{target}.ttf")


def framed(title: Caption, lead: Caption, body: str) -> str:
    """A whole page."""
    return (
        '<!doctype html>\n<html lang="id">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>Anjungan Dukcapil Mandiri: {html.escape(title.indonesian)}</title>\n<style>{_STYLE}</style>\n"
        f"<header><h1>{html.escape(title.indonesian)}</h1><p>{html.escape(lead.indonesian)}</p>"
        f'<p lang="en">{html.escape(title.english)}. {html.escape(lead.english)}</p></header>\n<main>\n{body}</main>\n'
        "<footer><p>Dibuat oleh / made by <code>./adm demo</code>.</p></footer>\n</html>\n"
    )


def cover(folder: Path, tales: Sequence[Tale]) -> Path:
    """The page that leads to every story in ``folder``. Returns its path."""
    lay_fonts(folder)
    rows: list[str] = []
    for tale in tales:
        picture = next((folder / tale.name).glob(f"[0-9][0-9]-{tale.cover}.png"))
        rows.append(
            f'<li><figure><a href="{tale.name}/index.html"><img src="{tale.name}/{picture.name}" alt=""></a>'
            f"<figcaption><b>{html.escape(tale.title.indonesian)}</b>{html.escape(tale.lead.indonesian)}"
            f'<em lang="en">{html.escape(tale.title.english)}. {html.escape(tale.lead.english)}</em>'
            "</figcaption></figure></li>\n"
        )
    page = folder / "index.html"
    page.write_text(framed(_TITLE, _LEAD, f'<h2></h2><ol class="tales">\n{"".join(rows)}</ol>\n'), encoding="utf-8")
    return page
