"""Watches the PC/SC readers: ``python -m drivers.card.child [--reader NAME] [--staff ATR ...] [--wary]``.

A process of its own, because SCardTransmit has no time limit: a card that never answers holds it for ever. It writes
``drivers.card.words`` to stdout, one at least every 2 s while it is not held; the station ends it when it falls silent.
It ends by itself when its stdin does.

The service may come, go and come back (Debian's is started on demand and ends when idle), readers are plugged in and
out, cards are swapped between two looks: pcscd counts a reader's events, and two or more since the last look are a
card that went and one that came. After anything unforeseen all is forgotten and looked at anew.
"""

from __future__ import annotations

import argparse
import os
import resource
import socket
import sys
import threading
import time
from dataclasses import dataclass

from smartcard import scard

from drivers.card import kinds
from drivers.card.words import Alive, Asking, Came, Gone, ReadersAre, Service, ServiceIs, Word, line
from drivers.contract import CardSeen

_PNP = "\\\\?PnP?\\Notification"
_LOOK_MS = 1000  # pcsc-lite before 2.3 can miss a reader that comes between two looks
_RETRY_S = 0.5
_TRIES = 3
_SETTLE_S = 0.05
_COUNTER = 16  # the upper half of a reader's state counts its events
_DEFAULT_SOCKET = "/run/pcscd/pcscd.comm"
_HANGS_UP_S = 0.3
_GONE = (scard.SCARD_E_NO_SMARTCARD, scard.SCARD_W_REMOVED_CARD)
_LIST_AGAIN = (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE, scard.SCARD_E_TIMEOUT)


class _Lost(Exception):
    """The service does not answer any more."""


@dataclass
class _Reader:
    """What is known of one reader: its state at the last look, and whether its card was told."""

    state: int = scard.SCARD_STATE_UNAWARE
    card: bool = False

    @property
    def answers(self) -> bool:
        return not self.state & scard.SCARD_STATE_UNAVAILABLE


class Watch:
    """All readers whose name begins with ``prefix``."""

    def __init__(self, prefix: str, staff: tuple[kinds.Pattern, ...], wary: bool) -> None:
        self._prefix, self._staff = prefix, staff
        self._wary = wary
        self._doubtful: set[str] = set()  # readers whose card is not to be asked: the last child hung on it
        self._readers: dict[str, _Reader] = {}
        self._pnp = scard.SCARD_STATE_UNAWARE
        self._told_readers: tuple[str, ...] | None = None
        self._service: Service | None = None
        self._suspicions = 0

    def run(self) -> None:
        """Watch for ever."""
        while True:
            code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
            if code != scard.SCARD_S_SUCCESS:
                self._tell_why_not(code)
                _tell(Alive())
                time.sleep(_RETRY_S)
                continue
            try:
                self._tell_service(Service.UP)
                while True:
                    self._look(context)
                    _tell(Alive())
            except _Lost:
                self._forget(tuple(self._readers))
                self._told_readers, self._pnp = None, scard.SCARD_STATE_UNAWARE
            finally:
                scard.SCardReleaseContext(context)
            time.sleep(_SETTLE_S)

    def _look(self, context: int) -> None:
        """Look once at all readers, for a second if nothing happens. Raises ``_Lost``."""
        names = self._list(context)
        self._forget(tuple(name for name in self._readers if name not in names))
        fresh = [name for name in names if name not in self._readers]
        if self._wary:
            self._wary, self._doubtful = not names, set(names)
        for name in fresh:
            self._readers[name] = _Reader()
        asked = [(name, self._readers[name].state) for name in names]
        # A new reader is looked at without waiting. The pseudo-reader wakes us when another comes.
        limit = 0 if fresh else _LOOK_MS
        code, found = scard.SCardGetStatusChange(context, limit, [*asked, (_PNP, self._pnp)])
        if code not in (scard.SCARD_S_SUCCESS, *_LIST_AGAIN):
            raise _Lost
        if code == scard.SCARD_S_SUCCESS:
            for name, told, atr in found:
                state = told & ~scard.SCARD_STATE_CHANGED
                if name == _PNP:
                    self._pnp = state
                elif name in self._readers:
                    self._take(context, name, state, bytes(atr))
        answering = tuple(name for name, reader in self._readers.items() if reader.answers)
        if answering != self._told_readers:
            self._told_readers = answering
            _tell(ReadersAre(answering))

    def _list(self, context: int) -> list[str]:
        code, names = scard.SCardListReaders(context, [])
        if code == scard.SCARD_E_NO_READERS_AVAILABLE:
            return []
        if code != scard.SCARD_S_SUCCESS:
            raise _Lost
        return [name for name in names if name.startswith(self._prefix)]

    def _take(self, context: int, name: str, state: int, atr: bytes) -> None:
        """One reader's new state: tell what went and what came."""
        reader = self._readers[name]
        events = ((state >> _COUNTER) - (reader.state >> _COUNTER)) & 0xFFFF
        here = bool(state & scard.SCARD_STATE_PRESENT)
        reader.state = state
        if reader.card and (not here or events >= 2):
            self._went(name, reader)
        if not here:
            self._doubtful.discard(name)
        elif not reader.card:
            reader.card = True
            _tell(Came(name, self._meet(context, name, state, atr)))

    def _went(self, name: str, reader: _Reader) -> None:
        reader.card = False
        self._doubtful.discard(name)
        _tell(Gone(name))

    def _forget(self, names: tuple[str, ...]) -> None:
        for name in names:
            reader = self._readers.pop(name)
            if reader.card:
                self._went(name, reader)

    def _meet(self, context: int, name: str, state: int, atr: bytes) -> CardSeen:
        """Who lies there. May hang for ever."""
        if name in self._doubtful or state & scard.SCARD_STATE_MUTE:
            return kinds.UNREADABLE
        _tell(Asking(name))
        for attempt in range(_TRIES):
            if attempt:
                time.sleep(_SETTLE_S)
            code, reply = _ask_uid(context, name)
            if code in _GONE:
                break
            if code == scard.SCARD_W_SECURITY_VIOLATION:
                self._tell_service(Service.DENIED)
                return kinds.seen(atr, b"", self._staff)
            if code == scard.SCARD_E_SHARING_VIOLATION and attempt == _TRIES - 1:  # another program keeps it
                return kinds.seen(atr, b"", self._staff)
            uid = kinds.uid_in(reply)
            if code == scard.SCARD_S_SUCCESS and uid is not None:
                self._tell_service(Service.UP)
                return kinds.seen(atr, uid, self._staff)
        return kinds.UNREADABLE

    def _tell_service(self, state: Service) -> None:
        self._suspicions = 0
        if state is not self._service:
            self._service = state
            _tell(ServiceIs(state))

    def _tell_why_not(self, code: int) -> None:
        """Down, or there and not for us, which is told at the second look alone: a service that ends hangs up too."""
        if not _refused(code):
            self._tell_service(Service.DOWN)
            return
        self._suspicions += 1
        if self._suspicions >= 2:
            self._tell_service(Service.DENIED)


def _ask_uid(context: int, name: str) -> tuple[int, bytes]:
    """Result code and reply to "Get Data: UID"."""
    protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    code, card, protocol = scard.SCardConnect(context, name, scard.SCARD_SHARE_SHARED, protocols)
    if code != scard.SCARD_S_SUCCESS:
        return code, b""
    try:
        framing = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        code, reply = scard.SCardTransmit(card, framing, list(kinds.GET_UID))
        return code, bytes(reply)
    finally:
        scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)


def _refused(code: int) -> bool:
    """Whether a service is there that will not have us. pcsc-lite itself says "denied" also for a socket left over.

    We may not open its socket, or it hangs up on us at once (polkit's verdict), or it said so itself.
    """
    path = os.environ.get("PCSCLITE_CSOCK_NAME") or _DEFAULT_SOCKET
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(_HANGS_UP_S)
        try:
            trial.connect(path)
            return trial.recv(1) == b""
        except PermissionError:
            return True
        except TimeoutError:  # it waits for our first word
            return code == scard.SCARD_W_SECURITY_VIOLATION
        except OSError:
            return False


def _tell(word: Word) -> None:
    sys.stdout.buffer.write(line(word))
    sys.stdout.buffer.flush()


def _end_with_the_station() -> None:
    while os.read(0, 64):
        pass
    os._exit(0)


def main() -> None:
    """Watch until stdin ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold a UID
    parser = argparse.ArgumentParser(description="Watches the PC/SC readers.")
    parser.add_argument("--reader", default="", help="how the names of the readers to watch begin")
    parser.add_argument("--staff", action="append", default=[], type=kinds.pattern, help="ATR of staff cards, ?? any")
    parser.add_argument("--wary", action="store_true", help="do not ask cards that lie there already")
    options = parser.parse_args()
    threading.Thread(target=_end_with_the_station, name="stdin", daemon=True).start()
    try:
        Watch(options.reader, tuple(options.staff), options.wary).run()
    except BrokenPipeError:  # the station is gone
        os._exit(0)


if __name__ == "__main__":
    main()
