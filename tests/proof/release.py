"""Makes ``tests/proof/released/NAME.tar.gz``: ``./adm python -m tests.proof.release NAME COMMIT PORT``.

A terminal's folder and its office's as the code of that commit wrote them: one application received, two queued, one
draft left behind. The commit is checked out into a folder of its own; nothing of today's code runs in it. NAME says the
two schema revisions: ``terminal-0001-office-0001``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RELEASED = Path(__file__).resolve().parent / "released"
HOST = "127.77.0.1"
PLACE = (
    "--village",
    "Desa Karyamukti",
    "--district",
    "Kec. Pataruman",
    "--regency",
    "Kota Banjar",
    "--office",
    "Disdukcapil",
)

_THEN = """
import json, os, sys, time
from pathlib import Path
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
data, step = Path(sys.argv[1]), sys.argv[2]
cache = open_cache(data, version="then", settings=CacheSettings(disk_reserve=1))
told = []
def send(pages):
    draft = cache.begin_draft()
    for page in range(pages):
        cache.keep_page(draft, "kk", page + 1, b"\\xff\\xd8" + bytes([page]) * 3000, "image/jpeg")
    form = {"nik": "3279012304850007", "name": "SITI CONTOH"}
    done = cache.submit(draft, "KTP-HILANG", 1, "id", form)
    told.append([done.submission_id, done.number, pages])
if step == "online":
    cache.enrol(sys.argv[3])
    send(1)
    cache.start_sync(tuple, lambda: None)
    end = time.monotonic() + 20
    while cache.queue().queued and time.monotonic() < end:
        time.sleep(0.05)
    assert not cache.queue().queued
    cache.close()
else:
    send(2)
    send(1)
    cache.keep_page(cache.begin_draft(), "kk", 1, b"left behind", "image/jpeg")
    cache.close()
print(json.dumps(told))
"""


def make(name: str, commit: str, port: int) -> Path:
    """Write the archive; returns its path."""
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        then, made = Path(folder) / "code", Path(folder) / "made"
        made.mkdir()
        subprocess.run(["git", "worktree", "add", "--detach", str(then), commit], cwd=ROOT, check=True)
        try:
            told = _live(then, made, port)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(then)], cwd=ROOT, check=True)
        (made / "told.json").write_text(json.dumps({"url": f"http://{HOST}:{port}", "applications": told}))
        RELEASED.mkdir(exist_ok=True)
        with tarfile.open(RELEASED / f"{name}.tar.gz", "w:gz", compresslevel=9) as archive:
            for path in sorted(made.rglob("*")):
                if path.suffix not in (".lock", ".log") and path.name != "lock":
                    archive.add(path, path.relative_to(made), recursive=False)
    return RELEASED / f"{name}.tar.gz"


def _live(then: Path, made: Path, port: int) -> list[object]:
    words = [sys.executable, "-m", "gateway"]
    office, url = str(made / "office"), f"http://{HOST}:{port}"
    code = _run(then, [*words, "terminal", "add", "--data", office, "--code", "KMT", "--url", url, *PLACE])
    server = subprocess.Popen(
        [*words, "serve", "--data", office, "--host", HOST, "--port", str(port)],
        cwd=then, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_env(then), text=True,
    )  # fmt: skip
    assert server.stdout is not None
    try:
        server.stdout.readline()
        terminal = [sys.executable, "-c", _THEN, str(made / "terminal")]
        told = json.loads(_run(then, [*terminal, "online", code]).splitlines()[-1])
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()
    return told + json.loads(_run(then, [*terminal, "offline"]).splitlines()[-1])


def _run(then: Path, words: list[str]) -> str:
    done = subprocess.run(words, cwd=then, env=_env(then), capture_output=True, text=True, timeout=90, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def _env(then: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(then)}


if __name__ == "__main__":
    print(make(sys.argv[1], sys.argv[2], int(sys.argv[3])))
