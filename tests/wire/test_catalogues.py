"""Faults, events and words: every shipped file loads, and the code speaks of nothing that they lack."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from wire import events, faults, words

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [
    path
    for floor in ("wire", "offline_cache", "kiosk", "drivers", "gateway", "screens")
    for path in sorted((ROOT / floor).rglob("*.py"))
]


# Faults.


def test_every_fault_is_whole() -> None:
    for fault in faults.catalogue().values():
        assert fault.severity in ("error", "warning"), fault.code
        assert fault.mends in ("staff", "technician", "administrator"), fault.code
        assert fault.staff.endswith(".") and (not fault.resident or fault.resident.endswith(".")), fault.code
        assert re.fullmatch(r"[a-z][a-z_]{2,31}", fault.code)


def test_urgency_is_the_order_of_the_file_and_unknown_ones_come_last() -> None:
    codes = tuple(faults.catalogue())
    assert faults.by_urgency(set(codes)) == codes
    assert faults.by_urgency(("zzz", codes[3], "aaa", codes[1])) == (codes[1], codes[3], "aaa", "zzz")


def test_every_code_of_a_cache_error_is_in_the_catalogue() -> None:
    raised = {
        node.args[0].value
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "CacheError"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised and raised <= set(faults.catalogue())


def test_every_fault_is_one_that_the_code_reports() -> None:
    said = {
        node.value
        for path in PRODUCT
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(faults.catalogue()) <= said


# Events.


def logged() -> dict[str, set[str]]:
    """Every event that the product writes, with the fields that it gives."""
    found: dict[str, set[str]] = {}
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            owner = getattr(getattr(node.func, "value", None), "id", "")
            if name == "log" and (isinstance(node.func, ast.Name) or owner == "events"):
                fields = {keyword.arg for keyword in node.keywords if keyword.arg}
                found.setdefault(str(node.args[0].value), set()).update(fields)
    return found


def test_every_event_that_the_code_writes_is_in_the_catalogue_with_its_fields() -> None:
    known = events.catalogue()
    for name, fields in logged().items():
        assert name in known, name
        assert fields <= set(known[name].fields), name


@pytest.mark.skipif(not (ROOT / "kiosk" / "__main__.py").exists(), reason="the station's own process is not there")
def test_every_event_of_the_catalogue_is_written() -> None:
    assert set(events.catalogue()) - {"error"} <= set(logged())


def test_event_with_an_unknown_name_or_field_is_refused() -> None:
    with pytest.raises(KeyError):
        events.log("no_such_event")
    with pytest.raises(ValueError, match="nik"):
        events.log("station_stopped", nik="3279012304850007")


def test_log_is_json_lines_without_the_words_of_an_exception() -> None:
    script = (
        "from wire import events\nevents.configure()\nevents.log('station_started', version='1')\n"
        "try:\n    int('NIK 3279012304850007')\nexcept ValueError as error:\n    events.log_error('here', error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [("station_started", "info"), ("error", "error")]
    assert lines[1]["kind"] == "ValueError" and "3279012304850007" not in done.stderr


def test_documentation_of_the_events_is_not_stale() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == events.document()


# Words.


def test_unknown_language_and_missing_sentence_give_the_msgid() -> None:
    assert words.translator("xx")("Page 1.") == "Page 1."
    assert words.translator("id")("A sentence that no catalogue holds.") == "A sentence that no catalogue holds."
    assert words.translator("id")("") == ""
