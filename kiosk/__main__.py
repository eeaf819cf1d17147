"""``python -m kiosk [--settings FILE] [--no-window] [--probe SOCKET] [--size WxH]``: the station.

The window is started before anything heavy is imported, so that it draws while cache and devices are being opened.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from kiosk import settings
from kiosk.link import StationLink
from kiosk.settings import Settings, SettingsError
from kiosk.status import KioskStatus
from kiosk.window import Window, own_group
from wire import events, notify
from wire.version import VERSION

if TYPE_CHECKING:
    from drivers.roles import Devices
    from kiosk.capture.worker import CaptureWorker
    from kiosk.controller import Controller
    from offline_cache.api import Cache


def main(words: list[str] | None = None) -> int:
    """Run the station until SIGTERM or SIGINT. Returns the exit code: 2 when the settings cannot be used."""
    options = _options(words)
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    own_group()
    try:
        chosen = settings.load(options.settings)
        chosen.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        link = StationLink(chosen.socket, chosen.window_uid())
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"the folder of the window's socket cannot be used: {error}", file=sys.stderr)
        return 2
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    events.configure()
    events.log("station_started", version=VERSION)
    languages = chosen.offered()
    if left_out := set(chosen.languages) - {*languages}:
        print(f"languages without a complete catalogue are not offered: {', '.join(sorted(left_out))}", file=sys.stderr)
    link.publish(KioskStatus(rev=0, ready=False, languages=languages, language=languages[0]))
    station = _Station(chosen, link)
    elsewhere = options.no_window or chosen.window_user
    window = None if elsewhere else Window(_window_words(options, chosen), station.alive_at)
    if window is not None:
        window.start()
    code = 0
    try:
        station.open()
        notify.notify("READY=1")
        while not ended.wait(1.0):
            if window is not None:
                window.watch()
    except SettingsError as error:
        print(error, file=sys.stderr)
        code = 2
    finally:
        notify.notify("STOPPING=1")
        if window is not None:
            window.stop()
        station.close()
        link.close()
    events.log("station_stopped")
    return code


class _Station:
    """Everything behind the link, opened after the window was started."""

    def __init__(self, chosen: Settings, link: StationLink) -> None:
        self._chosen, self._link = chosen, link
        self._devices: Devices | None = None
        self._capture: CaptureWorker | None = None
        self._cache: Cache | None = None
        self._controller: Controller | None = None

    def alive_at(self) -> float:
        """See ``Controller.alive_at``; 0 before there is one."""
        return self._controller.alive_at if self._controller is not None else 0.0

    def open(self) -> None:
        """Open devices, capture child and cache, and start. Raises SettingsError for a wrong roles or district file.

        A cache that cannot be opened closes the terminal (``cache_broken`` on the screen), it does not end it.
        """
        from kiosk.capture.worker import CaptureWorker
        from kiosk.controller import Controller, Parts

        self._use_district()
        self._capture = CaptureWorker()
        self._devices = self._open_devices()
        self._devices.start()
        self._cache, fault = self._open_cache()
        watchdog = notify.watchdog_s()
        parts = Parts(
            capture=self._capture,
            cache=self._cache,
            cache_fault=fault,
            printer=self._devices.printer,
            camera=self._devices.camera,
            scanner=self._devices.scanner,
            card=self._devices.card,
            code=self._devices.code,
            owner=_owner(self._chosen.data),
            shared=bool(self._chosen.window_user),
        )
        self._controller = Controller(
            self._link,
            parts,
            languages=self._chosen.offered(),
            delays=self._chosen.all_delays(),
            beat=lambda: notify.notify("WATCHDOG=1"),
            beat_s=watchdog / 3 if watchdog else 30.0,
        )
        self._controller.start()
        if self._cache is not None:
            self._cache.start_sync(self._controller.reports, self._controller.changed)

    def close(self) -> None:
        """Close all that was opened, each within its own limit."""
        for part in (self._controller, self._devices):
            if part is not None:
                part.stop()
        for part in (self._capture, self._cache):
            if part is not None:
                part.close()

    def _use_district(self) -> None:
        from wire import service

        try:
            service.use(self._chosen.district)
        except service.ServiceError as error:
            raise SettingsError(f"{self._chosen.district}: the district's file cannot be used:\n{error}") from error

    def _open_devices(self) -> Devices:
        from drivers.roles import Roles, RolesError, load_roles, open_devices

        file = self._chosen.roles
        if not file.exists():
            print(
                f"{file} is not there, so this terminal has no devices. Write it after the example in "
                "deploy/config/roles.toml.example, or name another file in the settings (roles = ...).",
                file=sys.stderr,
            )
            return open_devices(Roles())
        try:
            return open_devices(load_roles(file))
        except RolesError as error:
            raise SettingsError(str(error)) from error

    def _open_cache(self) -> tuple[Cache | None, str]:
        from offline_cache.api import CacheError
        from offline_cache.cache import open_cache

        try:
            return open_cache(self._chosen.data, version=VERSION, settings=settings.for_cache(self._chosen)), ""
        except CacheError as error:
            events.log_error("cache", error)
            print(f"{self._chosen.data}: {error}", file=sys.stderr)
            return None, error.code


def _owner(data: Path) -> str:
    """A word for this terminal's shared memory that no other data folder of the machine has."""
    return hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]


def _window_words(options: argparse.Namespace, chosen: Settings) -> list[str]:
    words = ["--link", str(chosen.socket.absolute())]
    if options.probe:
        words += ["--probe", str(Path(options.probe).absolute())]
    if chosen.district is not None:
        words += ["--district", str(chosen.district.absolute())]
    size = options.size or chosen.size
    return [*words, "--size", size] if size else words


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m kiosk", description="The station of a self-service terminal.")
    parser.add_argument("--settings", type=Path, help="TOML file; see deploy/config/kiosk.toml.example")
    parser.add_argument("--no-window", action="store_true", help="run without starting the window")
    parser.add_argument("--probe", help="socket of the accessible tree, for tests; no unit has it")
    parser.add_argument("--size", help="of the window, as 1080x1920; the settings' one otherwise")
    return parser.parse_args(words)


if __name__ == "__main__":
    sys.exit(main())
