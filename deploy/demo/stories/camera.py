"""Siti's lost KTP-el, by the document camera, on a morning without a line; an officer asks for a better page."""

from __future__ import annotations

from deploy.demo.album import Caption, Chapter, Tale
from deploy.demo.gear import PLAIN
from deploy.demo.play import SIDES, Visit
from deploy.demo.stories.teller import Teller

GEAR = PLAIN
TALE = Tale(
    "camera",
    Caption("Satu kunjungan dengan kamera", "A visit by the document camera"),
    Caption(
        "Jaringan terputus sejak pagi; permohonan berangkat sendiri saat jaringan kembali.",
        "The line is down since the morning; the application leaves by itself when it is back.",
    ),
    "scan",
    (
        Chapter(
            "Di anjungan, saat jaringan terputus",
            "At the terminal, while the line is cut",
            {
                "home": Caption(
                    "KTP-el Siti hilang. Kabel jaringan desa putus pagi ini; mesin tetap buka.",
                    "Siti has lost her KTP-el. The village's line is down this morning; the terminal is open even so.",
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
                "form-phone": Caption(
                    "Nomor telepon, agar dinas dapat menghubungi.", "A phone number to be reached at."
                ),
                "form-lost_date": Caption("Tanggal KTP-el hilang.", "The day it was lost."),
                "form-address": Caption(
                    "Alamat, dengan papan huruf sendiri.", "The address, on the terminal's own pad."
                ),
                "scan-empty": Caption(
                    "Kamera dokumen menunggu halaman pertama.", "The document camera waits for a page."
                ),
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
                "office-terminals": Caption(
                    "Anjungan dan kabar terakhirnya.", "Terminals and when they were last heard."
                ),
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
    ),
)
_PRINTER_RATE = 1200  # bytes a second on paper, so that one sees it print


def play(teller: Teller) -> None:
    """The whole story."""
    bench, say = teller.bench, teller.say
    bench.printer("set", rate=_PRINTER_RATE)
    visit = Visit(bench, teller.hand, tell=teller.picture)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill()
    say("Service, papers, notice, NIK and form: typed on the screen")
    teller.picture("scan-empty")
    visit.be_refused(*SIDES[0])
    visit.scan()
    say("One blurred page was refused; four pages were laid, judged and kept")
    number = visit.send()
    visit.finish()
    say(f"Sent without a line: the number is {number}, and the receipt is printed")
    teller.receipt(number)
    teller.picture("idle-queued")

    bench.line("up")
    travelled = teller.arrive(number)
    say(f"The line is back; the application arrived after {travelled:.1f} s")
    teller.open(number)
    say("The office decrypted it, with nothing but its store and its key")
    teller.decide(number)
    say("An officer read it and asked for a better page")
    teller.next_morning()
    visit.status(number)
    say("Siti's next visit: the terminal shows the office's answer")
    teller.write(
        number,
        Caption(
            f"Permohonan tiba {travelled:.1f} detik setelah jaringan kembali.",
            f"The application arrived {travelled:.1f} s after the line came back.",
        ),
    )
