"""Textures: our own pictures, page thumbnails that the station sends, and QR codes. Shrunk through mipmaps."""

from __future__ import annotations

import base64
import binascii
from functools import cache, lru_cache
from io import BytesIO

from kivy.core.image import Image as CoreImage
from kivy.graphics.texture import Texture

from screens.widgets import ASSETS

PICTURES = ASSETS / "pictures"
SHADOW = str(PICTURES / "shadow.png")


@cache
def picture(name: str) -> Texture:
    """One of ours, by its file name without ".png"."""
    return CoreImage(str(PICTURES / f"{name}.png"), mipmap=True).texture


@cache
def pattern() -> Texture:
    """The header's kawung tile, repeating."""
    texture = picture("kawung")
    texture.wrap = "repeat"
    return texture


@lru_cache(maxsize=16)
def thumbnail(coded: str) -> Texture | None:
    """A page from base64 JPEG; None for "" and for what is no picture. ``forget`` drops them all."""
    if not coded:
        return None
    try:
        data = base64.b64decode(coded, validate=True)
        return CoreImage(BytesIO(data), ext="jpg", mipmap=True, nocache=True).texture
    except (binascii.Error, ValueError, OSError):
        return None
    except Exception as error:  # Kivy raises a bare Exception when no loader can read the data
        if type(error) is not Exception:
            raise
        return None


def forget() -> None:
    """Drop every page picture: called when a visit is over."""
    thumbnail.cache_clear()


@lru_cache(maxsize=4)
def qr(text: str, error: str = "m") -> Texture:
    """``text`` as QR code, one texel a module, with its quiet zone of four modules. ``error``: level of correction."""
    import segno  # after the first frame: only the last screens need it

    rows = list(segno.make_qr(text, error=error).matrix_iter(border=4))
    side = len(rows)
    pixels = b"".join(b"\x00\x00\x00\xff" if dark else b"\xff\xff\xff\xff" for row in rows for dark in row)
    texture = Texture.create(size=(side, side), colorfmt="rgba")
    texture.mag_filter = texture.min_filter = "nearest"
    texture.blit_buffer(pixels, colorfmt="rgba", bufferfmt="ubyte")
    texture.flip_vertical()
    return texture
