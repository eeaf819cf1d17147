"""The courier's tar: what our writer makes any tar opens, and our reader takes no more than the index names."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire import canon, courier, receipt, volume

NAMES = st.from_regex(r"[0-9a-f]{64}\.age|[0-9a-f-]{36}\.json", fullmatch=True)
BLOCKS = st.binary(max_size=2000)


def reader(data: bytes) -> volume.Reader:
    return volume.Reader(io.BytesIO(data).read)


@given(files=st.lists(st.tuples(NAMES, BLOCKS), min_size=1, max_size=5, unique_by=lambda file: file[0]))
def test_any_tar_opens_what_we_write_and_we_read_what_any_tar_writes(files: list[tuple[str, bytes]]) -> None:
    ours = b"".join(volume.header(name, len(data)) + data + volume.padding(len(data)) for name, data in files)
    assert len(ours) == sum(volume.room(len(data)) for _, data in files)
    with tarfile.open(fileobj=io.BytesIO(ours + volume.END)) as tar:
        for (name, data), member in zip(files, tar.getmembers(), strict=True):
            found = tar.extractfile(member)
            assert (member.name, found.read() if found else None) == (name, data)
    for format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        theirs = io.BytesIO()
        with tarfile.open(fileobj=theirs, mode="w", format=format) as tar:
            for name, data in files:
                info = tarfile.TarInfo(name)
                info.size, info.mtime, info.uname, info.uid = len(data), 1764000000, "kiosk", 990
                tar.addfile(info, io.BytesIO(data))
        read = reader(theirs.getvalue())
        assert [read.file(name, len(data)) for name, data in files] == [data for _, data in files]


@given(block=st.binary(min_size=512, max_size=512), size=st.integers(0, 1000))
def test_a_strange_file_is_passed_over_whole(block: bytes, size: int) -> None:
    good = volume.header("b.age", 3) + b"abc" + volume.padding(3)
    read = reader(block + bytes(size) + volume.padding(size) + good)
    with pytest.raises(volume.VolumeError):
        read.file("a.age", size)
    assert read.file("b.age", 3) == b"abc"
    read = reader(block + bytes(size) + volume.padding(size) + good)
    read.skip(size)
    assert read.file("b.age", 3) == b"abc"


@given(data=st.binary(max_size=1600), flip=st.integers(0, 512 * 8 - 1))
def test_noise_ends_in_a_volume_error(data: bytes, flip: int) -> None:
    head = bytearray(volume.header(courier.INDEX, 700))
    head[flip // 8] ^= 1 << flip % 8
    for noise in (data, bytes(head) + data, bytes(head)):
        try:
            assert len(reader(noise).index()) == 700 or flip // 8 in range(124, 156)
        except volume.VolumeError:
            pass


@given(noise=st.binary(max_size=300))
def test_parsers_of_index_answer_and_receipt_raise_their_own_errors(noise: bytes) -> None:
    with pytest.raises(canon.CanonError):
        courier.read_index(noise)
    key = receipt.Ed25519PublicKey.from_public_bytes(bytes(range(32)))
    for parse in (courier.prove_receipts, receipt.prove):
        with pytest.raises((canon.CanonError, canon.SignatureError)):
            parse(noise, key)
    with pytest.raises((canon.CanonError, canon.SignatureError)):
        receipt.prove_for(noise, key, noise)
