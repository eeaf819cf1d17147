"""The card reader: a child process watches PC/SC, the station reads its lines and ends it when it falls silent.

``status()``: ``ready`` while a reader answers; ``offline`` with ``card_service_down``, ``card_denied`` or
``card_reader_missing``; with ``card_reader_hung`` ``unknown`` while the child is started anew, then
``needs_attention`` until the card that it hung on is taken away: that card is not asked again.
"""

from __future__ import annotations

import logging
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drivers.card import codes, kinds
from drivers.card.words import (
    LONGEST,
    Alive,
    Asking,
    Came,
    Gone,
    ReadersAre,
    Service,
    ServiceIs,
    Word,
    word_in,
)
from drivers.contract import CardSeen, Phase
from drivers.worker import SetupFailed, Supervision, Worker

log = logging.getLogger("drivers")

_ROOT = Path(__file__).resolve().parents[2]
_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class CardDelays:
    """In seconds. ``first``: until a child's first line; ``silence``: between two lines, longer than a slow card takes;
    ``ear``: until ``stop()`` is noticed.
    """

    first: float = 20.0
    silence: float = 5.0
    ear: float = 0.25


class PcscReader(Worker):
    """A PC/SC card reader, ``drivers.contract.CardReader``."""

    crash_fault = codes.HUNG

    def __init__(
        self,
        reader: str = "",
        socket: str = "",
        staff: tuple[str, ...] = (),
        *,
        delays: CardDelays | None = None,
        supervision: Supervision | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``reader``: how the reader's name begins, empty: any. ``socket``: pcscd's, empty: the system's own.

        ``staff``: ATRs of staff cards in hex, ``??`` for any byte. Raises ``ValueError`` for one that is none.
        """
        for atr in staff:
            kinds.pattern(atr)
        super().__init__("card", supervision=supervision, clock=clock)
        self._command = [sys.executable, "-m", "drivers.card.child", "--reader", reader]
        for atr in staff:
            self._command += ["--staff", atr]
        self._socket = socket
        self._delays = delays or CardDelays()
        self._listeners: list[Callable[[CardSeen | None], None]] = []
        self._child: subprocess.Popen[bytes] | None = None
        self._cards: dict[str, CardSeen] = {}  # by reader, the newest last
        self._service: Service | None = None
        self._readers: tuple[str, ...] | None = None
        self._asking = False
        self._wary = False  # the last child hung on a card, which may still lie there

    def card(self) -> CardSeen | None:
        """What lies on the reader now, or None. With several readers, the card that came last."""
        cards = tuple(self._cards.copy().values())
        return cards[-1] if cards else None

    def on_card(self, callback: Callable[[CardSeen | None], None]) -> None:
        """Call ``callback`` from the worker's thread at each card that comes and (None) goes; none missed."""
        self._listeners.append(callback)

    def set_up(self) -> None:
        """Start the child. Raises ``SetupFailed`` where no process can be started."""
        variables = {**os.environ, **({"PCSCLITE_CSOCK_NAME": self._socket} if self._socket else {})}
        try:
            self._child = subprocess.Popen(
                [*self._command, *(["--wary"] if self._wary else [])],
                cwd=_ROOT,
                env=variables,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
        except OSError as error:
            raise SetupFailed(codes.SERVICE_DOWN, f"no process: {error.strerror}") from error

    def run(self) -> None:
        """Read the child's lines. Raises ``SetupFailed`` when it ends or falls silent."""
        child = self._child
        assert child is not None and child.stdout is not None
        rest, heard, limit = b"", self._clock(), self._delays.first
        while not self.stopping:
            if not select.select([child.stdout], [], [], self._delays.ear)[0]:
                if self._clock() - heard > limit:
                    self._wary = self._wary or self._asking
                    raise SetupFailed(codes.HUNG, "a card does not answer" if self._asking else "PC/SC does not answer")
                continue
            data = os.read(child.stdout.fileno(), _CHUNK)
            if not data:
                raise SetupFailed(codes.SERVICE_DOWN, f"the watching process ended: {child.wait(1)}")
            *lines, rest = (rest + data).split(b"\n")
            if len(rest) > LONGEST:
                raise SetupFailed(codes.HUNG, "the watching process writes noise")
            for text in lines:
                word = word_in(text)
                if word is not None:
                    heard, limit = self._clock(), self._delays.silence
                    self._take(word)

    def tear_down(self) -> None:
        """End the child; what it saw is not known any more."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
        self._service, self._readers, self._asking = None, None, False
        for reader in tuple(self._cards):
            self._take(Gone(reader))

    def while_down(self) -> None:
        """Nothing waits for a card reader."""

    def _take(self, word: Word) -> None:
        match word:
            case Alive():
                if not self._cards:
                    self._wary = False
            case ServiceIs():
                self._service = word.state
            case ReadersAre():
                self._readers = word.names
            case Asking():
                self._asking = True
                return
            case Came():
                self._asking = False
                self._wary = self._wary and word.card == kinds.UNREADABLE
                self._cards.pop(word.reader, None)
                self._cards[word.reader] = word.card
                self._call(word.card)
            case Gone():
                if self._cards.pop(word.reader, None) is not None:
                    self._call(None)
                    left = self.card()
                    if left is not None:
                        self._call(left)
        if self._child is not None:
            self._report()

    def _report(self) -> None:
        """The status, as far as the child has told."""
        if self._service in (Service.DOWN, Service.DENIED):
            self._readers = None
            fault = codes.SERVICE_DOWN if self._service is Service.DOWN else codes.DENIED
            self.report(Phase.OFFLINE, (fault,), {})
        elif self._readers is not None:
            notes = {"reader": ", ".join(self._readers)}
            if not self._readers:
                self.report(Phase.OFFLINE, (codes.READER_MISSING,), {})
            elif self._wary:
                self.report(Phase.NEEDS_ATTENTION, (codes.HUNG,), notes)
            else:
                self.report(Phase.READY, (), notes)

    def _call(self, card: CardSeen | None) -> None:
        for callback in tuple(self._listeners):
            try:
                callback(card)
            except Exception:
                log.exception("card: a listener failed")
