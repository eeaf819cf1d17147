"""Power cuts in short: the orders that matter, and that a missing fsync is found. In full: tests.proof.power_cut."""

from __future__ import annotations

import shutil

import pytest

from tests.proof.power_cut import PRECAUTIONS, prove

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@pytest.mark.slow
def test_l11_a_terminal_keeps_every_promise_over_a_power_cut() -> None:
    outcome = prove("terminal", "", ("nothing",), 1000)
    assert not outcome.violations, outcome.line()
    assert outcome.disks > 40 and outcome.fsyncs > 50 and outcome.sent > 5


@pytest.mark.slow
def test_l11_an_office_keeps_every_acknowledged_byte_over_a_power_cut() -> None:
    outcome = prove("office", "", ("nothing",), 1000)
    assert not outcome.violations, outcome.line()
    assert outcome.disks > 30 and outcome.fsyncs > 50


@pytest.mark.slow
@pytest.mark.parametrize("without", PRECAUTIONS)
def test_a_precaution_that_is_missing_is_found(without: str) -> None:
    assert prove("terminal", without, ("nothing",), 1000, to_first=True).violations
