"""The page that tells the demo's story: pictures in order, each with its words in Indonesian and English."""

from __future__ import annotations

import html
import shutil
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.bench import ROOT

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


CHAPTERS: tuple[Chapter, ...] = (
    Chapter(
        "Di anjungan, saat jaringan terputus",
        "At the terminal, while the line is cut",
        {
            "home": Caption(
                "KTP-el Siti hilang. Kabel jaringan desa putus pagi ini; mesin tetap buka.",
                "Siti has lost her KTP-el. The village's line is down this morning; the terminal is open all the same.",
            ),
            "services": Caption("Ia memilih layanan.", "She picks the service."),
            "requirements": Caption(
                "Mesin menyebut berkas yang diperlukan sebelum apa pun diminta.",
                "The terminal names the papers before it asks for anything.",
            ),
            "privacy": Caption(
                "Untuk apa datanya, berapa lama, dan apa haknya: dibaca sebelum diketik.",
                "What her data is for, for how long, and her rights: read before anything is typed.",
            ),
            "nik": Caption(
                "NIK diketik. Mesin hanya memeriksa bentuknya; ia tidak mengaku memverifikasi.",
                "The NIK is typed. The terminal checks its shape only; it never claims to have verified it.",
            ),
            "form-name": Caption("Satu pertanyaan satu layar.", "One question a screen."),
            "form-kk": Caption("Nomor Kartu Keluarga.", "The family card's number."),
            "form-phone": Caption("Nomor telepon, agar dinas dapat menghubungi.", "A phone number to be reached at."),
            "form-letter_date": Caption("Tanggal surat dari kepolisian.", "The date of the police letter."),
            "form-address": Caption("Alamat, dengan papan huruf sendiri.", "The address, on the terminal's own pad."),
            "scan-empty": Caption("Kamera dokumen menunggu halaman pertama.", "The document camera waits for a page."),
            "refused": Caption(
                "Halaman yang tidak terbaca langsung ditolak, dengan dua hal yang dapat dilakukan.",
                "A page that cannot be read is refused at once, with two things to do about it.",
            ),
            "scan": Caption(
                "Halaman ditemukan; begitu diam, mesin memotret sendiri.",
                "The page is found; once it lies still the terminal takes the picture by itself.",
            ),
            "kept-f102-1": Caption("Terbaca: formulir, halaman 1.", "Legible: the form, page 1."),
            "kept-f102-2": Caption("Formulir, halaman 2.", "The form, page 2."),
            "kept-police-1": Caption("Surat kehilangan dari kepolisian.", "The police letter of loss."),
            "kept-kk-1": Caption("Kartu Keluarga.", "The family card."),
            "review": Caption(
                "Semua diperiksa sekali lagi; angka pribadi ditutup.",
                "Everything once more before sending, personal digits covered.",
            ),
            "sending": Caption(
                "Disegel, disimpan, dicetak. Berkas akan berangkat sendiri.",
                "Sealed, stored, printed. The file will leave by itself.",
            ),
            "done": Caption(
                "Siti pulang membawa nomor. Ia tidak perlu menunggu jaringan.",
                "Siti goes home with her number. She need not wait for the line.",
            ),
            "idle-queued": Caption(
                "Kunjungan dihapus dari layar dan memori; permohonan tersegel menunggu di antrean.",
                "The visit is wiped from screen and memory; the sealed application waits in the queue.",
            ),
        },
    ),
    Chapter(
        "Di kantor, setelah jaringan kembali",
        "At the office, once the line is back",
        {
            "office-inbox": Caption(
                "Permohonan tiba dengan nomor yang sama. Daftar tidak memuat nama atau NIK.",
                "The application arrives under the same number. The list shows no name and no NIK.",
            ),
            "office-application": Caption(
                "Petugas membuka berkas; pembukaan tercatat dan namanya tertera pada gambar.",
                "The officer opens it; the opening is logged and the reader's name is burnt into the picture.",
            ),
            "office-decided": Caption(
                "Satu berkas perlu diperbaiki; alasan dipilih dari daftar.",
                "One paper needs correction; the reason comes from a list.",
            ),
            "office-terminals": Caption("Anjungan dan kabar terakhirnya.", "Terminals and when they were last heard."),
        },
        wide=True,
    ),
    Chapter(
        "Siti kembali ke anjungan",
        "Siti comes back to the terminal",
        {
            "status-number": Caption("Cek status: nomor dari struk.", "Status: the number from the receipt."),
            "status-nik": Caption("NIK sebagai bukti kedua.", "The NIK as the second fact."),
            "status-result": Caption(
                "Jawaban dinas, dan satu langkah berikutnya.", "The office's answer, and the one next step."
            ),
        },
    ),
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


def captions() -> dict[str, Caption]:
    """Every moment's words, in the order of the story."""
    return {name: caption for chapter in CHAPTERS for name, caption in chapter.moments.items()}


class Album:
    """``folder``: where the pictures, the receipt, the PDF and index.html lie in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pictures: dict[str, str] = {}

    def place(self, moment: str) -> Path:
        """Where the picture of ``moment`` belongs; its number is its place in the story."""
        order = list(captions())
        name = f"{order.index(moment) + 1:02d}-{moment}.png"
        self._pictures[moment] = name
        return self.folder / name

    def write(self, number: str, facts: list[Caption]) -> Path:
        """Write index.html; ``facts``: what was measured on the way. Returns its path."""
        fonts = self.folder / "fonts"
        fonts.mkdir(exist_ok=True)
        for weight, target in (("400Regular", "regular"), ("700Bold", "bold")):
            shutil.copyfile(_FONTS / f"AtkinsonHyperlegibleNext_{weight}.ttf", fonts / f"{target}.ttf")
        page = self.folder / "index.html"
        page.write_text(self._page(number, facts), encoding="utf-8")
        return page

    def _page(self, number: str, facts: list[Caption]) -> str:
        first, second, third = (self._chapter(chapter) for chapter in CHAPTERS)
        return (
            '<!doctype html>\n<html lang="id">\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width">\n'
            f"<title>Anjungan Dukcapil Mandiri: satu kunjungan</title>\n<style>{_STYLE}</style>\n"
            "<header><h1>Satu kunjungan, dari anjungan ke kantor</h1>"
            "<p>One visit, from the terminal to the office. Every picture is of the real programs: touched by pointer "
            "events, printed byte by byte, decrypted by the office. The people and papers are invented and marked "
            "CONTOH.</p></header>\n<main>\n"
            f"{first}{self._receipt(number, facts)}{second}{third}</main>\n"
            "<footer><p>Dibuat oleh / made by <code>./adm demo</code>.</p></footer>\n</html>\n"
        )

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
