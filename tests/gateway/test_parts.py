"""Parts over real HTTP: resumed by byte, whatever breaks. Ids in the names are those of the sync notes, section 2."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.gateway.rig import Gateway, Packet, Terminal, problem_of, wait_for
from tests.gateway.shelf import Shelf


@pytest.fixture
def big(terminal: Terminal) -> tuple[Terminal, Packet, str, bytes]:
    """A submission with one page of about 1 MB, announced."""
    packet = terminal.packet(pages=1, page=random.Random(1).randbytes(1_000_000))
    terminal.put(packet)
    sha256, part = max(packet.parts.items(), key=lambda item: len(item[1]))
    return terminal, packet, sha256, part


def growing(terminal: Terminal, packet: Packet, sha256: str) -> bytes:
    """What is here of a part that is not complete."""
    return Shelf(terminal.gateway.data, terminal.id, packet.id).read(f"{sha256}.part")


def test_a_part_grows_by_its_offset(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, _, sha256, part = big
    got = terminal.head(sha256)
    assert (got.status_code, got.headers["Upload-Offset"], got.headers["Upload-Complete"]) == (200, "0", "?0")
    got = terminal.patch(sha256, 0, part[:300_000])
    assert (got.status_code, got.headers["Upload-Offset"], got.headers["Upload-Complete"]) == (204, "300000", "?0")
    got = terminal.patch(sha256, 300_000, part[300_000:])
    assert (got.status_code, got.headers["Upload-Offset"], got.headers["Upload-Complete"]) == (
        204,
        str(len(part)),
        "?1",
    )
    got = terminal.head(sha256)
    assert (got.headers["Upload-Offset"], got.headers["Upload-Complete"]) == (str(len(part)), "?1")
    assert terminal.patch(sha256, len(part), b"").status_code == 204  # the answer was lost


def test_s9_a_wrong_offset_hears_the_true_one_up_and_down(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, _, sha256, part = big
    terminal.patch(sha256, 0, part[:1000])
    for wrong in (0, 999, 1001, 10**12):
        got = terminal.patch(sha256, wrong, part[:10])
        assert problem_of(got) == "offset"
        assert got.json()["offset"] == 1000
    for nonsense in ("", "x", "-1", "1.5", "9" * 40):
        headers = {**terminal.headers(), "Upload-Offset": nonsense}
        got = requests.patch(f"{terminal.gateway.url}/v1/blobs/{sha256}", data=b"x", headers=headers, timeout=20)
        assert problem_of(got) == "malformed"


def test_wrong_bytes_are_dropped_and_a_clean_retry_holds(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, packet, sha256, part = big
    got = terminal.patch(sha256, 0, part[:-1] + bytes([part[-1] ^ 1]))
    assert problem_of(got) == "wrong-hash"
    assert got.json()["offset"] == 0
    assert terminal.head(sha256).headers["Upload-Offset"] == "0"
    assert growing(terminal, packet, sha256) == b""
    terminal.prove(terminal.send(packet))


def test_a_body_longer_than_the_part_leaves_no_byte(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, packet, sha256, part = big
    assert problem_of(terminal.patch(sha256, 0, part + b"more")) == "too-large"
    assert len(growing(terminal, packet, sha256)) == 0
    terminal.patch(sha256, 0, part[:500])
    headers = {**terminal.headers(), "Upload-Offset": "500"}

    def unannounced() -> Iterator[bytes]:
        yield part[500:]
        yield b"x" * 400_000

    got = requests.patch(f"{terminal.gateway.url}/v1/blobs/{sha256}", data=unannounced(), headers=headers, timeout=20)
    assert problem_of(got) == "too-large"
    assert terminal.head(sha256).headers["Upload-Offset"] == "500"
    terminal.prove(terminal.send(packet))


def test_bytes_that_came_before_a_cut_are_kept(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, packet, sha256, part = big
    connection = terminal.raw(sha256, 0, len(part), part[:400_000])
    wait_for(lambda: len(growing(terminal, packet, sha256)) > 200_000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()  # RST
    wait_for(lambda: int(terminal.head(sha256).headers["Upload-Offset"]) == 400_000)
    assert growing(terminal, packet, sha256) == part[:400_000]
    terminal.prove(terminal.send(packet))


def test_bytes_that_came_together_with_the_cut_are_kept(big: tuple[Terminal, Packet, str, bytes]) -> None:
    """The peer is gone before the token is proved, so before the first byte is read."""
    terminal, packet, sha256, part = big
    terminal.raw(sha256, 0, len(part), part[:24_576]).close()
    wait_for(lambda: terminal.head(sha256).headers["Upload-Offset"] == "24576", 3)
    terminal.prove(terminal.send(packet))


def test_s8_a_half_open_peer_does_not_hold_the_part(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, packet, sha256, part = big
    silent = terminal.raw(sha256, 0, len(part), part[:300_000])
    wait_for(lambda: len(growing(terminal, packet, sha256)) > 200_000)
    began = time.monotonic()
    here = int(terminal.head(sha256).headers["Upload-Offset"])
    got = terminal.patch(sha256, here, part[here:])
    assert (got.status_code, got.headers.get("Upload-Complete")) == (204, "?1")
    assert time.monotonic() - began < 2
    # The old request was told, unless another process holds it; what it still has cannot be written any more.
    silent.settimeout(0.5)
    try:
        assert b"urn:adm:problem:taken-over" in silent.recv(65536)
    except TimeoutError:
        pass
    silent.close()
    terminal.prove(terminal.send(packet))


def test_s8_what_a_half_open_peer_gave_is_told_to_the_last_byte(big: tuple[Terminal, Packet, str, bytes]) -> None:
    """The terminal comes back before we know that its line was cut: what crossed it must not cross it again."""
    terminal, packet, sha256, part = big
    silent = terminal.raw(sha256, 0, len(part), part[:100_000])
    wait_for(lambda: growing(terminal, packet, sha256) == part[:100_000])  # also where another process is asked
    assert terminal.head(sha256).headers["Upload-Offset"] == "100000"
    silent.close()
    assert terminal.patch(sha256, 100_000, part[100_000:]).status_code == 204
    terminal.prove(terminal.send(packet))


def test_an_old_request_that_wakes_up_late_writes_nothing(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, packet, sha256, part = big
    old = terminal.raw(sha256, 0, len(part), part[:100])
    wait_for(lambda: growing(terminal, packet, sha256) == part[:100])
    got = terminal.patch(sha256, 0, part[:50_000])
    assert problem_of(got) == "offset" and got.headers["Upload-Offset"] == "100", "what arrived is kept"
    got = terminal.patch(sha256, 100, part[100:50_000])
    assert got.status_code == 204, got.text
    try:
        old.sendall(b"\0" * 300_000)
    except OSError:
        pass  # its connection was closed already
    old.close()
    assert terminal.head(sha256).headers["Upload-Offset"] == "50000"
    assert growing(terminal, packet, sha256) == part[:50_000]


def test_t5_not_one_byte_is_written_before_the_token_is_proved(big: tuple[Terminal, Packet, str, bytes]) -> None:
    terminal, packet, sha256, part = big
    good = terminal.headers()["Authorization"]
    for header in ("", "Bearer", "Bearer x.y.z", good[:-6] + "AAAAAA", "Basic " + good[7:]):
        got = requests.patch(
            f"{terminal.gateway.url}/v1/blobs/{sha256}",
            data=part,
            headers={"Authorization": header, "Upload-Offset": "0"},
            timeout=20,
        )
        assert problem_of(got) == "unauthenticated"
    assert growing(terminal, packet, sha256) == b""
    # A body that never comes: the refusal does not wait for it.
    with socket.create_connection(("127.0.0.1", terminal.gateway.port), timeout=5) as connection:
        connection.sendall(f"PATCH /v1/blobs/{sha256} HTTP/1.1\r\nHost: g\r\nContent-Length: 900000\r\n\r\n".encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 401")


def test_kill_9_in_mid_patch_then_resume(tmp_path: Path) -> None:
    gateway = Gateway(tmp_path / "data")
    gateway.start()
    terminal = Terminal(gateway).enrol(gateway.code())
    packet = terminal.packet(pages=1, page=random.Random(2).randbytes(2_000_000))
    terminal.put(packet)
    sha256, part = max(packet.parts.items(), key=lambda item: len(item[1]))
    for cut in (500_000, 900_000, 1_700_000):
        here = int(terminal.head(sha256).headers["Upload-Offset"])
        connection = terminal.raw(sha256, here, len(part) - here, part[here:cut])
        wait_for(lambda at=cut: len(growing(terminal, packet, sha256)) > at - 262_144)
        gateway.kill()
        connection.close()
        gateway.start()
        kept = int(terminal.head(sha256).headers["Upload-Offset"])
        assert kept > cut - 262_144
        assert growing(terminal, packet, sha256) == part[:kept]
    proved = terminal.prove(terminal.send(packet))
    gateway.kill()
    gateway.start()
    assert terminal.prove(terminal.send(packet)) == proved
    gateway.stop()
