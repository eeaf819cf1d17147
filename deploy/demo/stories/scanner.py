"""A visit by the flatbed scanner while the line comes and goes every few seconds."""

from __future__ import annotations

import time
from dataclasses import replace

from deploy.demo.album import Caption, Chapter, Tale
from deploy.demo.gear import PLAIN
from deploy.demo.play import SIDES, Visit
from deploy.demo.stories.teller import Teller

GEAR = replace(PLAIN, camera=False, scanner="flatbed", lid="black")
TALE = Tale(
    "scanner",
    Caption("Satu kunjungan dengan pemindai, jaringan naik turun", "A visit by the scanner, on a line that flaps"),
    Caption(
        "Jaringan ada empat detik, hilang empat detik, dan lambat. Yang terkirim tidak dikirim lagi.",
        "The line is there for four seconds and gone for four, and slow. What was sent is not sent again.",
    ),
    "scanning",
    (
        Chapter(
            "Di anjungan, dengan pemindai",
            "At the terminal, with the scanner",
            {
                "home": Caption(
                    "Layar awal. Jaringan naik turun sejak pagi.",
                    "The idle screen. The line comes and goes since the morning.",
                ),
                "bed": Caption(
                    "Mesin ini punya pemindai: gambar menunjukkan letak kertas.",
                    "This terminal has a scanner: the picture shows where the paper goes.",
                ),
                "refused-bed": Caption(
                    "Kaca kosong: langsung ditolak, dengan dua hal yang dapat dilakukan.",
                    "An empty glass: refused at once, with two things to do about it.",
                ),
                "scanning": Caption("Pemindaian berjalan, dan dapat dihentikan.", "The scan runs, and can be stopped."),
                "kept-f102-1": Caption(
                    "Halaman miring tiga derajat: diluruskan dan terbaca.",
                    "A page three degrees askew: straightened, and legible.",
                ),
                "kept-f102-2": Caption("Formulir, halaman 2.", "The form, page 2."),
                "kept-police-1": Caption("Surat kehilangan dari kepolisian.", "The police letter of loss."),
                "kept-kk-1": Caption("Kartu Keluarga.", "The family card."),
                "review": Caption("Semua diperiksa sekali lagi.", "Everything once more."),
                "sending": Caption(
                    "Disegel dan dicetak. Nomornya sah, ada jaringan atau tidak.",
                    "Sealed and printed. The number is final, with a line or without.",
                ),
                "done": Caption("Struk sudah di tangan.", "The receipt is in her hand."),
                "idle-sending": Caption(
                    "Mesin siap untuk orang berikutnya; pengiriman berjalan di latar.",
                    "The terminal is ready for the next person; the sending goes on behind.",
                ),
            },
        ),
        Chapter(
            "Di kantor",
            "At the office",
            {
                "office-inbox": Caption("Tiba satu kali, utuh.", "It arrived once, whole."),
                "office-application": Caption(
                    "Halaman dari pemindai, seperti dibaca petugas.", "The scanner's pages, as the officer reads them."
                ),
            },
            wide=True,
        ),
    ),
)
_FLAP_S = 4
_BPS = 400_000
_SEEN_S = 2.0  # how much longer the first scan takes, so that one sees it run
_SKEWS = (3.0, -1.5, 0.8, 2.0)  # degrees, of each side


def play(teller: Teller) -> None:
    """The whole story."""
    bench, hand, say = teller.bench, teller.hand, teller.say
    bench.line(f"slow {_BPS}")
    bench.line(f"flap {_FLAP_S}")
    visit = Visit(bench, hand, tell=teller.picture)
    visit.home()
    visit.choose()
    visit.identify()
    visit.fill("scan_bed")
    teller.picture("bed")
    hand.tap("scan")
    hand.wait_screen("page_refused", within=60)
    teller.picture("refused-bed")
    hand.tap("retake")
    hand.wait_screen("scan_bed")
    say("An empty glass was scanned and refused")
    for (paper, page), skew in zip(SIDES, _SKEWS, strict=True):
        bench.scanner("lay", paper=paper if page == 1 else f"{paper}_{page}", skew=skew)
        bench.scanner("set", slow=_SEEN_S if (paper, page) == SIDES[0] else 0.0)
        hand.tap("scan")
        if (paper, page) == SIDES[0]:
            hand.wait("the scan under way", lambda tree: any(node["id"] == "stop_scan" for node in tree["nodes"]))
            teller.picture("scanning")
        hand.wait_screen("page_kept", within=60)
        teller.picture(f"kept-{paper}-{page}")
        hand.tap("keep")
        hand.wait("the next side", lambda tree: tree["screen"] in ("scan_bed", "review"))
    say("Four pages lay askew on the glass, were scanned, judged and kept")
    before = bench.line("status")
    number = visit.send()
    began = time.monotonic()
    visit.finish()
    teller.picture("idle-sending")
    teller.receipt(number)
    say(f"The number is {number}; the application is on its way over a line that comes and goes")
    teller.arrive(number, within=150)
    travelled = time.monotonic() - began
    after = bench.line("status")
    cuts, sent = after["cuts"] - before["cuts"], after["bytes_up"] - before["bytes_up"]
    teller.open(number)
    size = sum(path.stat().st_size for path in (bench.office / "store").rglob("*.age"))
    say(f"It arrived after {travelled:.1f} s and {cuts} cuts; {sent / size:.2f} of its size went over the line")
    bench.line("good")
    teller.decide(number)
    say("An officer read it")
    teller.write(
        number,
        Caption(
            f"Tiba {travelled:.1f} detik setelah dikirim, melewati {cuts} putusan; yang berangkat {sent / size:.2f} "
            "kali ukurannya.",
            f"It arrived {travelled:.1f} s after it was sent, through {cuts} cuts; {sent / size:.2f} times its "
            "size went over the line.",
        ),
    )
