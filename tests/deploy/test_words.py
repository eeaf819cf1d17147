"""The catalogues are whole: every sentence has its Indonesian words, and the committed files are what the texts say."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy import words
from wire.words import translator


def test_catalogues_are_fresh_and_complete() -> None:
    assert words.check() == []


def test_texts_are_found_in_every_kind_of_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "screens").mkdir()
    (tmp_path / "kiosk/a.py").write_text('A = N_("One")\nB = _("Two " "halves")\nC = other_("No")\n')
    (tmp_path / "screens/b.kv").write_text(
        '#:import x y\n<Box>:\n    text: tr._(\'It\\\'s "here"\') if root.on else tr._("Three")\n'
        "    other: mask_('No')\n"
    )
    monkeypatch.setattr(words, "ROOT", tmp_path)
    assert words.gather("kiosk") == {
        "One": {"kiosk/a.py"},
        "Two halves": {"kiosk/a.py"},
        'It\'s "here"': {"screens/b.kv"},
        "Three": {"screens/b.kv"},
    }


def test_update_keeps_words_fills_gaps_and_check_names_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "ROOT", tmp_path)
    monkeypatch.setattr(words, "SOURCES", {"kiosk": (("kiosk", "*.py"),)})
    (tmp_path / "kiosk").mkdir()
    (tmp_path / "kiosk/a.py").write_text('A = N_("Page {n}")\n')
    assert any("no words yet" in fault for fault in words.update({}))
    assert words.update({"Page {n}": "Halaman {n}"}) == []
    assert words.update({"Page {n}": "Lembar {n}"}) == []  # words that stand are never written over
    assert words.check() == []
    mo = words.catalogue_path("kiosk", "id").with_suffix(".mo")
    before = mo.read_bytes()
    (tmp_path / "kiosk/a.py").write_text('A = N_("Page {n}")\nB = N_("More")\n')
    assert any("stale" in fault for fault in words.check())
    assert mo.read_bytes() == before
    (tmp_path / "kiosk/a.py").write_text('A = N_("Page {number}")\n')
    assert any("differ" in fault for fault in words.update({"Page {number}": "Halaman {n}"}))
    (tmp_path / "kiosk/a.py").write_text('A = N_("Long")\n')
    assert any("13 words" in fault for fault in words.update({"Long": "kata " * 13}))


@pytest.mark.parametrize(
    ("text", "longest"), [("", 0), ("Satu dua. Tiga empat lima!", 3), ("F-1.02 gratis", 2), ("Satu:\ndua tiga", 2)]
)
def test_sentences_are_counted(text: str, longest: int) -> None:
    assert words.longest_sentence(text) == longest


def test_indonesian_is_what_residents_read() -> None:
    assert translator("id", "kiosk", "wire")("Lost KTP-el") == "KTP-el hilang"
    assert translator("en", "kiosk", "wire")("Lost KTP-el") == "Lost KTP-el"
