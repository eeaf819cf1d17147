"""Sheets of running text: form F-1.02 on two pages, and a police letter of loss."""

from __future__ import annotations

from drivers.virtual.papers.pen import Drawing, Pen
from drivers.virtual.papers.people import ADDRESS, KK, PHONE, SITI

A4 = (210.0, 297.0)
_MARKS = ((105.0, 95.0), (105.0, 205.0))


def _sheet() -> Pen:
    pen = Pen(A4)
    pen.mark(96, _MARKS)
    return pen


def _foot(pen: Pen) -> None:
    pen.text(105, 286, "CONTOH, bukan dokumen resmi, semua orang di dalamnya rekaan", 8, at="m")


def _rows(pen: Pen, y: float, rows: tuple[tuple[str, str], ...], step: float = 7.4) -> float:
    for label, answer in rows:
        pen.text(26, y, label)
        pen.text(78, y, f": {answer}")
        y += step
    return y


def _choices(pen: Pen, y: float, choices: tuple[tuple[str, bool], ...], step: float = 7.4) -> float:
    for text, chosen in choices:
        pen.box(26, y - 3.4, 3.8, 3.8)
        if chosen:
            pen.tick(26, y - 3.4)
        pen.text(36, y, text)
        y += step
    return y


def form_1() -> Drawing:
    """F-1.02, first page: who asks for what (lost KTP-el is ticked)."""
    pen = _sheet()
    pen.text(190, 20, "F-1.02", 12, bold=True, at="r")
    pen.text(105, 32, "FORMULIR PENDAFTARAN PERISTIWA KEPENDUDUKAN", 13, bold=True, at="m")
    pen.line(20, 38, 190, 38, 0.5)
    pen.text(20, 50, "I. DATA PEMOHON", 11.5, bold=True)
    rows = (
        ("Nama Lengkap", SITI.name),
        ("Nomor Induk Kependudukan", SITI.nik),
        ("Nomor Kartu Keluarga", KK),
        ("Nomor Telepon", PHONE),
        ("Alamat", ADDRESS),
    )
    y = _rows(pen, 59, rows) + 5
    pen.text(20, y, "II. JENIS PERMOHONAN", 11.5, bold=True)
    groups = (
        (
            "A. Kartu Keluarga",
            (("Kartu keluarga baru", False), ("Perubahan data", False), ("Hilang atau rusak", False)),
        ),
        (
            "B. KTP Elektronik",
            (("Perekaman pertama", False), ("Pindah datang", False), ("Kartu hilang", True), ("Kartu rusak", False)),
        ),
        ("C. Kartu Identitas Anak", (("Kartu anak baru", False), ("Kartu anak hilang", False))),
        ("D. Perubahan Data", (("Perubahan elemen data penduduk", False),)),
    )
    y += 9
    for head, choices in groups:
        pen.text(24, y, head, 11, bold=True)
        y = _choices(pen, y + 7.4, choices) + 2
    pen.text(20, y + 6, "Lanjutkan mengisi pada halaman berikutnya.", 10)
    _foot(pen)
    return pen.drawing()


def form_2() -> Drawing:
    """F-1.02, second page: what is attached, and the signature."""
    pen = _sheet()
    pen.text(190, 20, "F-1.02", 12, bold=True, at="r")
    pen.text(20, 34, "III. PERSYARATAN YANG DILAMPIRKAN", 11.5, bold=True)
    choices = (
        ("Kartu keluarga asli", True),
        ("Surat keterangan kehilangan dari kepolisian", True),
        ("Surat keterangan pindah", False),
        ("Kutipan akta kelahiran", False),
        ("Buku nikah atau kutipan akta perkawinan", False),
        ("Kartu tanda penduduk yang rusak", False),
        ("Surat kuasa pengisian biodata", False),
    )
    y = _choices(pen, 44, choices) + 6
    pen.text(20, y, "IV. PERNYATAAN", 11.5, bold=True)
    words = (
        "Dengan ini saya menyatakan bahwa data yang saya isi dalam formulir ini adalah benar dan sesuai dengan keadaan "
        "yang sebenarnya. Apabila di kemudian hari ternyata data tersebut tidak benar, saya bersedia menerima sanksi "
        "sesuai dengan peraturan yang berlaku."
    )
    y = pen.block(20, y + 9, 166, words) + 6
    words = (
        "Formulir ini tidak dipungut biaya. Dokumen yang sudah selesai dapat diambil di kantor kecamatan dengan "
        "menunjukkan tanda terima pendaftaran."
    )
    y = pen.block(20, y, 166, words) + 12
    pen.text(150, y, "Banjar, 24 November 2026", at="m")
    pen.text(150, y + 7, "Pemohon", at="m")
    pen.sign(135, y + 22)
    pen.text(150, y + 34, SITI.name, bold=True, at="m")
    _foot(pen)
    return pen.drawing()


def police() -> Drawing:
    """A police letter of loss, about 120 words."""
    pen = _sheet()
    pen.text(105, 24, "KEPOLISIAN SEKTOR CONTOH", 13, bold=True, at="m")
    pen.text(105, 31, "Jalan Contoh Raya Nomor 1, Kota Banjar", 10, at="m")
    pen.line(20, 36, 190, 36, 0.7)
    pen.text(105, 48, "SURAT KETERANGAN TANDA LAPOR KEHILANGAN", 12.5, bold=True, at="m")
    pen.text(105, 55, "Nomor SKTLK 0118 XI 2026", 11, at="m")
    words = (
        "Yang bertanda tangan di bawah ini menerangkan bahwa pada hari Senin tanggal 23 November 2026 pukul 09.15 "
        "telah datang ke kantor kami seorang warga yang mengaku bernama:"
    )
    y = pen.block(20, 70, 166, words) + 3
    rows = (
        ("Nama Lengkap", SITI.name),
        ("NIK", SITI.nik),
        ("Pekerjaan", "Pedagang"),
        ("Alamat", ADDRESS),
        ("Kecamatan", "Pataruman, Kota Banjar"),
    )
    y = _rows(pen, y, rows) + 3
    words = (
        "Pelapor menerangkan telah kehilangan sebuah kartu tanda penduduk elektronik atas nama sendiri. Kartu tersebut "
        "hilang di sekitar pasar kota ketika pelapor pulang berbelanja dengan sepeda motor menuju rumah. Sampai "
        "laporan ini dibuat, barang tersebut belum ditemukan kembali."
    )
    y = pen.block(20, y, 166, words) + 3
    words = (
        "Demikian surat keterangan ini dibuat dengan sebenarnya untuk mengurus penggantian pada dinas kependudukan dan "
        "pencatatan sipil. Surat ini berlaku selama empat belas hari."
    )
    y = pen.block(20, y, 166, words) + 10
    pen.text(150, y, "Banjar, 23 November 2026", at="m")
    pen.text(150, y + 7, "Kepala Sentra Pelayanan", at="m")
    pen.stamp(112, y + 24, 15, "CONTOH")
    pen.sign(138, y + 24)
    pen.text(150, y + 36, "BUDI CONTOH", bold=True, at="m")
    _foot(pen)
    return pen.drawing()
