"""The officer's page of the courier over plain HTTP, and the parser of posted files fed in pieces and with noise."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.office import uploads
from tests.gateway import backends
from tests.gateway.rig import Gateway, Officer, Terminal
from tests.gateway.volumes import made
from wire import canon, courier

BACKENDS = (backends.BOTH[0],)
LIMITS = uploads.Limits(files=3, each=2000, reserve=0)


@pytest.fixture
def officer(gateway: Gateway) -> Iterator[Officer]:
    """Signed in."""
    officer = Officer(gateway)
    officer.sign_in()
    yield officer
    officer.http.close()


def post(officer: Officer, files: list[tuple[str, bytes]], csrf: str | None = None) -> requests.Response:
    token = officer.csrf(officer.get("/courier")) if csrf is None else csrf
    parts = [("csrf", (None, token)), *(("volume", (name, data)) for name, data in files)]
    return officer.http.post(f"{officer.gateway.url}/courier", files=parts, timeout=60)


def test_an_officer_takes_volumes_in_and_fetches_the_answers(officer: Officer, terminal: Terminal) -> None:
    first, second = made(terminal, terminal.packet(pages=1)), made(terminal, terminal.packet(pages=1))
    got = post(officer, [(first.name, first.bytes), (second.name, second.bytes), ("cat.adm", b"meow" * 500)])
    assert got.status_code == 200 and got.text.count("1 permohonan diterima") == 2
    assert "cat.adm" in got.text and "Ini bukan berkas dari anjungan." in got.text
    links = re.findall(r'href="(/courier/[0-9a-f]{64}\.resi)" aria-label="Resi untuk ([^"]+)"', got.text)
    for link, name in {*links}:
        answer = officer.get(link)
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.resi"'
        assert canon.Envelope.read(answer.content).payload["name"] == name
    assert {first.name[:-4], second.name[:-4]} <= {name for _, name in links}
    again = post(officer, [(first.name, first.bytes)])
    assert "Sudah pernah diterima" in again.text and "pertama diterima" in again.text
    assert officer.get(f"/courier/{'0' * 64}.resi").status_code == 404
    assert not [path for path in officer.gateway.data.iterdir() if path.suffix in (".adm", ".tmp")]


def test_nothing_is_taken_without_an_officer_or_the_token(
    gateway: Gateway, officer: Officer, terminal: Terminal
) -> None:
    packet = terminal.packet(pages=1)
    volume = made(terminal, packet)
    assert post(officer, [(volume.name, volume.bytes)], csrf="x" * 43).status_code == 403
    stranger = Officer(gateway)
    got = stranger.http.post(
        f"{gateway.url}/courier", files=[("volume", (volume.name, volume.bytes))], timeout=30, allow_redirects=False
    )
    assert got.status_code == 303 and got.headers["location"].startswith("/login")
    assert stranger.get(f"/courier/{'0' * 64}.resi", allow_redirects=False).status_code == 303
    assert terminal.put(packet).json()["state"] == "awaiting", "no byte of it was kept"
    assert "Pilih berkas dulu." in post(officer, []).text


def receive(body: bytes, folder: Path, cuts: list[int], boundary: str = "x") -> list[tuple[str, bytes]]:
    """Feed a body in pieces; what was received."""
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    pieces = [body[start:end] for start, end in itertools.pairwise(edges)]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages.append({"type": "http.request", "body": b"", "more_body": False})
    headers = [(b"content-type", f"multipart/form-data; boundary={boundary}".encode())]

    async def run() -> list[tuple[str, bytes]]:
        async def next_one() -> dict[str, object]:
            return messages.pop(0)

        request = Request({"type": "http", "method": "POST", "headers": headers}, next_one)
        got = await uploads.receive(request, "token", folder, LIMITS, 5)
        told = [(one.name, one.file.read()) for one in got]
        for one in got:
            one.file.close()
        return told

    with ThreadPoolExecutor(1) as thread:  # a browser of other tests may hold this thread's loop
        return thread.submit(asyncio.run, run()).result()


def form(*parts: tuple[str, str | None, bytes]) -> bytes:
    out = b""
    for name, file, data in parts:
        more = "" if file is None else f'; filename="{file}"'
        out += f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data + b"\r\n"
    return out + b"--x--\r\n"


TOKEN = ("csrf", None, b"token")


@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=1500), cuts=st.lists(st.integers(0, 3000), max_size=6))
def test_files_come_through_whole_however_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, cuts: list[int]
) -> None:
    data = data.replace(b"\r\n--x", b"")
    folder = tmp_path_factory.getbasetemp()
    assert receive(form(TOKEN, ("volume", "a.adm", data)), folder, cuts) == [("a.adm", data)]


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=300), at=st.integers(0, 400), cut=st.integers(0, 400))
def test_noise_is_refused_and_never_received(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int, cut: int
) -> None:
    body = form(TOKEN, ("volume", "a.adm", b"y" * 100))
    try:
        receive((body[:at] + noise + body[at:])[: max(cut, 1)], tmp_path_factory.getbasetemp(), [7])
    except (uploads.UploadError, HTTPException):
        pass


@pytest.mark.parametrize(
    "body",
    [
        form(("volume", "a.adm", b"y"), TOKEN),
        form(("csrf", None, b"tokem"), ("volume", "a.adm", b"y")),
        form(("csrf", None, b"token" * 90), ("volume", "a.adm", b"y")),
        form(("csrf", "csrf", b"token"), ("volume", "a.adm", b"y")),
    ],
)
def test_the_token_comes_first(body: bytes, tmp_path: Path) -> None:
    with pytest.raises(HTTPException):
        receive(body, tmp_path, [])


def test_limits_hold(tmp_path: Path) -> None:
    with pytest.raises(uploads.UploadError, match="larger"):
        receive(form(TOKEN, ("volume", "a.adm", b"y" * 2001)), tmp_path, [])
    with pytest.raises(uploads.UploadError, match="many"):
        receive(form(TOKEN, *(("volume", f"{n}.adm", b"y") for n in range(4))), tmp_path, [])
    with pytest.raises(uploads.UploadError, match="cut off"):
        receive(form(TOKEN, ("volume", "a.adm", b"y"))[:-6], tmp_path, [])
    assert receive(form(TOKEN, ("volume", "", b"")), tmp_path, []) == []
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_words_and_never_a_path(officer: Officer) -> None:
    got = post(officer, [("../../etc/passwd.adm", b"meow" * 300), ("<b>.adm", b"x")])
    assert got.status_code == 200 and "<b>.adm" not in got.text and courier.NO_VOLUME not in got.text
