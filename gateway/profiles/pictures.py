"""A page as JPEG bytes and the steps down from it: what a step costs, and the bytes that it makes. Pillow alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import cast

from PIL import Image

from gateway.profiles.profile import Profile

_MAX_PIXELS = 60_000_000
_BEST = 90  # quality of a page that must be made anew only to fit in pixels or in grey
# Luminance table of the JPEG standard (ITU T.81, K.1) at quality 50, in Pillow's order; only its sum is used.
_STANDARD_SUM = 3688


class PictureError(ValueError):
    """The bytes are no page."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is made. ``quality``: 0 where its own bytes stand untouched. ``dpi``: as printed at its own size."""

    dpi: int
    quality: int
    grey: bool


class Page:
    """One page. ``long_mm``: the paper's longer side, which tells the dots an inch where the file does not.

    Raises PictureError when it is no JPEG or larger than a page can be. Pixels are decoded anew for each look: an
    application has many pages, and only one of them is in memory.
    """

    def __init__(self, jpeg: bytes, long_mm: float = 297.0) -> None:
        self._jpeg = jpeg
        with _opened(jpeg) as image:
            self.size = image.size
            self.grey = image.mode == "L"
            self.dpi = _told_dpi(image) or max(1, round(max(self.size) * 25.4 / long_mm))
            self.quality = _quality(getattr(image, "quantization", {}))

    @property
    def look(self) -> Look:
        """As it is."""
        return Look(self.dpi, 0, self.grey)

    def looks(self, profile: Profile) -> Iterator[Look]:
        """From the best look that the profile takes, down its ladders, in its order; each costs more than the last."""
        dpi = self.dpi
        if profile.max_dpi:
            dpi = min(dpi, profile.max_dpi)
        if profile.max_side:
            dpi = min(dpi, self.dpi * profile.max_side // max(self.size))
        look = Look(max(1, dpi), 0, self.grey or profile.colour == "grey")
        if look != self.look:
            look = replace(look, quality=min(_BEST, self.quality))
        yield look
        for step in profile.order:
            if step == "quality":
                for quality in profile.quality:
                    if quality < (look.quality or self.quality):
                        look = replace(look, quality=quality)
                        yield look
            elif step == "pixels":
                for dpi in profile.dpi:
                    if dpi < look.dpi:
                        look = replace(look, dpi=dpi, quality=look.quality or min(_BEST, self.quality))
                        yield look
            elif not look.grey:
                look = replace(look, grey=True, quality=look.quality or min(_BEST, self.quality))
                yield look

    def made(self, look: Look) -> bytes:
        """The page in that look; its own bytes where nothing changes. Raises PictureError."""
        if look == self.look:
            return self._jpeg
        try:
            with _opened(self._jpeg) as opened:
                image = opened.convert("L" if look.grey else "RGB")
        except (OSError, ValueError, SyntaxError) as error:
            raise PictureError("the page is no picture") from error
        if look.dpi < self.dpi:
            size = (max(1, self.size[0] * look.dpi // self.dpi), max(1, self.size[1] * look.dpi // self.dpi))
            image = image.resize(size, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=look.quality, optimize=True, dpi=(look.dpi, look.dpi))
        return out.getvalue()


def _opened(jpeg: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError("the page is no picture") from error
    if image.width * image.height > _MAX_PIXELS:
        image.close()
        raise PictureError("the page is larger than a page can be")
    return image


def _told_dpi(image: Image.Image) -> int:
    """Dots an inch as the file says, or 0."""
    told = cast(object, image.info.get("dpi"))
    if isinstance(told, tuple) and image.info.get("jfif_unit") in (1, 2):
        across = round(float(cast(tuple[float, float], told)[0]))
        if 50 <= across <= 1200:
            return across
    return 0


def _quality(tables: object) -> int:
    """The quality that the page was made with, told from its first table as libjpeg scales it; 95 when it is odd."""
    table = cast(dict[int, list[int]], tables).get(0, []) if isinstance(tables, dict) else []
    if len(table) != 64 or not sum(table):
        return 95
    scale = 100 * sum(table) / _STANDARD_SUM
    quality = 5000 / scale if scale > 100 else (200 - scale) / 2
    return max(1, min(95, round(quality)))
