"""Family card, identity card, and a receipt with its QR code: made to be recognised, not to be taken for real ones."""

from __future__ import annotations

import segno
from PIL import Image

from drivers.virtual.papers.pen import Drawing, Pen, px
from drivers.virtual.papers.people import FAMILY, KK, SITI

_COLUMNS = (10.0, 18.0, 70.0, 118.0, 150.0, 182.0, 208.0, 246.0, 287.0)
_HEADS = ("No", "Nama Lengkap", "NIK", "Jenis Kelamin", "Tempat Lahir", "Tgl Lahir", "Pendidikan", "Pekerjaan")
_ROW = 9.0
_QR_MM = 27.0  # what a receipt's QR measures on paper


def kk() -> Drawing:
    """A family card: landscape A4, its number and three NIKs in a table with small print."""
    pen = Pen((297.0, 210.0), "#f3f7ee")
    pen.mark(96, ((80.0, 120.0), (220.0, 120.0)), "#e3eadc")
    pen.text(148, 20, "KARTU KELUARGA", 20, bold=True, at="m")
    pen.text(148, 30, f"No. {KK}", 14, at="m")
    pen.text(12, 42, "Nama Kepala Keluarga : ASEP CONTOH", 9.5)
    pen.text(12, 48, "Alamat : DSN CONTOH 12", 9.5)
    pen.text(12, 54, "RT/RW : 001/002", 9.5)
    pen.text(190, 42, "Desa : KARYAMUKTI", 9.5)
    pen.text(190, 48, "Kecamatan : PATARUMAN", 9.5)
    pen.text(190, 54, "Kota : BANJAR", 9.5)
    top, rows = 62.0, 9
    for row in range(rows + 1):
        pen.line(_COLUMNS[0], top + row * _ROW, _COLUMNS[-1], top + row * _ROW)
    for x in _COLUMNS:
        pen.line(x, top, x, top + rows * _ROW)
    people = (
        (str(number), person.name, person.nik, person.sex, person.place, person.born, person.school, person.work)
        for number, person in enumerate(FAMILY, 1)
    )
    for row, cells in enumerate((_HEADS, *people)):
        for x, text in zip(_COLUMNS, cells, strict=False):
            pen.text(x + 1.8, top + row * _ROW + 6, text, 8.5, bold=row == 0)
    for row in range(len(FAMILY) + 1, rows):
        pen.text(_COLUMNS[0] + 1.8, top + row * _ROW + 6, str(row), 8.5)
    pen.text(60, 160, "KEPALA KELUARGA", 9.5, at="m")
    pen.sign(45, 174)
    pen.text(60, 186, "ASEP CONTOH", 9.5, bold=True, at="m")
    pen.text(235, 160, "KEPALA DINAS", 9.5, at="m")
    pen.stamp(208, 176, 12, "CONTOH")
    pen.text(238, 186, "BUDI CONTOH", 9.5, bold=True, at="m")
    pen.text(148, 200, "CONTOH, bukan dokumen resmi, semua orang di dalamnya rekaan", 8, at="m")
    return pen.drawing()


def ktp() -> Drawing:
    """An identity card in the format ID-1, with nothing of a real card's design but its order of lines."""
    pen = Pen((85.6, 53.98), "#bfdcee")
    pen.mark(40, ((36.0, 30.0),), "#aed2e8")
    pen.text(42.8, 5.5, "CONTOH KARTU", 8, bold=True, at="m")
    pen.text(4, 12.5, f"NIK : {SITI.nik}", 10.5, bold=True)
    rows = (
        f"Nama : {SITI.name}",
        "Lahir : BANJAR, 01-07-1990",
        "Alamat : DSN CONTOH 12",
        "RT/RW : 001/002",
        "Desa : KARYAMUKTI",
        "Kecamatan : PATARUMAN",
        "Agama : ISLAM",
    )
    for row, text in enumerate(rows):
        pen.text(4, 18 + 4.6 * row, text, 7)
    pen.portrait(62, 15, 19, 23)
    return pen.drawing()


def code(text: str) -> Drawing:
    """A printed receipt as a resident shows it: 80 mm wide, the QR code of ``text`` and the text below it."""
    pen = Pen((80.0, 120.0), "#f7f7f5")
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    dots = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows)).point([255, *[0] * 255])
    side = px(_QR_MM)
    pen.text(40, 12, "TANDA TERIMA", 12, bold=True, at="m")
    pen.text(40, 20, "CONTOH", 9, at="m")
    pen.picture(40 - _QR_MM / 2, 35, dots.resize((side, side), Image.Resampling.NEAREST).convert("RGB"))
    pen.text(40, 80, text, 14, bold=True, at="m")
    return pen.drawing()
