"""The line that can be cut: what passes, what is reset, what is swallowed, how fast."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from deploy.demo.line import tell

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def echo() -> Iterator[int]:
    """A server that answers what it hears; its port."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve(link: socket.socket) -> None:
        try:
            while data := link.recv(4096):
                link.sendall(data)
        except OSError:
            pass

    def accept() -> None:
        try:
            while True:
                threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
        except OSError:
            pass

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.fixture
def line(echo: int, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Port and control socket of a running line."""
    control = tmp_path / "c.sock"
    words = [sys.executable, "-m", "deploy.demo.line", "--to", f"127.0.0.1:{echo}", "--control", str(control)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["port"], control
        process.kill()


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5)


def said(link: socket.socket, data: bytes) -> bytes:
    link.sendall(data)
    return link.recv(4096)


def test_it_passes_is_cut_refuses_and_passes_again(line: tuple[int, Path]) -> None:
    port, control = line
    link = dial(port)
    assert said(link, b"one") == b"one"
    assert tell(control, "down")["mode"] == "down"
    with pytest.raises(ConnectionResetError):
        link.recv(1)
    with pytest.raises(ConnectionError):
        said(dial(port), b"two")
    tell(control, "up")
    assert said(dial(port), b"three") == b"three"


def test_black_hole_swallows_without_closing(line: tuple[int, Path]) -> None:
    port, control = line
    link = dial(port)
    assert said(link, b"one") == b"one"
    tell(control, "blackhole")
    link.settimeout(0.3)
    with pytest.raises(TimeoutError):
        said(link, b"two")
    tell(control, "up")
    assert said(dial(port), b"three") == b"three"


def test_slow_line_keeps_its_rate(line: tuple[int, Path]) -> None:
    port, control = line
    tell(control, "slow 64000")
    link = dial(port)
    began = time.monotonic()
    assert said(link, b"x" * 2000) and 0.45 < time.monotonic() - began < 3  # there and back


def test_it_is_cut_again_and_again(line: tuple[int, Path]) -> None:
    port, control = line
    tell(control, "cut-every 0.1")
    for _ in range(2):
        with pytest.raises(ConnectionError):
            link = dial(port)
            while said(link, b"x"):
                pass
    tell(control, "cut-every 0")
    assert said(dial(port), b"x") == b"x"


def test_captive_portal_answers_whatever_is_asked_and_then_is_gone(line: tuple[int, Path]) -> None:
    port, control = line
    before = dial(port)
    assert said(before, b"one") == b"one"
    for status, where in ((200, None), (302, "http://login.hotspot.example/")):
        assert tell(control, f"portal {status}")["mode"] == "portal"
        for method in ("GET", "PATCH", "HEAD"):
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            client.request(method, "/api/v1/time", body=b"" if method == "PATCH" else None)
            answer = client.getresponse()
            assert (answer.status, answer.getheader("Location")) == (status, where)
            assert answer.getheader("Content-Type") == "text/html"
            assert (b"Selamat datang" in answer.read()) == (method != "HEAD")
            client.close()
    with pytest.raises(ConnectionResetError):
        before.recv(1)
    tell(control, "up")
    assert said(dial(port), b"x") == b"x"


def test_other_tls_server_has_a_certificate_that_nobody_signed(line: tuple[int, Path]) -> None:
    port, control = line
    tell(control, "tls")
    with dial(port) as link, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(link, server_hostname="office.example")
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    with dial(port) as link, blind.wrap_socket(link) as sealed:
        assert b"login.hotspot.example" in (sealed.getpeercert(binary_form=True) or b"")
    with dial(port) as plain:  # whoever speaks plain HTTP to it gets no HTTP
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP")
    tell(control, "up")
    assert said(dial(port), b"x") == b"x"


def test_it_flaps_until_it_is_good_again(line: tuple[int, Path]) -> None:
    port, control = line
    assert tell(control, "flap 0.2")["flaps"] is True
    passed: list[bool] = []
    end = time.monotonic() + 1.2
    while time.monotonic() < end:
        try:
            with dial(port) as link:
                passed.append(said(link, b"x") == b"x")
        except ConnectionError:
            passed.append(False)
        time.sleep(0.02)
    turns = sum(before != after for before, after in pairwise(passed))
    assert 3 <= turns <= 7
    tell(control, "slow 1000")
    assert tell(control, "good") | {"cuts": 0, "bytes_up": 0} == {
        "mode": "up",
        "flaps": False,
        "bps": 0,
        "cuts": 0,
        "bytes_up": 0,
    }
    for _ in range(20):
        assert said(dial(port), b"x") == b"x"
        time.sleep(0.02)


def test_word_that_is_none_is_said(line: tuple[int, Path]) -> None:
    for word in ("sideways", "slow fast", "", "cut-every", "flap", "flap fast", "portal", "portal 404"):
        with pytest.raises(ValueError, match=r"\w"):
            tell(line[1], word)
    assert tell(line[1], "status")["mode"] == "up"
