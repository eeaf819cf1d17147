"""Several workers over one PostgreSQL: one row whoever asks, an order that no reader misses, what dies comes back."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.gateway import backends
from tests.gateway.backends import sql
from tests.gateway.postgres import Server
from tests.gateway.rig import OFFICER, ROOT, Gateway, Officer, Terminal, add_officer, problem_of, run, wait_for

BACKENDS = ("served",)


def workers(gateway: Gateway) -> set[int]:
    """The processes that serve."""
    assert gateway.process is not None
    found = subprocess.run(["pgrep", "-P", str(gateway.process.pid)], capture_output=True, text=True, check=False)
    return {int(word) for word in found.stdout.split()}


def lives(pid: int) -> bool:
    """Whether it runs: an orphan that nobody waited for yet (a container's first process may never) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def alone(url: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    """One PUT over a connection of its own; which worker takes it is anybody's guess."""
    with requests.Session() as session:
        session.trust_env = False
        got = session.put(url, data=body, headers=headers, timeout=60)
        return got.status_code, str(got.json().get("receipt", ""))


def _five(url: str, headers: dict[str, str], body: bytes) -> list[tuple[int, str]]:
    with ThreadPoolExecutor(5) as pool:
        return list(pool.map(lambda _: alone(url, headers, body), range(5)))


def test_d1_four_processes_of_five_threads_get_one_row_and_one_receipt(gateway: Gateway, terminal: Terminal) -> None:
    packet = terminal.packet()
    url, headers = f"{gateway.url}/v1/submissions/{packet.id}", terminal.headers()
    with ProcessPoolExecutor(4, multiprocessing.get_context("forkserver")) as pool:
        first = [
            each for part in pool.map(_five, *zip(*[(url, headers, packet.envelope)] * 4, strict=True)) for each in part
        ]
        assert sorted(status for status, _ in first) == [200] * 19 + [201]
        for sha256, part in packet.parts.items():
            assert terminal.patch(sha256, 0, part).status_code == 204
        last = [
            each for part in pool.map(_five, *zip(*[(url, headers, packet.envelope)] * 4, strict=True)) for each in part
        ]
    assert len(last) == 20
    assert len({receipt for _, receipt in last}) == 1
    assert last[0][1]
    assert sql(gateway.data, "SELECT count(*) FROM submissions WHERE id = ?", (packet.id,)) == [(1,)]
    assert sql(gateway.data, "SELECT state FROM events WHERE submission_id = ?", (packet.id,)) == [("received",)]


def test_a_reader_who_polls_by_cursor_misses_no_row(gateway: Gateway, new_terminal: Callable[[], Terminal]) -> None:
    senders, reader = [new_terminal() for _ in range(4)], new_terminal()
    packets = [[sender.packet(pages=0) for _ in range(12)] for sender in senders]
    read: list[int] = []
    done = threading.Event()

    def poll() -> None:
        cursor, last = 0, False
        while not last:
            last = done.is_set()
            more = True
            while more:
                got = reader.http.get(
                    f"{gateway.url}/v1/changes?after={cursor}", headers=reader.headers(), timeout=30
                ).json()
                read.extend(row["cursor"] for row in got["changes"])
                cursor, more = got["cursor"], got["more"]

    polling = threading.Thread(target=poll)
    polling.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: [pair[0].send(packet) for packet in pair[1]], zip(senders, packets, strict=True)))
    done.set()
    polling.join(60)
    assert read == sorted(set(read))
    assert read == [row[0] for row in sql(gateway.data, "SELECT no FROM events ORDER BY no")]
    seqs = [row[0] for row in sql(gateway.data, "SELECT server_seq FROM submissions WHERE server_seq IS NOT NULL")]
    assert sorted(map(int, map(str, seqs))) == list(range(1, len(seqs) + 1))


def test_a_worker_that_dies_is_started_again(gateway: Gateway, terminal: Terminal) -> None:
    before = workers(gateway)
    assert len(before) == 2
    os.kill(min(before), signal.SIGKILL)
    wait_for(lambda: len(workers(gateway)) == 2 and workers(gateway) != before, 20)
    for _ in range(4):
        terminal.prove(terminal.send(terminal.packet(pages=0)))


def test_a_change_of_a_place_is_heard_from_every_worker(gateway: Gateway, terminal: Terminal) -> None:
    officer = Officer(gateway)
    officer.sign_in()
    assert terminal.answer is not None
    code = terminal.answer.code
    for closed in ("Atap bocor", "Listrik padam", "Libur"):
        until = time.strftime("%Y-%m-%d", time.localtime(time.time() + 3 * 86400))
        page = officer.get(f"/terminals/{code}")
        fields = {"csrf": officer.csrf(page), "until": until, "reason": closed}
        assert officer.post(f"/terminals/{code}/closed", fields).status_code == 200
        for _ in range(6):
            told = requests.get(f"{gateway.url}/lokasi.geojson", timeout=20).json()
            found = next(each["properties"] for each in told["features"] if each["id"] == code)
            assert found["closed_reason"] == closed


@pytest.fixture(scope="module")
def tight(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose terminals may ask for little."""
    data = tmp_path_factory.mktemp("tight") / "data"
    limits = "[limits]\nannouncements_an_hour = 5\nheartbeats_a_minute = 6\nopen_mib = 1\n"
    backends.settle(data, postgres, postgres.database(), limits)
    made = Gateway(data).start()
    yield made
    made.stop()


def _beat(terminal: Terminal) -> requests.Response:
    words = dict.fromkeys(("uptime_s", "queued", "quarantined", "last_seq", "disk_free", "cursor"), 0)
    body = json.dumps({"v": 1, "version": "0", "wall": "", "boot_id": "", "devices": [], **words})
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"{terminal.gateway.url}/v1/heartbeat", data=body, headers=terminal.headers(), timeout=20)


def test_limits_hold_over_all_workers_and_name_the_wait(tight: Gateway) -> None:
    terminal = Terminal(tight).enrol(tight.code("QTA"))
    with ThreadPoolExecutor(4) as pool:
        beats = list(pool.map(lambda _: _beat(terminal), range(9)))
    assert sorted(got.status_code for got in beats) == [200] * 6 + [429] * 3
    refused = next(got for got in beats if got.status_code == 429)
    assert problem_of(refused) == "busy"
    assert 1 <= int(refused.headers["Retry-After"]) <= 10

    packets = [terminal.packet(pages=0) for _ in range(6)]
    assert [terminal.put(packet).status_code for packet in packets] == [201] * 5 + [429]
    waiting = terminal.put(packets[5])
    assert problem_of(waiting) == "busy"
    assert 1 <= int(waiting.headers["Retry-After"]) <= 720
    for packet in packets[:5]:  # what is announced is never held back
        terminal.prove(terminal.send(packet))
    sql(tight.data, "UPDATE terminals SET announced_ms = announced_ms - 720000 WHERE id = ?", (terminal.id,))
    terminal.prove(terminal.send(packets[5]))


def test_what_is_announced_and_not_sent_is_bounded_but_one_is_always_let_in(tight: Gateway) -> None:
    terminal = Terminal(tight).enrol(tight.code("QTB"))
    large, small = terminal.packet(pages=1, page=os.urandom(1_400_000)), terminal.packet(pages=0)
    assert terminal.put(large).status_code == 201
    assert problem_of(terminal.put(small)) == "busy"
    terminal.prove(terminal.send(large))
    terminal.prove(terminal.send(small))
    assert sql(tight.data, "SELECT open_bytes FROM terminals WHERE id = ?", (terminal.id,)) == [(0,)]
    assert terminal.put(large).status_code == 200


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Server, Gateway]]:
    """A server and a gateway of its own, not started."""
    server = Server()
    backends.settle(tmp_path / "data", server, server.database())
    gateway = Gateway(tmp_path / "data")
    yield server, gateway
    if gateway.process is not None:
        gateway.stop()
    server.close()


def test_a_database_that_goes_is_a_problem_and_one_that_comes_back_is_used(own: tuple[Server, Gateway]) -> None:
    server, gateway = own
    add_officer(gateway.data)
    gateway.start()
    terminal = Terminal(gateway).enrol(gateway.code())
    first, second = terminal.packet(pages=1), terminal.packet(pages=1)
    receipt = terminal.send(first)
    server.end(signal.SIGQUIT)  # a crash, in mid-use
    for _ in range(4):
        got = terminal.put(second)
        assert problem_of(got) == "broken"
        assert got.headers["Retry-After"] == "5"
    assert requests.get(f"{gateway.url}/v1/time", timeout=20).status_code == 200
    server.start()
    assert terminal.send(first) == receipt
    terminal.prove(terminal.send(second))
    secret = server.password_file.read_text().strip()
    assert secret not in gateway.data.with_name("data.log").read_text()


def test_a_server_that_does_not_wait_for_its_disk_is_refused(own: tuple[Server, Gateway]) -> None:
    server, gateway = own
    with server.connect("postgres") as connection:
        connection.execute("ALTER ROLE adm SET synchronous_commit = off")
    with pytest.raises(AssertionError, match="synchronous_commit = off"):
        run("gateway", "officer", "add", "--data", str(gateway.data), "--name", "A B", "--login", "ab", stdin="x" * 12)
    with server.connect("postgres") as connection:
        connection.execute("ALTER ROLE adm RESET synchronous_commit")
        connection.execute("ALTER ROLE adm PASSWORD 'another'")
    with pytest.raises(AssertionError, match="password authentication failed") as told:
        run("gateway", "serve", "--data", str(gateway.data), "--port", "0")
    assert server.password_file.read_text().strip() not in str(told.value).replace(str(server.password_file), "")


def test_the_manager_hears_one_ready_and_a_kill_takes_every_worker(own: tuple[Server, Gateway]) -> None:
    _, gateway = own
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(f"\0adm-test-{os.getpid()}")
    manager.settimeout(20)
    os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"] = f"@adm-test-{os.getpid()}", "1500000"
    try:
        gateway.start()
    finally:
        del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    assert gateway.setup_code
    told = [manager.recv(100)]
    serving = workers(gateway)
    assert gateway.process is not None
    code = {Officer(gateway).get("/setup").status_code for _ in range(6)}  # whichever worker answers
    assert code == {200}
    gateway.process.terminate()
    gateway.process.wait(20)
    manager.settimeout(0.2)
    with pytest.raises(TimeoutError):
        while True:
            told.append(manager.recv(100))
    manager.close()
    assert (told[0], told[-1], told.count(b"READY=1")) == (b"READY=1", b"STOPPING=1", 1)
    assert not any(map(lives, serving))
    gateway.start()
    serving = workers(gateway)
    gateway.kill()
    gateway.start()  # at once, on the same port
    wait_for(lambda: not any(map(lives, serving)), 20)


def test_the_first_account_is_made_whichever_worker_answers(
    postgres: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = tmp_path_factory.mktemp("first") / "data"
    backends.settle(data, postgres, postgres.database())
    gateway = Gateway(data).start()
    try:
        officer, code = Officer(gateway), gateway.setup_code
        assert code is not None
        page = officer.get("/setup")
        fields = {"csrf": officer.csrf(page), "name": OFFICER[0], "login": OFFICER[1], "password": OFFICER[2]}
        assert officer.post("/setup", {**fields, "code": "AAAA-AAAA-AAAA-AAAA"}).status_code == 422
        assert officer.post("/setup", {**fields, "code": code}).url.endswith("/inbox")
        for _ in range(6):  # spent for all of them, on connections of their own
            assert Officer(gateway).get("/setup").url.endswith("/login")
    finally:
        gateway.stop()


_STUCK = """
import os, sys, time
from gateway.workers import Crew
from wire import events
events.configure()
def work(number, tick):
    print(os.getpid(), flush=True)
    os.write(tick, b'.')
    time.sleep(600)
Crew(1, work, silent_s=0.3).run()
"""


def test_a_worker_whose_loop_stands_still_is_killed_and_started_again() -> None:
    crew = subprocess.Popen(
        [sys.executable, "-c", _STUCK], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert crew.stdout is not None and crew.stderr is not None
    first, second = int(crew.stdout.readline()), int(crew.stdout.readline())
    assert first != second
    crew.terminate()
    _, told = crew.communicate(timeout=20)
    assert crew.returncode == 0
    assert "gateway_worker_ended" in told
    assert not Path(f"/proc/{second}").exists()
