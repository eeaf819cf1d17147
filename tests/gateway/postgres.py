"""A real PostgreSQL server in a temporary folder: Debian's binaries, a Unix socket, a password, every fsync."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_USER = "adm"


def binaries() -> Path:
    """The newest server's folder. Raises AssertionError where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    assert found, "no PostgreSQL here: apt-get install postgresql"
    return found[-1].parent


class Server:
    """One server for a test process; ``database`` makes an empty database. As root it would refuse: then as nobody."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adm-pg-"))
        self.password_file = self.folder / "password"
        self.password_file.write_text(secrets.token_urlsafe(16) + "\n")
        self._as: list[str] = []
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            for path in (self.folder, self.password_file):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None
        words = ("--no-sync", "-A", "scram-sha-256", "--pwfile", str(self.password_file), "-E", "UTF8", "--locale", "C")
        done = subprocess.run(
            [*self._as, str(binaries() / "initdb"), "-D", str(self._data), "-U", _USER, *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.start()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = ["-k", str(self.folder), "-c", "listen_addresses=", "-c", "fsync=on", "-c", "max_connections=200"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as, str(binaries() / "postgres"), "-D", str(self._data), *words],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 30
        while True:
            try:
                self.connect("postgres").close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < end and self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.02)

    def end(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT ends every session at once, SIGQUIT is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def close(self) -> None:
        """End it and remove all of it."""
        self.end(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        """A connection of one's own, in autocommit."""
        password = self.password_file.read_text().strip()
        return psycopg.connect(host=str(self.folder), user=_USER, dbname=name, password=password, autocommit=True)

    def database(self) -> str:
        """Make an empty database; returns its name."""
        name = f"adm_{secrets.token_hex(6)}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name

    def url(self, name: str) -> str:
        """The address as gateway.toml takes it; the password is in ``password_file``."""
        return f"postgresql://{_USER}@/{name}?host={self.folder}"
