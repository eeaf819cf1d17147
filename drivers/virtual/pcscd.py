"""A pcscd of its own for each virtual card: the real service, one virtual reader, a socket that no other test knows.

The service gets its socket as systemd hands one over (LISTEN_PID, LISTEN_FDS, descriptor 3) and its own folder of
reader.conf, so that several run beside each other and beside the machine's, as an ordinary user. A client finds it by
PCSCLITE_CSOCK_NAME. Its one complaint there, that the pid file cannot be written, does no harm.

The reader is vpcd, wrapped by ``reader.c`` (compiled here: gcc is on every machine that built pyscard).

What unplugging can be without root and a USB device: the wrapper answers nothing any more, and pcscd, which stays
reachable, calls the reader unavailable, as it does at first for a real one whose cable is pulled. A real one leaves
pcscd's list as well; here it does at the next restart of the service. Plugging it in again mends both, the second by
one more restart, because pcscd reads reader.conf only when it starts.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

READER = "ADM Virtual Reader"
_HERE = Path(__file__).resolve().parent
_VPCD = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_START_S = 10.0
_STOP_S = 5.0
# Hands descriptor $1 over as number 3, which is where systemd's protocol has it; $2 is loaded before all else.
_HAND_OVER = (
    '[ "$1" = 3 ] || { exec 3<&"$1" && eval "exec $1<&-"; }; '
    'LD_PRELOAD=$2 LISTEN_PID=$$ LISTEN_FDS=1; export LD_PRELOAD LISTEN_PID LISTEN_FDS; shift 2; exec "$@"'
)


class Pcscd:
    """One private pcscd, not started yet. ``folder``: for its files; its path must be short (a Unix socket)."""

    def __init__(self, folder: Path, poll_ms: int) -> None:
        """Build the reader's driver. Raises ``RuntimeError`` where pcscd, vpcd or gcc is missing."""
        program = shutil.which("pcscd", path=_PATH)
        if program is None or not _VPCD.exists() or shutil.which("gcc") is None:
            raise RuntimeError("pcscd, vsmartcard-vpcd and gcc are needed for a virtual card")
        self.socket = folder / "pcscd"
        self.port = _free_port()
        self._folder = folder
        self._unplugged = folder / "unplugged"
        self._process: subprocess.Popen[bytes] | None = None
        self._command = [program, "--foreground", "--critical", "--config", str(folder / "readers")]
        # Debian 13's pcscd asks polkit who may use it; no polkit runs beside a test.
        options = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=10)
        if "--disable-polkit" in options.stdout + options.stderr:
            self._command.append("--disable-polkit")
        self._variables = {**os.environ, "ADM_POLL_MS": str(poll_ms), "ADM_UNPLUGGED": str(self._unplugged)}
        self._driver = _build(folder)
        (folder / "readers").mkdir()
        (folder / "readers" / "virtual").write_text(
            f'FRIENDLYNAME "{READER}"\nDEVICENAME /dev/null:0x{self.port:X}\n'
            f"LIBPATH {self._driver}\nCHANNELID 0x{self.port:X}\n"
        )

    @property
    def running(self) -> bool:
        """Whether the service runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def plugged(self) -> bool:
        """Whether the reader is plugged in."""
        return not self._unplugged.exists()

    def start(self) -> None:
        """Start the service and wait until its reader listens for a card. Raises ``RuntimeError``."""
        if self.running:
            return
        self.socket.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listener, (self._folder / "log").open("ab") as log:
            listener.bind(str(self.socket))
            self.socket.chmod(0o666)
            listener.listen(64)
            self._process = subprocess.Popen(
                ["bash", "-c", _HAND_OVER, "bash", str(listener.fileno()), str(self._driver), *self._command],
                pass_fds=[listener.fileno()],
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if self.plugged:
            self._await_reader()

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End the service with that signal; SIGKILL leaves its socket behind, as a crash does."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:  # a silent card keeps it from ending in order
            process.kill()
            process.wait(_STOP_S)

    def plug(self, plugged: bool) -> None:
        """Plug the reader in, or pull it out."""
        if not plugged:
            self._unplugged.touch()
            return
        self._unplugged.unlink(missing_ok=True)
        if self.running and not _listens(self.port):
            self.stop()
            self.start()

    def _await_reader(self) -> None:
        end = time.monotonic() + _START_S
        while not _listens(self.port):
            if not self.running or time.monotonic() > end:
                raise RuntimeError(f"the virtual reader did not start: {(self._folder / 'log').read_text()[-400:]}")
            time.sleep(0.01)


def _build(folder: Path) -> Path:
    """Compile the wrapper, with vpcd's library beside it under the name that it is linked by."""
    beneath = folder / "libifdvpcd.so.0"
    shutil.copy(_VPCD, beneath)
    driver = folder / "reader.so"
    options = ["-shared", "-fPIC", "-O1", "-o", str(driver), str(_HERE / "reader.c"), "-ldl"]
    linked = ["-Wl,--no-as-needed", str(beneath), "-Wl,-rpath,$ORIGIN"]
    built = subprocess.run(["gcc", *options, *linked], capture_output=True, text=True, timeout=60)
    if built.returncode != 0:
        raise RuntimeError(f"the virtual reader does not build: {built.stderr[-400:]}")
    return driver


def _free_port() -> int:
    """A port for vpcd, which cannot choose its own: outside the range that the system gives away."""
    while True:
        port = random.randrange(20000, 32000, 2)
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _listens(port: int) -> bool:
    """Whether something listens on that TCP port; a connection would already be a card."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *_ = line.split()
        if state == "0A" and int(local.rpartition(":")[2], 16) == port:
            return True
    return False
