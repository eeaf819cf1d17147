"""The catalogues' keeper: ``./adm python -m deploy.words update|check``.

``update`` gathers every msgid of a floor, merges them into ``<floor>/locales/id/LC_MESSAGES/<floor>.po`` and compiles
the ``.mo`` beside it. ``--from FILE`` (msgid TAB words, may be given more than once) fills in what is still empty.
``check`` writes nothing and exits with 1 when a catalogue is stale, incomplete or not fit to be read.

Both write the same bytes wherever they run: no dates, no line numbers, msgids in alphabetical order.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from babel.messages import extract, mofile, pofile
from babel.messages.catalog import Catalog, Message

from wire import service
from wire.words import LONGEST_SENTENCE, longest_sentence

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("id",)
LONG_WORDS_ALLOWED = ("gateway",)  # officers' pages may explain; residents' and staff's screens may not

_CALLS = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "say": None,
}  # say: the window's "translate and fill in" (screens/i18n.py)
_KV_CALL = re.compile(
    r"""\b(?:_|say)\(\s*((?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')(?:\s*(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))*)"""
)
_PLACE = re.compile(r"\{(\w*)\}|%\((\w+)\)s")
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)

# Floor: the folders and endings whose texts stand in its catalogue.
SOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "wire": (("wire", "*.py"), ("wire/services", "*.yaml"), ("wire", "faults.toml")),
    "kiosk": (("kiosk", "*.py"), ("screens", "*.py"), ("screens", "*.kv")),
    "gateway": (("gateway", "*.py"), ("gateway", "*.html"), ("gateway", "*.jinja")),
}


Msgid = str | tuple[str, str]
"""One sentence, or one for a single thing and one for many (ngettext)."""


def _code(path: Path, method: str) -> Iterator[Msgid]:
    with path.open("rb") as file:
        for _line, message, _comments, _context in extract.extract(method, file, keywords=_CALLS):
            yield message if isinstance(message, str) else (message[0], message[1])


def _kv(path: Path) -> Iterator[str]:
    for found in _KV_CALL.finditer(path.read_text(encoding="utf-8")):
        yield cast(str, ast.literal_eval(f"({found[1]})"))


def _service(path: Path) -> Iterator[str]:
    read = service.load(path)
    yield from (read.name, read.hint, read.output)
    for question in read.questions:
        yield question.ask
        for answer in question.answers:
            yield from (answer.label, answer.because)
    for paper in read.papers:
        yield from (paper.name, paper.short, paper.where)
    for field in read.fields:
        yield from (field.label, field.help)
        yield from (option.label for option in field.options)


def _faults(path: Path) -> Iterator[str]:
    for fault in cast(dict[str, dict[str, str]], tomllib.loads(path.read_text(encoding="utf-8"))).values():
        yield from (fault["resident"], fault["staff"])


def _texts(path: Path) -> Iterator[Msgid]:
    match path.suffix:
        case ".py":
            yield from _code(path, "python")
        case ".html" | ".jinja":
            yield from _code(path, "jinja2.ext:babel_extract")
        case ".kv":
            yield from _kv(path)
        case ".yaml":
            yield from _service(path)
        case _:
            yield from _faults(path)


def gather(floor: str) -> dict[Msgid, set[str]]:
    """Every msgid of ``floor`` with the files it stands in (paths from the top of the checkout)."""
    found: dict[Msgid, set[str]] = {}
    for folder, pattern in SOURCES[floor]:
        for path in sorted((ROOT / folder).rglob(pattern)):
            for text in _texts(path):
                if text:
                    found.setdefault(text, set()).add(path.relative_to(ROOT).as_posix())
    return found


def catalogue_path(floor: str, language: str) -> Path:
    """The .po of a floor; the .mo stands beside it."""
    return ROOT / floor / "locales" / language / "LC_MESSAGES" / f"{floor}.po"


def _read(path: Path, language: str) -> dict[str, Message]:
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {_first(message.id): message for message in pofile.read_po(file, locale=language) if message.id}


def _first(text: object) -> str:
    return text if isinstance(text, str) else cast(tuple[str, ...], text)[0]


def build(floor: str, language: str, extra: dict[str, str]) -> tuple[Catalog, bytes, bytes]:
    """The merged catalogue and the bytes of its .po and .mo. ``extra``: words for msgids that have none yet."""
    known = _read(catalogue_path(floor, language), language)
    catalog = Catalog(
        locale=language,
        domain=floor,
        project="Anjungan Dukcapil Mandiri",
        version="1",
        msgid_bugs_address="see README.md",
        last_translator="the authors of Anjungan Dukcapil Mandiri",
        language_team="Indonesian",
        copyright_holder="the authors of Anjungan Dukcapil Mandiri",
        header_comment=f"# {floor}: kept by `./adm python -m deploy.words update`; write only msgstr by hand.",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        fuzzy=False,
    )
    for text, files in sorted(gather(floor).items(), key=lambda item: _first(item[0])):
        old = known.get(_first(text))
        words = (_first(old.string) if old and old.string else "") or extra.get(_first(text), "")
        flags = {"fuzzy"} if old and old.fuzzy else set[str]()
        # Indonesian nouns do not change with the count: the same words stand in both forms.
        catalog.add(
            text,
            words if isinstance(text, str) else (words, words),
            locations=[(file, 0) for file in sorted(files)],
            flags=flags,
        )
    po, mo = io.BytesIO(), io.BytesIO()
    pofile.write_po(po, catalog, width=110, sort_output=True, include_lineno=False)
    mofile.write_mo(mo, catalog)
    return catalog, po.getvalue(), mo.getvalue()


def faults_of(floor: str, language: str, catalog: Catalog) -> Iterator[str]:
    """What keeps the catalogue from being read by people, a line each."""
    for message in catalog:
        msgid, words = _first(message.id), _first(message.string)
        if not msgid:
            continue
        where = f"{floor} ({language}): {msgid!r}"
        if not words:
            yield f"{where} has no words yet"
        elif message.fuzzy:
            yield f"{where} is marked fuzzy"
        elif sorted(_PLACE.findall(msgid)) != sorted(_PLACE.findall(words)):
            yield f"{where}: the places to fill in differ"
        elif floor not in LONG_WORDS_ALLOWED and longest_sentence(words) > LONGEST_SENTENCE:
            yield f"{where}: a sentence of {longest_sentence(words)} words (limit {LONGEST_SENTENCE})"


def check() -> list[str]:
    """Every fault of every catalogue; an empty list when all is well."""
    faults: list[str] = []
    for floor in SOURCES:
        for language in LANGUAGES:
            catalog, po, mo = build(floor, language, {})
            path = catalogue_path(floor, language)
            for file, fresh in ((path, po), (path.with_suffix(".mo"), mo)):
                if not file.exists() or file.read_bytes() != fresh:
                    faults.append(f"{file.relative_to(ROOT)} is stale: run `./adm python -m deploy.words update`")
            faults.extend(faults_of(floor, language, catalog))
    return faults


def update(extra: dict[str, str]) -> list[str]:
    """Write every catalogue; returns what is still missing or unfit."""
    faults: list[str] = []
    for floor in SOURCES:
        for language in LANGUAGES:
            catalog, po, mo = build(floor, language, extra)
            path = catalogue_path(floor, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            for file, fresh in ((path, po), (path.with_suffix(".mo"), mo)):
                if not file.exists() or file.read_bytes() != fresh:
                    file.write_bytes(fresh)
            faults.extend(faults_of(floor, language, catalog))
    return faults


def read_words(paths: Iterable[Path]) -> dict[str, str]:
    """msgid TAB words, a line each; a later file wins, and a line without a TAB is skipped."""
    words: dict[str, str] = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            msgid, tab, text = line.partition("\t")
            if tab and text.strip():
                words[msgid.replace("\\n", "\n")] = text.strip().replace("\\n", "\n")
    return words


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="deploy.words", description="Gather, merge and check the catalogues.")
    parser.add_argument("act", choices=("update", "check"))
    parser.add_argument("--from", dest="sources", type=Path, action="append", default=[], help="msgid TAB words")
    options = parser.parse_args()
    sources = cast(list[Path], options.sources)
    faults = check() if options.act == "check" else update(read_words(sources))
    for fault in faults:
        sys.stdout.write(fault + "\n")
    if not faults:
        sys.stdout.write("All catalogues are whole.\n")
    return 1 if faults and options.act == "check" else 0


if __name__ == "__main__":
    raise SystemExit(main())
