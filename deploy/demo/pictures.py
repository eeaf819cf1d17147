"""The pictures of docs/pilot.id.md, from demo-out and gallery-out: ``./adm python -m deploy.demo.pictures``."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from PIL import Image

from deploy.demo.parts import ROOT

TARGET = ROOT / "docs" / "pictures" / "pilot"
_STORIES = ("later", "camera")  # the first one that has the moment
_NARROW, _WIDE = 400, 1200  # pixels: a screen of the terminal, a page of the office


def source(name: str, demo: Path, gallery: Path) -> Path | None:
    """The newest picture of that name: a moment of a story, a screen of the gallery, or the receipt."""
    for story in _STORIES:
        folder = demo / story
        found = sorted(folder.glob(f"[0-9][0-9]-{name}.png")) or [folder / f"{name}.png"]
        if found[0].exists():
            return found[0]
    drawn = gallery / f"{name}--1080x1920-id-0-light.jpg"
    return drawn if drawn.exists() else None


def wanted() -> list[str]:
    """The pictures that the guide shows."""
    return re.findall(r"pictures/pilot/([\w-]+)\.jpg", (ROOT / "docs" / "pilot.id.md").read_text(encoding="utf-8"))


def main() -> int:
    """Make them all; 1 when one is not there."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.pictures", description=__doc__)
    parser.add_argument("--demo", type=Path, default=ROOT / "demo-out")
    parser.add_argument("--gallery", type=Path, default=ROOT / "gallery-out")
    options = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    missing = 0
    for name in wanted():
        found = source(name, options.demo, options.gallery)
        if found is None:
            print(f"no picture of {name}: run ./adm demo and ./adm gallery", file=sys.stderr)
            missing += 1
            continue
        with Image.open(found) as image:
            width = min(_WIDE if image.width > image.height else _NARROW, image.width)
            size = (width, round(image.height * width / image.width))
            image.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(TARGET / f"{name}.jpg", quality=82)
    print(f"{len(wanted()) - missing} pictures in {TARGET.relative_to(ROOT)}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
