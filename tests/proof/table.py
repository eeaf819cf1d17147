"""Which test proves which row of sync-notes §2: ``./adm python -m tests.proof.table`` writes docs/proofs.md's table.

A test names its rows first: ``test_l6_s3_...`` proves L6 and S3.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "proofs.md"
BEGIN, END = "<!-- rows: written by tests.proof.table -->", "<!-- end of rows -->"
_TEST = re.compile(r"^\s*(?:async )?def test((?:_[ldst]\d{1,2})+)_(\w+)\(", re.M)
ROWS = {
    "L1": "an answer that is no receipt drops the item",
    "L2": "a receipt though a part is not there",
    "L3": "a part dropped because of its name",
    "L4": "a second page lost in a race",
    "L5": "two parts with the same content refused",
    "L6": "a 4xx drops the item for good",
    "L7": "the queue wiped by an upgrade",
    "L8": "a record that disappears on its way",
    "L9": "plaintext left behind when sealing is interrupted",
    "L10": "a manifest with a wrong hash or none",
    "L11": "an acknowledged byte lost in a power cut",
    "L12": "the office restored from a backup",
    "L13": "one page resumed onto another's upload",
    "L14": "a full disk writes half a file",
    "D1": "check-then-insert race",
    "D2": "the answer is lost and the item sent again",
    "D3": "many files become many submissions",
    "D4": "no identifier at all",
    "D5": "two workers on one queue",
    "D6": "a received item sent again",
    "D7": "withdrawn, then sent again",
    "D8": "parts replaced after acceptance",
    "D9": "a 500 remembered, or a lock that outlives a crash",
    "S1": "the record arrives before its files",
    "S2": "stuck in sending",
    "S3": "a poison item stops all behind it",
    "S4": "a lost wake-up",
    "S5": "retry gives up",
    "S6": "paging over rows that change",
    "S7": "the end of a visit touches the queue",
    "S8": "a half-open connection holds the lock",
    "S9": "an offset mismatch wedges",
    "S10": "a dead link hangs the client for ever",
    "S11": "a connect time-out bounds the body",
    "T1": "the status never comes back",
    "T2": "an unknown id crashes the batch",
    "T3": "the row deleted though the file could not be",
    "T4": "parts left after the purge",
    "T5": "bytes taken before the caller is known",
    "T6": "path traversal by an id",
    "T7": "refused for a wrong clock",
    "T8": "the outcome unknown after a crash",
}


def found() -> dict[str, list[tuple[str, str]]]:
    """(test, file) by row, sorted."""
    rows: dict[str, list[tuple[str, str]]] = {row: [] for row in ROWS}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for ids, name in _TEST.findall(path.read_text(encoding="utf-8")):
            for row in ids[1:].upper().split("_"):
                if row in rows:
                    rows[row].append((f"test{ids}_{name}", str(path.relative_to(ROOT))))
    return rows


def spelled() -> str:
    """The table as it stands in the document."""
    lines = ["| row | fault | test | where |", "| --- | --- | --- | --- |"]
    for row, tests in found().items():
        for number, (test, where) in enumerate(sorted(tests)):
            lines.append(f"| {row if not number else ''} | {ROWS[row] if not number else ''} | `{test}` | {where} |")
    return "\n".join(lines)


def main() -> int:
    """Put the table into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{BEGIN}\n{spelled()}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
