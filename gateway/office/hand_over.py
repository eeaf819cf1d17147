"""An application in the files that a destination takes: planned, named in words, packed or written to a folder."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from babel.numbers import format_decimal

from gateway.office import papers, words
from gateway.office.dossier import Dossier, titles
from gateway.profiles.pictures import PictureError
from gateway.profiles.plan import CannotMeet, GivenUp, Leaf, NothingToExport, Plan, Subject, plan
from gateway.profiles.profile import Profile, named
from gateway.rooms import Office, now
from gateway.store import write_folder
from gateway.tables import Audit
from wire import service
from wire.words import N_

NOTE = "catatan.json"
_LONG_MM = {"a4": 297.0, "f4": 330.0, "card": 85.6, "any": 297.0}
_ZIP_DATE = (2026, 1, 1, 0, 0, 0)  # the same pages make the same bytes


class HandOverError(ValueError):
    """The export cannot be made; the message is for people, in Indonesian."""


def planned(dossier: Dossier, identity: str, profile: Profile) -> Plan:
    """Work out all files, in memory. Raises HandOverError and PacketError."""
    known = service.catalogue().get(dossier.service)
    shapes = {paper.id: paper.shape for paper in known.papers} if known else {}
    sheets = dossier.sheets
    leaves = [
        Leaf(sheet.paper, sheet.part.n, title, sheet.open(identity), _LONG_MM[shapes.get(sheet.paper, "any")])
        for sheet, title in zip(sheets, titles(sheets, papers.names(dossier.service)), strict=True)
    ]
    lead = dossier.packets[0].manifest
    try:
        return plan(leaves, Subject(dossier.number, dossier.service, lead.clock.wall[:10]), profile)
    except CannotMeet as error:
        text = words.say(N_("Page {page}, {title}: {least} at the last step, the limit is {limit}. Nothing was made."))
        raise HandOverError(
            text.format(page=error.page, title=error.title, least=size(error.least), limit=size(error.limit))
        ) from error
    except NothingToExport as error:
        raise HandOverError(words.say(N_("There are no pages."))) from error
    except PictureError as error:
        raise HandOverError(words.say(N_("A page is no picture. Nothing was made."))) from error


def size(octets: int) -> str:
    """Bytes in words: 1.000.000 are "1 MB", as the strictest destination counts."""
    if octets < 100_000:
        return f"{format_decimal(octets / 1000, '#,##0.#', locale=words.LANGUAGE)} kB"
    return f"{format_decimal(octets / 1_000_000, '#,##0.##', locale=words.LANGUAGE)} MB"


def limits(profile: Profile) -> str:
    """What a profile allows, in words."""
    kinds = {
        "one": N_("one file"),
        "paper": N_("one file a paper"),
        "page": N_("one file a page"),
    }
    parts = [profile.kind.upper(), words.say(kinds[profile.files])]
    parts.append(
        words.say(N_("at most {size} a file")).format(size=size(profile.max_bytes))
        if profile.max_bytes
        else words.say(N_("no limit"))
    )
    if profile.max_dpi:
        parts.append(f"{profile.max_dpi} dpi")
    if profile.colour == "grey":
        parts.append(words.say(N_("in grey")))
    return " · ".join(parts)


def lost(given: GivenUp) -> str:
    """What one page gave up: "Halaman 2, KK: 200 → 150 dpi, mutu 85 → 70, abu-abu"."""
    before, after = given.before, given.after
    parts: list[str] = []
    if before.dpi != after.dpi:
        parts.append(f"{before.dpi} → {after.dpi} dpi")
    if before.quality != after.quality:
        quality = words.say(N_("quality"))
        parts.append(f"{quality} {before.quality} → {after.quality}")
    if before.grey != after.grey:
        parts.append(words.say(N_("colour → grey")))
    text = words.say(N_("Page {page}, {title}: {lost}"))
    return text.format(page=given.page, title=given.title, lost=", ".join(parts) or words.say(N_("made anew")))


def note(made: Plan, missing: tuple[str, ...]) -> bytes:
    """What the files are and what was given up for them, as JSON that people can read."""
    value = {
        "number": made.subject.number,
        "service": made.subject.service,
        "profile": made.profile.id,
        "title": made.profile.title,
        "source": made.profile.source,
        "date": made.profile.date,
        "missing": list(missing),
        "files": [{"name": file.name, "bytes": len(file.data), "pages": list(file.pages)} for file in made.files],
        "given_up": [{**given.plain(), "words": lost(given)} for given in made.given_up],
    }
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def summary(made: Plan) -> str:
    """For the audit: profile, number of files, and what each page lost."""
    steps = [
        f"page {given.page}: {given.before.dpi}>{given.after.dpi} dpi, q{given.before.quality}>{given.after.quality}"
        f"{', grey' if given.after.grey and not given.before.grey else ''}"
        for given in made.given_up
    ]
    return "; ".join([f"profile {made.profile.id}", f"{len(made.files)} files", *steps])


def packed(made: Plan, missing: tuple[str, ...]) -> tuple[str, str, bytes]:
    """Name, media type and bytes of the one thing to download: the file, or a ZIP of several with the note."""
    if len(made.files) == 1:
        return made.files[0].name, made.media_type, made.files[0].data
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in _files(made, missing):
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), data)
    return f"{made.subject.number}-{made.profile.id}.zip", "application/zip", out.getvalue()


def _files(made: Plan, missing: tuple[str, ...]) -> list[tuple[str, bytes]]:
    return [*((file.name, file.data) for file in made.files), (NOTE, note(made, missing))]


def write(made: Plan, missing: tuple[str, ...], folder: Path) -> list[Path]:
    """Write the files and the note into a new folder below ``folder``: all of them, or none. Raises OSError."""
    place = folder / f"{made.subject.number}-{made.profile.id}"
    write_folder(place, _files(made, missing))
    return [place / file.name for file in made.files] + [place / NOTE]


def export(office: Office, number: str, profile: str, folder: Path) -> list[str]:
    """The command's work: write the files, record it; the lines to print. Raises ValueError, PacketError, OSError."""
    chosen = named(profile, office.settings.profiles)
    with office.database.read() as session:
        found = Dossier.of_rows(session, office.store, number)
    if found is None:
        raise ValueError(f"{number}: nothing was received under this number")
    dossier, rows, _ = found
    made = planned(dossier, office.keys.office, chosen)
    paths = write(made, dossier.missing, folder)
    with office.database.write() as session:
        session.add(Audit(at=now(), officer_id=None, act="downloaded", submission_id=rows[-1].id, detail=summary(made)))
    lines = [f"{path}  {size(path.stat().st_size)}" for path in paths]
    return lines + [lost(given) for given in made.given_up]
