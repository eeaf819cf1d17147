"""Two network namespaces and the line between them, in user space: run by ``namespaces``, not by hand.

``python -m tests.benchmarks.link.emulator FD``: makes the terminal's and the office's namespace, each with one end of
the line (a TUN device), sends listening sockets of the office over the Unix socket FD, and carries packets until its
standard input ends. Each line on standard input is one command, answered by one JSON line:

* ``{"shape": {...}}``: take a ``shape.Profile``; its clock begins, the counts begin at 0, every connection lives on.
* ``{"counts": true}``: what went over the line since.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import select
import socket
import struct
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.link.shape import Nat, Profile, Way

TERMINAL, OFFICE = "10.77.0.1", "10.77.0.2"
PORTS = (8443, 8444)
_CLONE_NEWNET = 0x40000000
_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 1, 0x1000
_SIOCSIFADDR, _SIOCSIFNETMASK, _SIOCSIFFLAGS = 0x8916, 0x891C, 0x8914
_UP = 0x41
_SETTINGS = {
    "tcp_congestion_control": "cubic",  # what a Debian terminal has
    "tcp_no_metrics_save": "1",  # what was learnt before the line was shaped
}


class _End:
    """One namespace with its end of the line."""

    def __init__(self, address: str) -> None:
        if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "no network namespace")
        self.space = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.tun, _TUNSETIFF, struct.pack("16sH22x", b"line", _IFF_TUN | _IFF_NO_PI))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            for name, number in ((b"line", address), (b"lo", "127.0.0.1")):
                mask = "255.255.255.252" if name == b"line" else "255.0.0.0"
                for request, text in ((_SIOCSIFADDR, number), (_SIOCSIFNETMASK, mask)):
                    packed = struct.pack("16sHH4s8x", name, socket.AF_INET, 0, socket.inet_aton(text))
                    fcntl.ioctl(way, request, packed)
                fcntl.ioctl(way, _SIOCSIFFLAGS, struct.pack("16sH14x", name, _UP))
        for name, value in _SETTINGS.items():
            try:
                Path(f"/proc/sys/net/ipv4/{name}").write_text(value)
            except OSError:
                pass  # a kernel without it, or one that lets nobody set it


class _Line:
    def __init__(self, terminal: int, office: int) -> None:
        self._tuns = (terminal, office)
        self._nat = Nat()
        self.shape(Profile())

    def shape(self, profile: Profile) -> None:
        self._profile, self._began = profile, time.monotonic()
        self._ways = (Way(profile, 0), Way(profile, 1))
        self._was_cut = False

    def counts(self) -> dict[str, object]:
        up, down = self._ways
        return {"up": asdict(up.counts), "down": asdict(down.counts)}

    def wait(self, now: float) -> float:
        """Seconds until something happens by itself."""
        times = [way.next() for way in self._ways]
        soonest = min((at for at in times if at is not None), default=now + 1.0)
        if self._profile.cut_every:
            soonest = min(soonest, now + 0.02)
        return max(0.0, soonest - now)

    def take(self, way: int, now: float) -> None:
        """Everything that an end has sent."""
        while True:
            try:
                packet = os.read(self._tuns[way], 65536)
            except BlockingIOError:
                return
            if self._was_cut:
                continue
            if way == 0 or self._nat.passes(packet, upward=False):
                self._ways[way].offer(packet, now)
            else:
                self._ways[way].counts.stale += 1

    def carry(self, now: float) -> None:
        """Cuts that begin or end, and packets that have arrived."""
        is_cut = self._profile.is_cut(now - self._began)
        if is_cut and not self._was_cut:
            for way in self._ways:
                way.cut(now)
            self._nat.forget()
        self._was_cut = is_cut
        for way, there in ((0, self._tuns[1]), (1, self._tuns[0])):
            for packet in self._ways[way].due(now):
                if way == 0 and not self._nat.passes(packet, upward=True):
                    self._ways[way].counts.stale += 1
                    continue
                try:
                    os.write(there, packet)
                except OSError:
                    pass  # a device that takes no more loses it, as a network does


def _listeners() -> list[socket.socket]:
    made: list[socket.socket] = []
    for port in PORTS:
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.bind((OFFICE, port))
        one.listen(64)
        made.append(one)
    return made


def main(back: int) -> None:
    """Carry until standard input ends."""
    terminal = _End(TERMINAL)
    office = _End(OFFICE)
    listeners = _listeners()
    with socket.socket(fileno=back) as link:
        socket.send_fds(link, [b"x"], [one.fileno() for one in listeners])
    for one in listeners:
        one.close()
    print(json.dumps({"terminal": terminal.space, "office": office.space}), flush=True)
    line = _Line(terminal.tun, office.tun)
    words = b""
    while True:
        ready, _, _ = select.select([terminal.tun, office.tun, 0], [], [], line.wait(time.monotonic()))
        now = time.monotonic()
        line.carry(now)
        for way, tun in enumerate((terminal.tun, office.tun)):
            if tun in ready:
                line.take(way, now)
        if 0 in ready:
            more = os.read(0, 65536)
            if not more:
                return
            *whole, words = (words + more).split(b"\n")
            for each in whole:
                command = json.loads(each)
                if "shape" in command:
                    line.shape(Profile(**command["shape"]))
                print(json.dumps(line.counts()), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
