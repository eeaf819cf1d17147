"""QR codes shown to the camera: the receipt of an application."""

from __future__ import annotations

import zxingcpp

from kiosk.capture import decode

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_LONG_SIDE = 1600  # a 21 module code of 25 mm in a frame over A4 keeps over 5 px a module


def read(jpeg: bytes) -> str | None:
    """The text of the one QR code in the frame; None when there is none, or several that differ. Raises NotAPicture."""
    image, _ = decode.reduced(jpeg, _LONG_SIDE)
    texts = {code.text for code in zxingcpp.read_barcodes(image, formats=_QR) if code.valid}
    return texts.pop() if len(texts) == 1 else None
