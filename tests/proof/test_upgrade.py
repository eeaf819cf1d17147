"""A queue filled by every released schema still sends (L7): the oldest and the newest. All: tests.proof.upgrade."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.upgrade import NAMES, faults, uncovered


def test_l7_every_schema_has_an_archive_that_its_own_code_wrote() -> None:
    assert uncovered() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [NAMES[0], NAMES[-1]])
def test_l7_a_queue_of_an_earlier_version_still_sends(name: str, tmp_path: Path) -> None:
    assert faults(name, tmp_path) == []
