"""One window that draws some of the variants: ``python -m tests.gallery.worker OUT NAME...``, a JSON line a screen.

All variants of one call have one size: SDL's offscreen driver keeps the picture that it began with (ADM_TEST_SIZE).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.screens.driver import Driver  # first: it names SDL's driver

from PIL import Image  # isort: skip

from tests.gallery import check  # isort: skip
from tests.gallery.variants import Variant, every  # isort: skip
from tests.screens.statuses import STATUSES  # isort: skip

SHOWN = 0.5  # of the screen's size, in the pictures that are kept


def draw(window: Driver, out: Path, variant: Variant, only: tuple[str, ...] = ()) -> list[tuple[str, list[str]]]:
    """Draw, measure and keep every screen in a variant: (name, faults) each; a line of JSON on standard output too."""
    told: list[tuple[str, list[str]]] = []
    for name, (screen, status) in STATUSES.items():
        if only and name not in only:
            continue
        window.lay_out(
            status.model_copy(
                update={"language": variant.language, "text_step": variant.step, "contrast": variant.contrast}
            )
        )
        window.frames(4)
        drawn = check.pixels()
        found = check.wrong(window.app.shell, drawn, variant)
        if (there := window.tree()["screen"]) != screen:
            found.append(f"the screen is {there}")
        picture = Image.fromarray(drawn)
        size = (round(picture.width * SHOWN), round(picture.height * SHOWN))
        picture.resize(size, Image.Resampling.BOX).save(out / f"{name}--{variant.name}.jpg", quality=82)
        told.append((name, found))
        print(json.dumps([name, variant.name, found], ensure_ascii=False), flush=True)
    return told


def main(out: Path, names: set[str], only: tuple[str, ...]) -> None:
    """Draw the variants of these names."""
    window = Driver()
    for variant in every():
        if variant.name in names:
            draw(window, out, variant, only)
    window.close()


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        {word for word in sys.argv[2:] if word not in STATUSES},
        tuple(word for word in sys.argv[2:] if word in STATUSES),
    )
