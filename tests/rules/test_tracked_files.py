"""No tracked file gives away the machine it was written on, a secret, a stranger's photograph, or unfinished work."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from tests.rules.tracked import ROOT, lines, short, tracked

# Put together here so that this file passes its own test.
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.~}])/" + r"(work|root|home/[a-z]\w*|tmp/[A-Za-z]\w*)/"),
    "a package registry's host": re.compile(
        r"\b(" + "|".join(("py" + r"pi\.org", "python" + "hosted", "deb." + "debian", "registry." + "npm")) + r")\b"
    ),
    "unfinished work": re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"),
    "a private key": re.compile("BEGIN [A-Z ]*PRIVATE" + " KEY|AGE-SECRET" + "-KEY-1[0-9A-Z]{20}"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_line_holds(what: str) -> None:
    found = [
        f"{short(path)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        for number, line in enumerate(lines(path), 1)
        if FORBIDDEN[what].search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_rule_sees_what_it_should() -> None:
    bad = {
        "a path of one machine": "open('/" + "work/main/x')",
        "a package registry's host": "https://" + "py" + "pi.org/simple",
        "unfinished work": "# TO" + "DO: later",
        "a private key": "-----BEGIN EC PRIVATE" + " KEY-----",
    }
    assert all(FORBIDDEN[what].search(line) for what, line in bad.items())


def test_no_photo_of_the_development_set() -> None:
    """The photographs of real papers belong to strangers: they may be measured, never published."""
    folder = Path(os.environ.get("ADM_SCANS") or ROOT.parent / "shared" / "scans")
    if not folder.is_dir():
        pytest.skip("the photographs are not on this machine (ADM_SCANS names their folder)")
    photos = {hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("*") if path.is_file()}
    assert [short(path) for path in tracked() if hashlib.sha256(path.read_bytes()).digest() in photos] == []


def test_no_file_is_big() -> None:
    assert [short(path) for path in tracked() if path.stat().st_size > 2_000_000] == []
