"""One kill at a random moment. The long form, with the gateway and the queue: ``./adm prove kill``."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.end_to_end import kill


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_promise_holds_under_kill_9(tmp_path: Path) -> None:
    seed = random.randrange(1 << 30)
    lines: list[str] = []
    assert kill.run(1, seed, tmp_path, lines.append).faults == [], f"seed {seed}\n" + "\n".join(lines)
