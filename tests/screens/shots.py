"""Draw every screen: ``python -m tests.screens.shots OUTDIR [id|en] [step] [contrast]`` (size: ADM_TEST_SIZE)."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.screens.driver import Driver
from tests.screens.statuses import STATUSES


def main(out: Path, language: str, step: int, contrast: bool, only: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    window = Driver()
    for name, (_, status) in STATUSES.items():
        if only and name not in only:
            continue
        window.show(status.model_copy(update={"language": language, "text_step": step, "contrast": contrast}))
        window.frames(4)
        window.shot(str(out / f"{name}.png"))
    window.close()


if __name__ == "__main__":
    words = sys.argv[2:]
    main(
        Path(sys.argv[1]),
        next((word for word in words if word in ("id", "en")), "id"),
        next((int(word) for word in words if word in "012"), 0),
        "contrast" in words,
        [word for word in words if word in STATUSES],
    )
