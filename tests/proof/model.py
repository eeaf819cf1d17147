"""Model check of the queue: ``./adm python -m tests.proof.model [--examples N] [--json]``.

Hypothesis drives the terminal's cache and a small model through the same life: pages kept, dropped and walked away
from, presses, restarts, kills, an office that answers anything, receipts that are lost or forged, refusals and their
release, days that pass, an office restored from a backup, a full disk, a revoked terminal. After each step and at
every restart: pressed = queued + quarantined + received + purging + purged, numbers without gap, nothing purged without
a proved receipt, no file without its row, and the office holds what has a receipt, once.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import resource
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from offline_cache.api import Cache, CacheError
from offline_cache.cache import open_cache
from offline_cache.settings import CacheSettings
from tests.offline_cache.office import JSON, Office, Reset, Say, no
from tests.proof.look import look
from tests.proof.quiet import quiet
from tests.proof.rows import cheap_tags
from wire import canon, manifest
from wire.problem import Code

NIK = "3279012304850007"
_DAY = 86400
_SETTINGS = CacheSettings(retry_cap_s=0.02, probe_cap_s=0.02, disk_reserve=1, spread_s=0)
_FULL = CacheSettings(retry_cap_s=0.02, probe_cap_s=0.02, disk_reserve=1 << 60, spread_s=0)
_REFUSALS = (Code.CONFLICT, Code.TOO_LARGE, Code.MALFORMED)
_MENDING = (
    Code.OFFSET, Code.NOT_FOUND, Code.TAKEN_OVER, Code.WRONG_HASH, Code.BROKEN, Code.BUSY, Code.FULL,
    Code.UNAUTHENTICATED, Code.CLOCK,
)  # fmt: skip
_ANSWERS: dict[str, Callable[[], Say]] = {
    "empty": lambda: Say(200),
    "object": lambda: Say(200, b"{}"),
    "no content": lambda: Say(204),
    "redirect": lambda: Say(302, b"", "text/html", {"Location": "http://127.0.0.1:1/login"}),
    "portal": lambda: Say(200, b"<html>Log in to Wi-Fi</html>", "text/html"),
    "html error": lambda: Say(502, b"<h1>Bad gateway</h1>", "text/html"),
    "cut": lambda: Say(200, b'{"state":"received","rec', JSON),
    "problem of others": lambda: Say(
        409, b'{"type":"about:blank","title":"x","status":409}', "application/problem+json"
    ),
}
_LIES = ("reset", "lost", "forged", "another", "shrink", *_ANSWERS, *(code.name for code in _MENDING))
Trouble = list[str]


class Queue(RuleBasedStateMachine):
    """The terminal and the model side by side."""

    office = Office()
    runs: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="adm-"))
        self.data = self.folder / "data"
        self.office = Queue.office
        self._forget_all()
        self.cache = self._open()
        self.cache.enrol(self.office.code())
        self.cache.start_sync(tuple, lambda: None)
        self.drafts: dict[str, dict[tuple[str, int], bytes]] = {}
        self.pressed: dict[str, dict[tuple[str, int], bytes]] = {}
        self.numbers: list[str] = []
        self.received: set[str] = set()
        self.refused: set[str] = set()
        self.purged: set[str] = set()
        self.revoked = False
        self.full = self.ever_full = False
        self.lost: dict[str, list[str]] = {}

    def _forget_all(self) -> None:
        office = self.office
        for held in (office.manifests, office.parts, office.receipts, office.beats, office.calls, office.changes):
            held.clear()
        office.token, office.clock_s, office.tells, office.told = secrets.token_urlsafe(16), 0.0, True, 0
        office.trick, office.after = _away, lambda method, path: None

    def _open(self, chosen: CacheSettings = _SETTINGS) -> Cache:
        return open_cache(self.data, version="model", settings=chosen)

    # Rules: a visit.

    @rule()
    def begin(self) -> None:
        if len(self.drafts) < 3:
            self.drafts[self.cache.begin_draft()] = {}

    @precondition(lambda self: self.drafts)
    @rule(data=st.data(), paper=st.sampled_from(["kk", "police"]), page=st.integers(0, 2), size=st.integers(1, 9000))
    def keep(self, data: st.DataObject, paper: str, page: int, size: int) -> None:
        draft = data.draw(st.sampled_from(list(self.drafts)))
        image = bytes([size % 251]) * size
        with self._may_be_full():
            self.cache.keep_page(draft, paper, page, image, "image/jpeg")
            self.drafts[draft][paper, page] = image

    @precondition(lambda self: self.drafts)
    @rule(data=st.data(), paper=st.sampled_from(["kk", "police"]), page=st.integers(0, 2))
    def drop(self, data: st.DataObject, paper: str, page: int) -> None:
        draft = data.draw(st.sampled_from(list(self.drafts)))
        self.cache.drop_page(draft, paper, page)
        self.drafts[draft].pop((paper, page), None)

    @precondition(lambda self: self.drafts)
    @rule(data=st.data())
    def walk_away(self, data: st.DataObject) -> None:
        draft = data.draw(st.sampled_from(list(self.drafts)))
        self.cache.abandon(draft)
        del self.drafts[draft]

    @rule(sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=3))
    def visit(self, sizes: list[int]) -> None:
        """A whole visit, without a fault in it."""
        draft = self.cache.begin_draft()
        self.drafts[draft] = {}
        with self._may_be_full():
            for page, size in enumerate(sizes):
                image = bytes([page]) * size
                self.cache.keep_page(draft, "kk", page, image, "image/jpeg")
                self.drafts[draft]["kk", page] = image
        with contextlib.suppress(CacheError):
            self.cache.prepare(draft, "KTP-HILANG", 1, "id", {"nik": NIK})
        self._press(draft)

    @rule(sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=3))
    def another_visit(self, sizes: list[int]) -> None:
        """Visits are what a terminal is there for: twice as often as anything else."""
        self.visit(sizes)

    @precondition(lambda self: self.drafts and not self.revoked)
    @rule(data=st.data(), other=st.booleans())
    def review(self, data: st.DataObject, other: bool) -> None:
        """The resident reads what will be sent, or something that they change before the press."""
        draft = data.draw(st.sampled_from(list(self.drafts)))
        with contextlib.suppress(CacheError):  # the press tells what is wrong
            self.cache.prepare(draft, "KTP-HILANG", 1, "id", {"nik": NIK, "name": "OTHER"} if other else {"nik": NIK})

    @precondition(lambda self: self.drafts)
    @rule(data=st.data(), times=st.integers(1, 3))
    def press(self, data: st.DataObject, times: int) -> None:
        draft = data.draw(st.sampled_from(list(self.drafts)))
        self._press(draft, times)

    def _press(self, draft: str, times: int = 1) -> None:
        with self._may_be_full():
            try:
                done = [self.cache.submit(draft, "KTP-HILANG", 1, "id", {"nik": NIK}) for _ in range(times)]
            except CacheError as error:
                assert not self.revoked or error.code == "revoked"
                if self.revoked:
                    return
                raise
            assert not self.revoked and len(set(done)) == 1 and done[0].seq == len(self.pressed) + 1
            self.pressed[done[0].submission_id] = self.drafts.pop(draft)
            self.numbers.append(done[0].number)

    @contextlib.contextmanager
    def _may_be_full(self) -> Iterator[None]:
        """On a full disk the call is refused, and what the office has acknowledged went before that."""
        try:
            yield
        except CacheError as error:
            assert self.full and error.code == "disk_full", error
            self.purged |= self.received
        else:
            assert not self.full or self.revoked

    # Rules: the machine.

    @rule(full=st.sampled_from([False, False, False, True]))
    def restart(self, full: bool) -> None:
        self.cache.close()
        self._reopen(full)

    @rule(full=st.sampled_from([False, False, False, True]))
    def die(self, full: bool) -> None:
        """As kill -9 leaves it: the files as they are, nobody closed them."""
        shutil.copytree(self.data, self.folder / "copy", ignore=shutil.ignore_patterns("*-shm"))
        self.cache.close()
        shutil.rmtree(self.data)
        (self.folder / "copy").rename(self.data)
        self._reopen(full)

    def _reopen(self, full: bool) -> None:
        self.drafts.clear()
        self._open().close()
        self._check_disk()
        self.full = full
        self.ever_full = self.ever_full or full
        self.cache = self._open(_FULL if full else _SETTINGS)
        self.cache.start_sync(tuple, lambda: None)
        shown = self.cache.last_shown()
        assert (shown[0] if shown else None) == (self.numbers[-1] if self.numbers else None), "T8"

    @precondition(lambda self: self.drafts and not self.full and not self.revoked)
    @rule(data=st.data(), limit=st.sampled_from([0, 4096, 15_000]))
    def disk_breaks_off(self, data: st.DataObject, limit: int) -> None:
        """A disk that takes no file longer than ``limit``: refused, and the draft is as it was."""
        draft = data.draw(st.sampled_from(list(self.drafts)))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
        try:
            self.cache.keep_page(draft, "kk", 0, b"limit" * 4000, "image/jpeg")
        except CacheError as error:
            assert error.code in ("disk_full", "cache_broken")
        else:
            raise AssertionError("a page that the disk did not take was kept")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    # Rules: the office.

    @precondition(lambda self: not self.revoked)
    @rule(lies=st.lists(st.sampled_from(_LIES), max_size=8), seed=st.integers(0, 1 << 16))
    def sync(self, lies: Trouble, seed: int) -> None:
        """It lies so often, then it is an office: everything that is not in quarantine arrives."""
        self._talk(_Liar(self.office, list(lies), random.Random(seed)))

    @precondition(lambda self: not self.revoked and len(self.pressed) > len(self.received) + len(self.refused))
    @rule(code=st.sampled_from(_REFUSALS))
    def refuse(self, code: Code) -> None:
        """One that waits is refused for good: it goes into quarantine, the others arrive."""
        one = next(i for i in self.pressed if i not in self.received | self.refused)
        here = set(_parts(self.office, one))

        def trick(method: str, path: str) -> Say | None:
            name = path.rsplit("/", 1)[-1]
            return no(code) if method in ("PUT", "PATCH") and (name == one or name in here) else None

        self.refused.add(one)
        self._talk(trick)

    @precondition(lambda self: self.refused and not self.revoked)
    @rule()
    def release(self) -> None:
        """The office was mended."""
        released = self.cache.release_quarantined()
        assert released == len(self.refused)
        self.refused.clear()

    @precondition(lambda self: not self.revoked)
    @rule(days=st.integers(1, 10))
    def days_pass(self, days: int) -> None:
        self.office.clock_s += days * _DAY

    @precondition(lambda self: self.received and not self.refused and not self.revoked)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """The office comes back from a backup that lacks its newest; it hears of them again (L12).

        With one in quarantine it takes the real office's feed to notice: tests/offline_cache/test_afterwards.py.
        """
        kept = [one for one in self.office.receipts if one in self.received]
        lost = [one for one in kept[data.draw(st.integers(0, len(kept))) :] if one not in self.purged]
        for one in lost:
            self.lost[one] = _parts(self.office, one)
            for name in self.lost[one]:
                self.office.parts.pop(name, None)
            del self.office.receipts[one], self.office.manifests[one]
        self.office.changes = [change for change in self.office.changes if change.submission_id not in lost]
        self._talk(lambda method, path: None)

    @precondition(lambda self: not self.revoked and len(self.pressed) > 2)
    @rule(sure=st.integers(0, 3))
    def revoke(self, sure: int) -> None:
        if sure:
            return
        self.office.trick = lambda method, path: no(Code.REVOKED) if path != "/v1/time" else None
        self.cache.sync_now()
        self._until(lambda: (me := self.cache.identity()) is not None and me.revoked)
        self.office.trick = _away
        self.revoked = True

    def _talk(self, trick: Callable[[str, str], Say | None]) -> None:
        """Let the terminal talk to an office with this trick until all that may go has gone; then it is away again."""
        office, goal = self.office, set(self.pressed) - self.refused
        self.runs["talks"] += 1
        office.trick = trick
        office.after = trick.after if isinstance(trick, _Liar) else lambda method, path: None
        for _ in range(2):  # the second heartbeat tells what came of the first
            beats, again = len(office.beats), 0.0

            def settled(beats: int = beats) -> bool:
                nonlocal again
                if time.monotonic() > again:  # a press of "try now" is a heartbeat first
                    self.cache.sync_now()
                    again = time.monotonic() + 0.15
                state = self.cache.queue()
                if state.queued or len(office.beats) <= beats:
                    return False
                return goal <= set(office.receipts) | self._gone() and state.quarantined == len(self.refused)

            self._until(settled)
        office.trick = _away
        self.received |= goal
        assert self.cache.queue().queued == 0

    def _gone(self) -> set[str]:
        """What a restored office lacks and the terminal had purged by then: nobody can bring it back."""
        for one in self.lost.keys() & self.office.receipts.keys():
            del self.lost[one]
        kept = {path.name for path in (self.data / "parts").iterdir()}
        return {one for one, names in self.lost.items() if not kept & set(names)}

    def _until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < end, f"it did not come about: {self.cache.queue()} {self.cache.line()}"
            time.sleep(0.004)

    # What must hold.

    @invariant()
    def counts_fit(self) -> None:
        state = self.cache.queue()
        assert state.last_seq == len(self.pressed)
        assert (state.queued, state.quarantined) == (
            len(set(self.pressed) - self.received - self.refused), len(self.refused),
        )  # fmt: skip

    @invariant()
    def office_holds_each_once_and_whole(self) -> None:
        held = Counter(self.office.numbers())
        assert set(held) <= set(self.numbers) and max(held.values(), default=1) == 1

    def _check_disk(self) -> None:
        found = look(self.data)
        assert not found.faults(), found.faults()
        states = Counter(row.state for row in found.rows.values())
        assert set(found.rows) == set(self.pressed) and sum(states.values()) == len(self.pressed)
        for one, row in found.rows.items():
            if row.state in ("purging", "purged"):
                assert one in self.received, "purged without a receipt"
                assert self.ever_full or self.office.clock_s >= 7 * _DAY, "purged before its time"
                self.purged.add(one)
            else:
                assert one not in self.purged, "a purge came undone"
                want = {"quarantined"} if one in self.refused else {"received"} if one in self.received else {"queued"}
                assert row.state in want, (row.state, want)
        self.runs.update(states)

    def teardown(self) -> None:
        try:
            if not self.revoked:
                self.release() if self.refused else None
                self._talk(lambda method, path: None)
                for one, pages in self.pressed.items():
                    if one in self.office.receipts:
                        arrived = Counter(self.office.open_pages(one))
                        assert arrived == Counter(pages.values()), "a page is another"
            self.cache.close()
            self._open().close()
            self._check_disk()
        finally:
            self.cache.close()
            shutil.rmtree(self.folder, ignore_errors=True)


class _Liar:
    """An office that gives so many wrong answers and then none. ``after`` replaces an answer that was right."""

    def __init__(self, office: Office, lies: Trouble, chance: random.Random) -> None:
        self._office, self._lies, self._chance = office, lies, chance

    def __call__(self, method: str, path: str) -> Say | None:
        if not self._lies or path == "/v1/enrol" or self._lies[0] in ("lost", "forged", "another"):
            return None
        lie = self._lies.pop(0)
        if lie == "reset":
            raise Reset
        if lie == "shrink":
            owned = {name for one in self._office.receipts for name in _parts(self._office, one)}
            for name, part in self._office.parts.items():
                if name not in owned:
                    del part[self._chance.randint(0, len(part)) :]
            return None
        if lie in _ANSWERS:
            return _ANSWERS[lie]()
        return no(Code[lie], offset=self._chance.randrange(9000), server_time=self._office.now(), retry_after=0)

    def after(self, method: str, path: str) -> Say | None:
        if method != "PUT" or not self._lies or self._lies[0] not in ("lost", "forged", "another"):
            return None
        lie = self._lies.pop(0)
        if lie == "lost":
            raise Reset
        body = self._office.manifests[path.rsplit("/", 1)[1]]
        other = {"manifest_sha256": "0" * 64} if lie == "another" else {}
        envelope = self._office.sign_receipt(manifest.unproved(body)[1], body, **other)
        if lie == "forged":
            envelope = envelope.replace(b'"server_seq":', b'"server_seq":9')
        return Say(200, canon.canonical({"state": "received", "receipt": canon.b64(envelope)}))


def _away(method: str, path: str) -> Say | None:
    if path == "/v1/enrol":
        return None
    raise Reset


def _parts(office: Office, submission_id: str) -> list[str]:
    body = office.manifests.get(submission_id)
    return [] if body is None else [part.sha256 for part in manifest.unproved(body)[1].parts]


def run(examples: int, steps: int) -> None:
    """Raises AssertionError with the shortest life that breaks the model."""
    with cheap_tags():
        _run(examples, steps)


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Queue,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            phases=(Phase.generate,), print_blob=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )  # fmt: skip


def main() -> int:
    """One summary line; 1 when the model was broken."""
    quiet()
    parser = argparse.ArgumentParser(description="Model check of the terminal's queue.")
    parser.add_argument("--examples", type=int, default=40)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    began, broken = time.monotonic(), ""
    try:
        run(given.examples, given.steps)
    except Exception as error:
        broken = str(error) or type(error).__name__
        traceback.print_exc()
    counts = dict(Queue.runs)
    summary = f"model: {given.examples} lives of {given.steps} steps, {counts}, {broken or '0 violations'}"
    if given.json:
        summary = json.dumps({"summary": summary, "ok": not broken, "seconds": round(time.monotonic() - began, 1)})
    print(summary)
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main())
