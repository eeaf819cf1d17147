"""Only languages that have every sentence are offered; read from compiled catalogues on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages import mofile
from babel.messages.catalog import Catalog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.settings import Settings
from wire import words


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A checkout of its own, with Indonesian whole."""
    monkeypatch.setattr(words, "_ROOT", tmp_path)
    words.complete.cache_clear()
    for domain in ("wire", "kiosk"):
        write(tmp_path, "id", domain, {"Yes": "Ya", "No": "Tidak", ("{n} page", "{n} pages"): ("{n} halaman",)})
    yield tmp_path
    words.complete.cache_clear()


def write(root: Path, language: str, domain: str, sentences: dict[Any, Any]) -> Path:
    catalogue = Catalog(locale=language)
    for msgid, said in sentences.items():
        catalogue.add(msgid, said)
    path = root / domain / "locales" / language / "LC_MESSAGES" / f"{domain}.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        mofile.write_mo(file, catalogue)
    return path


def test_a_language_counts_once_nothing_is_missing(root: Path) -> None:
    whole: dict[Any, Any] = {
        "Yes": "Muhun",
        "No": "Henteu",
        ("{n} page", "{n} pages"): ("{n} kaca",),
        "Only here": "Di dieu",
    }
    write(root, "su", "wire", whole)
    assert [words.complete(language) for language in ("id", "en", "su", "jv")] == [True, True, False, False]
    assert words.complete("su", "wire")
    words.complete.cache_clear()
    write(root, "su", "kiosk", whole)
    assert words.complete("su")
    words.complete.cache_clear()
    write(root, "su", "kiosk", {msgid: "" if msgid == "No" else said for msgid, said in whole.items()})
    assert not words.complete("su")


def test_the_settings_offer_complete_languages_alone(root: Path) -> None:
    assert Settings(languages=("su", "en", "id")).offered() == ("en", "id")
    assert Settings(languages=("su",)).offered() == ("id",)


def test_the_catalogues_of_this_checkout_are_complete() -> None:
    words.complete.cache_clear()
    assert Settings().offered() == ("id", "en")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.booleans())
def test_a_broken_catalogue_is_none(root: Path, data: bytes, head: bool) -> None:
    path = write(root, "su", "wire", {"Yes": "Muhun"})
    path.write_bytes((bytes.fromhex("de120495") + bytes(4) if head else b"") + data)
    words.complete.cache_clear()
    assert not words.complete("su")
