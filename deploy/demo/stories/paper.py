"""The receipt's paper ends in the middle of a receipt, staff put a new roll in, and the office returns the file."""

from __future__ import annotations

import time

from deploy.demo.album import Caption, Chapter, Tale
from deploy.demo.gear import PLAIN
from deploy.demo.parts import BenchError, wait_for
from deploy.demo.play import Visit
from deploy.demo.stories.teller import Teller

GEAR = PLAIN
TALE = Tale(
    "paper",
    Caption("Kertas struk habis, dan satu berkas dikembalikan", "The paper runs out, and a file is returned"),
    Caption(
        "Struk berhenti di tengah. Nomor tetap di layar, tidak ada yang tercetak dua kali.",
        "The receipt stops half-way. The number stays on the screen, and nothing is printed twice.",
    ),
    "asked",
    (
        Chapter(
            "Kertas habis di tengah struk",
            "The paper ends in the middle of the receipt",
            {
                "home": Caption(
                    "Layar awal: mesin daring, printer siap.", "The idle screen: on line, the printer is ready."
                ),
                "kept-kk-1": Caption("Berkas terakhir sudah terbaca.", "The last paper is legible."),
                "review": Caption(
                    "Semua diperiksa sekali lagi, lalu dikirim.", "Everything once more, and it is sent."
                ),
                "paper-ends": Caption(
                    "Gulungan habis saat struk dicetak. Nomor dan kodenya sudah di layar.",
                    "The roll ends while the receipt is printed. Number and code stand on the screen already.",
                ),
                "asked": Caption(
                    "Printer tidak memastikan; mesin bertanya, tidak menebak.",
                    "The printer does not confirm; the terminal asks and does not guess.",
                ),
                "done": Caption(
                    "Petugas memasang gulungan baru; sisa struk keluar dan pertanyaan tertutup sendiri.",
                    "Staff put in a new roll; the rest comes out, and the question closes by itself.",
                ),
            },
        ),
        Chapter(
            "Di kantor: berkas dikembalikan",
            "At the office: the file is returned",
            {
                "office-inbox": Caption(
                    "Permohonan tiba satu kali, dengan nomor yang sama.",
                    "The application arrived once, under the same number.",
                ),
                "office-application": Caption("Petugas membaca berkasnya.", "The officer reads the file."),
                "office-decided": Caption(
                    "Surat polisi kurang jelas: dikembalikan dengan alasan dari daftar.",
                    "The police letter is not legible enough: returned, with a reason from the list.",
                ),
            },
            wide=True,
        ),
        Chapter(
            "Kembali ke anjungan, dengan struk",
            "Back at the terminal, with the receipt",
            {
                "home-again": Caption(
                    "Keesokan harinya. Jawaban kantor sudah ada di mesin.",
                    "The next morning. The office's answer is in the terminal already.",
                ),
                "status-nik": Caption(
                    "Kode pada struk dibaca kamera; NIK menjadi bukti kedua.",
                    "The camera reads the receipt's code; the NIK is the second fact.",
                ),
                "status-result": Caption(
                    "Apa yang kurang, dan satu langkah berikutnya.", "What is missing, and the one next step."
                ),
            },
        ),
    ),
)
_RATE = 700  # bytes a second on paper
_MIDDLE = 900  # bytes of the receipt that still find paper


def play(teller: Teller) -> None:
    """The whole story."""
    bench, hand, say = teller.bench, teller.hand, teller.say
    visit = Visit(bench, hand, tell=teller.picture)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill()
    visit.scan()
    say("Four pages were laid, judged and kept")
    bench.printer("set", rate=_RATE, paper_out_after=_MIDDLE)
    number = visit.send()
    wait_for("the end of the paper", lambda: bench.printer("state")["flags"]["paper_out"])
    teller.picture("paper-ends")
    hand.wait_screen("receipt_ask", within=30)
    teller.picture("asked")
    say(f"The paper ended in the middle of the receipt for {number}: the terminal asks whether it came out")
    refilled = time.monotonic()
    bench.printer("set", paper_out=False, rate=2 * _RATE)
    hand.wait_screen("done", within=30)
    closed = time.monotonic() - refilled
    visit.finish()
    if len(bench.receipts()) != 1:
        raise BenchError(f"{len(bench.receipts())} receipts came out")
    teller.receipt(number)
    say(f"A new roll: the rest came out and the question closed after {closed:.1f} s")

    teller.arrive(number)
    teller.open(number)
    teller.decide(number)
    say("An officer returned it: one paper is not legible")
    teller.next_morning()
    hand.wait_screen("home", within=60)
    wait_for("the office's answer in the terminal", lambda: "Daring" in hand.texts(), within=20)
    teller.picture("home-again")
    visit.show_receipt(number)
    visit.prove()
    say("The resident showed the receipt to the camera: the terminal says what is missing")
    teller.write(
        number,
        Caption(
            f"Pertanyaan tertutup {closed:.1f} detik setelah gulungan baru dipasang; struk tercetak satu kali.",
            f"The question closed {closed:.1f} s after the new roll; one receipt was printed.",
        ),
    )
