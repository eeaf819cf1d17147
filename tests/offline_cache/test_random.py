"""Whatever answers, in whatever order: the sync engine goes on, believes nobody but the office, and loses nothing."""

from __future__ import annotations

import itertools
import math
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from offline_cache.sync.http import Http, LineFault, Refusal
from offline_cache.sync.line import STAYS_S, Backoff, Line
from tests.offline_cache.conftest import Opener, apply, sync, until
from tests.offline_cache.office import JSON, Office, Reset, Say, no
from wire import problem
from wire.problem import Code

SHARED = Office()
MENDING = [code for code in Code if code.mends and code is not Code.REVOKED]


def test_random_answers_of_all_kinds_lose_nothing_and_double_nothing(opener: Opener, office: Office) -> None:
    chance = random.Random(7)
    cache = opener()
    cache.enrol(office.code())
    left = [60]

    def trick(method: str, path: str) -> Say | None:
        if path == "/v1/enrol" or left[0] <= 0 or chance.random() < 0.4:
            return None
        left[0] -= 1
        kind = chance.randrange(4)
        if kind == 0:
            raise Reset
        if kind == 1:
            return no(chance.choice(MENDING), offset=chance.randrange(9000), server_time=office.now())
        body, media = chance.randbytes(chance.randrange(200)), chance.choice([JSON, problem.MEDIA_TYPE, "text/html"])
        return Say(chance.choice([200, 201, 204, 301, 400, 401, 404, 409, 422, 500]), body, media)

    office.trick = office.after = trick
    numbers = [apply(cache, size=20_000) for _ in range(4)]
    sync(cache)
    until(lambda: left[0] <= 0 or cache.queue().queued == 0, 60)
    left[0] = 0
    until(lambda: cache.queue().queued == 0, 30)
    assert cache.queue().quarantined == 0
    assert sorted(office.numbers()) == sorted(numbers)


@settings(max_examples=40)
@given(
    status=st.integers(200, 599), body=st.binary(max_size=60), media=st.sampled_from([JSON, problem.MEDIA_TYPE, "?"])
)
def test_any_answer_is_read_or_is_a_line_fault(status: int, body: bytes, media: str) -> None:
    office = SHARED
    office.trick = lambda method, path: Say(status, body, media)
    http = Http(office.url, None)
    try:
        http.ask("GET", "/v1/changes?after=0", None, {})
    except (LineFault, Refusal):
        pass
    finally:
        http.drop()


@given(failures=st.integers(1, 2000), cap=st.floats(0.1, 300), asked=st.floats(0, 3600))
def test_backoff_is_within_its_cap_and_never_gives_up(failures: int, cap: float, asked: float) -> None:
    backoff = Backoff()
    for _ in range(failures):
        backoff.failed(cap, asked)
    assert backoff.failing and asked - 1 <= backoff.left() <= max(cap, asked)
    backoff.reset()
    assert not backoff.failing and not backoff.left()


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 4)), max_size=30))
def test_line_goes_down_at_the_second_fault_in_a_row_and_up_at_the_first_answer(
    steps: list[tuple[bool, float]],
) -> None:
    now = 100.0
    line = Line(enrolled=True, clock=lambda: now)
    online, faults, flips = False, 0, list[float]()
    for works, pause in steps:
        before = line.state().online
        if works:
            line.works()
            online, faults = True, 0
        else:
            line.fails("no_gateway")
            faults += 1
            online = online and faults < 2
        if line.state().online is not before:
            flips.append(now)
        assert line.state().reason == "" or not line.state().online
        now += pause
    now += line.due() if line.due() < math.inf else 0
    line.settle()
    assert line.state().online is online and line.due() == math.inf
    assert all(after - earlier >= STAYS_S for earlier, after in itertools.pairwise(flips)), "the chip flickers"
