"""The document camera's driver against a real HTTP server that behaves as told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from drivers.camera.mjpeg import MjpegCamera, split_url
from drivers.camera.source import CameraDelays
from drivers.camera.v4l2 import V4l2Camera
from drivers.contract import Camera, Phase
from drivers.worker import Supervision
from tests.drivers.conftest import until
from tests.drivers.test_camera_parser import jpeg, part

QUICK = CameraDelays(snapshot=0.1, frozen=0.5, stale=1.0, ear=0.05)
SOON = Supervision(retry=0.2, backoff=(0.2, 0.4))
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"

Say = Callable[[int], bytes | None]


class Server:
    """Serves one reply a connection: ``head``, then ``say(n)`` for n = 0, 1, ... until it gives None."""

    def __init__(self, say: Say, head: bytes = HEAD, port: int = 0) -> None:
        self.head, self.say = head, say
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._count = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(line)
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        try:
            while b"\r\n\r\n" not in line.recv(4096):
                pass
            line.sendall(self.head)
            while (data := self.say(self._count)) is not None:
                self._count += 1
                line.sendall(data)
                time.sleep(0.02)
        except OSError:
            pass
        finally:
            line.close()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for line in self._open:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def fresh(n: int) -> bytes:
    """A picture that no other resembles."""
    return part(jpeg(f"#{n % 256:02x}{n // 256 % 256:02x}80", (64, 48)))


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def one(say: Say, head: bytes = HEAD, port: int = 0) -> Server:
        servers.append(Server(say, head, port))
        return servers[-1]

    yield one
    for server in servers:
        try:
            server.stop()
        except OSError:
            pass


@pytest.fixture
def watch() -> Iterator[Callable[[int], Camera]]:
    cameras: list[Camera] = []

    def one(port: int) -> Camera:
        camera = MjpegCamera(f"http://127.0.0.1:{port}/stream", delays=QUICK, supervision=SOON)
        cameras.append(camera)
        camera.start()
        return camera

    yield one
    for camera in cameras:
        camera.stop()


def test_idle_takes_a_snapshot_now_and_then(serve: Callable[..., Server], watch: Callable[[int], Camera]) -> None:
    server = serve(fresh)
    camera = watch(server.port)
    until(lambda: camera.status().phase is Phase.READY)
    frame = camera.newest()
    assert frame is not None and frame.jpeg.startswith(b"\xff\xd8\xff")
    assert time.monotonic() - frame.at < 2
    until(lambda: server.connections >= 3)


def test_live_streams_on_one_connection(serve: Callable[..., Server], watch: Callable[[int], Camera]) -> None:
    server = serve(fresh)
    camera = watch(server.port)
    camera.set_live(True)
    until(lambda: camera.status().phase is Phase.READY)
    time.sleep(0.3)
    before = server.connections
    times: set[float] = set()
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        frame = camera.newest()
        if frame is not None:
            times.add(frame.at)
        time.sleep(0.01)
    assert len(times) > 10
    assert server.connections == before
    camera.set_live(False)
    until(lambda: server.connections > before + 1)


def test_a_single_picture_url_works_too(serve: Callable[..., Server], watch: Callable[[int], Camera]) -> None:
    counter = iter(range(1_000_000))

    def once(n: int) -> bytes | None:
        return jpeg(f"#{next(counter) % 256:02x}4080", (64, 48)) if n % 2 == 0 else None

    server = serve(once, b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n")
    camera = watch(server.port)
    until(lambda: camera.status().phase is Phase.READY)
    assert camera.newest() is not None


@pytest.mark.parametrize("live", [False, True])
def test_nobody_there_and_back_by_itself(
    serve: Callable[..., Server], watch: Callable[[int], Camera], live: bool
) -> None:
    server = serve(fresh)
    camera = watch(server.port)
    camera.set_live(live)
    until(lambda: camera.status().phase is Phase.READY)
    server.stop()
    until(lambda: camera.status().phase is Phase.OFFLINE)
    assert camera.status().faults == ("camera_unreachable",)
    assert camera.newest() is None
    serve(fresh, port=server.port)
    until(lambda: camera.status().phase is Phase.READY)


@pytest.mark.parametrize("live", [False, True])
def test_the_same_bytes_again_and_again_are_a_frozen_camera(
    serve: Callable[..., Server], watch: Callable[[int], Camera], live: bool
) -> None:
    frozen = threading.Event()
    server = serve(lambda n: fresh(0) if frozen.is_set() else fresh(n))
    camera = watch(server.port)
    camera.set_live(live)
    until(lambda: camera.status().phase is Phase.READY)
    frozen.set()
    until(lambda: camera.status().faults == ("camera_frozen",))
    assert camera.status().phase is Phase.NEEDS_ATTENTION
    until(lambda: camera.newest() is None)
    frozen.clear()
    until(lambda: camera.status().phase is Phase.READY)


@pytest.mark.parametrize("live", [False, True])
def test_a_stream_that_stops_is_a_frozen_camera(
    serve: Callable[..., Server], watch: Callable[[int], Camera], live: bool
) -> None:
    frozen = threading.Event()
    server = serve(lambda n: b"" if frozen.is_set() else fresh(n))
    camera = watch(server.port)
    camera.set_live(live)
    until(lambda: camera.status().phase is Phase.READY)
    frozen.set()
    until(lambda: camera.status().faults == ("camera_frozen",))
    frozen.clear()
    until(lambda: camera.status().phase is Phase.READY)


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize(
    "noise", [part(b"no picture at all"), part(jpeg()[:-40]), b"\x9a\x01" * 900], ids=["text", "cut", "noise"]
)
def test_garbage_is_called_garbage(
    serve: Callable[..., Server], watch: Callable[[int], Camera], noise: bytes, live: bool
) -> None:
    broken = threading.Event()
    server = serve(lambda n: noise if broken.is_set() else fresh(n))
    camera = watch(server.port)
    camera.set_live(live)
    until(lambda: camera.status().phase is Phase.READY)
    broken.set()
    until(lambda: camera.status().faults == ("camera_garbage",))
    assert camera.status().phase is Phase.UNKNOWN
    assert camera.newest() is None
    broken.clear()
    until(lambda: camera.status().phase is Phase.READY)


@pytest.mark.parametrize(
    ("head", "fault"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "camera_garbage"),
        (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n", "camera_garbage"),
        (b"HTTP/1.0 503 Busy\r\n\r\n", "camera_unreachable"),
        (b"\x00" * 20_000, "camera_garbage"),
    ],
)
def test_another_server_at_the_address(
    serve: Callable[..., Server], watch: Callable[[int], Camera], head: bytes, fault: str
) -> None:
    camera = watch(serve(lambda n: b"<html>", head).port)
    until(lambda: camera.status().faults == (fault,))
    assert camera.newest() is None


def test_one_broken_picture_in_a_live_stream_is_passed_over(
    serve: Callable[..., Server], watch: Callable[[int], Camera]
) -> None:
    server = serve(lambda n: part(b"broken") if n % 5 == 4 else fresh(n))
    camera = watch(server.port)
    camera.set_live(True)
    until(lambda: camera.status().phase is Phase.READY)
    end = time.monotonic() + 0.6
    while time.monotonic() < end:
        assert camera.status().phase is Phase.READY
        time.sleep(0.01)


def test_stop_ends_the_thread_soon(serve: Callable[..., Server], watch: Callable[[int], Camera]) -> None:
    camera = watch(serve(lambda n: b"").port)
    time.sleep(0.2)
    began = time.monotonic()
    camera.stop()
    assert time.monotonic() - began < 2
    assert camera.status().phase is Phase.OFFLINE


def test_a_usb_camera_that_is_not_plugged_in_is_offline() -> None:
    camera = V4l2Camera("/dev/v4l/by-id/usb-none", delays=QUICK, supervision=SOON)
    camera.start()
    try:
        until(lambda: camera.status().phase is Phase.OFFLINE)
        assert camera.status().faults == ("camera_unreachable",)
    finally:
        camera.stop()


@pytest.mark.parametrize(
    "url", ["rtsp://a/b", "http://", "http://h:99999/", "http://u:p@h/", "http://h/a b", "http://h/é", "stream"]
)
def test_urls_that_cannot_be_a_camera(url: str) -> None:
    with pytest.raises(ValueError):
        split_url(url)
