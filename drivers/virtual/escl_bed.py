"""What lies on the virtual scanner's glass and in its feeder, and the pictures of it."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from drivers.virtual import papers
from drivers.virtual.escl_texts import Order
from drivers.virtual.papers.bed import lay_on_bed

_KEPT = 16  # encoded pictures, about 1 MB each
_QUALITY = 90
_A4 = (210.0, 297.0)


@dataclass(frozen=True, slots=True)
class Laid:
    """A sheet and how it lies. ``paper``: a drawn one's name. ``image``: a file, taken for a sheet of A4.

    ``version``: of that file, so that a changed one is looked at anew. ``skew``: degrees clockwise. ``x_mm``,
    ``y_mm``: the sheet's top left before it was skewed.
    """

    paper: str = ""
    image: str = ""
    version: int = 0
    skew: float = 0.0
    x_mm: float = 3.0
    y_mm: float = 3.0
    seed: int = 1


class Bed:
    """The glass under its lid, and the feeder's stack. ``lid``: ``white`` or ``black``."""

    def __init__(self, lid: str) -> None:
        self.lid = lid
        self._laid: Laid | None = None
        self._stack: list[Laid] = []
        self._lock = threading.Lock()
        self._pictures: OrderedDict[object, bytes] = OrderedDict()

    def lay(self, words: dict[str, Any]) -> None:
        """Lay a sheet on the glass in place of what lies there. Raises ``ValueError`` or ``OSError``."""
        rest = dict(words)
        lid = str(rest.pop("lid", self.lid))
        if lid not in ("white", "black"):
            raise ValueError(f"the lid is white or black, not {lid}")
        self._laid = read_laid(rest)
        self.lid = lid

    def clear(self) -> None:
        """Take the sheet off the glass."""
        self._laid = None

    def load(self, sheets: Sequence[str | dict[str, Any]]) -> None:
        """Put sheets into the feeder in place of those in it, the first to be taken first."""
        self._stack = [read_laid({"paper": sheet} if isinstance(sheet, str) else sheet) for sheet in sheets]

    @property
    def loaded(self) -> int:
        """Sheets in the feeder."""
        return len(self._stack)

    @property
    def facts(self) -> dict[str, object]:
        """For the bench."""
        laid = self._laid
        return {
            "laid": "" if laid is None else laid.paper or laid.image,
            "lid": self.lid,
            "loaded": [sheet.paper or sheet.image for sheet in self._stack],
        }

    def scan(self, order: Order) -> bytes | None:
        """The picture file that the order asks for; takes the sheet out of the feeder. None: the feeder is empty."""
        with self._lock:
            laid = self._laid
            if order.feeder:
                if not self._stack:
                    return None
                laid = replace(self._stack.pop(0), y_mm=0.0)  # a sheet is drawn in to its edge
            return self._picture(laid, order)

    def _picture(self, laid: Laid | None, order: Order) -> bytes:
        key = (laid, self.lid, order)
        picture = self._pictures.get(key)
        if picture is None:
            whole = _look_down(laid, self.lid, order.dpi)
            part = whole.crop(order.box)
            file = io.BytesIO()
            dpi = (order.dpi, order.dpi)
            (part.convert("L") if order.grey else part).save(file, "JPEG", quality=_QUALITY, dpi=dpi)
            picture = self._pictures[key] = file.getvalue()
            if len(self._pictures) > _KEPT:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return picture


def read_laid(words: dict[str, Any]) -> Laid:
    """The sheet that a control word names. Raises ``ValueError``, or ``OSError`` for a file that is no picture."""
    rest = dict(words)
    names = [name for name in ("paper", "image") if rest.get(name)]
    if len(names) != 1:
        raise ValueError("a sheet is one of paper and image")
    name = str(rest.pop(names[0]))
    how = Laid(
        skew=float(rest.pop("skew", 0.0)),
        x_mm=float(rest.pop("x_mm", 3.0)),
        y_mm=float(rest.pop("y_mm", 3.0)),
        seed=int(rest.pop("seed", 1)),
    )
    rest = {key: value for key, value in rest.items() if value}
    if rest:
        raise ValueError(f"unknown {sorted(rest)}")
    if names[0] == "paper":
        papers.draw(name)
        return replace(how, paper=name)
    with Image.open(name) as opened:
        opened.verify()
    return replace(how, image=name, version=Path(name).stat().st_mtime_ns)


def _look_down(laid: Laid | None, lid: str, dpi: int) -> Image.Image:
    if laid is None:
        return lay_on_bed(None, _A4, dpi=dpi, lid=lid)
    if laid.paper:
        drawing = papers.draw(laid.paper)
        sheet, mm = drawing.image, drawing.mm
    else:
        with Image.open(laid.image) as opened:
            sheet = opened.convert("RGB")
        mm = _A4 if sheet.height > sheet.width else (_A4[1], _A4[0])
    at = (laid.x_mm, laid.y_mm)
    return lay_on_bed(sheet, mm, dpi=dpi, skew=laid.skew, lid=lid, at_mm=at, seed=laid.seed)
