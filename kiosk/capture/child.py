"""The capture child: the only process of the terminal that imports cv2. Started and limited by ``worker``.

``python -m kiosk.capture.child FD``: FD is one end of a socket pair; the child ends when the other end closes. It
writes no file, dumps no core, and an alarm of the kernel ends it should a C library hang after the station has died.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from kiosk.capture.protocol import BadMessage, receive, send
from kiosk.capture.types import BAD_SCAN, Hint, Preview, Verdict

if TYPE_CHECKING:
    from kiosk.capture.track import Tracker

ALARM_S = 15
"""Longest that one request may take before the kernel ends the child; ``worker`` is stricter."""


def serve(sock: socket.socket) -> None:
    """Answer requests until the other end closes. Each answer carries the id of its request."""
    import cv2

    cv2.setNumThreads(1)
    from kiosk.capture.track import Tracker

    tracker = Tracker()
    send(sock, {"ready": True})
    while True:
        try:
            head, blobs = receive(sock)
        except (EOFError, BadMessage, OSError):
            return
        signal.alarm(ALARM_S)
        answer, pictures = _answer(tracker, head, blobs)
        signal.alarm(0)
        send(sock, {"id": head.get("id"), **answer}, pictures)


def _answer(tracker: Tracker, head: dict[str, object], blobs: list[bytes]) -> tuple[dict[str, object], list[bytes]]:
    from kiosk.capture import codes, pipeline, preview, scan
    from kiosk.capture.decode import NotAPicture

    jpeg = blobs[0] if blobs else b""
    try:
        match head.get("do"):
            case "track":
                hint = tracker.track(jpeg, _number(head.get("at")), _preview(head.get("preview")))
                return {"hint": asdict(hint)}, []
            case "judge":
                return _verdict(pipeline.judge(jpeg, str(head.get("shape"))))
            case "scan":
                lid, dpi = str(head.get("lid")), int(_number(head.get("dpi")))
                return _verdict(scan.judge(jpeg, str(head.get("shape")), dpi, lid))
            case "code":
                return {"code": codes.read(jpeg)}, []
            case "preview":
                width, height = int(_number(head.get("width"))), int(_number(head.get("height")))
                return {}, [preview.picture(jpeg, (width, height)).tobytes()]
            case "reset":
                tracker.reset()
                return {}, []
            case _:
                return {"error": "unknown request"}, []
    except NotAPicture:
        if head.get("do") == "scan":
            return _verdict(Verdict(False, fault=BAD_SCAN))
        answer, pictures = _verdict(Verdict(False, fault="camera_garbage"))
        return {"hint": asdict(Hint(fault="camera_garbage")), "code": None, **answer}, pictures


def _verdict(verdict: Verdict) -> tuple[dict[str, object], list[bytes]]:
    fields = asdict(verdict)
    return {"verdict": fields}, [fields.pop("image"), fields.pop("thumb")]


def _preview(value: object) -> Preview | None:
    match value:
        case [str(name), int(width), int(height)]:
            return Preview(name, width, height)
        case _:
            return None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def main() -> None:
    """Take the socket named on the command line and serve it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal reaches the whole group; the station ends us
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    os.nice(5)  # the window's frames come first
    with socket.socket(fileno=int(sys.argv[1])) as sock:
        try:
            serve(sock)
        except (BrokenPipeError, ConnectionResetError):
            return


if __name__ == "__main__":
    main()
