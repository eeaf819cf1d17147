"""Model check in short. In full: tests.proof.model."""

from __future__ import annotations

import pytest

from tests.proof import model


@pytest.mark.slow
def test_queue_and_model_agree_whatever_happens() -> None:
    model.run(4, 14)
    assert model.Queue.runs["talks"] >= 4
