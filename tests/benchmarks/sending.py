"""One submission over a bad line: the real gateway behind TLS at one end, the real cache at the other.

The gateway is one process for all lines; each line has its own terminal, its own namespaces and its own clock. Beside
the terminal stands the peer: the whole file in one multipart POST, begun again from its first byte after each cut.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tests.benchmarks.link import tls
from tests.benchmarks.link.namespaces import ROOT, Link
from tests.benchmarks.link.proxy import ProxyLink
from tests.benchmarks.link.shape import Profile
from tests.benchmarks.whole_file import receive
from tests.gateway.rig import PLACE, Gateway, run

AnyLink = Link | ProxyLink
UPSTREAM = 1.038
"""Wire bytes of one unbroken body by its payload, upstream alone (sync-notes §4.1)."""
_PREPARING = Profile(rate=20_000_000)


@dataclass(frozen=True, slots=True)
class Sent:
    """One run. ``payload``: sealed bytes of all parts. ``up``, ``down``: IP bytes, None where nobody can count them.

    ``seconds``: None when it did not end in time. ``whole``: the office holds every byte of it.
    """

    seconds: float | None
    payload: int
    up: int | None
    down: int | None
    whole: bool
    profile: Profile

    @property
    def floor(self) -> float:
        """The time that no sender can beat: the payload with its headers at the line's rate, outages waited out."""
        return self.profile.outages(self.payload * UPSTREAM * 8 / self.profile.rate)

    @property
    def slowness(self) -> float:
        """Time by the floor; infinite when it did not end."""
        return float("inf") if self.seconds is None else self.seconds / self.floor

    @property
    def wire(self) -> float | None:
        """IP bytes in both directions by the payload."""
        return None if self.up is None or self.down is None else (self.up + self.down) / self.payload


class Office:
    """The gateway, the TLS in front of it, and lines to it. Closes everything at the end of its ``with``."""

    def __init__(self, open_link: Callable[[], AnyLink]) -> None:
        self._open_link = open_link
        self._guard = threading.Lock()
        self._codes = iter(f"{a}{b}{c}" for a in "KMBD" for b in "AEIOU" for c in "LMNPRST")

    def __enter__(self) -> Office:
        self._home = tempfile.TemporaryDirectory(prefix="adm-line-")
        self.folder = Path(self._home.name)
        self.ca, key = tls.certificate(self.folder, Link.host, ProxyLink.host)
        self.gateway = Gateway(self.folder / "office").start()
        self._tls = tls.Terminator(self.ca, key)
        return self

    def __exit__(self, *_: object) -> None:
        self._tls.close()
        self.gateway.stop()
        self._home.cleanup()

    def send(self, profile: Profile, size: int, limit_s: float) -> Sent:
        """Our terminal sends one page of ``size`` bytes and its form."""
        with self._guard:
            code = next(self._codes)
        link = self._open_link()
        self._tls.forward(link.listeners[0], self.gateway.port)
        try:
            data = self.folder / code
            words = [sys.executable, "-m", "tests.benchmarks.terminal", str(data), str(self.ca), str(size)]
            with _Child(link.terminal(words), self.folder / f"{code}.log") as child:
                link.shape(_PREPARING)
                child.tell(self._enrolment(code, f"https://{link.host}:{link.ports[0]}"))
                child.hear(60)
                self._tls.hang_up(link.listeners[0])
                child.settle()
                link.shape(profile)
                child.tell("go")
                answer = child.hear(limit_s)
                counts = link.counts()
                if answer is None:
                    return Sent(None, size, _wire(counts, "up"), _wire(counts, "down"), False, profile)
                child.tell("bye")
            return Sent(
                float(str(answer["seconds"])),
                int(str(answer["bytes"])),
                _wire(counts, "up"),
                _wire(counts, "down"),
                self._holds(str(answer["submission"])),
                profile,
            )
        finally:
            self._tls.release(link.listeners[0])
            link.close()

    def post(self, profile: Profile, size: int, limit_s: float) -> Sent:
        """The peer sends one file of ``size`` bytes."""
        link = self._open_link()
        self._tls.serve(link.listeners[1], receive)
        try:
            url = f"https://{link.host}:{link.ports[1]}/submission"
            words = [sys.executable, "-m", "tests.benchmarks.whole_file", url, str(self.ca), str(size)]
            with _Child(link.terminal(words), self.folder / f"peer-{id(link)}.log") as child:
                child.hear(60)
                link.shape(profile)
                child.tell("go")
                answer = child.hear(limit_s)
                counts = link.counts()
            seconds = None if answer is None else float(str(answer["seconds"]))
            return Sent(seconds, size, _wire(counts, "up"), _wire(counts, "down"), seconds is not None, profile)
        finally:
            self._tls.release(link.listeners[1])
            link.close()

    def _enrolment(self, code: str, url: str) -> str:
        place = [word for name, value in PLACE.items() for word in (f"--{name}", value)]
        data = str(self.gateway.data)
        return run("gateway", "terminal", "add", "--data", data, "--code", code, "--url", url, *place).strip()

    def _holds(self, submission: str) -> bool:
        parts = list(self.gateway.data.rglob(f"{submission}/*.age"))
        return len(parts) == 2 and all(sha256(part.read_bytes()).hexdigest() == part.stem for part in parts)


def _wire(counts: dict[str, dict[str, int]] | None, way: str) -> int | None:
    return None if counts is None else counts[way]["wire"]


class _Child:
    """A process that speaks JSON lines; killed at the end of the ``with`` at the latest."""

    def __init__(self, words: list[str], log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, text=True
        )
        self._said: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._process.wait(0.1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._log.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._said.put(line)
        self._said.put("")

    def tell(self, line: str) -> None:
        """One line to its input."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self, within_s: float) -> dict[str, object] | None:
        """Its next line, or None when none came in time. Raises OSError when it has ended."""
        try:
            line = self._said.get(timeout=within_s)
        except queue.Empty:
            return None
        if not line:
            raise OSError(f"a terminal has ended: {Path(self._log.name).read_text()[-2000:]}")
        found: dict[str, object] = json.loads(line)
        return found

    def settle(self) -> None:
        """Give what was said on the wire the time to arrive."""
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            pass
