"""The parsers of what a camera's server sends: right on good streams, quiet and bounded on any bytes."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.camera.multipart import BadReply, Head, MultipartParser, is_jpeg, parse_head
from drivers.camera.source import SourceGarbled
from drivers.camera.v4l2 import take_frames

QUICK = settings(max_examples=100, deadline=None)


def jpeg(colour: str = "white", size: tuple[int, int] = (16, 12)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


def part(body: bytes, boundary: bytes = b"frame", length: bool = True) -> bytes:
    head = b"--" + boundary + b"\r\nContent-Type: image/jpeg\r\n"
    if length:
        head += b"Content-Length: %d\r\n" % len(body)
    return head + b"\r\n" + body + b"\r\n"


@QUICK
@given(
    bodies=st.lists(st.binary(max_size=300).filter(lambda body: b"--frame" not in body), max_size=5),
    with_length=st.booleans(),
    cuts=st.lists(st.integers(1, 97), min_size=1, max_size=8),
)
def test_parts_come_out_whole_however_the_stream_is_cut(
    bodies: list[bytes], with_length: bool, cuts: list[int]
) -> None:
    stream = b"".join(part(body, length=with_length) for body in bodies) + b"--frame--\r\n\r\n"
    parser = MultipartParser(b"frame")
    found: list[bytes] = []
    at = turn = 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        found += parser.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert found == (bodies if with_length else [body + b"\r\n" for body in bodies])
    assert not parser.noisy


@QUICK
@given(pieces=st.lists(st.one_of(st.binary(max_size=500), st.just(b"--frame"), st.just(b"\r\n\r\n")), max_size=20))
def test_any_bytes_are_survived_and_memory_stays_bounded(pieces: list[bytes]) -> None:
    parser = MultipartParser(b"frame", part_limit=400)
    for piece in pieces:
        for found in parser.feed(piece):
            assert len(found) <= 400
    assert len(parser._buffer) <= 16 * 1024 + 1000


def test_noise_around_a_picture_loses_only_what_it_hit() -> None:
    parser = MultipartParser(b"frame")
    found = parser.feed(b"\x00" * 5000 + part(jpeg()) + b"\xff" * 300 + part(jpeg("red")) + part(b"x"))
    assert jpeg() in found and jpeg("red") in found
    assert parser.noisy


def test_a_wrong_length_is_mended_by_the_boundary() -> None:
    parser = MultipartParser(b"frame")
    wrong = b"--frame\r\nContent-Length: 3\r\n\r\n" + jpeg() + b"\r\n"
    found = parser.feed(wrong + part(jpeg("red")) + part(b""))
    assert [is_jpeg(body) for body in found[:2]] == [True, True]


def test_a_part_over_the_limit_is_dropped_and_the_next_one_read() -> None:
    parser = MultipartParser(b"frame", part_limit=1000)
    for length in (True, False):
        found = parser.feed(part(b"x" * 5000, length=length) + part(b"good") + b"--frame\r\n")
        assert any(body.startswith(b"good") for body in found)
        assert all(len(body) <= 1000 for body in found)
    assert parser.noisy


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        ("multipart/x-mixed-replace; boundary=frame", b"frame"),
        ('multipart/x-mixed-replace;boundary="--frame"', b"frame"),
        ("Multipart/X-Mixed-Replace; charset=x; Boundary=--frame", b"frame"),
        ("multipart/x-mixed-replace", None),
        ("multipart/x-mixed-replace; boundary=", None),
        ("image/jpeg", None),
    ],
)
def test_boundaries_as_cameras_write_them(kind: str, boundary: bytes | None) -> None:
    head = parse_head(f"HTTP/1.0 200 OK\r\nContent-Type: {kind}".encode())
    assert head.status == 200
    assert head.boundary == boundary


@QUICK
@given(st.binary(max_size=400))
def test_any_head_is_a_head_or_a_bad_reply(text: bytes) -> None:
    try:
        head = parse_head(text)
    except BadReply:
        return
    assert isinstance(head, Head)
    assert head.boundary is None or head.boundary


def test_a_head_is_told_from_other_protocols() -> None:
    for text in (b"", b"SSH-2.0-OpenSSH_9", b"HTTP/1.0 abc", b"\x12\x12"):
        with pytest.raises(BadReply):
            parse_head(text)


@QUICK
@given(st.binary(max_size=600))
def test_random_bytes_are_no_jpeg(data: bytes) -> None:
    assert not is_jpeg(data) or data.startswith(b"\xff\xd8\xff")


@QUICK
@given(cut=st.integers(0, 600), flip=st.integers(0, 30))
def test_a_cut_jpeg_is_no_jpeg(cut: int, flip: int) -> None:
    good = jpeg()
    assert is_jpeg(good) and is_jpeg(good + b"\x00" * 20)
    assert not is_jpeg(good[: min(cut, len(good) - 1)])
    broken = bytearray(good)
    broken[flip] ^= 0xFF
    is_jpeg(bytes(broken))  # may be either, but raises nothing


@QUICK
@given(frames=st.lists(st.binary(max_size=200), max_size=6), cut=st.integers(1, 50))
def test_frames_of_the_usb_child_come_out_whole(frames: list[bytes], cut: int) -> None:
    stream = b"".join(len(frame).to_bytes(4, "big") + frame for frame in frames)
    buffer = bytearray()
    found: list[bytes] = []
    for at in range(0, len(stream), cut):
        buffer += stream[at : at + cut]
        found += take_frames(buffer)
    assert found == frames and not buffer


def test_a_frame_too_long_to_be_one_is_refused() -> None:
    with pytest.raises(SourceGarbled):
        take_frames(bytearray(b"\xff\xff\xff\xff"))
