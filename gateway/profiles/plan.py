"""The plan of an export: every file worked out in memory, within the profile's limits, or a refusal that says why.

Nothing is written here, so a limit that cannot be met leaves nothing half. Of the pages that share a file, the one
with the most bytes steps down first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gateway.profiles.binding import bound
from gateway.profiles.names import Names
from gateway.profiles.pictures import Look, Page
from gateway.profiles.profile import Profile

MEDIA_TYPES = {"jpeg": "image/jpeg", "pdf": "application/pdf"}
_ENDINGS = {"jpeg": ".jpg", "pdf": ".pdf"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page to export. ``n``: its number within the paper. ``long_mm``: the longer side of the paper."""

    paper: str
    n: int
    title: str
    jpeg: bytes
    long_mm: float = 297.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What all pages share. ``date``: ISO date on which it was sent, or ""."""

    number: str
    service: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What a page lost. ``page``: counted from 1. ``before`` has the quality that the page was made with."""

    page: int
    title: str
    before: Look
    after: Look

    def plain(self) -> dict[str, object]:
        """For the note beside the files."""
        return {
            "page": self.page,
            "title": self.title,
            "dpi": [self.before.dpi, self.after.dpi],
            "quality": [self.before.quality, self.after.quality],
            "grey": [self.before.grey, self.after.grey],
        }


@dataclass(frozen=True, slots=True)
class File:
    """One file. ``pages``: which pages it holds, counted from 1."""

    name: str
    data: bytes
    pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All files of an export, and what was given up for them."""

    profile: Profile
    subject: Subject
    files: tuple[File, ...]
    given_up: tuple[GivenUp, ...]

    @property
    def media_type(self) -> str:
        """Of each file."""
        return MEDIA_TYPES[self.profile.kind]


class CannotMeet(ValueError):
    """The limit cannot be met. ``page``: the page that stands in the way, from 1. ``least``: bytes at the last step."""

    def __init__(self, page: int, title: str, least: int, limit: int) -> None:
        super().__init__(f"page {page} ({title}): {least} bytes at the last step, the limit is {limit}")
        self.page, self.title, self.least, self.limit = page, title, least, limit


class NothingToExport(ValueError):
    """The application has no page."""


@dataclass(slots=True)
class _Working:
    """A page on its way down."""

    at: int
    leaf: Leaf
    page: Page
    steps: Iterator[Look]
    look: Look
    data: bytes = field(repr=False)

    def down(self) -> bool:
        """One step; False when there is none left."""
        for look in self.steps:
            self.look, self.data = look, self.page.made(look)
            return True
        return False


def plan(leaves: Sequence[Leaf], subject: Subject, profile: Profile) -> Plan:
    """Work the export out. Raises CannotMeet, NothingToExport and PictureError (a page is no picture)."""
    if not leaves:
        raise NothingToExport("the application has no page")
    names = Names(profile.name)
    files: list[File] = []
    given_up: list[GivenUp] = []
    for n, group in enumerate(_groups(leaves, profile), 1):
        pages = [_start(at, leaves[at], profile) for at in group]
        data = _fitted(pages, subject, profile)
        values = {
            "number": subject.number,
            "service": subject.service,
            "date": subject.date,
            "n": f"{n:02}",
            "paper": pages[0].leaf.paper,
            "page": str(pages[0].leaf.n),
        }
        name = names.next(values, _ENDINGS[profile.kind])
        files.append(File(name, data, tuple(each.at + 1 for each in pages)))
        given_up += [
            GivenUp(each.at + 1, each.leaf.title, replace(each.page.look, quality=each.page.quality), _told(each))
            for each in pages
            if each.look != each.page.look
        ]
    return Plan(profile, subject, tuple(files), tuple(given_up))


def _told(each: _Working) -> Look:
    return replace(each.look, quality=each.look.quality or each.page.quality)


def _groups(leaves: Sequence[Leaf], profile: Profile) -> list[list[int]]:
    """Which pages share a file, in the order of the pages."""
    if profile.files == "one":
        return [list(range(len(leaves)))]
    if profile.files == "page":
        return [[at] for at in range(len(leaves))]
    groups: dict[str, list[int]] = {}
    for at, leaf in enumerate(leaves):
        groups.setdefault(leaf.paper, []).append(at)
    return list(groups.values())


def _start(at: int, leaf: Leaf, profile: Profile) -> _Working:
    page = Page(leaf.jpeg, leaf.long_mm)
    steps = page.looks(profile)
    look = next(steps)
    return _Working(at, leaf, page, steps, look, page.made(look))


def _fitted(pages: list[_Working], subject: Subject, profile: Profile) -> bytes:
    limit = profile.max_bytes
    open_pages = list(pages)
    while True:
        total = sum(len(each.data) for each in pages)
        if not limit or total <= limit:
            made = _made(pages, subject, profile)
            if not limit or len(made) <= limit:
                return made
            total = len(made)
        while open_pages:
            largest = max(open_pages, key=lambda each: len(each.data))
            if largest.down():
                break
            open_pages.remove(largest)
        else:
            worst = max(pages, key=lambda each: len(each.data))
            raise CannotMeet(worst.at + 1, worst.leaf.title, total, limit)


def _made(pages: list[_Working], subject: Subject, profile: Profile) -> bytes:
    if profile.kind == "jpeg":
        return pages[0].data
    bookmarks = [each.leaf.title for each in pages]
    return bound([each.data for each in pages], bookmarks, subject.number, subject.service)
