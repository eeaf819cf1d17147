"""Two gateways over one PostgreSQL and one bucket, as two machines: the newest request of a part wins on either."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.gateway import backends
from tests.gateway.postgres import Server
from tests.gateway.rig import Gateway, Packet, Terminal, wait_for
from tests.gateway.s3 import Bucket
from tests.gateway.shelf import Shelf


@pytest.fixture(scope="module")
def machines(postgres: Server, s3: Bucket, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Gateway]]:
    folder, database, bucket = tmp_path_factory.mktemp("machines"), postgres.database(), s3.toml()
    made: list[Gateway] = []
    for name in ("a", "b"):
        backends.settle(folder / name, postgres, database, bucket)
        if made:  # one office, one set of keys
            wait_for((made[0].data / "keys" / "escrow.pub").exists)
            shutil.copytree(made[0].data / "keys", folder / name / "keys")
        made.append(Gateway(folder / name).start())
    yield made
    for each in made:
        each.stop()


@pytest.fixture
def sent(machines: list[Gateway]) -> tuple[Terminal, Terminal, Packet, str, bytes]:
    """One terminal as the first machine sees it and as the second does, a packet that was announced, its large part."""
    first, second = machines
    terminal = Terminal(first).enrol(first.code(random.choice("BCDFGH") + "XX"))
    packet = terminal.packet(pages=1, page=random.Random(3).randbytes(1_000_000))
    terminal.put(packet)
    sha256, part = max(packet.parts.items(), key=lambda item: len(item[1]))
    other = Terminal(second, key=terminal.key, id=terminal.id, answer=terminal.answer)
    return terminal, other, packet, sha256, part


def shelf(data: Path, terminal: Terminal, packet: Packet) -> Shelf:
    return Shelf(data, terminal.id, packet.id)


def test_s8_a_request_on_another_machine_goes_on_and_the_old_one_writes_nothing_more(
    sent: tuple[Terminal, Terminal, Packet, str, bytes],
) -> None:
    old, new, packet, sha256, part = sent
    silent = old.raw(sha256, 0, len(part), part[:300_000])
    kept = shelf(old.gateway.data, old, packet)
    wait_for(lambda: len(kept.read(f"{sha256}.part")) > 200_000)
    began = time.monotonic()
    here = int(new.head(sha256).headers["Upload-Offset"])
    assert new.patch(sha256, here, part[here : here + 100_000]).status_code == 204
    assert time.monotonic() - began < 2
    try:
        silent.sendall(b"\0" * (len(part) - 300_000))  # and what it sends is not even the part
        answer = silent.recv(65536) + silent.recv(65536)
    except OSError:
        answer = b""
    silent.close()
    assert b"urn:adm:problem:offset" in answer and f"upload-offset: {here + 100_000}".encode() in answer
    assert kept.read(f"{sha256}.part") == part[: here + 100_000]
    old.prove(old.send(packet))
    assert set(kept.names()) == {"manifest.json", *(f"{name}.age" for name in packet.parts)}


def test_d1_one_manifest_on_both_machines_is_one_row_and_one_receipt(
    sent: tuple[Terminal, Terminal, Packet, str, bytes],
) -> None:
    old, new, packet, sha256, part = sent
    small = next(name for name in packet.parts if name != sha256)
    assert new.patch(small, 0, packet.parts[small]).status_code == 204
    with ThreadPoolExecutor(2) as threads:
        got = list(threads.map(lambda one: one.patch(sha256, 0, part).status_code, (old, new)))
    assert 204 in got and set(got) <= {204, 409}
    answers = {one.put(packet).json()["state"] for one in (old, new)}
    assert answers == {"received"}
    assert len({one.put(packet).json()["receipt"] for one in (old, new)}) == 1
