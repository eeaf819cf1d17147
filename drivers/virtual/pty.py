"""The serial line of a virtual device: a stable link, as below /dev/serial/by-id, to a new pty at each plug."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import threading
import tty
from collections.abc import Callable
from pathlib import Path

from drivers.virtual.control import ControlServer


class PtyLine:
    """The device's end of one pty, from plug to unplug."""

    def __init__(self) -> None:
        # The far end is kept open here: else the device would read EIO while no program has it open.
        self._near, self._far = pty.openpty()
        tty.setraw(self._near)
        tty.setraw(self._far)
        os.set_blocking(self._near, False)
        self._alarm, self._bell = os.pipe()
        self._lock = threading.Lock()
        self._gone = False
        self.path = os.ttyname(self._far)

    def receive(self) -> bytes:
        """What the program wrote, waiting for it; ``b""`` once the line is pulled."""
        while not self._gone:
            try:
                select.select([self._near, self._alarm], [], [])
                with self._lock:
                    if not self._gone:
                        return os.read(self._near, 4096)
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # pulled between the look at _gone and the wait
                break
        return b""

    def send(self, data: bytes) -> None:
        """Write to the program; what it does not read in time is lost, as on a real line."""
        with self._lock:
            if not self._gone:
                try:
                    os.write(self._near, data)
                except BlockingIOError:
                    pass

    def pull(self) -> None:
        """Unplug: the program's end is dead from now on; may be called twice."""
        with self._lock:
            if self._gone:
                return
            self._gone = True
            os.write(self._bell, b"x")
            for number in (self._far, self._near, self._bell, self._alarm):
                os.close(number)


class PtyPort:
    """Where the device is plugged in: ``link`` is there while it is."""

    def __init__(self, link: Path) -> None:
        self.link = link.absolute()
        self._line: PtyLine | None = None

    @property
    def plugged(self) -> bool:
        """True between ``plug`` and ``unplug``."""
        return self._line is not None

    def plug(self) -> PtyLine:
        """The line of a fresh pty behind the link; the one before is unplugged."""
        self.unplug()
        line = self._line = PtyLine()
        new = self.link.with_name(self.link.name + ".new")
        new.unlink(missing_ok=True)
        new.symlink_to(line.path)
        new.replace(self.link)
        return line

    def unplug(self) -> None:
        """Take the link away, then the line, as udev and the kernel do; may be called twice."""
        line, self._line = self._line, None
        if line is not None:
            self.link.unlink(missing_ok=True)
            line.pull()


def serve(control: ControlServer, unplug: Callable[[], None]) -> None:
    """Serve until the process is ended; then ``unplug``: the pty's number is soon another program's."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        control.serve_forever()
    finally:
        unplug()


def _leave(number: int, frame: object) -> None:
    sys.exit(0)
