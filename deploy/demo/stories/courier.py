"""Weeks without a line: the queue leaves on a USB stick, and the office's receipts come back on it."""

from __future__ import annotations

from deploy.demo.album import Caption, Chapter, Tale
from deploy.demo.bench import STAFF_PIN
from deploy.demo.gear import PLAIN
from deploy.demo.parts import BenchError, wait_for
from deploy.demo.play import Visit
from deploy.demo.stories.teller import Teller
from wire.words import translator

GEAR = PLAIN
TALE = Tale(
    "courier",
    Caption("Berminggu-minggu tanpa jaringan", "Weeks without a line"),
    Caption(
        "Jaringan mati. Antrean berangkat dengan USB; resi kantor pulang di USB yang sama.",
        "The line is dead. The queue leaves on a USB stick, and the office's receipts come back on the same one.",
    ),
    "exported",
    (
        Chapter(
            "Di anjungan, jaringan mati",
            "At the terminal, the line is dead",
            {
                "done": Caption("Nomor tetap berlaku walau luring.", "The number is final though the line is down."),
                "staff-home": Caption("Halaman petugas, di balik PIN.", "The staff's pages, behind the PIN."),
                "send-down": Caption("Mengapa antrean belum berangkat.", "Why the queue does not leave."),
                "stick": Caption("USB siap.", "The stick is ready."),
                "exported": Caption(
                    "Antrean tersalin dan sudah dibaca ulang dari USB.", "Copied, and read back from the stick."
                ),
            },
        ),
        Chapter(
            "Di kantor",
            "At the office",
            {
                "office-inbox": Caption("Permohonan tiba lewat USB.", "The application came by the stick."),
                "office-application": Caption("Isinya sama seperti lewat jaringan.", "It is as if by the line."),
            },
            wide=True,
        ),
        Chapter(
            "Kembali di anjungan",
            "Back at the terminal",
            {
                "taken": Caption("Resi kantor diambil; antrean kosong.", "The receipts are taken; nothing waits."),
            },
        ),
    ),
)
_words = translator("id", "kiosk", "screens")


def play(teller: Teller) -> None:
    """The whole story."""
    bench, hand, say = teller.bench, teller.hand, teller.say
    stick = bench.folder / "stick"
    stick.mkdir()
    bench.line("down")
    visit = Visit(bench, hand, tell=teller.picture)
    visit.home()
    number = visit.apply()
    visit.finish()
    teller.receipt(number)
    if number in bench.at_office():
        raise BenchError("it arrived over a line that is down")
    say(f"Sent while the line is down: {number} waits, sealed, on the terminal")

    _enter(teller)
    teller.picture("staff-home")
    hand.tap("open_send")
    hand.wait_screen("staff_send")
    teller.picture("send-down")
    hand.tap("open_courier")
    hand.wait_screen("staff_courier")
    bench.plug_stick(stick)
    hand.wait_text(_words("The stick is ready"))
    teller.picture("stick")
    hand.tap("courier_export")
    hand.wait_text(_words("Pull the stick out and bring it to the office."), within=60)
    teller.picture("exported")
    bench.pull_stick(stick)
    say("The queue is on the stick, read back and whole")

    told = bench.run("-m", "gateway", "courier", "import", "--data", str(bench.office), str(stick))
    say(f"At the office: {told.strip().splitlines()[-1].strip()}")
    teller.arrive(number)
    teller.look(number)
    teller.open(number)

    bench.plug_stick(stick)
    wait_for("the answer on the stick", lambda: list((bench.sticks / "stick").rglob("*.resi")))
    hand.tap("courier_take")
    hand.wait_text(_words("The stick may be pulled out."), within=60)
    teller.picture("taken")
    bench.pull_stick(stick)
    bench.line("up")
    wait_for("one record at the office", lambda: bench.at_office().count(number) == 1, within=60)
    say("The receipts are back: nothing waits, nothing was sent twice")
    teller.write(number, Caption("Satu permohonan di kantor, satu nomor.", "One application at the office, once."))


def _enter(teller: Teller) -> None:
    hand = teller.hand
    hand.wait_screen("home")
    hand.hold("staff_door", 2.4)
    hand.wait_screen("staff_pin")
    hand.type(STAFF_PIN)
    hand.tap("next")
    hand.wait_screen("staff_home")
