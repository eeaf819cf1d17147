"""Rows of sync-notes §2 that the office's own tests lack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.gateway.rig import ROOT, Gateway, Terminal, problem_of
from wire import canon
from wire.manifest import Manifest

_DYING = """
import os, sys
from sqlalchemy import event
from sqlalchemy.orm import Session
from gateway import __main__
from gateway.tables import Submission
how, received = sys.argv.pop(1), sys.argv.pop(1) == "receipt"
hit = []
def flushed(session, _context):
    rows = [one for one in (*session.new, *session.dirty) if isinstance(one, Submission)]
    if any((one.receipt is not None) is received for one in rows):
        hit.append(session)
def committing(session):
    if session in hit and len(hit) < 3:
        if how == "die":
            os._exit(9)
        raise RuntimeError("between the claim and the commit")
event.listen(Session, "after_flush", flushed)
event.listen(Session, "before_commit", committing)
sys.exit(__main__.main())
"""


class Dying(Gateway):
    """A gateway that dies, or breaks, between its claim and its commit. ``at``: announcement or receipt."""

    def __init__(self, data: Path, how: str, at: str) -> None:
        super().__init__(data)
        self.how, self.at = how, at

    def start(self) -> Gateway:
        if not self.how:
            return super().start()
        popen, words = subprocess.Popen, (sys.executable, "-c", _DYING, self.how, self.at)

        def dying(given: list[str], **more: object) -> subprocess.Popen[str]:
            return popen([*words, *given[3:]], **more)  # pyright: ignore[reportCallIssue, reportArgumentType]  # as it was called

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess, "Popen", dying)
            return super().start()


@pytest.mark.slow
@pytest.mark.parametrize("at", ["announcement", "receipt"])
def test_d9_a_gateway_that_died_between_claim_and_commit_holds_nothing_locked(tmp_path: Path, at: str) -> None:
    gateway = Dying(tmp_path / "data", "die", at)
    gateway.start()
    terminal = Terminal(gateway).enrol(gateway.code())
    packet = terminal.packet(pages=1)
    with pytest.raises(requests.RequestException):
        terminal.send(packet)
    gateway.stop()
    gateway.how = ""
    gateway.start()
    told = terminal.prove(terminal.send(packet))
    assert (told.submission_id, told.server_seq) == (packet.id, 1)
    gateway.stop()


def test_d9_a_500_is_never_remembered(tmp_path: Path) -> None:
    gateway = Dying(tmp_path / "data", "break", "announcement")
    gateway.start()
    terminal = Terminal(gateway).enrol(gateway.code())
    packet = terminal.packet(pages=1)
    broken = 0
    while (got := terminal.put(packet)).status_code == 500:
        assert problem_of(got) == "broken"
        broken += 1
        assert broken < 9
    assert broken
    assert terminal.prove(terminal.send(packet)).submission_id == packet.id
    gateway.stop()


def test_d4_a_submission_without_an_id_cannot_be_said(terminal: Terminal) -> None:
    packet = terminal.packet(pages=1)
    for path in ("/v1/submissions", "/v1/submissions/"):
        got = terminal.http.put(
            terminal.gateway.url + path, data=packet.envelope, headers=terminal.headers(), timeout=20
        )
        assert 400 <= got.status_code < 500 and problem_of(got)
    payload = canon.Envelope.read(packet.envelope).payload
    for wrong in ({**payload, "submission_id": ""}, {k: v for k, v in payload.items() if k != "submission_id"}):
        with pytest.raises(canon.CanonError, match="submission_id"):
            Manifest.take(wrong)
    assert terminal.send(packet)


_PUT = """
import sys, requests
url, word, file = sys.argv[1:]
for _ in range(5):
    got = requests.put(url, data=open(file, "rb").read(), headers={"Authorization": word}, timeout=30)
    print(got.json()["receipt"])
"""


def test_d1_four_processes_at_once_get_one_row_and_one_receipt(terminal: Terminal, tmp_path: Path) -> None:
    packet = terminal.packet(pages=0)
    (tmp_path / "manifest").write_bytes(packet.envelope)
    got = terminal.put(packet)
    (part,) = packet.parts
    assert got.status_code == 201 and terminal.patch(part, 0, packet.parts[part]).status_code == 204
    words = [sys.executable, "-c", _PUT, f"{terminal.gateway.url}/v1/submissions/{packet.id}",
             terminal.headers()["Authorization"], str(tmp_path / "manifest")]  # fmt: skip
    children = [subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    said = [line for child in children for line in child.communicate(timeout=60)[0].split()]
    assert len(said) == 20 and len(set(said)) == 1
