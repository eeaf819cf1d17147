"""Every committed .mo is what its .po says: what a resident reads is what a translator wrote."""

from __future__ import annotations

import gettext
import io
from pathlib import Path
from typing import IO, Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.rules.tracked import short, tracked


def messages(mo: IO[bytes]) -> dict[Any, str]:
    """What a compiled catalogue answers, its header aside."""
    found: dict[Any, str] = vars(gettext.GNUTranslations(mo))["_catalog"]
    return {key: text for key, text in found.items() if key != ""}


def compiled(po: Path) -> dict[Any, str]:
    """What the .po would answer if it were compiled now."""
    with po.open("rb") as file:
        catalogue = read_po(file)
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return messages(buffer)


def test_every_po_has_its_mo_and_they_agree() -> None:
    sources = tracked(".po")
    assert sources, "no catalogue is tracked"
    assert {path.with_suffix(".mo") for path in sources} == set(tracked(".mo"))
    for path in sources:
        with path.with_suffix(".mo").open("rb") as file:
            assert messages(file) == compiled(path), f"{short(path)} was changed and not compiled"
