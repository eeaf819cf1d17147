"""Destination profiles: what is made keeps every limit or is refused in words; names are safe and never the same."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from gateway.profiles.names import LONGEST, Names
from gateway.profiles.pictures import Page, PictureError
from gateway.profiles.plan import CannotMeet, Leaf, Subject, plan
from gateway.profiles.profile import FOLDER, PLACES, Profile, ProfileError, profiles, read

SUBJECT = Subject("KMT-1-B", "KTP-HILANG", "2026-11-24")
SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.(jpg|pdf)")


def jpeg(size: tuple[int, int] = (420, 594), quality: int = 90, colour: bool = True, noise: int = 60) -> bytes:
    """A page of noise: nothing compresses worse."""
    image = Image.effect_noise(size, noise).convert("RGB" if colour else "L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


PAGES = [jpeg(), jpeg((300, 400), 70), jpeg((500, 400), 95, colour=False), jpeg((420, 594), 85, noise=5)]


def profile(**changed: object) -> Profile:
    base: dict[str, object] = {
        "id": "t",
        "title": "t",
        "source": "t",
        "types": ("jpeg", "pdf"),
        "files": "page",
        "name": "{n}-{paper}",
        "order": ("quality", "pixels", "grey"),
        "quality": (80, 60, 40),
        "dpi": (150, 100, 72),
    }
    return Profile.model_validate({**base, **changed})


def leaves(*pages: bytes) -> list[Leaf]:
    return [Leaf(("kk", "police")[at % 2], at + 1, f"P{at}", page, 297.0) for at, page in enumerate(pages)]


def test_the_profiles_of_the_program_are_right_and_say_where_their_limits_come_from() -> None:
    known = profiles()
    assert set(known) >= {"arsip", "satu-pdf", "jpeg-1mb", "batam-5mb"}
    assert all(each.source and each.date for each in known.values())
    assert (known["batam-5mb"].max_bytes, known["batam-5mb"].date) == (5_000_000, "2022-01-27")


def test_the_archive_leaves_every_picture_untouched() -> None:
    made = plan(leaves(*PAGES), SUBJECT, profiles()["arsip"])
    assert [file.name for file in made.files] == ["KMT-1-B.pdf"]
    assert made.given_up == ()
    with pikepdf.open(io.BytesIO(made.files[0].data)) as document:
        held = [next(iter(page.get_images().values())).read_raw_bytes() for page in document.pages]
    assert held == PAGES


def test_what_fits_is_handed_over_as_it_is() -> None:
    made = plan(leaves(*PAGES), SUBJECT, profile(max_bytes=1_000_000))
    assert [file.data for file in made.files] == PAGES
    assert made.given_up == ()


def test_steps_go_down_in_the_order_of_the_profile() -> None:
    page = jpeg((1654, 2339))
    looks = list(Page(page).looks(profile()))
    assert [(look.quality, look.dpi, look.grey) for look in looks] == [
        (0, 200, False),
        (80, 200, False),
        (60, 200, False),
        (40, 200, False),
        (40, 150, False),
        (40, 100, False),
        (40, 72, False),
        (40, 72, True),
    ]
    first = list(Page(page).looks(profile(order=("grey", "pixels"))))
    assert [(look.dpi, look.grey) for look in first[:3]] == [(200, False), (200, True), (150, True)]
    limit = len(Page(page).made(looks[4]))
    made = plan(leaves(page), SUBJECT, profile(max_bytes=limit))
    lost = made.given_up[0]
    assert (lost.page, lost.before.dpi, lost.after.dpi, lost.before.quality, lost.after.quality) == (
        1,
        200,
        150,
        90,
        40,
    )
    with Image.open(io.BytesIO(made.files[0].data)) as image:
        assert image.size == (1654 * 150 // 200, 2339 * 150 // 200)
        assert image.info["dpi"] == (150, 150)


def test_a_page_is_never_made_better_than_it_is() -> None:
    page = Page(jpeg((420, 594), 50, colour=False), 297.0)
    assert 48 <= page.quality <= 52
    for look in list(page.looks(profile()))[1:]:
        assert look.quality <= page.quality
        assert look.dpi <= page.dpi
        assert look.grey


def test_pixels_dots_and_colour_are_limits_too() -> None:
    made = plan(leaves(jpeg((1654, 2339))), SUBJECT, profile(max_side=1000, colour="grey", order=()))
    with Image.open(io.BytesIO(made.files[0].data)) as image:
        assert max(image.size) <= 1000
        assert image.mode == "L"
    made = plan(leaves(jpeg((1654, 2339))), SUBJECT, profile(max_dpi=100))
    with Image.open(io.BytesIO(made.files[0].data)) as image:
        assert image.size == (827, 1169)


def test_in_one_file_the_largest_page_steps_down_first() -> None:
    large, small = jpeg((1200, 1700)), jpeg((300, 400), 60)
    limit = len(large) + len(small) - 20_000
    made = plan(leaves(small, large), SUBJECT, profile(files="one", name="{number}", max_bytes=limit))
    assert len(made.files[0].data) <= limit
    assert [lost.page for lost in made.given_up] == [2]


def test_a_limit_that_cannot_be_met_is_named() -> None:
    with pytest.raises(CannotMeet) as refused:
        plan(leaves(PAGES[0], PAGES[1]), SUBJECT, profile(max_bytes=500))
    assert (refused.value.page, refused.value.limit) == (1, 500)
    assert refused.value.least > 500


@settings(max_examples=40, deadline=None)
@given(
    pages=st.lists(st.sampled_from(PAGES), min_size=1, max_size=4),
    files=st.sampled_from(["one", "paper", "page"]),
    types=st.sampled_from([("pdf",), ("jpeg", "pdf")]),
    limit=st.integers(1_000, 400_000),
    order=st.permutations(["quality", "pixels", "grey"]).flatmap(
        lambda steps: st.integers(1, 3).map(lambda n: tuple(steps[:n]))
    ),
    side=st.sampled_from([0, 200, 400]),
    colour=st.sampled_from(["keep", "grey"]),
)
def test_every_file_keeps_its_limits_or_there_is_a_refusal(
    pages: list[bytes],
    files: str,
    types: tuple[str, ...],
    limit: int,
    order: tuple[str, ...],
    side: int,
    colour: str,
) -> None:
    chosen = profile(
        files=files, types=types, max_bytes=limit, order=order, max_side=side, colour=colour, name="{number}"
    )
    try:
        made = plan(leaves(*pages), SUBJECT, chosen)
    except CannotMeet as error:
        assert error.least > error.limit == limit
        assert 1 <= error.page <= len(pages)
        return
    assert all(0 < len(file.data) <= limit for file in made.files)
    assert sorted(page for file in made.files for page in file.pages) == list(range(1, len(pages) + 1))
    names = [file.name for file in made.files]
    assert len({name.lower() for name in names}) == len(names)
    assert all(SAFE.fullmatch(name) for name in names)
    pictures: list[bytes] = []
    for file in made.files:
        if chosen.kind == "jpeg":
            pictures.append(file.data)
        else:
            with pikepdf.open(io.BytesIO(file.data)) as document:
                pictures += [next(iter(page.get_images().values())).read_raw_bytes() for page in document.pages]
    held = [page for file in made.files for page in file.pages]
    touched = {lost.page for lost in made.given_up}
    for at, data in zip(held, pictures, strict=True):
        assert (data == pages[at - 1]) is (at not in touched)
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            assert not side or max(image.size) <= side
            assert colour == "keep" or image.mode == "L"
    same = plan(leaves(*pages), SUBJECT, chosen) == made
    assert same, "the same pages make the same files"


_name = st.lists(
    st.sampled_from([f"{{{place}}}" for place in PLACES]) | st.text("abCON.-_1", min_size=1, max_size=4),
    min_size=1,
    max_size=5,
).map("".join)


@given(pattern=_name, values=st.lists(st.dictionaries(st.sampled_from(PLACES), st.text(max_size=120)), max_size=6))
def test_names_are_safe_and_never_the_same(pattern: str, values: list[dict[str, str]]) -> None:
    names = Names(pattern)
    made = [names.next(each, ".jpg") for each in values]
    assert len({name.lower() for name in made}) == len(made)
    for name in made:
        assert SAFE.fullmatch(name), name
        assert len(name) <= LONGEST
        assert name.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: PAGES[1][:200] + data))
def test_what_is_no_picture_is_refused_and_nothing_else_escapes(data: bytes) -> None:
    try:
        plan(leaves(data), SUBJECT, profile(max_bytes=10))
    except (PictureError, CannotMeet):
        return
    pytest.fail("ten bytes hold no page")


GOOD = (FOLDER / "jpeg-1mb.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("max_bytes = 1_000_000", "max_bytes = -1", "max_bytes must be at least 0"),
        ("max_bytes = 1_000_000", "max_bytes = true", "max_bytes must be a whole number"),
        ('files = "page"', 'files = "many"', "files must be 'one', 'paper' or 'page'"),
        ('files = "page"', 'files = "one"', "files several pages in one file need the type pdf"),
        ('types = ["jpeg"]', 'types = ["png"]', "types must be 'jpeg' or 'pdf'"),
        ('"{number}-{n}-{paper}"', '"../{number}"', "name may hold letters, digits"),
        ('"{number}-{n}-{paper}"', '"{nik}"', "name may hold letters, digits"),
        ("dpi = [150, 120, 100]", "dpi = [100, 150]", "dpi must go down from the best to the least"),
        ("dpi = [150, 120, 100]", "dbi = [150]", "dbi is no setting of a profile"),
        ("max_dpi = 200", "max_dpi == 200", "this line is not TOML"),
    ],
)
def test_a_wrong_profile_is_told_by_file_line_and_fault(old: str, new: str, fault: str) -> None:
    text = GOOD.replace(old, new)
    line = next(number for number, row in enumerate(text.splitlines(), 1) if new in row)
    with pytest.raises(ProfileError) as refused:
        read(text, "mine.toml")
    assert any(row.startswith(f"mine.toml:{line}: {fault}") for row in str(refused.value).splitlines()), refused.value


@settings(max_examples=200)
@given(
    st.text(max_size=300)
    | st.tuples(st.integers(0, len(GOOD)), st.text(max_size=6)).map(
        lambda cut: GOOD[: cut[0]] + cut[1] + GOOD[cut[0] + 3 :]
    )
)
def test_any_text_is_a_profile_or_a_fault_with_its_line(text: str) -> None:
    try:
        read(text, "x.toml")
    except ProfileError as error:
        assert all(re.match(r"x\.toml:\d+: .+", row) for row in str(error).splitlines())


def test_an_offices_own_profile_stands_beside_those_of_the_program(tmp_path: Path) -> None:
    (tmp_path / "kota-kami.toml").write_text(GOOD.replace("1_000_000", "700_000"))
    known = profiles(tmp_path)
    assert known["kota-kami"].max_bytes == 700_000
    (tmp_path / "rusak.toml").write_text("x")
    (tmp_path / "juga.toml").write_bytes(b"\xff")
    with pytest.raises(ProfileError, match=r"juga.toml: is not UTF-8 text\nrusak.toml:1: this line is not TOML"):
        profiles(tmp_path)
