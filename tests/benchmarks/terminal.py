"""A terminal without a station for the benchmarks of the line: the product's own cache and sync engine, one process.

``python -m tests.benchmarks.terminal DATA CA BYTES`` reads the enrolment code, prepares one page of BYTES bytes, says
``{"ready": true}``; at the next line of its input it sends, and says how long that took.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.benchmarks import load
from wire import events


def main(data: Path, ca: Path, size: int) -> None:
    """Enrol, prepare, wait, send, tell."""
    events.configure()
    cache = open_cache(data, version="benchmark", settings=CacheSettings(ca_file=ca, disk_reserve=1))
    cache.enrol(sys.stdin.readline().strip())
    moved = threading.Event()
    cache.start_sync(tuple, moved.set)
    while not (cache.line().synced and cache.places()):
        time.sleep(0.05)
    draft = cache.begin_draft()
    cache.foresee(load.FORM["nik"])  # as the station does while pages are scanned
    cache.keep_page(draft, "kk", 1, load.page(size), "image/jpeg")
    time.sleep(0.5)
    _say({"ready": True})
    sys.stdin.readline()
    moved.clear()
    began = time.monotonic()
    done = cache.submit(draft, "KTP-HILANG", 1, "id", load.FORM)
    while cache.queue().queued:
        moved.wait(1.0)
        moved.clear()
    _say({"seconds": time.monotonic() - began, "bytes": done.bytes, "submission": done.submission_id})
    sys.stdin.readline()
    cache.close()


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
