"""The gateway's command: ``python -m gateway [COMMAND]``; without words it serves, ``--help`` lists the commands."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from gateway import config, enrol, intake, keys, officers
from gateway.database import DatabaseError
from gateway.office import hand_over
from gateway.office.packet import PacketError
from gateway.profiles import profile
from gateway.rooms import Office
from gateway.settings import Settings
from wire import events, service
from wire.number import Number

_DATA = Path("data") / "gateway"
_URL = "http://127.0.0.1:8080"


class _Words(argparse.Namespace):
    run: Callable[[_Words], int]
    data: Path
    config: Path | None
    workers: int | None
    host: str
    port: int
    url: str | None
    zone: str
    map: Path | None
    changes: Path | None
    code: str
    village: str
    district: str
    regency: str
    office: str
    phone: str
    name: str
    login: str
    id: str
    number: str
    profile: str
    to: Path
    file: Path
    paths: list[Path]
    json: bool
    keep: int
    without_keys: bool
    leave_out: bool
    source: Path


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status (2 for wrong words; 1, keeping.SERVED: a refusal told on stderr)."""
    given = list(sys.argv[1:] if words is None else words)
    if not given or (given[0].startswith("--") and given[0] not in ("--help",)):
        given.insert(0, "serve")
    arguments = _parser().parse_args(given, namespace=_Words())
    events.configure()
    try:
        return arguments.run(arguments)
    except (ValueError, keys.KeyFileError, DatabaseError, PacketError, OSError) as error:
        print(f"gateway: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gateway", description="The office's end of the Anjungan Dukcapil Mandiri.")
    commands = parser.add_subparsers(metavar="command", required=True)
    one = _command(commands, "serve", "serve the terminals and the officers' pages", _serve)
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    one.add_argument("--port", type=int, default=8080, help="port; 0 takes a free one")
    one.add_argument("--url", help="address that terminals and officers use, when a proxy stands in front")
    one.add_argument("--district", type=Path, dest="changes", help="the district's file over the services")
    one.add_argument("--map", type=Path, help="the district's villages as GeoJSON (properties code, name)")
    one.add_argument("--workers", type=int, help="processes that serve, over the settings file's")
    one.add_argument("--zone", choices=("WIB", "WITA", "WIT"), default="WIB", help="the office's time zone")

    terminal = commands.add_parser("terminal", help="terminals").add_subparsers(metavar="act", required=True)
    one = _command(terminal, "add", "make a terminal, or a new code for it; prints the enrolment code", _terminal_add)
    one.add_argument("--code", required=True, help="three capital letters, part of every registration number")
    for name in ("village", "district", "regency", "office"):
        one.add_argument(f"--{name}", required=True)
    one.add_argument("--phone", default="", help="the office's telephone number")
    one.add_argument("--url", help="address that the terminal will use (default: the gateway's own)")
    one = _command(terminal, "revoke", "take nothing more from a terminal", _terminal_revoke)
    one.add_argument("--code", required=True)

    officer = commands.add_parser("officer", help="officers' accounts").add_subparsers(metavar="act", required=True)
    one = _command(officer, "add", "make an account; the password is read from standard input", _officer_add)
    one.add_argument("--name", required=True)
    one.add_argument("--login", required=True)

    one = _command(commands, "withdraw", "remove an application's pages and leave tombstones", _withdraw)
    one.add_argument("--id", required=True, help="id of any of its submissions")
    one = _command(commands, "export", "write an application's files as a destination takes them", _export)
    one.add_argument("number", help="registration number, as on the receipt")
    one.add_argument("--profile", required=True, help="destination profile; see the command profiles")
    one.add_argument("--to", type=Path, required=True, help="folder; a new one named after number and profile is made")
    one.add_argument("--district", type=Path, dest="changes", help="the district's file over the services")
    couriers = commands.add_parser("courier", help="USB courier").add_subparsers(metavar="act", required=True)
    one = _command(couriers, "import", "take in volumes from a USB stick and write the answers beside them", _courier)
    one.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a stick, its folder ADM-KURIR, or a file")
    one.add_argument("--json", action="store_true", help="one JSON list on standard output")
    rolls = commands.add_parser("keys", help="the keys that parts are sealed to").add_subparsers(
        metavar="act", required=True
    )
    _as_json(_command(rolls, "list", "every key, its dates, and what is sealed to it", _keys_list))
    _as_json(_command(rolls, "roll", "make a new office key; the one before still opens what it sealed", _keys_roll))
    one = _as_json(_command(rolls, "retire", "remove an office key two years after it was replaced", _keys_retire))
    one.add_argument("id", help="as the list names it")
    one = _as_json(_command(rolls, "escrow", "seal to another escrow key from now on", _keys_escrow))
    one.add_argument(
        "file", type=Path, metavar="FILE.pub", help="file with its recipient (a line that begins with age1)"
    )
    one = _command(commands, "backup", "copy the whole office into a folder, while it serves", _backup)
    one.add_argument("--to", type=Path, required=True, help="folder of the backups, on another disk; holds the newest")
    one.add_argument("--keep", type=int, default=14, help="how many are kept (default: 14)")
    one.add_argument("--without-keys", action="store_true", help="leave out the office's private keys")
    one.add_argument("--json", action="store_true", help="one JSON object")
    one = _command(commands, "restore", "make an office anew from a backup, in an empty place", _restore)
    one.add_argument("--leave-out", action="store_true", help="go without parts that are damaged, and name them")
    one.add_argument("--from", type=Path, required=True, dest="source", help="a backup, or a folder of backups")
    one.add_argument("--json", action="store_true", help="one JSON object")
    one = _command(
        commands, "verify", "prove the database, every receipt and every part; name what is lacking", _verify
    )
    one.add_argument("--json", action="store_true", help="one JSON object")
    _command(commands, "profiles", "list the destination profiles and check the office's own", _profiles)
    _command(commands, "openapi", "print the description of the terminals' interface", _openapi)
    return parser


def _command(
    parent: argparse._SubParsersAction[argparse.ArgumentParser],  # pyright: ignore[reportPrivateUsage]  # argparse names the type nowhere else
    name: str,
    text: str,
    run: Callable[[_Words], int],
) -> argparse.ArgumentParser:
    made = parent.add_parser(name, help=text, description=text)
    made.add_argument("--data", type=Path, default=_DATA, help=f"data directory (default: {_DATA})")
    made.add_argument(
        "--config", type=Path, help="settings file (default: the data directory's name with .toml, if that is there)"
    )
    made.set_defaults(run=run)
    return made


def _as_json(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser


def _settings(words: _Words) -> Settings:
    return config.load(words.data, words.config)


def _office(words: _Words) -> Office:
    return Office.open(_settings(words))


def _serve(words: _Words) -> int:
    # Here, not above: half a second that no other command needs.
    from gateway.serve import Address, serve

    settings = config.with_workers(_settings(words), words.workers)
    service.use(words.changes)
    return serve(settings, Address(words.host, words.port, words.url), words.zone, words.map)


def _terminal_add(words: _Words) -> int:
    office = _office(words)
    new = enrol.NewTerminal(words.code, words.village, words.district, words.regency, words.office, words.phone)
    print(enrol.add_terminal(office, new, words.url or enrol.known_url(office) or _URL))
    return 0


def _terminal_revoke(words: _Words) -> int:
    enrol.revoke(_office(words), words.code)
    return 0


def _officer_add(words: _Words) -> int:
    password = sys.stdin.readline().rstrip("\n")
    officers.add(_office(words), words.name, words.login, password)
    return 0


def _withdraw(words: _Words) -> int:
    intake.withdraw(_office(words), words.id)
    return 0


def _export(words: _Words) -> int:
    service.use(words.changes)
    number = str(Number.parse(words.number))
    print("\n".join(hand_over.export(_office(words), number, words.profile, words.to)))
    return 0


def _courier(words: _Words) -> int:
    from gateway import courier_command

    return courier_command.run(_office(words), words.paths, words.json)


def _keys_list(words: _Words) -> int:
    from gateway import key_rolls

    key_rolls.tell(key_rolls.listing(_office(words)), words.json)
    return 0


def _keys_roll(words: _Words) -> int:
    from gateway import key_rolls

    key_rolls.tell([key_rolls.plain(key_rolls.roll(_office(words)))], words.json)
    return 0


def _keys_retire(words: _Words) -> int:
    from gateway import key_rolls

    key_rolls.tell([key_rolls.plain(key_rolls.retire(_office(words), words.id))], words.json)
    return 0


def _keys_escrow(words: _Words) -> int:
    from gateway import key_rolls

    office = _office(words)
    named = key_rolls.escrow(office, words.file)
    key_rolls.tell([each for each in key_rolls.listing(office) if each["id"] == named], words.json)
    return 0


def _backup(words: _Words) -> int:
    from gateway import keeping

    keys, file = not words.without_keys, words.config
    return keeping.make_backup(_settings(words), words.to, keys=keys, keep=words.keep, file=file, as_json=words.json)


def _restore(words: _Words) -> int:
    from gateway import keeping

    return keeping.make_anew(
        words.source, _settings(words), file=words.config, leave_out=words.leave_out, as_json=words.json
    )


def _verify(words: _Words) -> int:
    from gateway import keeping

    return keeping.prove(_settings(words), words.json)


def _profiles(words: _Words) -> int:
    for each in profile.profiles(_settings(words).profiles).values():
        print(f"{each.id:16} {each.title} ({each.source}{f', {each.date}' if each.date else ''})")
    return 0


def _openapi(_words: _Words) -> int:
    from gateway import app, terminal_api

    with tempfile.TemporaryDirectory() as empty:
        document = terminal_api.describe(app.api(Office.open(Settings(Path(empty)))))
    print(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
