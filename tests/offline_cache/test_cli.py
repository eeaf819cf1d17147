"""``python -m offline_cache``: what it says of a whole queue and of every kind of damage, and how a terminal ends."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from offline_cache import durable
from offline_cache.__main__ import main
from offline_cache.api import CacheError
from offline_cache.cache import open_cache
from offline_cache.database import Database
from offline_cache.folder import WIPING, load_keys
from offline_cache.guard import SECRET
from tests.offline_cache.conftest import NIK, QUICK, Opener, apply, everything, received, sync, until
from tests.offline_cache.office import Office, no
from wire.problem import Code

Say = Callable[..., tuple[int, dict[str, Any], str]]


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    """Run a command over ``data`` with --json: exit code, facts, stderr."""

    def run(name: str, *more: str) -> tuple[int, dict[str, Any], str]:
        capsys.readouterr()
        code = main([name, "--json", "--data", str(tmp_path / "data"), *more])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else {}, err

    return run


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """One for the module."""
    office = Office()
    yield office
    office.close()


@pytest.fixture(scope="module")
def made(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One that was received under an older key, one refused and one queued."""
    data = tmp_path_factory.mktemp("made") / "data"
    cache = open_cache(data, version="test", settings=QUICK)
    cache.enrol(office.code())
    number = apply(cache)
    sync(cache)
    until(lambda: received(cache, office, number))
    cache.enrol(office.roll())
    office.trick = lambda method, _path: no(Code.CONFLICT) if method == "PUT" else None
    apply(cache, name="BUDI CONTOH")
    until(lambda: cache.queue().quarantined == 1)
    cache.close()
    cache = open_cache(data, version="test", settings=QUICK)
    apply(cache, pages=2)
    cache.close()
    office.trick = lambda _method, _path: None
    return data


@pytest.fixture
def filled(made: Path, tmp_path: Path) -> Path:
    """A copy of it; no process holds it."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def test_status_in_words_and_as_json(filled: Path, say: Say, capsys: pytest.CaptureFixture[str]) -> None:
    code, facts, _ = say("status")
    assert code == 0
    assert (facts["code"], facts["queued"], facts["quarantined_count"], facts["last_seq"]) == ("KMT", 1, 1, 3)
    assert facts["protection"] == "file" and facts["quarantined"][0]["problem"].endswith("conflict")
    assert main(["status", "--data", str(filled)]) == 0
    assert "protection         file" in capsys.readouterr().out


def test_json_stays_json_when_a_command_is_the_first_to_seal_the_keys(
    filled: Path, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SECRET).write_bytes(b"s" * 32)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    code, facts, err = say("status")
    assert (code, facts["protection"]) == (0, "host") and "keys_sealed" in err
    assert b'"sealed":' in (filled / "keys.json").read_bytes() and say("verify")[0] == 0
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    code, facts, err = say("verify")
    assert (code, facts) == (1, {}) and "adm-keys is not here" in err


def test_verify_finds_a_whole_queue_whole_and_changes_nothing(filled: Path, say: Say) -> None:
    before = {path.name: path.read_bytes() for path in filled.rglob("*") if path.is_file()}
    code, facts, _ = say("verify", "--reserve", "0")
    assert (code, facts["misses"], facts["submissions"], facts["parts"], facts["receipts"]) == (0, [], 3, 7, 1)
    assert facts["unproved"] == 0 and not facts["orphans"] and not facts["temporary"] and not facts["full"]
    (filled / "parts" / f"{durable.TEMPORARY}1").write_bytes(b"half")
    (filled / "parts" / ("0" * 64)).write_bytes(b"orphan")
    code, facts, _ = say("verify", "--reserve", str(1 << 40))
    assert (code, facts["orphans"], facts["temporary"]) == (0, ["0" * 64], [f"{durable.TEMPORARY}1"])
    assert facts["full"] is True, "the reserve is told"
    after = {path.name: path.read_bytes() for path in filled.rglob("*") if path.is_file()}
    kept = before.keys() - {"index.db-shm", "index.db-wal"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}


def test_verify_names_what_is_lost_or_damaged(filled: Path, say: Say) -> None:
    names = sorted((filled / "parts").iterdir())
    names[0].unlink()
    names[1].write_bytes(names[1].read_bytes()[:-1] + b"\0")
    names[2].write_bytes(names[2].read_bytes() + b"\0")
    code, facts, err = say("verify")
    assert code == 1 and "3 things" in err and NIK not in err
    told = "\n".join(facts["misses"])
    assert told.count("is not here") == 1 and told.count("is damaged") == 2
    assert all(path.name[:12] in told for path in names[:3])


_OTHER = "(SELECT s.manifest, s.manifest_sha256 FROM submissions s WHERE s.seq = 2)"
TAMPERED = {
    "manifest": ("UPDATE submissions SET manifest = CAST(manifest || ' ' AS BLOB) WHERE seq = 1", "another hash"),
    "forged": (
        f"UPDATE submissions SET (manifest, manifest_sha256) = {_OTHER} WHERE seq = 3",
        "something else than its row",
    ),
    "receipt": (
        "UPDATE submissions SET receipt = CAST(replace(receipt, 'false', 'true') AS BLOB) WHERE seq = 1",
        "the signature does not hold",
    ),
    "unsigned": ("UPDATE submissions SET receipt = x'7b7d' WHERE seq = 1", "the receipt"),
    "chain": ("DELETE FROM submissions WHERE seq = 2", "does not follow"),
    "next": ("UPDATE identities SET next_seq = 9 WHERE id = 2", "does not follow"),
    "parts": ("DELETE FROM submission_parts WHERE rowid = 1", "not those of its manifest"),
    "identity": ("UPDATE identities SET answer = x'7b7d' WHERE id = 1", "the office's answer"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_verify_sees_a_row_that_was_changed(filled: Path, say: Say, what: str) -> None:
    statement, told = TAMPERED[what]
    with closing(Database.open(filled, load_keys(filled).database)) as database, database.write() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        for trigger in (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            connection.execute(text(f'DROP TRIGGER "{trigger}"'))
        if what == "chain":
            connection.execute(
                text(
                    "DELETE FROM submission_parts WHERE submission_id IN"
                    " (SELECT submission_id FROM submissions WHERE seq = 2)"
                )
            )
        connection.execute(text(statement))
    code, facts, _ = say("verify")
    assert code == 1 and any(told in miss for miss in facts["misses"]), facts["misses"]


def test_verify_sees_a_damaged_index(filled: Path, say: Say) -> None:
    file = filled / "index.db"
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    file.write_bytes(raw)
    code, facts, err = say("verify")
    assert code == 1 and (facts.get("misses") or "cache_broken" in err)


def test_a_station_that_runs_is_left_alone(opener: Opener, tmp_path: Path, say: Say) -> None:
    cache = opener()
    for name in ("status", "verify", "requeue", "wipe"):
        code, facts, err = say(name)
        assert (code, facts) == (1, {}) and "another process" in err, name
    cache.close()
    assert main(["status", "--data", str(tmp_path / "nowhere")]) == 1
    with pytest.raises(SystemExit) as wrong:
        main(["status"])
    assert wrong.value.code == 2


def test_requeue_refused_by_number_or_all_and_what_the_office_lost(filled: Path, say: Say, office: Office) -> None:
    _, facts, _ = say("status")
    number = facts["quarantined"][0]["number"]
    code, _, err = say("requeue", "KMT-9-9")
    assert code == 1 and "not among the refused" in err
    assert say("requeue", number)[1] == {"requeued": 1} and say("requeue")[1] == {"requeued": 0}
    assert say("requeue", "--above", "1")[1] == {"requeued": 0}
    assert say("requeue", "--above", "0")[1] == {"requeued": 1}
    assert say("requeue", "--all-received")[1] == {"requeued": 0}
    _, facts, _ = say("status")
    assert (facts["queued"], facts["quarantined_count"]) == (3, 0)
    assert say("verify")[0] == 0


def test_what_was_queued_again_leaves_and_settles(filled: Path, say: Say, opener: Opener, office: Office) -> None:
    say("requeue")
    say("requeue", "--all-received")
    cache = opener()
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    assert cache.queue().quarantined == 0 and len(office.receipts) == 3
    cache.close()


def test_wipe_waits_for_the_queue_and_then_leaves_nothing(
    filled: Path, say: Say, opener: Opener, office: Office
) -> None:
    code, facts, err = say("wipe", "--yes")
    assert (code, facts["undelivered"], facts["wiped"]) == (1, 2, False) and "export" in err
    say("requeue")
    cache = opener()
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    cache.close()
    code, facts, err = say("wipe")
    assert (code, facts["wiped"]) == (1, False) and "--yes" in err and (filled / "keys.json").exists()
    code, facts, _ = say("wipe", "--yes")
    assert (code, facts["wiped"]) == (0, True)
    assert [path.name for path in filled.rglob("*") if path.is_file()] == ["lock"] and everything(filled) == b""
    assert say("status")[0] == 1
    assert opener().identity() is None, "the folder is as new"


def test_wipe_that_was_cut_short_is_finished_and_nothing_opens_before(
    filled: Path, say: Say, opener: Opener, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    say("requeue")
    cache = opener()
    sync(cache)
    until(lambda: cache.queue().queued == 0)
    cache.close()
    real = durable.remove

    def cut(paths: Iterable[Path]) -> None:
        given = list(paths)
        if any(path.name == "index.db" for path in given):
            raise OSError(5, "power cut")
        real(given)

    monkeypatch.setattr(durable, "remove", cut)
    assert say("wipe", "--yes")[0] == 1
    monkeypatch.undo()
    assert not (filled / "keys.json").exists() and (filled / WIPING).exists()
    with pytest.raises(CacheError, match="wipe was begun"):
        opener()
    assert say("wipe", "--yes")[0] == 0
    assert [path.name for path in filled.rglob("*") if path.is_file()] == ["lock"]


def test_wipe_of_a_folder_that_cannot_be_read_removes_nothing(filled: Path, say: Say) -> None:
    (filled / "keys.json").write_bytes(b"{}")
    code, _, err = say("wipe", "--yes")
    assert code == 1 and "nothing is removed" in err and (filled / "index.db").exists()
