"""A terminal without a station, for the kill test: applies, and prints each number as a resident would see it.

``python -m tests.offline_cache.driver DATA COUNT``: COUNT applications (0: only send what waits, then say "empty").
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.offline_cache.conftest import NIK
from wire import events

SECRETS = (NIK.encode(), b"SITI SANGAT RAHASIA", b"081234509876", b"\xff\xd8\xff\xe0SEEDED-PAGE")
SETTINGS = CacheSettings(retry_cap_s=0.5, probe_cap_s=0.3, disk_reserve=1)


def main(data: Path, count: int) -> None:
    events.configure()  # the log goes to standard error, and never into the middle of a line that is told here
    cache = open_cache(data, version="test", settings=SETTINGS)
    cache.start_sync(tuple, lambda: None)
    shown = cache.last_shown()
    if shown is not None:
        print(f"last {shown[0]}", flush=True)
    for turn in range(count):
        draft = cache.begin_draft()
        for page in range(2):
            cache.keep_page(draft, "kk", page + 1, SECRETS[3] + bytes([turn % 250]) * 60_000, "image/jpeg")
        if turn % 4 == 3:  # one that is gone back on
            cache.prepare(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
        form = {"nik": NIK, "name": SECRETS[1].decode(), "phone": SECRETS[2].decode()}
        if turn % 4:
            cache.prepare(draft, "KTP-HILANG", 1, "id", form)
        print(f"number {cache.submit(draft, 'KTP-HILANG', 1, 'id', form).number}", flush=True)
        if turn % 3 == 2:  # a visit that is walked away from
            cache.keep_page(gone := cache.begin_draft(), "kk", 1, SECRETS[3] * 9000, "image/jpeg")
            cache.prepare(gone, "KTP-HILANG", 1, "id", form)
    while cache.queue().queued:
        time.sleep(0.05)
    print(f"empty {cache.queue().quarantined}", flush=True)
    cache.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
