"""``python -m gateway.office.open``: open one application with the store and the office's key alone, no gateway.

Writes ``page-1.jpg`` ..., ``form.json`` and ``application.pdf`` into a folder that only the owner can read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway import keys
from gateway.office import dossier, export, packet
from gateway.store import LocalStore


def main(words: Sequence[str] | None = None) -> int:
    """Run the command; 1 when the application cannot be opened, with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="gateway.office.open", description="Open one sealed application.")
    parser.add_argument("--store", type=Path, required=True, help="the gateway's store directory")
    parser.add_argument(
        "--key", type=Path, required=True, nargs="+", help="the office's age identities (or the escrow's)"
    )
    parser.add_argument("--number", required=True, help="registration number, as on the receipt")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pages, the form and the PDF")
    given = parser.parse_args(words)
    out: Path = given.out
    try:
        identity = "\n".join(keys.identity_text(key.read_text(), key.name) for key in given.key)
        found = dossier.find(LocalStore(given.store), given.number)
        form = found.open_form(identity)
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for index, sheet in enumerate(found.sheets, 1):
            (out / f"page-{index}.jpg").write_bytes(sheet.open(identity))
        (out / "form.json").write_bytes(export.as_json(found, form))
        (out / "application.pdf").write_bytes(export.pdf(found, identity))
    except (packet.PacketError, keys.KeyFileError, OSError) as error:
        print(f"office.open: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
