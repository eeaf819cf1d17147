"""The receipt printer against its virtual twin, over real TCP. Rows are those of the fault scenarios."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drivers.contract import Outcome, Phase, PrintResult
from drivers.printer.printer import ReceiptPrinter
from drivers.printer.tcp_link import TcpLink
from drivers.virtual.twin import Twin
from tests.drivers.conftest import until
from tests.drivers.receipts import QUICK, RECEIPT, SOON, Told

Start = Callable[[int], ReceiptPrinter]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts printers and stops them at the end."""
    started: list[ReceiptPrinter] = []

    def one(port: int) -> ReceiptPrinter:
        printer = ReceiptPrinter(TcpLink("127.0.0.1", port), delays=QUICK, supervision=SOON)
        started.append(printer)
        printer.start()
        return printer

    yield one
    for printer in started:
        printer.stop()


def ready(printer: ReceiptPrinter) -> None:
    until(lambda: printer.status().phase is Phase.READY)


def on_paper(twin: Twin) -> list[bytes]:
    """The cut receipts."""
    return [base64.b64decode(job["raw"]) for job in twin("jobs")["jobs"] if job["cut"]]


def test_a_receipt_is_done_when_the_printer_says_so(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    printer.print("KMT-1-1", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("KMT-1-1", Outcome.DONE)]
    assert on_paper(paper) == [RECEIPT]
    assert printer.status().phase is Phase.READY


def test_a_job_may_be_queued_before_the_first_look(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    printer.print("a", RECEIPT, told)
    printer.print("b", RECEIPT, told)
    until(lambda: len(told.results) == 2)
    assert told.outcomes == [Outcome.DONE, Outcome.DONE]
    assert len(on_paper(paper)) == 2


def test_row_1_switched_off_at_start_and_back_by_itself(paper: Twin, start: Start) -> None:
    paper("off")
    printer = start(paper.port)
    until(lambda: printer.status().phase is Phase.OFFLINE)
    assert printer.status().faults == ("printer_unreachable",)
    paper("on")
    began = time.monotonic()
    ready(printer)
    assert time.monotonic() - began < 5


def test_row_3_cable_pulled_in_the_middle_is_doubtful_and_not_sent_again(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    big = b"0123456789abcdef\n" * 4000 + RECEIPT
    paper("set", hang_up_after=20_000)
    printer.print("big", big, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("big", Outcome.DOUBTFUL, ("printer_unreachable",))]
    ready(printer)
    time.sleep(0.3)
    assert told.outcomes == [Outcome.DOUBTFUL]
    assert on_paper(paper) == []


def test_row_4_paper_out_before_the_job(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    paper("set", paper_out=True)
    until(lambda: printer.status().phase is Phase.NEEDS_ATTENTION)
    assert printer.status().faults == ("printer_paper_out",)
    printer.print("KMT-1-1", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("KMT-1-1", Outcome.FAILED, ("printer_paper_out",))]
    paper("set", paper_out=False)
    ready(printer)
    time.sleep(0.2)
    assert paper("jobs")["jobs"] == []


def test_row_5_paper_ends_during_the_job_and_a_refill_makes_it_done(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", paper_out_after=200)
    printer.print("KMT-1-1", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("KMT-1-1", Outcome.DOUBTFUL, ("printer_paper_out",))]
    assert on_paper(paper) == []
    paper("set", paper_out=False)
    until(lambda: len(told.results) == 2)
    assert told.outcomes == [Outcome.DOUBTFUL, Outcome.DONE]
    assert on_paper(paper) == [RECEIPT]
    ready(printer)


def test_row_6_near_the_end_of_the_roll_the_service_goes_on(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    paper("set", near_end=True)
    until(lambda: printer.status().faults == ("printer_paper_near_end",))
    assert printer.status().phase is Phase.READY
    printer.print("a", RECEIPT, told)
    until(lambda: told.results)
    assert told.outcomes == [Outcome.DONE]


def test_row_7_no_answer_is_unknown(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", mute=True)
    until(lambda: printer.status().phase is Phase.UNKNOWN)
    assert printer.status().faults == ("printer_mute",)
    printer.print("a", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("a", Outcome.FAILED, ("printer_mute",))]
    paper("set", mute=False)
    ready(printer)
    assert paper("jobs")["jobs"] == []


@pytest.mark.parametrize(
    ("flags", "phase", "faults"),
    [
        ({"cover": True}, Phase.NEEDS_ATTENTION, ("printer_cover_open",)),
        ({"cutter": True}, Phase.NEEDS_ATTENTION, ("printer_cutter",)),
        ({"error": True}, Phase.NEEDS_ATTENTION, ("printer_unrecoverable",)),
        ({"unrecoverable": True}, Phase.BROKEN, ("printer_unrecoverable",)),
        ({"feed_button": True}, Phase.NEEDS_ATTENTION, ("printer_unrecoverable",)),
        (
            {"cutter": True, "cover": True, "paper_out": True, "unrecoverable": True},
            Phase.BROKEN,
            ("printer_unrecoverable", "printer_cutter", "printer_cover_open", "printer_paper_out"),
        ),
    ],
)
def test_row_8_every_cause_is_kept_most_urgent_first(
    paper: Twin, start: Start, flags: dict[str, bool], phase: Phase, faults: tuple[str, ...]
) -> None:
    paper("set", **flags)
    printer = start(paper.port)
    until(lambda: printer.status().phase is phase)
    assert printer.status().faults == faults
    paper("set", **dict.fromkeys(flags, False))
    ready(printer)


def test_row_9_ten_presses_are_one_job(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", rate=4000)
    for _ in range(10):
        printer.print("KMT-1-1", RECEIPT, told)
    until(lambda: told.results)
    time.sleep(0.3)
    assert told.outcomes == [Outcome.DONE]
    assert len(on_paper(paper)) == 1


def test_noise_before_an_answer_is_skipped(paper: Twin, start: Start) -> None:
    printer = start(paper.port)
    paper("set", garbage="ff0091", paper_out=True)
    until(lambda: printer.status().faults == ("printer_paper_out",))


def test_a_handshake_among_noise_is_doubtful(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", garbage="ff0091")
    printer.print("a", RECEIPT, told)
    until(lambda: told.results)
    assert told.results == [PrintResult("a", Outcome.DOUBTFUL, ("printer_garbage",))]


def test_a_printer_that_stops_reading_is_doubtful_and_may_still_become_done(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", stall=True)
    printer.print("a", RECEIPT, told)
    until(lambda: told.results)
    assert told.outcomes in ([Outcome.DOUBTFUL], [Outcome.FAILED])
    if told.outcomes == [Outcome.DOUBTFUL]:
        paper("set", stall=False)
        until(lambda: told.outcomes == [Outcome.DOUBTFUL, Outcome.DONE])


def test_a_printer_that_takes_no_more_bytes_does_not_block_the_caller(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", rate=1000)
    began = time.monotonic()
    printer.print("a", RECEIPT * 40_000, told)
    assert time.monotonic() - began < 0.5
    until(lambda: printer.status().phase is Phase.BUSY)
    paper("set", stall=True)
    until(lambda: told.results)
    assert told.outcomes == [Outcome.DOUBTFUL]


def test_an_idle_connection_that_the_printer_closed_loses_no_job(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    time.sleep(1.1 * QUICK.glance)
    paper("hang_up")
    printer.print("a", RECEIPT, told)
    until(lambda: told.results)
    assert told.outcomes == [Outcome.DONE]
    assert on_paper(paper) == [RECEIPT]


def test_a_job_for_a_printer_that_is_off_fails_at_once(paper: Twin, start: Start) -> None:
    paper("off")
    printer, told = start(paper.port), Told()
    until(lambda: printer.status().phase is Phase.OFFLINE)
    printer.print("a", RECEIPT, told)
    until(lambda: told.results, 1.0)
    assert told.results == [PrintResult("a", Outcome.FAILED, ("printer_unreachable",))]


def test_a_slow_printer_is_waited_for(paper: Twin, start: Start) -> None:
    printer, told = start(paper.port), Told()
    ready(printer)
    paper("set", rate=1500)
    printer.print("a", RECEIPT, told)
    until(lambda: printer.status().phase is Phase.BUSY)
    until(lambda: told.results)
    assert told.outcomes == [Outcome.DONE]


def test_status_packets_of_a_printer_with_asb_on(paper: Twin, start: Start) -> None:
    printer = start(paper.port)
    ready(printer)
    paper("push", hex="10000000" * 3 + "1000")
    time.sleep(0.3)
    assert printer.status().phase is Phase.READY


def test_listeners_hear_each_change_once(paper: Twin, start: Start) -> None:
    seen: list[tuple[Phase, tuple[str, ...]]] = []
    printer = ReceiptPrinter(TcpLink("127.0.0.1", paper.port), delays=QUICK, supervision=SOON)
    printer.on_change(lambda status: seen.append((status.phase, status.faults)))
    printer.start()
    ready(printer)
    paper("set", cover=True)
    until(lambda: printer.status().phase is Phase.NEEDS_ATTENTION)
    since = printer.status().since
    time.sleep(0.3)
    assert printer.status().since == since
    printer.stop()
    assert seen == [
        (Phase.READY, ()),
        (Phase.NEEDS_ATTENTION, ("printer_cover_open",)),
        (Phase.OFFLINE, ()),
    ]


def test_stopping_cancels_what_was_not_sent(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, never answers
        printer, told = start(silent.getsockname()[1]), Told()
        printer.print("a", RECEIPT, told)
        printer.print("b", RECEIPT, told)
        printer.stop()
        assert set(told.outcomes) <= {Outcome.CANCELLED, Outcome.FAILED}
        assert len(told.results) == 2
        assert not [thread for thread in threading.enumerate() if thread.name == "driver-printer"]


def test_the_virtual_printer_spools_each_cut_job(sockets: Path) -> None:
    spool = sockets / "spool"
    with Twin("printer", sockets, "--spool", str(spool)) as twin:
        with socket.create_connection(("127.0.0.1", twin.port)) as line:
            line.sendall(b"first\n\x1dV\x00second\n\x1dVA\x03third")
            until(lambda: len(twin("jobs")["jobs"]) == 3)
        assert (spool / "job-1.bin").read_bytes() == b"first\n\x1dV\x00"
        assert (spool / "job-2.bin").read_bytes() == b"second\n\x1dVA\x03"
        with pytest.raises(RuntimeError, match="unknown flags"):
            twin("set", paper="lots")
