"""The base of every message: frozen, strict, and deaf to nothing (an unknown key is an error)."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from wire import canon


class Frozen(BaseModel):
    """A message. Equal by value; built by keyword; JSON by ``canonical``."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def plain(self) -> dict[str, object]:
        """The message as JSON-ready values."""
        return self.model_dump(mode="json")

    def canonical(self) -> bytes:
        """The canonical bytes of the message."""
        return canon.canonical(self.plain())

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Parse canonical or plain JSON bytes. Raises canon.CanonError, naming the first wrong field."""
        return cls.take(canon.parse(data))

    @classmethod
    def take(cls, value: dict[str, object]) -> Self:
        """Check already parsed values. Raises canon.CanonError, naming the first wrong field."""
        try:
            return cls.model_validate_json(canon.canonical(value))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "(message)"
            raise canon.CanonError(f"{cls.__name__}: {where}: {first['msg']}") from error


class Open(Frozen):
    """A message from a newer peer may carry keys that we do not know yet: they are ignored, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)
