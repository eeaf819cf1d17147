"""A real S3 server in a temporary folder: SeaweedFS, master, volume, filer and gateway in one process."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import obstore
from obstore.exceptions import BaseError

from gateway.settings import StoreSettings
from gateway.store.s3 import S3

_PARTS = ("master", "volume", "filer", "s3")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, below those that the kernel hands out by itself."""
    with ExitStack() as held:
        found: list[int] = []
        while len(found) < count:
            port = 10_000 + secrets.randbelow(20_000)
            try:
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
                found.append(port)
            except OSError:
                continue
        return found


class Bucket:
    """One server for a test process. It takes about four seconds to begin; ``settings`` waits for it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="adm-s3-"))
        self.key, self.secret = secrets.token_hex(8), secrets.token_hex(16)
        self.credentials = self.folder / "credentials.toml"
        self.credentials.write_text(f'access_key_id = "{self.key}"\nsecret_access_key = "{self.secret}"\n')
        rights = ["Read", "Write", "List", "Tagging", "Admin"]
        identity = {
            "name": "adm",
            "credentials": [{"accessKey": self.key, "secretKey": self.secret}],
            "actions": rights,
        }
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        self.ports = dict(zip([*_PARTS, *(f"{part} grpc" for part in _PARTS)], free_ports(8), strict=True))
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    def start(self) -> None:
        """Start it; nothing is waited for."""
        words = [str(Path(sys.executable).parent / "weed"), "server", "-s3", f"-dir={self.folder}"]
        words += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.config={self.folder / 's3.json'}"]
        words += [f"-{part}.port={self.ports[part]}" for part in _PARTS]
        words += [f"-{part}.port.grpc={self.ports[f'{part} grpc']}" for part in _PARTS]
        words += [f"-{part}.localSocket={self.folder / part}" for part in ("s3", "filer")]
        words += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.iam=false", "-master.telemetry=false"]
        words += ["-master.volumeSizeLimitMB=64", "-volume.max=20", "-volume.preStopSeconds=0"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                words, cwd=self.folder, stdout=log, stderr=log, env={**os.environ, "HOME": str(self.folder)}
            )

    def settings(self, prefix: str = "") -> StoreSettings:
        """A place of its own in the bucket, once the server answers."""
        found = StoreSettings("office", prefix or secrets.token_hex(6), self.endpoint, "", self.credentials)
        end = time.monotonic() + 60
        while not self.ready:
            try:
                obstore.put(S3(found)._bucket, "ready", b"")
                self.ready = True
            except (BaseError, OSError):
                assert time.monotonic() < end and self.process is not None and self.process.poll() is None, (
                    self.folder / "log"
                ).read_text()[-4000:]
                time.sleep(0.1)
        return found

    def toml(self, prefix: str = "") -> str:
        """The same as lines of gateway.toml."""
        found = self.settings(prefix)
        lines = [f'url = "s3://{found.bucket}/{found.prefix}"', f'endpoint = "{found.endpoint}"']
        return "\n".join(["[store]", *lines, f'credentials = "{found.credentials}"', ""])

    def end(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(20)
            self.process, self.ready = None, False

    def close(self) -> None:
        """End it and remove all of it."""
        self.end()
        shutil.rmtree(self.folder)
