"""``python -m screens --link SOCKET [--probe SOCKET] [--size WxH] [--district FILE]``: the window process."""

from __future__ import annotations

import argparse
import logging
import re
from pathlib import Path


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"not a size like 1080x1920: {text!r}")
    return int(found[1]), int(found[2])


def main() -> None:
    """Open the window and show what the station says until it is told to stop."""
    parser = argparse.ArgumentParser(prog="python -m screens", description=__doc__)
    parser.add_argument("--link", required=True, help="the station's Unix socket")
    parser.add_argument("--probe", help="serve the accessible tree on this Unix socket")
    parser.add_argument("--size", type=_size, help="width x height in pixels; without it, the whole screen")
    parser.add_argument("--district", type=Path, help="the district's file over the services")
    given = parser.parse_args()
    logging.basicConfig(format="%(name)s: %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setLevel(logging.WARNING)  # Kivy's loggers set their own level; its first lines come at import

    from screens import boot

    boot.configure(*(given.size or (0, 0)))

    from kivy.base import ExceptionManager

    from kiosk.link import WindowLink
    from screens.app import Recover, WindowApp

    link = WindowLink()
    link.connect(given.link)
    app = WindowApp(link)
    ExceptionManager.add_handler(Recover())
    if given.district:
        district: Path = given.district

        def use(*_: object) -> None:
            from wire import service  # 40 ms with YAML: the first frame is on its way

            service.use(district, later=True)

        app.bind(on_start=use)
    if given.probe:
        path: str = given.probe

        def serve(*_: object) -> None:
            from screens.probe import Probe

            Probe(path, app)

        app.bind(on_start=serve)
    app.run()
    link.close()


if __name__ == "__main__":
    main()
