"""What is recorded: ``python -m tests.proof.recorded terminal|office FOLDER PROMISES [--without WHAT] ...``.

A terminal's life in a new folder, from enrolment to purge; or an office's, from its first start to the receipt. Each
promise goes as a line of JSON into PROMISES once the outside could know it. ``--without`` takes one precaution away, in
this process and nowhere else: the proof must then find what breaks.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlcipher3 import dbapi2

from wire import events

Tell = Callable[..., None]


class _Lax(dbapi2.Connection):
    """Says FULL when it is asked, and then does not sync its commits."""

    def execute(self, sql: str, *parameters: Any) -> Any:
        found = super().execute(sql, *parameters)
        if sql.replace(" ", "").lower() == "pragmasynchronous":
            super().execute("PRAGMA synchronous = NORMAL")
        return found


def _lax_connect(*words: Any, **more: Any) -> Any:
    return dbapi2.connect(*words, factory=_Lax, **more)


def _os_without(kind: Callable[[int], bool]) -> Any:
    """The module ``os``, but fsync leaves out descriptors of that kind."""

    def fsync(descriptor: int) -> None:
        if not kind(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)

    return SimpleNamespace(**{**vars(os), "fsync": fsync})


def _lax_module() -> Any:
    return SimpleNamespace(**{**vars(dbapi2), "connect": _lax_connect})


def take_away(side: str, what: str) -> None:
    """Patch this process: "folder" and "file" are fsyncs of the one and the other, "commit" is synchronous=FULL."""
    if side == "terminal":
        brings_all, files, indexes = "offline_cache.cache", "offline_cache.durable", "offline_cache.database"
    else:
        brings_all, files, indexes = "gateway.serve", "gateway.store", "gateway"
    importlib.import_module(brings_all)
    replaced = 0
    for name, module in list(sys.modules.items()):
        if what == "commit" and name.startswith(indexes):
            replaced += _replace(module, dbapi2, _lax_module())
        elif what != "commit" and name.startswith(files):
            replaced += _replace(module, os, _os_without(stat.S_ISDIR if what == "folder" else stat.S_ISREG))
    if not replaced:
        raise RuntimeError(f"there is no {what} sync to take away")


def _replace(module: Any, old: Any, new: Any) -> int:
    names = [name for name, value in vars(module).items() if value is old]
    for name in names:
        setattr(module, name, new)
    return len(names)


def _until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come about")
        time.sleep(0.01)


def terminal(data: Path, code: str, tell: Tell) -> None:
    """Enrol; keep, replace, drop; send twice; walk away once; hear the receipts; purge; send once more; close."""
    from offline_cache.cache import open_cache
    from offline_cache.settings import CacheSettings

    settings = CacheSettings(purge_days=0, retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1)
    cache = open_cache(data, version="test", settings=settings)
    tell(enrolled=cache.enrol(code).terminal)

    def send(pages: int) -> str:
        draft = cache.begin_draft()
        for page in range(pages):
            cache.keep_page(draft, "kk", page, bytes([page]) * 9000, "image/jpeg")
        cache.keep_page(draft, "kk", 0, b"replaced" * 500, "image/jpeg")
        cache.keep_page(draft, "police", 1, b"dropped" * 500, "image/jpeg")
        cache.drop_page(draft, "police", 1)
        form = {"nik": "3279012304850007", "name": "SITI"}
        if pages > 1:  # the review is gone back on once; the other one is not waited for
            for said in ({**form, "name": "SITE"}, form):
                cache.prepare(draft, "KTP-HILANG", 1, "id", said)
        done = cache.submit(draft, "KTP-HILANG", 1, "id", form)
        tell(queued=done.submission_id, number=done.number, parts=done.parts)
        return done.submission_id

    sent = [send(2), send(1)]
    walked = cache.begin_draft()
    cache.keep_page(walked, "kk", 0, b"abandoned" * 500, "image/jpeg")
    cache.prepare(walked, "KTP-HILANG", 1, "id", {"nik": "3279012304850007"})
    cache.abandon(walked)
    cache.start_sync(tuple, lambda: None)
    _until(lambda: cache.queue().queued == 0)
    tell(received=sent)
    _until(lambda: not list((data / "parts").iterdir()))
    cache.set_pin("271828")  # a commit after the purge's own: by then "purged" is durable too
    tell(purged=sent)
    cache.close()
    cache = open_cache(data, version="test", settings=settings)
    send(1)
    cache.close()
    tell(closed=True)


def office(data: Path, without: str, tell: Tell) -> None:
    """Make a terminal, serve, enrol it, take one submission with a part in two halves and one whole."""
    from tests.gateway.rig import PLACE, Gateway, Terminal

    words = [word for name, value in PLACE.items() for word in (f"--{name}", value)]
    code = _gateway(["terminal", "add", "--data", str(data), "--code", "KMT", *words], without)
    tell(code=code)
    gateway = Gateway(data)
    server = subprocess.Popen(
        [*_words(without), "serve", "--data", str(data), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        gateway.url = json.loads(server.stdout.readline())["url"]
        made = Terminal(gateway, size=(60, 80)).enrol(code)
        tell(enrolled=made.id)
        for _ in range(2):
            packet = made.packet(pages=2, page=os.urandom(9000))
            assert made.put(packet).status_code == 201
            tell(announced=packet.id, manifest=packet.envelope.hex())
            for sha256, part in packet.parts.items():
                for begin, end in ((0, len(part) // 2), (len(part) // 2, len(part))):
                    assert made.patch(sha256, begin, part[begin:end]).status_code == 204
                    tell(part=sha256, of=packet.id, offset=end, data=part[:end].hex())
            tell(receipt=made.send(packet).hex(), of=packet.id)
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def _words(without: str) -> list[str]:
    return [sys.executable, "-m", "tests.proof.recorded", "gateway", "--without", without, "--"]


def _gateway(words: list[str], without: str) -> str:
    done = subprocess.run([*_words(without), *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def main() -> int:
    """See above; ``gateway [--without WHAT] -- WORDS`` is the gateway's own command line."""
    if sys.argv[1] == "gateway":
        without, words = sys.argv[3], sys.argv[5:]
        if without:
            take_away("office", without)
        from gateway import __main__ as command

        sys.argv = ["gateway", *words]
        return command.main()
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=("terminal", "office"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("promises", type=Path)
    parser.add_argument("--without", default="", choices=("", "file", "folder", "commit"))
    parser.add_argument("--code", default="")
    given = parser.parse_args()
    events.configure()
    promises = os.open(given.promises, os.O_WRONLY | os.O_APPEND)

    def tell(**promise: object) -> None:
        os.write(promises, json.dumps(promise).encode() + b"\n")

    if given.side == "office":
        office(given.folder, given.without, tell)
        return 0
    if given.without:
        take_away("terminal", given.without)
    terminal(given.folder, given.code, tell)
    return 0


if __name__ == "__main__":
    sys.exit(main())
