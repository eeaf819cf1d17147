"""One row of a benchmark's table: what was measured, what it is held against, and whether the target was met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """``ratio``: the figure that ``must`` and ``hope`` speak of; at most those, or at least (``least``).

    ``measured`` and ``against``: the two figures behind it, with units. ``notes``: what else the run showed. A row with
    ``ratio`` None could not be measured here (``notes`` say why) and misses nothing.
    """

    name: str
    what: str
    measured: str
    against: str
    ratio: float | None
    must: float
    hope: float | None = None
    least: bool = False
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """hoped, met, MISSED or not measured."""
        if self.ratio is None:
            return "not measured"
        if self._meets(self.must):
            return "hoped" if self.hope is not None and self._meets(self.hope) else "met"
        return "MISSED"

    @property
    def missed(self) -> bool:
        """The must was measured and not met."""
        return self.verdict == "MISSED"

    def plain(self) -> dict[str, object]:
        """For --json."""
        return {**asdict(self), "verdict": self.verdict}

    def _meets(self, target: float) -> bool:
        assert self.ratio is not None
        return self.ratio >= target if self.least else self.ratio <= target


def spell(rows: Sequence[Row]) -> str:
    """The table as text, each row's notes below it."""
    head = f"{'row':<16}{'measured':>22}  {'against':<30}{'ratio':>8}{'must':>9}{'hope':>8}  verdict"
    lines = [head, "-" * len(head)]
    for row in rows:
        sign = ">= " if row.least else "<= "
        ratio = "-" if row.ratio is None else f"{row.ratio:.3f}"
        hope = "-" if row.hope is None else f"{row.hope:.3f}"
        lines.append(
            f"{row.name:<16}{row.measured:>22}  {row.against:<30}{ratio:>8}{sign + format(row.must, '.4g'):>9}{hope:>8}"
            f"  {row.verdict}"
        )
        lines += [f"    {note}" for note in (row.what, *row.notes)]
    return "\n".join(lines)
