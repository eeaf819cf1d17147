"""Files that an officer's browser posts, straight to the disk: with the form's token first, and with limits."""

from __future__ import annotations

import hmac
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from gateway import body
from wire.words import N_

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_FEED = 1024 * 1024
_TOKEN_BYTES = 200


class UploadError(Exception):
    """What was posted is not kept; the text is a msgid for the officer."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file: its name as the browser tells it, and its content in a file that has no name and goes when closed."""

    name: str
    file: IO[bytes]


@dataclass(frozen=True, slots=True)
class Limits:
    """``files``: how many. ``each``: bytes of one. ``reserve``: bytes of the disk that stay free."""

    files: int
    each: int
    reserve: int


async def receive(request: Request, csrf: str, folder: Path, limits: Limits, idle_s: float) -> list[Upload]:
    """The posted files, read from their start. Raises UploadError, HTTPException (403) without the form's token.

    The token must come before the first file. ``folder``: on whose disk they are kept meanwhile.
    """
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= 70:
        raise HTTPException(403)
    taker = _Taker(csrf, folder, limits)
    try:
        parser = MultipartParser(boundary, taker.callbacks())
        waiting = bytearray()
        async for chunk in body.chunks(request, idle_s):
            waiting += chunk
            if len(waiting) >= _FEED:
                await run_in_threadpool(taker.feed, parser, bytes(waiting))
                waiting.clear()
        await run_in_threadpool(taker.feed, parser, bytes(waiting))
        if not taker.ended:
            raise UploadError(N_("The upload was cut off. Please try again."))
        for upload in taker.uploads:
            upload.file.seek(0)
        return taker.uploads
    except (FormParserError, TimeoutError, ClientDisconnect) as error:
        taker.drop()
        raise UploadError(N_("The upload was cut off. Please try again.")) from error
    except BaseException:
        taker.drop()
        raise


class _Taker:
    """Follows the parser through the parts of the form."""

    def __init__(self, csrf: str, folder: Path, limits: Limits) -> None:
        self.uploads: list[Upload] = []
        self.ended = False
        self._csrf, self._folder, self._limits = csrf.encode(), folder, limits
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._token: bytearray | None = None
        self._known = False
        self._file: IO[bytes] | None = None
        self._size = 0

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._names,
            "on_header_value": self._says,
            "on_header_end": self._header_ends,
            "on_headers_finished": self._opens,
            "on_part_data": self._data,
            "on_part_end": self._closes,
            "on_end": self._ends,
        }

    def feed(self, parser: MultipartParser, data: bytes) -> None:
        """Blocks for the disk. Raises UploadError, HTTPException, MultipartParseError."""
        if shutil.disk_usage(self._folder).free < self._limits.reserve + len(data):
            raise UploadError(N_("This office has no room left."))
        parser.write(data)

    def drop(self) -> None:
        for upload in self.uploads:
            upload.file.close()

    def _begin(self) -> None:
        self._disposition, self._token, self._file = b"", None, None

    def _names(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _says(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _opens(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"filename")
        if name is None:
            self._token = bytearray() if options.get(b"name") == b"csrf" else None
            return
        if not self._known:
            raise HTTPException(403)
        if not name:
            return  # no file was chosen
        if len(self.uploads) >= self._limits.files:
            raise UploadError(N_("Too many files at once. Take in some of them first."))
        self._file, self._size = tempfile.TemporaryFile(dir=self._folder), 0  # noqa: SIM115 - closed by who takes it
        self.uploads.append(Upload(name.decode(errors="replace")[:200], self._file))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._token is not None and len(self._token) <= _TOKEN_BYTES:
            self._token += data[start:end]
        if self._file is not None:
            self._size += end - start
            if self._size > self._limits.each:
                raise UploadError(N_("A file is larger than any that a terminal writes."))
            self._file.write(data[start:end])

    def _closes(self) -> None:
        if self._token is not None:
            if not self._csrf or not hmac.compare_digest(bytes(self._token), self._csrf):
                raise HTTPException(403)
            self._known = True

    def _ends(self) -> None:
        self.ended = True
