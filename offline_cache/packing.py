"""From an application to its packet: the form sealed and durable, every part listed, the manifest signed.

All of it can be done while the resident reads the review (``prepare``); then a press of "Kirim" is one commit. What was
prepared for an application that is not sent is a file that no row names: it goes when the draft does, or at the start.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from offline_cache import clock
from offline_cache.api import CacheError
from offline_cache.application import Application, form_of, in_order
from offline_cache.clock import OfficeClock
from offline_cache.drafts import Drafts
from offline_cache.identity import Enrolled
from offline_cache.parts import Parts, Sealed
from offline_cache.tags import Tags
from wire import canon, ids, manifest
from wire.manifest import Clock, Manifest, Part
from wire.number import Number


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its terminal's chain the packet stands: under which identity, its sequence, the manifest before it."""

    identity: int
    seq: int
    prev: str


@dataclass(frozen=True, slots=True)
class Packed:
    """A packet whose parts are durable. ``turn``: of the draft's pages that it holds (``drafts.Kept``)."""

    draft: str
    turn: int
    application: Application
    place: Place
    submission_id: str
    number: str
    tag: str
    signed: bytes
    digest: str
    parts: tuple[Part, ...]

    @property
    def form(self) -> str:
        """The name of the form's file."""
        return self.parts[0].sha256


class Packer:
    """Packs, and holds one packet at most that was prepared. Any thread may ask."""

    def __init__(self, parts: Parts, drafts: Drafts, office_clock: OfficeClock) -> None:
        self._parts, self._drafts, self._clock = parts, drafts, office_clock
        self._tags = Tags()
        self._guard = threading.Lock()
        self._ready: Packed | None = None

    def foresee(self, nik: str, number: str, me: Enrolled) -> None:
        """Begin to make the tag of the application ``number`` of that person."""
        self._tags.foresee(number, nik, me.status_key)

    def prepare(self, draft: str, application: Application, me: Enrolled, at: Place) -> None:
        """Pack now what may be sent soon. Raises CacheError, OSError."""
        with self._guard:
            ready = self._ready
        if ready is not None and self._fits(ready, draft, application, me) and ready.place == at:
            return
        packed = self.pack(draft, application, me, at)
        with self._guard:
            old, self._ready = self._ready, packed
        self._drop(old)

    def take(self, draft: str, application: Application, me: Enrolled) -> Packed | None:
        """What was prepared for just that, or None; whether its place is still free is for the caller to see."""
        with self._guard:
            ready, self._ready = self._ready, None
        if ready is not None and self._fits(ready, draft, application, me):
            return ready
        self._drop(ready)
        return None

    def forget(self) -> None:
        """Nothing is foreseen or prepared any more: the resident has left, or it was sent. Raises OSError."""
        self._tags.forget()
        with self._guard:
            ready, self._ready = self._ready, None
        self._drop(ready)

    def pack(self, draft: str, application: Application, me: Enrolled, at: Place) -> Packed:
        """Seal the form, write it durably, sign the manifest. Raises CacheError, OSError; the form is removed then."""
        completes, submission_id, kept = application.completes, ids.uuid7(), self._drafts.kept(draft)
        number = numbered(me, at.seq) if completes is None else completes.number
        if completes is not None and not kept.pages:
            raise CacheError("cache_broken", "nothing completes an application without a page")
        form = ""
        try:
            sealer = self._drafts.sealer(draft, me.sealer)
            sealed = Sealed.of(sealer.seal(form_of(submission_id, number, application).canonical()))
            self._parts.put(sealed)
            form = sealed.name
            parts = (
                Part(role="form", n=0, media_type="application/json", bytes=len(sealed.cipher), sha256=form),
                *(
                    Part(role="page", paper=p.paper, n=p.page, media_type="image/jpeg", bytes=p.bytes, sha256=p.sha256)
                    for p in in_order(kept.pages, application.service)
                ),
            )
            told = Manifest(
                submission_id=submission_id,
                number=number,
                terminal=me.terminal,
                seq=at.seq,
                prev=at.prev,
                service=application.service,
                schema_version=application.schema_version,
                tag=self._tags.get(number, application.nik, me.status_key),
                language=application.language,
                office_key=sealer.office_key,
                clock=self._label(),
                missing=application.missing,
                corrects=None if completes is None else completes.first,
                parts=parts,
            )
            signed = canon.sign(told.plain(), me.key, me.terminal, manifest.CONTEXT)
        except BaseException as error:
            if form:
                self._parts.remove([form])
            if isinstance(error, ValueError):  # pydantic's and canon's: what the station handed over does not fit
                raise CacheError("cache_broken", f"not an application: {type(error).__name__}") from error
            raise
        digest = manifest.digest(signed)
        return Packed(draft, kept.turn, application, at, submission_id, number, told.tag, signed, digest, parts)

    def _label(self) -> Clock:
        offset = None if self._clock.offset_s is None else self._clock.now() - time.time()
        return Clock(
            wall=clock.wall(),
            boot_id=clock.boot_id(),
            monotonic_ms=int(clock.boot_s() * 1000),
            offset_ms=None if offset is None else int(offset * 1000),
        )

    def _fits(self, packed: Packed, draft: str, application: Application, me: Enrolled) -> bool:
        seen = (packed.draft, packed.turn, packed.place.identity, packed.application)
        return seen == (draft, self._drafts.kept(draft).turn, me.row, application)

    def _drop(self, packed: Packed | None) -> None:
        if packed is not None:
            self._parts.remove([packed.form])


def numbered(me: Enrolled, seq: int) -> str:
    """The registration number of that sequence."""
    return str(Number(me.answer.code, seq))
