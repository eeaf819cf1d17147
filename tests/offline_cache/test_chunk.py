"""How long a PATCH is, and who waits after a long absence of the gateway."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offline_cache.sync.chunk import AIM_S, MAX_CHUNK, MIN_CHUNK, Chunk
from offline_cache.sync.line import LONG_OUTAGE_S, Outage

SLOW = 16_000.0  # bytes a second: 128 kbit/s


def test_the_first_length_is_fixed_and_the_next_follow_the_rate() -> None:
    chunk = Chunk()
    assert chunk.length(1 << 30) == MAX_CHUNK
    chunk.took(MAX_CHUNK, MAX_CHUNK / SLOW)
    assert chunk.length(1 << 30) == AIM_S * SLOW
    chunk.took(1 << 20, 0.1)
    assert chunk.length(1 << 30) == MAX_CHUNK
    chunk.took(MIN_CHUNK, 60)
    assert chunk.length(1 << 30) == MIN_CHUNK


def test_a_short_rest_goes_along_and_a_short_part_says_nothing_about_the_rate() -> None:
    chunk = Chunk()
    assert chunk.length(MAX_CHUNK + 1000) == MAX_CHUNK + 1000
    chunk.took(700, 0.6)
    assert chunk.rate == 0


def test_a_cut_shortens_only_where_what_was_given_away_was_lost() -> None:
    chunk = Chunk()
    chunk.took(MAX_CHUNK, MAX_CHUNK / SLOW)
    chunk.cut(40_000)  # the kernel's and the air's
    assert chunk.length(1 << 30) == AIM_S * SLOW
    chunk.cut(200_000)  # something on the way had held the body back
    assert chunk.length(1 << 30) == AIM_S / 2 * SLOW
    for _ in range(9):
        chunk.cut(200_000)
    assert chunk.length(1 << 30) == MIN_CHUNK
    for _ in range(20):
        chunk.took(MIN_CHUNK, MIN_CHUNK / SLOW)
    assert chunk.length(1 << 30) == AIM_S * SLOW


@given(
    st.lists(
        st.tuples(st.integers(1, 1 << 23), st.floats(0, 1e4)) | st.tuples(st.integers(-(1 << 23), 1 << 23)), max_size=30
    ),
    st.integers(1, 1 << 23),
)
def test_whatever_was_measured_the_length_is_sensible(told: list[tuple[int, ...]], left: int) -> None:
    chunk = Chunk()
    for one in told:
        if len(one) == 2:
            chunk.took(*one)
        else:
            chunk.cut(*one)
        length = chunk.length(left)
        assert min(left, MIN_CHUNK) <= length <= min(left, MAX_CHUNK * 5 // 4)


class Times:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_hours_without_the_gateway_each_terminal_has_its_own_moment() -> None:
    waits: list[float] = []
    for number in range(200):
        times = Times()
        outage = Outage(times)
        outage.fails("no_gateway")
        times.now += LONG_OUTAGE_S
        outage.fails("portal")
        outage.over(f"{number:032x}", 600)
        waits.append(outage.left())
    assert min(waits) < 30 and max(waits) > 570 and all(0 <= wait <= 600 for wait in waits)


def test_after_a_short_absence_or_one_of_our_own_link_nobody_waits() -> None:
    for reason, away in (("no_gateway", LONG_OUTAGE_S - 1), ("no_link", LONG_OUTAGE_S * 24)):
        times = Times()
        outage = Outage(times)
        outage.fails(reason)
        times.now += away
        outage.fails(reason)
        outage.over("f" * 32, 600)
        assert outage.left() == 0
