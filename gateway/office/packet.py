"""Opening a sealed submission from the store alone: the signed manifest names the parts, the office's key opens them.

Everything decrypted stays in memory; only ``gateway.office.open`` writes it down, when asked to.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyrage

from gateway.store import Place, Store
from wire import canon, ids
from wire.form import Form
from wire.manifest import Manifest, Part, unproved


class PacketError(Exception):
    """A submission cannot be opened; the message names the part and the fault, nothing of its content."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A submission in the store and its manifest (as it was accepted: the gateway proved the signature)."""

    store: Store
    place: Place
    manifest: Manifest

    @classmethod
    def read(cls, store: Store, place: Place) -> Packet:
        """Read the manifest of a submission. Raises PacketError."""
        try:
            _, manifest = unproved(store.manifest(place))
        except (OSError, canon.CanonError) as error:
            raise PacketError(f"{place.submission}: the manifest cannot be read") from error
        return cls(store, place, manifest)

    @property
    def pages(self) -> tuple[Part, ...]:
        """The page parts, in the order of the manifest."""
        return tuple(part for part in self.manifest.parts if part.role == "page")

    @property
    def whole(self) -> bool:
        """True when every part is here: it arrived, and was not withdrawn."""
        return all(self.store.complete(self.place, part.sha256) for part in self.manifest.parts)

    def open_part(self, part: Part, identity: str) -> bytes:
        """Decrypt one part; its ciphertext must have the manifest's hash. Raises PacketError.

        ``identity``: age identities, one a line; the one that it was sealed to opens it.
        """
        try:
            sealed = self.store.read(self.place, part.sha256)
        except OSError as error:
            raise PacketError(f"{self.manifest.number}: part {part.sha256[:12]} is not here") from error
        if ids.sha256(sealed) != part.sha256:
            raise PacketError(f"{self.manifest.number}: part {part.sha256[:12]} is damaged")
        try:
            return pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(line) for line in identity.split()])
        except (pyrage.DecryptError, pyrage.IdentityError) as error:
            sealed_to = f"it is sealed to {self.manifest.office_key}"
            raise PacketError(
                f"{self.manifest.number}: no key here opens part {part.sha256[:12]} ({sealed_to})"
            ) from error

    def open_form(self, identity: str) -> Form:
        """The applicant's words; refused when they were made for another submission. Raises PacketError."""
        for part in self.manifest.parts:
            if part.role == "form":
                try:
                    form = Form.read(self.open_part(part, identity))
                except canon.CanonError as error:
                    raise PacketError(f"{self.manifest.number}: the form is not readable") from error
                if (form.submission_id, form.number) != (self.manifest.submission_id, self.manifest.number):
                    raise PacketError(f"{self.manifest.number}: the form is of another submission")
                return form
        raise PacketError(f"{self.manifest.number}: there is no form")
