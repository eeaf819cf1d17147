"""A page for an officer's screen: turned, sized, with the reader's name burnt in as a pale overlay."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from gateway.office.packet import PacketError

_FONT = Path(__file__).resolve().parent.parent / "static" / "fonts" / "AtkinsonHyperlegibleNext_400Regular.ttf"
_INK = (19, 35, 31, 56)  # 22 % ink: readable on a photograph of the screen, the page stays legible
_SLANT = 24
_QUALITY = 82
# A page of 8 MiB ciphertext cannot be larger than this many pixels and still be a page.
_MAX_PIXELS = 60_000_000


def render(jpeg: bytes, width: int, turn: int, reader: str) -> bytes:
    """The page as JPEG, ``width`` pixels wide after a turn of 0, 90, 180 or 270 degrees clockwise.

    ``reader``: name and time, repeated over the page. Raises PacketError when the bytes are no picture.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise PacketError("the page is larger than a page can be")
            image.draft("RGB", (width * 2, width * 3))
            page = image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise PacketError("the page is no picture") from error
    if turn:
        page = page.rotate(-turn, expand=True)
    height = max(1, round(page.height * width / page.width))
    page = page.resize((width, height), Image.Resampling.LANCZOS)
    if width >= 240:  # a thumbnail is too small to read anything on it
        page.paste(_INK[:3], mask=_overlay(page.size, reader))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _overlay(size: tuple[int, int], reader: str) -> Image.Image:
    width, height = size
    font = ImageFont.truetype(_FONT, max(12, width // 44))
    step_x, step_y = round(font.getlength(reader)) + 40, round(font.size * 7)
    reach = width + height
    sheet = Image.new("L", (reach, reach), 0)
    draw = ImageDraw.Draw(sheet)
    for row, y in enumerate(range(0, reach, step_y)):
        for x in range(-(row % 2) * step_x // 2, reach, step_x):
            draw.text((x, y), reader, font=font, fill=_INK[3])
    slanted = sheet.rotate(_SLANT, resample=Image.Resampling.BILINEAR)
    left, top = (reach - width) // 2, (reach - height) // 2
    return slanted.crop((left, top, left + width, top + height))
