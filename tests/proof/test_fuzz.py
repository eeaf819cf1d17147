"""Fuzz in short. In full: tests.proof.fuzz."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.gateway.rig import Gateway, Terminal
from tests.proof.fuzz import bytes_faults, interface_faults
from tests.proof.messages import readers


@pytest.mark.parametrize("name", [reader.name for reader in readers()])
def test_no_bytes_escape_their_reader(name: str) -> None:
    (reader,) = (one for one in readers() if one.name == name)
    assert bytes_faults(reader, 100) == []


@pytest.mark.slow
def test_t6_every_call_of_the_interface_is_answered_by_its_own_words(gateway: Gateway, terminal: Terminal) -> None:
    calls: Counter[str] = Counter()
    assert interface_faults(gateway, terminal, 12, calls) == []
    assert calls.total() > 100
