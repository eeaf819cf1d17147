"""``./adm demo``: the terminal on virtual devices, from the idle screen to the office's answer.

Without a screen five stories are played by real pointer events under a virtual one; each leaves its folder in
``demo-out/``, with a page. With a screen the terminal opens for a person to touch, and the bench's page beside it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from deploy.demo.album import Album, cover
from deploy.demo.bench import Bench
from deploy.demo.browser import BrowserError, find
from deploy.demo.open_house import open_house, usable_display
from deploy.demo.parts import ROOT, BenchError
from deploy.demo.stories import camera, courier, later, paper, scanner
from deploy.demo.stories.teller import Teller

STORIES = {story.TALE.name: story for story in (camera, scanner, paper, later, courier)}
_QUICK_LINE = "[cache]\nprobe_cap_s = 2.0\n"  # a returning line is noticed within seconds, as a watcher would like it


class _Progress:
    """Says what goes on, with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - self._began:5.1f} s] {text}\n")
        sys.stdout.flush()


def played(out: Path, names: list[str]) -> None:
    """These stories under a virtual screen; everything lands in ``out``."""
    if find() is None:
        raise BenchError("no Chromium here: apt-get install chromium")
    say = _Progress()
    _clear(out)
    for name in names:
        story = STORIES[name]
        folder = out / name
        folder.mkdir()
        say(f"-- {story.TALE.title.english}")
        with (
            tempfile.TemporaryDirectory(prefix="adm-demo-") as inside,
            Bench(Path(inside), settings=_QUICK_LINE, cut=story is camera, gear=story.GEAR) as bench,
        ):
            bench.add_officer()
            say("Office, devices and terminal stand; the terminal is enrolled")
            story.play(Teller(bench, Album(folder, story.TALE), say))
    page = cover(out, [STORIES[name].TALE for name in names])
    say("Done")
    sys.stdout.write(f"\nThe stories, in order:  {_shown(page)}\n")


def _clear(out: Path) -> None:
    """Make room for new stories; a folder that holds something else is left alone."""
    if out.exists() and any(out.iterdir()) and not (out / ".adm-demo").exists():
        raise BenchError(f"{out} holds something that is not a demo's; name another folder with --out")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / ".adm-demo").touch()


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def main() -> int:
    """The command. 0 when every story was played."""
    parser = argparse.ArgumentParser(prog="adm demo", description="Play five visits, or open the terminal to touch.")
    parser.add_argument("stories", nargs="*", metavar="STORY", help=f"of {', '.join(STORIES)}; all without a word")
    parser.add_argument("--out", type=Path, default=ROOT / "demo-out", help="where pictures and files go (demo-out)")
    parser.add_argument("--played", action="store_true", help="play under a virtual screen though there is a real one")
    options = parser.parse_args()
    names: list[str] = options.stories or list(STORIES)
    if strange := [name for name in names if name not in STORIES]:
        parser.error(f"no story is called {', '.join(strange)}; there are {', '.join(STORIES)}")
    try:
        display = None if options.played or options.stories else usable_display()
        if display:
            open_house(display)
        else:
            played(options.out, names)
    except (BenchError, BrowserError) as error:
        sys.stderr.write(f"adm demo: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
