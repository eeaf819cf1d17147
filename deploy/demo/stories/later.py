"""Siti's lost family card: the police letter is missing, the application goes without it and is completed later."""

from __future__ import annotations

from deploy.demo.album import Caption, Chapter, Tale
from deploy.demo.gear import PLAIN
from deploy.demo.parts import wait_for
from deploy.demo.play import Errand, Visit
from deploy.demo.stories.teller import Teller

GEAR = PLAIN
ERRAND = Errand("KK-HILANG-RUSAK", (("why", "lost"),), ("police",))
TALE = Tale(
    "later",
    Caption("Surat yang masih kurang, disusulkan", "A paper that is missing, brought later"),
    Caption(
        "Kartu Keluarga hilang dan surat polisi belum ada. Permohonan tetap berangkat; suratnya menyusul.",
        "The family card is lost and the police letter is not there yet. The application goes all the same.",
    ),
    "missing-police",
    (
        Chapter(
            "Di anjungan, tanpa surat polisi",
            "At the terminal, without the police letter",
            {
                "home": Caption("Layar awal, menurut menu PAK ONOM.", "The idle screen, after the menu of PAK ONOM."),
                "services": Caption("Jenis berkas, lalu layanannya.", "The kind of paper, then the service."),
                "answered-lost": Caption(
                    "Satu pertanyaan; jawabannya menentukan berkas.", "One question; its answer decides the papers."
                ),
                "missing-police": Caption(
                    "Surat polisi belum ada. Yang aman disebut dahulu.",
                    "The police letter is not there. What is safe is said first.",
                ),
                "review": Caption("Yang belum ada disebut dengan namanya.", "What is missing is named."),
                "sending": Caption("Terkirim; nomornya sudah tetap.", "Sent; the number is final."),
                "done": Caption("Struk menyebut surat yang kurang.", "The receipt names the missing paper."),
            },
        ),
        Chapter(
            "Di kantor",
            "At the office",
            {
                "office-inbox": Caption(
                    "Permohonan tiba, bertanda belum lengkap.", "It arrives, marked as incomplete."
                ),
                "office-application": Caption(
                    "Tempat surat polisi masih kosong.", "The place of the police letter is empty."
                ),
            },
            wide=True,
        ),
        Chapter(
            "Beberapa hari kemudian",
            "Some days later",
            {
                "status-nik": Caption(
                    "QR pada struk membuka permohonan; NIK bukti kedua.",
                    "The receipt's QR opens the application; the NIK is the second fact.",
                ),
                "status-result": Caption(
                    "Belum lengkap, dan satu langkah berikutnya.", "Incomplete, and the one next step."
                ),
                "later-police-1": Caption("Hanya surat yang kurang dipindai.", "Only the missing paper is scanned."),
                "review-later": Caption("Berkas lain tidak diulang.", "Nothing else is asked for again."),
                "done-later": Caption("Nomornya tetap yang pertama.", "The number stays the first one."),
            },
        ),
        Chapter(
            "Petugas melihat berkas lengkap",
            "The officer sees it complete",
            {
                "office-complete": Caption(
                    "Satu permohonan, satu nomor, semua halaman.", "One application, one number, every page."
                ),
            },
            wide=True,
        ),
    ),
)


def play(teller: Teller) -> None:
    """The whole story."""
    bench, hand, say = teller.bench, teller.hand, teller.say
    visit = Visit(bench, hand, tell=teller.picture, errand=ERRAND)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill()
    visit.scan()
    number = visit.send()
    visit.finish()
    teller.receipt(number)
    say(f"Sent without the police letter: {number}; the receipt names what is missing")
    teller.arrive(number)
    teller.look(number)
    say("The office has it, marked as incomplete")

    visit.show_receipt(number)
    visit.prove()
    before = len(bench.receipts())
    visit.complete(("police", 1))
    hand.wait_screen("done", within=60)
    teller.picture("done-later")
    hand.tap("end")
    hand.wait_screen("home")
    wait_for("the second receipt", lambda: len(bench.receipts()) > before)
    wait_for("both at the office", lambda: bench.at_office().count(number) == 2, within=60)
    teller.look(number, "office-complete")
    teller.open(number)
    say("The police letter was scanned under the same number; the application is complete")
    teller.write(
        number,
        Caption("Dua kiriman, satu permohonan, satu nomor.", "Two submissions, one application, one number."),
    )
