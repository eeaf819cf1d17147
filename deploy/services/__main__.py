"""``./adm services [check [FILE ...] | play] [--district FILE]``: exit code 1 on any flaw or miss."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.services import check, table
from wire import service
from wire.service import ServiceError


class _Words(argparse.Namespace):
    act: str
    files: list[Path]
    district: Path | None


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="adm services", description="The services: a table (without words), a check of files, every way played."
    )
    parser.add_argument("act", nargs="?", choices=("table", "check", "play"), default="table")
    parser.add_argument("files", nargs="*", type=Path, help="check: service or district files; none: the whole base")
    parser.add_argument("--district", type=Path, help="table, play: with this district's file over the base")
    given = parser.parse_args(words, namespace=_Words())
    if given.files and given.act != "check":
        parser.error(f"{given.act} takes no files; did you mean --district {given.files[0]}?")
    try:
        if given.act == "check":
            return _check([*given.files, *([given.district] if given.district else [])] or check.base_files())
        service.use(given.district)
    except ServiceError as error:
        _say(*str(error).splitlines())
        return 1
    return _play() if given.act == "play" else _table()


def _check(files: list[Path]) -> int:
    flaws = check.check(files)
    _say(*map(str, flaws))
    count = f"{len(files)} file{'' if len(files) == 1 else 's'}"
    _say(f"{count}: {f'{len(flaws)} to mend.' if flaws else 'all well.'}")
    return 1 if flaws else 0


def _table() -> int:
    _say(*table.lines())
    return 0


def _play() -> int:
    from deploy.services.play import Played, play, ways  # the kiosk's code: the check needs none of it

    def row(played: Played) -> tuple[str, ...]:
        way = played.way
        answers = ", ".join(f"{question}: {answer}" for question, answer in way.answers.items()) or "-"
        papers = ", ".join(id_ if pages == 1 else f"{id_} x{pages}" for id_, pages in played.papers)
        missing = ", ".join(played.submit.missing if played.submit else ()) or "-"
        name = way.known.code if way.kind == "apply" else f"{way.known.code} (tile)"
        return name, answers, papers, missing, str(played.screens), played.why or "ok"

    done = [play(way) for way in ways()]
    _say(*table.aligned([("service", "answers", "papers", "missing", "screens", "result"), *map(row, done)]))
    bad = sum(bool(played.why) for played in done)
    offered = len(service.offered())
    _say(f"{offered} services, {len(done)} visits played: {f'{bad} went wrong.' if bad else 'all as their files say.'}")
    return 1 if bad else 0


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
