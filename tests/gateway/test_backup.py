"""Backup while it serves, restore, and what terminals make of it. Ids are those of the sync notes, section 2."""

from __future__ import annotations

import configparser
import hashlib
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import backup, intake
from gateway.__main__ import main
from gateway.restore import restore
from gateway.settings import DatabaseSettings, Settings, StoreSettings
from gateway.tables import Submission
from offline_cache.api import Cache, Submitted
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.gateway.backends import EMBEDDED, sql
from tests.gateway.rig import ROOT, Gateway, Terminal, opened
from tests.offline_cache.conftest import NIK, until
from tests.proof.look import look
from wire.change import State

BACKENDS = EMBEDDED


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Gateway]:
    made = Gateway(tmp_path / "office").start()
    yield made
    made.stop()


def terminal_of(folder: Path, purge_days: float = 7.0) -> Cache:
    settings = CacheSettings(retry_cap_s=0.3, probe_cap_s=0.2, disk_reserve=1, spread_s=0.0, purge_days=purge_days)
    return open_cache(folder, version="test", settings=settings)


def send(cache: Cache, count: int) -> list[Submitted]:
    done: list[Submitted] = []
    for turn in range(count):
        draft = cache.begin_draft()
        cache.keep_page(draft, "kk", 1, b"\xff\xd8" + bytes([turn]) * 9000, "image/jpeg")
        done.append(cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK, "name": "SITI"}))
    cache.sync_now()
    until(lambda: not cache.queue().queued)
    return done


def received(data: Path) -> dict[str, tuple[int, int]]:
    """Id to (seq, server_seq) of what the office has signed for."""
    rows = sql(data, "SELECT id, seq, server_seq FROM submissions WHERE receipt IS NOT NULL")
    return {str(row[0]): (int(str(row[1])), int(str(row[2]))) for row in rows}


def command(*words: object) -> int:
    return main([str(word) for word in words])


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    said = capsys.readouterr().out
    return json.loads(said[said.index("{\n") :])  # the terminal in this process logs, too


def lose(office: Gateway) -> None:
    office.kill()
    shutil.rmtree(office.data)


def after_a_beat(cache: Cache, condition: Callable[[], object]) -> None:
    """Wait for it; the terminal asks the office meanwhile (by itself it does every few minutes)."""
    for _ in range(30):
        cache.sync_now()
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            if condition():
                return
            time.sleep(0.02)
    raise AssertionError("it did not come about")


def state(cache: Cache, of: Submitted) -> str:
    trail = cache.lookup(of.number, NIK).trail
    return trail.state if trail else ""


def decide(data: Path, of: Submitted, to: State) -> None:
    with opened(data) as desk, desk.database.write() as session:
        intake.add_event(session, session.get_one(Submission, of.submission_id), to)


def started(folder: Path, purge_days: float = 7.0) -> Cache:
    cache = terminal_of(folder, purge_days)
    cache.start_sync(tuple, lambda: None)
    return cache


def whole(data: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """What ``verify`` tells of an office that is as it was signed."""
    assert command("verify", "--data", data, "--json") == 0
    return told(capsys)


def test_l12_a_restored_office_gets_again_all_that_it_lacks_and_nothing_twice(
    office: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backups, folder = tmp_path / "backups", tmp_path / "terminal"
    cache = terminal_of(folder)
    cache.enrol(office.code())
    cache.start_sync(tuple, lambda: None)
    other = Terminal(office).enrol(office.code("BBB"))
    before = send(cache, 3)
    assert command("backup", "--data", office.data, "--to", backups, "--json") == 0
    assert (made := told(capsys))["received"] == 3 and made["missing"] == []
    after = send(cache, 3)
    decide(office.data, before[0], State.IN_REVIEW)  # the backup does not know it
    after_a_beat(cache, lambda: state(cache, before[0]) == "in_review")
    cache.close()
    lose(office)
    assert command("restore", "--from", backups, "--data", office.data, "--json") == 0
    assert '"received": 3' in json.dumps(told(capsys)["report"])
    assert set(received(office.data)) == {each.submission_id for each in before}

    office.start()
    for _ in range(9):  # more happens here than the terminal had heard, before it asks
        other.send(other.packet(pages=0))
    cache = started(folder)
    after_a_beat(cache, lambda: len(received(office.data)) == 6 + 9)
    until(lambda: not cache.queue().queued)
    here = received(office.data)
    assert {each.submission_id for each in (*before, *after)} <= set(here)
    assert len({server_seq for _, server_seq in here.values()}) == 15
    after_a_beat(cache, lambda: state(cache, before[0]) == "received")  # what it said before the loss stands no more
    decide(office.data, after[2], State.APPROVED)
    after_a_beat(cache, lambda: state(cache, after[2]) == "approved")
    done = send(cache, 1)[0]
    after_a_beat(cache, lambda: state(cache, done) == "received")
    assert sorted(here[each.submission_id][0] for each in (*before, *after)) == [1, 2, 3, 4, 5, 6]
    assert [row[0] for row in sql(office.data, "SELECT have_seq FROM terminals ORDER BY code")] == [9, 7]
    cache.close()
    found = look(folder)
    assert found.faults() == [] and {row.state for row in found.rows.values()} == {"received"}
    report = whole(office.data, capsys)
    assert (report["received"], report["lacking"], report["strange"]) == (16, {}, 0)


def test_l12_what_was_purged_meanwhile_is_named_and_nobody_goes_round_in_circles(
    office: Gateway, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backups, folder = tmp_path / "backups", tmp_path / "terminal"
    cache = terminal_of(folder)
    cache.enrol(office.code())
    cache.start_sync(tuple, lambda: None)
    send(cache, 2)
    assert command("backup", "--data", office.data, "--to", backups) == 0
    capsys.readouterr()
    gone = send(cache, 1)[0]
    cache.close()
    cache = started(folder, purge_days=0.0)
    until(lambda: not any((folder / "parts").iterdir()))
    cache.close()
    cache = started(folder)
    kept = send(cache, 2)
    for turn in range(2):  # and the second time the gap is no news
        lose(office)
        assert command("restore", "--from", backups, "--data", office.data) == 0
        office.start()
        after_a_beat(cache, lambda: {each.submission_id for each in kept} <= set(received(office.data)))
        until(lambda: not cache.queue().queued)
        assert gone.submission_id not in received(office.data), turn
        capsys.readouterr()
        assert whole(office.data, capsys)["lacking"] == {"KMT": [3]}
    asked = sql(office.data, "SELECT count(*) FROM audit")
    receipts = sql(office.data, "SELECT id, receipt FROM submissions ORDER BY id")
    for _ in range(5):
        cache.sync_now()
        assert cache.queue().queued == 0
    last = send(cache, 1)[0]
    assert last.submission_id in received(office.data)
    assert sql(office.data, "SELECT count(*) FROM audit") == asked
    assert sql(office.data, "SELECT id, receipt FROM submissions ORDER BY id")[: len(receipts)] == receipts
    cache.close()
    assert look(folder).faults() == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Terminal]]:
    """A gateway that serves, with three applications, one of them withdrawn, and one on its way."""
    gateway = Gateway(tmp_path_factory.mktemp("kept") / "office").start()
    terminal = Terminal(gateway).enrol(gateway.code())
    packets = [terminal.packet(pages=1) for _ in range(4)]
    for packet in packets[:3]:
        terminal.send(packet)
    terminal.put(packets[3])
    with opened(gateway.data) as desk:
        intake.withdraw(desk, packets[2].id)
    yield gateway, terminal
    gateway.stop()


def sums_hold(folder: Path) -> bool:
    done = subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    return done.returncode == 0


def test_a_backup_is_whole_linked_to_the_one_before_and_only_so_many_are_kept(
    kept: tuple[Gateway, Terminal], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, terminal = kept
    (tmp_path / ".new-left").mkdir()  # by one that was killed
    settings = Settings(gateway.data)
    first = backup.backup(settings, tmp_path, keep=2)
    assert (first.submissions, first.received, first.linked, first.missing) == (4, 3, 0, [])
    terminal.send(terminal.packet(pages=1))
    second, third = (backup.backup(settings, tmp_path, keep=2) for _ in range(2))
    assert (second.copied, third.copied) == (3, 0) and third.linked == second.linked + 3
    assert third.removed == [Path(first.folder).name]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != ".lock") == sorted(
        Path(each.folder).name for each in (second, third)
    )
    assert sums_hold(Path(third.folder))
    modes = {path.stat().st_mode & 0o077 for path in Path(third.folder).rglob("*")}
    assert modes == {0}
    assert (Path(third.folder) / "keys" / "office.age").read_bytes() == (
        gateway.data / "keys" / "office.age"
    ).read_bytes()
    told = "\n".join(third.lines())
    assert "private keys" in told
    bare = backup.backup(settings, tmp_path / "bare", keys=False)
    assert not (Path(bare.folder) / "keys").exists() and "Without the keys" in "\n".join(bare.lines())
    done = restore(Path(bare.folder), Settings(tmp_path / "again"))
    assert not done.keys and "put them into" in "\n".join(done.lines())


def test_backups_while_submissions_arrive_are_each_consistent(kept: tuple[Gateway, Terminal], tmp_path: Path) -> None:
    gateway, terminal = kept
    ends = threading.Event()

    def go_on() -> None:
        while not ends.is_set():
            terminal.send(terminal.packet(pages=1, page=b"\xff\xd8" * 3000))

    sender = threading.Thread(target=go_on)
    sender.start()
    try:
        made = [backup.backup(Settings(gateway.data), tmp_path / "b") for _ in range(3)]
    finally:
        ends.set()
        sender.join()
    assert made[-1].received > made[0].received - 1
    for number, each in enumerate(made):
        assert each.missing == []
        report = restore(Path(each.folder), Settings(tmp_path / str(number) / "office")).report
        assert report is not None and (report.faults, report.received) == ([], each.received)


def test_a_restore_is_into_an_empty_place_and_whole_or_not_at_all(
    kept: tuple[Gateway, Terminal], tmp_path: Path
) -> None:
    gateway, _ = kept
    made = Path(backup.backup(Settings(gateway.data), tmp_path / "b").folder)
    full = tmp_path / "full"
    full.mkdir()
    (full / "x").touch()
    with pytest.raises(backup.BackupError, match="not empty"):
        restore(made, Settings(full))

    def refused(spoil: Callable[[Path], object], word: str) -> None:
        copy = tmp_path / "copy"
        shutil.copytree(made, copy)
        spoil(copy)
        with pytest.raises(backup.BackupError, match=word):
            restore(copy, Settings(tmp_path / "place" / "new"))
        assert list((tmp_path / "place").iterdir()) == [] if (tmp_path / "place").exists() else True
        shutil.rmtree(copy, ignore_errors=True)

    part = next(path.relative_to(made) for path in made.rglob("*.age") if "store" in path.parts)
    refused(lambda copy: (copy / part).write_bytes(b"x"), "damaged")
    refused(lambda copy: (copy / part).unlink(), "is not there")
    refused(lambda copy: (copy / "gateway.db").write_bytes(b"x"), "damaged")
    refused(lambda copy: (copy / "SHA256SUMS").write_text(""), "damaged")
    refused(lambda copy: (copy / "SHA256SUMS").write_text(f"{'0' * 64}  ../../x\n"), "not of a backup")
    refused(lambda copy: (copy / "backup.json").unlink(), "backup.json")
    refused(shutil.rmtree, "no whole backup")
    spoilt = tmp_path / "spoilt"  # one rotten part is no reason to lose all the others
    shutil.copytree(made, spoilt)
    (spoilt / part).write_bytes(b"x")
    done = restore(spoilt, Settings(tmp_path / "most" / "new"), leave_out=True)
    assert done.left_out == (str(part),) and not (tmp_path / "most" / "new" / part).exists()
    assert done.report is not None and len(done.report.faults) == 1 and "is not there" in done.report.faults[0]
    (spoilt / "gateway.db").write_bytes(b"x")
    with pytest.raises(backup.BackupError, match="damaged"):
        restore(spoilt, Settings(tmp_path / "none" / "new"), leave_out=True)
    (tmp_path / "copy").mkdir()
    (tmp_path / "place" / "new").mkdir(parents=True)  # empty is a place
    assert restore(tmp_path / "b", Settings(tmp_path / "place" / "new")).source == str(made)


def test_what_rots_in_a_backup_is_not_linked_into_the_next(
    kept: tuple[Gateway, Terminal], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway, _ = kept
    monkeypatch.setattr(backup, "ROUND", 2)
    settings = Settings(gateway.data)
    first = Path(backup.backup(settings, tmp_path).folder)
    manifest = next(first.rglob("manifest.json"))
    manifest.write_bytes(b"\0" * manifest.stat().st_size)
    second = Path(backup.backup(settings, tmp_path).folder)
    assert sums_hold(second)
    (second / "SHA256SUMS").write_bytes(b"\xff")  # of a disk that lost a sector: no reason to make no more backups
    third = backup.backup(settings, tmp_path)
    assert third.linked == 0 and sums_hold(Path(third.folder))
    parts = sorted((Path(third.folder) / "store").rglob("*.age"))
    parts[0].write_bytes(b"\0" * parts[0].stat().st_size)
    made = [backup.backup(settings, tmp_path) for _ in range(backup.ROUND)]  # each part is read once
    assert sums_hold(Path(made[-1].folder))
    lost = gateway.data.joinpath(*parts[1].relative_to(third.folder).parts)
    whole = lost.read_bytes()
    lost.unlink()
    last = backup.backup(settings, tmp_path)
    assert len(last.missing) == 1  # told, and what the earlier backups have of it does not run out with them
    assert Path(last.folder).joinpath(*lost.relative_to(gateway.data).parts).read_bytes() == whole
    lost.write_bytes(whole)


def test_verify_names_each_fault_and_changes_nothing(
    kept: tuple[Gateway, Terminal], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway, _ = kept
    backup.backup(Settings(gateway.data), tmp_path / "b")
    data = tmp_path / "office"
    restore(tmp_path / "b", Settings(data))
    parts = sorted((data / "store").rglob("*.age"))
    parts[0].unlink()
    parts[1].write_bytes(b"\0" * parts[1].stat().st_size)
    parts[1].with_name("manifest.json").write_bytes(b"{}")  # of a received one
    (data / "store" / ("f" * 32) / "0193a1b2-0000-7000-8000-000000000000").mkdir(parents=True)
    sql(data, "UPDATE submissions SET receipt = ? WHERE server_seq = 1", (b"{}",))
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in parts[1:]}
    assert command("verify", "--data", data, "--json") == 1
    report = told(capsys)
    faults = json.dumps(report["faults"])
    for fault in ("is not there", "is damaged", "manifest in the store is another", "receipt does not hold"):
        assert fault in faults, fault
    assert report["strange"] == 1
    assert before == {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in parts[1:]}
    assert command("verify", "--data", data) == 1
    assert "FAULTS" in capsys.readouterr().out
    assert command("backup", "--data", data, "--to", tmp_path / "c") == 1
    assert "NOT WHOLE IN THE STORE" in capsys.readouterr().out


def test_what_stands_on_servers_is_saved_by_theirs(tmp_path: Path) -> None:
    for settings in (
        Settings(tmp_path, database=DatabaseSettings("postgresql://x@/y")),
        Settings(tmp_path, store=StoreSettings("bucket")),
    ):
        with pytest.raises(backup.BackupError, match="pg_dump"):
            backup.backup(settings, tmp_path / "b")
        with pytest.raises(backup.BackupError, match="pg_dump"):
            restore(tmp_path / "b", settings)
    with pytest.raises(backup.BackupError, match="no gateway"):
        backup.backup(Settings(tmp_path / "none"), tmp_path / "b")
    with pytest.raises(backup.BackupError, match="lost with it"):
        (tmp_path / "gateway.db").touch()
        backup.backup(Settings(tmp_path), tmp_path / "b")


def test_the_night_s_unit_does_not_fail_where_a_server_is_saved_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]  # systemd's names have capitals
    unit.read(ROOT / "deploy" / "systemd" / "adm-backup.service")
    good = {0, int(unit["Service"]["SuccessExitStatus"])}
    data, file = tmp_path / "data", tmp_path / "gateway.toml"

    def night(more: str) -> int:
        file.write_text(more)
        return command("backup", "--data", data, "--config", file, "--to", tmp_path / "b")

    assert (status := night('[database]\nurl = "postgresql://x@/y"\n')) in good and status != 0
    said = capsys.readouterr().err
    assert "no backup is made here" in said and "pg_dump" in said and str(data / "store") in said
    assert not (tmp_path / "b").exists()
    assert night("") not in good  # an office that lost its database is no such case
    assert "no gateway's database" in capsys.readouterr().err
