"""Accept 3 of the spine: the real photos. Fails where the folder exists; skips, saying so, only where it does not."""

from __future__ import annotations

import pytest

from tests.capture.photos import folder, results


def test_real_photos() -> None:
    if not folder().exists():
        pytest.skip("the real photos are not on this machine (ADM_SCANS)")
    done = results()
    dev = [one for one in done if one.entry["split"] == "dev"]
    quality = [one for one in done if one.entry["split"] == "quality"]
    assert (len(dev), len(quality)) == (41, 15)
    for one in done:
        assert one.verdict.ok != (one.verdict.reason is not None), one.entry["id"]
    assert sum((one.iou or 0) > 0.9 for one in dev) >= 38  # 30 are asked for, 39 were reached
    assert sum(not one.verdict.ok for one in dev) <= 8
    assert sum(not one.verdict.ok for one in quality) >= 10  # 8 are asked for, 11 were reached
