"""``python -m offline_cache COMMAND --data DIR [--json]``: the terminal's memory by hand, while no station holds it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from offline_cache.api import CacheError
from offline_cache.command import Command, Said, Words, courier, requeue, status, verify, wipe
from wire import events

_COMMANDS: tuple[Command, ...] = (status, verify, courier.EXPORT, courier.IMPORT, requeue, wipe)


def main(words: Sequence[str] | None = None) -> int:
    """The command line; see ``offline_cache.command`` for the exit codes."""
    parser = argparse.ArgumentParser(prog="python -m offline_cache", description=__doc__)
    commands = parser.add_subparsers(metavar="command", required=True)
    for command in _COMMANDS:
        made = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        made.add_argument("--data", type=Path, required=True, metavar="DIR", help="the station's data folder")
        made.add_argument("--json", action="store_true", help="one JSON object")
        command.words(made)
        made.set_defaults(command=command)
    given = parser.parse_args(words, namespace=Words())
    os.umask(0o077)
    events.configure()  # to stderr: standard output is the answer alone
    try:
        said = given.command.run(given)
    except CacheError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{given.data}: {error.strerror}", file=sys.stderr)
        return 1
    _tell(said, as_json=given.json)
    return 0 if said.ok else 1


def _tell(said: Said, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(said.facts))
    else:
        for name, value in said.facts.items():
            lines = cast(list[object], value) if isinstance(value, list) else [value]
            print("\n".join(f"{name:18} {line}" for line in lines or ["-"]))
    if said.why:
        print(said.why, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
