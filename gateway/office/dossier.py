"""An application as an officer reads it: the pages of all its submissions merged, in the service's order.

The first submission holds the form; each completion adds pages, and a page that comes again replaces the one before,
which stays reachable as an earlier version. What does not belong to the application is kept apart, never lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from sqlalchemy.orm import Session

from gateway import applications
from gateway.applications import Claim, Lack
from gateway.office.packet import Packet, PacketError
from gateway.store import Place, Store
from gateway.tables import Submission
from wire import service
from wire.form import Form
from wire.manifest import Part


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page. ``earlier``: what it replaced, newest first. ``apart``: of a submission that does not belong here."""

    packet: Packet
    part: Part
    earlier: tuple[Sheet, ...] = ()
    apart: bool = False

    @property
    def paper(self) -> str:
        """Id of the paper that it is a page of."""
        return self.part.paper

    @property
    def later(self) -> bool:
        """True when it came with a completion."""
        return self.packet.manifest.corrects is not None

    def open(self, identity: str) -> bytes:
        """Its JPEG. Raises PacketError."""
        return self.packet.open_part(self.part, identity)


@dataclass(frozen=True, slots=True)
class Dossier:
    """``first``: None while it is on its way. ``completions``: in order of arrival. ``apart``: what does not belong."""

    number: str
    first: Packet | None
    completions: tuple[Packet, ...] = ()
    apart: tuple[Packet, ...] = ()
    missing: tuple[str, ...] = ()

    @classmethod
    def of_rows(
        cls, session: Session, store: Store, number: str
    ) -> tuple[Self, list[Submission], list[Submission]] | None:
        """The dossier of a number, its rows and those that are kept apart, or None when nothing of it was received."""
        joined, apart = applications.of_number(session, number)
        if not joined:
            return None
        packets = [Packet.read(store, Place(row.terminal_id, row.id)) for row in joined]
        first = packets.pop(0) if joined[0].corrects is None else None
        made = cls(
            number=number,
            first=first,
            completions=tuple(packets),
            apart=tuple(Packet.read(store, Place(row.terminal_id, row.id)) for row in apart),
            missing=applications.lacking(session, joined),
        )
        return made, joined, apart

    @classmethod
    def of_packets(cls, number: str, packets: Iterable[Packet]) -> Self:
        """The dossier of what a store holds of a number; made later counts as newer (the ids are in order of time)."""
        found = sorted(packets, key=lambda packet: packet.manifest.submission_id)
        first = next((packet for packet in found if packet.manifest.corrects is None), None)
        completions: list[Packet] = []
        apart: list[Packet] = []
        stands = Claim.of_manifest(first.manifest) if first else None
        for packet in found:
            claim = Claim.of_manifest(packet.manifest)
            if stands is None:  # the first one is not here: those that agree with the earliest are together
                stands = Claim(claim.corrects or claim.id, None, claim.number, claim.service, claim.tag)
            if packet is not first:
                (apart if applications.misfit(stands, claim) else completions).append(packet)
        lack = Lack(first.manifest.missing) if first else Lack()
        for packet in completions:
            lack = lack.came((part.paper for part in packet.pages), packet.manifest.missing)
        return cls(number, first, tuple(completions), tuple(apart), lack.missing)

    @property
    def packets(self) -> tuple[Packet, ...]:
        """The submissions that make the application, the first one first."""
        return (*((self.first,) if self.first else ()), *self.completions)

    @property
    def newest(self) -> Packet:
        """The submission that came last."""
        return self.packets[-1]

    @property
    def service(self) -> str:
        """The code of its service."""
        return self.packets[0].manifest.service

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The pages, in the service's order; a later page stands in the place of the one that it replaces."""
        standing: dict[tuple[str, int], list[Sheet]] = {}
        for packet in self.packets:
            mine: dict[tuple[str, int], list[Sheet]] = {}
            for part in packet.pages:
                mine.setdefault((part.paper, part.n), []).append(Sheet(packet, part))
            for key, sheets in mine.items():
                replaced = standing.get(key, [])
                earlier = tuple(
                    old for sheet in reversed(replaced) for old in (replace(sheet, earlier=()), *sheet.earlier)
                )
                standing[key] = [replace(sheets[0], earlier=earlier), *sheets[1:]]
        order = paper_order(self.service, (paper for paper, _ in standing))
        keys = sorted(standing, key=lambda key: (order.index(key[0]), key[1]))
        return tuple(sheet for key in keys for sheet in standing[key])

    @property
    def strays(self) -> tuple[Sheet, ...]:
        """The pages of the submissions that do not belong to it."""
        return tuple(Sheet(packet, part, apart=True) for packet in self.apart for part in packet.pages)

    def open_form(self, identity: str) -> Form:
        """The applicant's words: those of the first submission. Raises PacketError."""
        if self.first is None:
            raise PacketError(f"{self.number}: the first submission is still on its way")
        return self.first.open_form(identity)

    def another_nik(self, form: Form, identity: str) -> bool:
        """True when a completion repeats another NIK than the form's; a completion that cannot be read says nothing."""
        for packet in self.completions:
            try:
                if packet.open_form(identity).nik != form.nik:
                    return True
            except PacketError:
                continue
        return False


def paper_order(service_code: str, papers: Iterable[str]) -> list[str]:
    """The service's papers in its order, then those that it does not know."""
    known = service.catalogue().get(service_code)
    return list(dict.fromkeys([*(paper.id for paper in known.papers), *papers] if known else papers))


def find(store: Store, number: str) -> Dossier:
    """The dossier of a number in a store alone, no database. A completion that is not whole is left out: it is still
    on its way, and what it would replace stands. Raises PacketError.
    """
    found: list[Packet] = []
    for place in store.places():
        packet = Packet.read(store, place)
        if packet.manifest.number == number and (packet.manifest.corrects is None or packet.whole):
            found.append(packet)
    if not found:
        raise PacketError(f"{number}: not in this store")
    return Dossier.of_packets(number, found)


def titles(sheets: Sequence[Sheet], names: dict[str, str]) -> list[str]:
    """One title a page: the paper's name, with a number when the paper has several pages."""
    papers = [sheet.paper for sheet in sheets]
    seen: dict[str, int] = {}
    made: list[str] = []
    for paper in papers:
        seen[paper] = seen.get(paper, 0) + 1
        title = names.get(paper, paper or "?")
        made.append(f"{title} ({seen[paper]})" if papers.count(paper) > 1 else title)
    return made
