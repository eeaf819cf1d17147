"""Second-fact tags made ahead: argon2 takes a fifth of a second here and more on a small machine (``wire.tag``).

The applicant is known long before the press of "Kirim": the tag is made while the pages are scanned.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future

from wire import tag

_Wanted = tuple[str, str, bytes]


class Tags:
    """Holds one tag at most, in memory alone. Any thread may ask."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._made: tuple[_Wanted, Future[str]] | None = None

    def foresee(self, number: str, nik: str, status_key: bytes) -> None:
        """Begin to make the tag, unless it is the one that is held."""
        wanted, future = (number, nik, status_key), Future[str]()
        with self._guard:
            if self._made is not None and self._made[0] == wanted:
                return
            self._made = wanted, future
        threading.Thread(target=_make, args=(future, wanted), name="tag", daemon=True).start()

    def get(self, number: str, nik: str, status_key: bytes) -> str:
        """The tag, made by now or made at once."""
        with self._guard:
            found = self._made
        if found is not None and found[0] == (number, nik, status_key):
            return found[1].result()
        return tag.make(number, nik, status_key)

    def forget(self) -> None:
        """The application was sent, or given up."""
        with self._guard:
            self._made = None


def _make(future: Future[str], wanted: _Wanted) -> None:
    try:
        future.set_result(tag.make(*wanted))
    except BaseException as error:  # whoever takes it hears of it
        future.set_exception(error)
