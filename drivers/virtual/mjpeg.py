"""A virtual document camera: MJPEG over HTTP (``/stream``, ``/snapshot``) of whatever lies on its mat.

Papers slide in for half a second and then lie still; the sensor's noise changes from frame to frame. All frames are
encoded once when a paper is laid, so that a running camera costs next to nothing.

Control words: ``lay`` (one of ``paper``: a drawn one's name, ``image``: a file taken for a sheet of A4, ``code``: a
receipt with this text in its QR code; further ``seed`` and the fields of ``papers.camera.Pose`` to lay it badly),
``clear``, ``set`` (flags below), ``off``, ``on``, ``state``.

Flags: ``frozen`` (the same bytes again and again), ``garbage`` (bytes that are no pictures), ``slow`` (further seconds
between two frames).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, fields, replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from drivers.virtual import papers
from drivers.virtual.control import ControlServer, announce, arguments
from drivers.virtual.papers.camera import VIEW_MM, Camera, Pose
from drivers.virtual.papers.cards import code
from drivers.virtual.web import WebFront

STILL = 6
"""Frames of a paper that lies still; the same noise comes again only after so many."""
_SLIDE = (
    (0.55, 14.0),
    (0.24, 6.0),
    (0.06, 1.5),
)  # how far off its place (share of the view) and turned, frame by frame
_KEPT = 8  # papers whose frames are kept, about 10 MB each
_BOUNDARY = "adm-frame"
_HEADERS = "Content-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Flags:
    """What the bench can change while the camera runs."""

    frozen: bool = False
    garbage: bool = False
    slow: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """Encoded frames. ``moving``: once, in order. ``still``: again and again."""

    moving: tuple[bytes, ...]
    still: tuple[bytes, ...]


class Mat:
    """What the camera sees now. ``fps``: frames a second."""

    def __init__(self, camera: Camera, fps: float) -> None:
        self.fps = fps
        self.flags = Flags()
        self._camera = camera
        self._lock = threading.Lock()
        self._kept: OrderedDict[object, Scene] = OrderedDict()
        self._empty = Scene((), self._still(None, (0, 0), Pose()))
        self._scene, self._since = self._empty, time.monotonic()
        self._turn = 0
        self._last = self._empty.still[0]

    def lay(self, sheet: Image.Image, mm: tuple[float, float], pose: Pose, key: object) -> None:
        """Lay a sheet; ``key`` names sheet and pose, whose frames are made only once."""
        scene = self._kept.get(key)
        if scene is None:
            slide = [self._moving(sheet, mm, pose, *step) for step in _SLIDE]
            scene = Scene(tuple(slide), self._still(sheet, mm, pose))
            self._kept[key] = scene
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._show(scene)

    def clear(self) -> None:
        """Take away whatever lies there."""
        self._show(self._empty)

    def frame(self) -> bytes:
        """The next frame. Two in a row differ, unless the camera is frozen."""
        with self._lock:
            if self.flags.garbage:
                return b"\x00garbage" * 4096
            if not self.flags.frozen:
                step = int((time.monotonic() - self._since) * self.fps)
                self._turn += 1
                scene = self._scene
                still = scene.still[self._turn % len(scene.still)]
                self._last = scene.moving[step] if step < len(scene.moving) else still
            return self._last

    def _show(self, scene: Scene) -> None:
        with self._lock:
            self._scene, self._since = scene, time.monotonic()

    def _still(self, sheet: Image.Image | None, mm: tuple[float, float], pose: Pose) -> tuple[bytes, ...]:
        scene = self._camera.see(sheet, mm, pose)
        return tuple(self._camera.jpeg(scene) for _ in range(STILL))

    def _moving(self, sheet: Image.Image, mm: tuple[float, float], pose: Pose, away: float, turned: float) -> bytes:
        right, down = pose.shift
        view = VIEW_MM
        moved = replace(pose, shift=(right + away * view, down), turn=pose.turn + turned, smear=round(60 * away) + 1)
        return self._camera.jpeg(self._camera.see(sheet, mm, moved))


class _Request(BaseHTTPRequestHandler):
    server_version = "virtual-camera"
    sys_version = ""

    def do_GET(self) -> None:
        """One picture, or pictures without end."""
        server = self.server
        assert isinstance(server, _Http)
        path = self.path.partition("?")[0]
        try:
            if path == "/snapshot":
                picture = server.mat.frame()
                self._begin("image/jpeg", len(picture))
                self.wfile.write(picture)
            elif path == "/stream":
                self._begin(f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
                self._stream(server)
            else:
                self.send_error(404)
        except OSError:  # the other end hung up, or we did
            self.close_connection = True

    def _begin(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _stream(self, server: _Http) -> None:
        mat = server.mat
        mark = f"--{_BOUNDARY}\r\n".encode()
        self.wfile.write(mark)
        due = time.monotonic()
        while True:
            picture = mat.frame()
            # The mark that ends a frame goes out with it: a reader has the frame at once, not with the next one.
            self.wfile.write((_HEADERS % len(picture)).encode() + picture + b"\r\n" + mark)
            due = max(due + 1 / mat.fps, time.monotonic() - 1) + mat.flags.slow
            time.sleep(max(0.0, due - time.monotonic()))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: a camera has no log."""


class _Http(WebFront):
    def __init__(self, address: tuple[str, int], mat: Mat) -> None:
        super().__init__(address, _Request)
        self.mat = mat


class VirtualCamera:
    """The camera itself; ``command`` is the hand that lays papers and pulls cables."""

    def __init__(self, host: str, port: int, mat: Mat) -> None:
        self._address = (host, port)
        self._mat = mat
        self._http: _Http | None = None
        self._switch_on()

    @property
    def port(self) -> int:
        """The port it listens on; stays the same over ``off`` and ``on``."""
        return self._address[1]

    def command(self, do: str, args: dict[str, Any]) -> dict[str, Any]:
        """One control word; see the module."""
        if do == "lay":
            self._lay(args)
        elif do == "clear":
            self._mat.clear()
        elif do == "set":
            known = {entry.name for entry in fields(Flags)}
            if set(args) - known:
                raise ValueError(f"unknown flags {sorted(set(args) - known)}")
            for name, value in args.items():
                setattr(self._mat.flags, name, value)
        elif do == "off":
            self._switch_off()
        elif do == "on":
            self._switch_on()
        elif do != "state":
            raise ValueError(f"unknown word {do!r}")
        flags = {entry.name: getattr(self._mat.flags, entry.name) for entry in fields(Flags)}
        return {
            "flags": flags,
            "on": self._http is not None,
            "connections": self._http.connections if self._http else 0,
        }

    def _lay(self, args: dict[str, Any]) -> None:
        how = dict(args)
        seed = int(how.pop("seed", 0))
        names = [name for name in ("paper", "image", "code") if name in how]
        if len(names) != 1:
            raise ValueError("lay needs one of paper, image and code")
        value = str(how.pop(names[0]))
        if names[0] == "image":
            with Image.open(Path(value)) as opened:
                sheet = opened.convert("RGB")
            mm = (210.0, 297.0) if sheet.height > sheet.width else (297.0, 210.0)
        else:
            drawing = papers.draw(value) if names[0] == "paper" else code(value)
            sheet, mm = drawing.image, drawing.mm
        for name in ("shift", "glare"):
            if how.get(name) is not None:
                how[name] = tuple(how[name])
        pose = replace(casual_pose(seed), **how)
        self._mat.lay(sheet, mm, pose, (names[0], value, pose))

    def _switch_on(self) -> None:
        if self._http is None:
            self._http = _Http(self._address, self._mat)
            self._address = self._address[0], self._http.server_port
            self._http.begin("camera")

    def _switch_off(self) -> None:
        http, self._http = self._http, None
        if http is not None:
            http.end()


def casual_pose(seed: int) -> Pose:
    """As a person lays a sheet who takes some care: up to 2 degrees turned and a few mm off the middle."""
    rng = np.random.default_rng(seed)
    turn, right, down, tilt = (float(value) for value in rng.uniform(-1, 1, 4))
    return Pose(turn=2 * turn, tilt=2 + tilt, shift=(12 * right, 2 * down))


def main() -> None:
    """``python -m drivers.virtual.mjpeg --port 0 --control PATH``."""
    parser = arguments("A virtual document camera: MJPEG over HTTP.")
    parser.add_argument("--size", default="2592x1944", help="of a frame, in pixels")
    parser.add_argument("--fps", type=float, default=8.0)
    options = parser.parse_args()
    width, _, height = options.size.partition("x")
    camera = VirtualCamera(options.host, options.port, Mat(Camera((int(width), int(height))), options.fps))
    control = ControlServer(options.control, camera.command)
    announce(port=camera.port)
    control.serve_forever()


if __name__ == "__main__":
    main()
