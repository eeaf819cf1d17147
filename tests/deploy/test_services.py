"""`./adm services` as a person runs it, and its document, which must be true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.services import __main__ as command
from deploy.services import table
from wire import district, marked, service
from wire.service import FOLDER

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "config" / "district.yaml.example"
DOCUMENT = (ROOT / "docs" / "services.md").read_text()


def adm(*words: str) -> subprocess.CompletedProcess[str]:
    """``./adm services``, by the module that it becomes."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.services", *words], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_the_table_names_every_service_with_its_rule() -> None:
    rows = adm().stdout.splitlines()
    assert rows[0].split() == ["code", "questions", "ways", "papers", "pages", "fields", "date", "source"]
    assert [row.split()[0] for row in rows[1:]] == list(service.base())
    kia = next(row for row in rows if row.startswith("KIA-BARU"))
    assert kia.split()[:7] == ["KIA-BARU", "2", "8", "4-7", "6-8", "5", "2021-09-28"] and "Permendagri 2/2016" in kia
    changed = adm("--district", str(EXAMPLE)).stdout
    assert "NIK-KONSOLIDASI (off)" in changed and "Standar Pelayanan KTP-el (contoh) (2026-11-02)" in changed


def test_the_base_and_the_example_are_well() -> None:
    for words in (("check",), ("check", str(EXAMPLE)), ("check", str(FOLDER / "KIA-BARU.yaml"), str(EXAMPLE))):
        done = adm(*words)
        assert done.returncode == 0 and done.stdout.endswith("all well.\n"), done.stdout


def test_every_flaw_of_every_file_is_said_in_one_run(tmp_path: Path) -> None:
    text = (FOLDER / "KTP-HILANG.yaml").read_text()
    (tmp_path / "KTP-HILANG.yaml").write_text(text.replace("pages: 2", "pages: 0").replace("group: ktp", "group: card"))
    (tmp_path / "OTHER.yaml").write_text(text)
    (tmp_path / "d.yaml").write_text(EXAMPLE.read_text().replace("drop: [f107]", "drop: [f701]"))
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe")
    names = ("KTP-HILANG.yaml", "OTHER.yaml", "d.yaml", "bad.yaml", "gone.yaml")
    done = adm("check", *(str(tmp_path / name) for name in names))
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and lines[-1] == f"5 files: {len(lines) - 1} to mend." and not done.stderr
    for name, place in {
        "KTP-HILANG.yaml": "papers.0.pages: this must be 1 or more",
        "OTHER.yaml": "code: the file of KTP-HILANG must be called KTP-HILANG.yaml",
        "d.yaml": "services.PINDAH-KELUAR.drop.0: there is no paper f701",
        "bad.yaml": "this is no UTF-8 text",
        "gone.yaml": "the file cannot be read: No such file or directory",
    }.items():
        assert any(re.match(rf"{name}:\d+:\d+: ", line) and place in line for line in lines), lines
    number = (tmp_path / "KTP-HILANG.yaml").read_text().splitlines().index("group: card") + 1
    assert f"KTP-HILANG.yaml:{number}:8: group: " in done.stdout


def test_wrong_words_are_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        command.main(["play", "x.yaml"])
    assert "did you mean --district x.yaml?" in capsys.readouterr().err
    assert command.main(["--district", str(tmp_path / "gone.yaml")]) == 1
    assert "gone.yaml:1:1: the file cannot be read" in capsys.readouterr().out
    service.use(None)


# The document.


def test_the_document_shows_the_table_of_today() -> None:
    shown = DOCUMENT.partition("<!-- the table of `./adm services` -->\n```\n")[2].partition("\n```")[0]
    assert shown.splitlines() == [row[:120].rstrip() for row in table.lines()]


def test_the_document_names_every_key() -> None:
    models = (service.Service, service.Question, service.Answer, service.Paper, service.FormField, service.Option)
    models += (district.District, district.Change, district.Added, district.Reworded, district.Promise, district.Said)
    keys = {key for model in models for key in model.model_fields}
    assert not {key for key in keys if f"`{key}`" not in DOCUMENT}
    named = {key for row in re.findall(r"^\| (`.*?) \|", DOCUMENT, re.M) for key in re.findall(r"`(\w+)`", row)}
    assert named <= keys


def test_the_examples_of_the_document_are_good() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.S)
    assert len(blocks) == 2
    age = blocks[0].replace("\n", "\n  ").rstrip()
    assert age in (FOLDER / "KIA-BARU.yaml").read_text()
    assert district.check(marked.parse(blocks[1].encode(), "d.yaml"), service.base())[2] == []
