"""What a screen is drawn in: size, text step, contrast, language."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

# Pixels of the screen, and its diagonal in inches: what a millimetre is there.
SCREENS = {(1080, 1920): 21.5, (1920, 1080): 21.5, (1280, 800): 15.6}
STEPS = (0, 1, 2)
LANGUAGES = ("id", "en")


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to draw every screen. ``step``: of the text size."""

    size: tuple[int, int]
    step: int
    contrast: bool
    language: str

    @property
    def name(self) -> str:
        """For files and the page: 1080x1920-id-0-light."""
        return f"{self.size[0]}x{self.size[1]}-{self.language}-{self.step}-{'contrast' if self.contrast else 'light'}"

    @property
    def mm(self) -> float:
        """Millimetres a pixel."""
        width, height = self.size
        return SCREENS[self.size] * 25.4 / (width**2 + height**2) ** 0.5


def every() -> list[Variant]:
    """All of them: a window changes its size as seldom as it can."""
    return [
        Variant(size, step, contrast, language)
        for size, contrast, step, language in itertools.product(SCREENS, (False, True), STEPS, LANGUAGES)
    ]
