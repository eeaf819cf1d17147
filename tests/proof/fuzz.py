"""Fuzz: ``./adm python -m tests.proof.fuzz [--examples N] [--json]``.

The interface: schemathesis calls every operation of docs/openapi.json at a running gateway, as nobody and as a
terminal. No answer may be a 5xx, none undocumented, and every refusal is a problem of ours. The bytes: whatever leaves
or reaches a machine (manifest, receipt, problem, code, heartbeat, courier's volume and its answers, keys, places,
changes) is mutated byte by byte; its reader gives a value or its own documented error, and a signature never holds for
another message.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.gateway.rig import ROOT, Gateway, Terminal
from tests.proof.messages import EXPECTED, Reader, readers
from tests.proof.verdict import said
from wire import problem

_PROFILE: dict[str, Any] = {
    "deadline": None, "database": None, "suppress_health_check": [*HealthCheck],
    "phases": (Phase.explicit, Phase.generate, Phase.target),
}  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, whole: bytes) -> bytes:
    """Bytes of a message after one to four blows of a bad line or a bad hand."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(len(data) - 1, 0)))
        match draw(st.sampled_from(["flip", "cut", "lose", "insert", "double", "digits", "head"])):
            case "flip" if data:
                data[at] ^= draw(st.integers(1, 255))
            case "cut":
                del data[at:]
            case "lose":
                del data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(st.binary(max_size=20))
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case "digits":
                data[at:at] = draw(
                    st.sampled_from([b"9" * 5000, b"-1", b"1e9", b"[" * 2000, b"\\ud800", b"null", b"\0"])
                )
            case _:
                del data[:at]
    return bytes(data)


def bytes_faults(reader: Reader, examples: int) -> list[str]:
    """What a reader let escape, or believed though it was not signed."""
    wrong: list[str] = []
    try:
        right = reader.read(reader.whole)
    except EXPECTED as error:
        return [f"{reader.name}: a whole one is refused: {error}"]

    @settings(max_examples=examples, **_PROFILE)
    @given(st.binary(max_size=300) | mutated(reader.whole))
    def once(data: bytes) -> None:
        try:
            found = reader.read(data)
        except EXPECTED:
            return
        except Exception as error:
            wrong.append(f"{reader.name}: {type(error).__name__} escapes for {data[:60]!r}")
            return
        if reader.signed and found != right:
            wrong.append(f"{reader.name}: the signature holds for another message")

    once()
    return wrong[:3]


def interface_faults(gateway: Gateway, terminal: Terminal, examples: int, calls: Counter[str]) -> list[str]:
    """What the running gateway answers to calls that its description generates, and should not."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    wrong: dict[str, str] = {}
    schema = schemathesis.openapi.from_dict(document)
    for result in schema.get_all_operations():
        operation = result.ok()  # pyright: ignore[reportAttributeAccessIssue]  # our document holds no other
        for headers in (terminal.headers(), {"Authorization": "Bearer e30.e30.x"}):
            call = _Call(gateway, operation.label, headers, document, calls, wrong)
            settings(max_examples=examples, **_PROFILE)(given(case=operation.as_strategy())(call.once))()
    return [f"{why} for {case}" for why, case in wrong.items()]


@dataclass(frozen=True, slots=True)
class _Call:
    """One operation, called by one caller."""

    gateway: Gateway
    label: str
    headers: dict[str, str]
    document: dict[str, Any]
    calls: Counter[str]
    wrong: dict[str, str]

    def once(self, case: Any) -> None:
        try:
            got = case.call(base_url=self.gateway.url, headers=self.headers, timeout=20)
        except (ValueError, UnicodeError):
            return  # no HTTP client can send that
        self.calls[str(got.status_code)] += 1
        if why := _refused_badly(self.label, got, self.document):
            self.wrong.setdefault(f"{self.label} {got.status_code}: {why}", repr(case)[:200])


def _refused_badly(label: str, got: Any, document: dict[str, Any]) -> str:
    method, path = label.split(" ", 1)
    media = (got.headers.get("content-type") or [""])[0].split(";")[0]
    if got.status_code >= 500:
        return "the gateway broke"
    if str(got.status_code) in document["paths"][path][method.lower()]["responses"]:
        return "" if got.status_code in (204, 304) or method == "HEAD" or media == "application/json" else f"as {media}"
    if got.status_code < 400:
        return "undocumented"
    if method == "HEAD":
        return "" if media == problem.MEDIA_TYPE else f"a refusal as {media}"
    told = problem.read(media, got.content)
    if told is None or told.code is None or told.status != got.status_code:
        return "a refusal that is no problem of ours"
    return ""


def main() -> int:
    """One summary line; 1 when anything escaped."""
    parser = argparse.ArgumentParser(description="Fuzz of the interface and of every message.")
    parser.add_argument("--examples", type=int, default=150, help="calls of each operation; ten times as many bytes")
    parser.add_argument("--json", action="store_true")
    given_words = parser.parse_args()
    known = readers()
    wrong = [fault for reader in known for fault in bytes_faults(reader, given_words.examples * 10)]
    calls: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="adm-") as folder:
        gateway = Gateway(Path(folder) / "office").start()
        try:
            terminal = Terminal(gateway).enrol(gateway.code())
            wrong += interface_faults(gateway, terminal, given_words.examples, calls)
            terminal.send(terminal.packet(pages=1))  # and it still works
        finally:
            gateway.stop()
    summary = (
        f"fuzz: {len(known)} readers x {given_words.examples * 10} messages, {calls.total()} calls "
        f"{dict(sorted(calls.items()))}, {len(wrong)} faults"
    )
    return said(summary, wrong, as_json=given_words.json)


if __name__ == "__main__":
    sys.exit(main())
