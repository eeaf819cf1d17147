"""A file that somebody gives the bench to lay down: a picture, or a PDF's first page."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

from PIL import Image, ImageOps

MOST_BYTES = 30 << 20
_DPI = 200
_PDF_S = 30.0


def keep(data: bytes, folder: Path) -> Path:
    """Keep the sheet as a PNG in ``folder`` and return its path. Raises ValueError for what is no picture."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"a file of {len(data) >> 20} MB; {MOST_BYTES >> 20} are the most")
    if data[:5] == b"%PDF-":
        data = _first_page(data)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "PPM")) as opened:
            sheet = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"no JPEG, PNG or PDF ({error})") from error
    folder.mkdir(exist_ok=True)
    path = folder / f"sheet-{len(list(folder.iterdir())) + 1}.png"
    sheet.save(path)
    return path


def _first_page(pdf: bytes) -> bytes:
    words = ["pdftoppm", "-r", str(_DPI), "-f", "1", "-l", "1", "-singlefile", "-"]
    try:
        done = subprocess.run(words, input=pdf, capture_output=True, timeout=_PDF_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ValueError(f"the PDF cannot be drawn ({error})") from error
    if done.returncode or not done.stdout:
        raise ValueError("the PDF cannot be drawn")
    return done.stdout
