"""What is believed: a problem of ours or a receipt that holds, and nothing else. Ids of sync-notes §2."""

from __future__ import annotations

import pytest

from offline_cache.api import Cache
from tests.offline_cache.conftest import apply, received, sync, until
from tests.offline_cache.office import JSON, Office, Reset, Say, no
from wire import canon, manifest
from wire.problem import Code

HTML = "text/html"


def forged(office: Office, kind: str) -> Say:
    """A receipt that must not be believed."""
    body = next(iter(office.manifests.values()))
    read = manifest.unproved(body)[1]
    if kind == "signature":
        envelope = office.sign_receipt(read, body)
        envelope = envelope[:-20] + (b"A" if envelope[-20:-19] != b"A" else b"B") + envelope[-19:]
    elif kind == "manifest":
        envelope = office.sign_receipt(read, body, manifest_sha256="0" * 64)
    else:
        envelope = office.sign_receipt(read, body, submission_id="0192f0c4-0000-7000-8000-000000000000")
    return Say(200, canon.canonical({"state": "received", "receipt": canon.b64(envelope)}))


ANSWERS = {
    "reset": lambda: Reset(),
    "200": lambda: Say(200, b"{}"),
    "200 empty": lambda: Say(200),
    "204": lambda: Say(204),
    "302": lambda: Say(302, b"", HTML, {"Location": "http://127.0.0.1:1/login"}),
    "404 html": lambda: Say(404, b"<h1>Not found</h1>", HTML),
    "413 html": lambda: Say(413, b"<h1>Too large</h1>", HTML),
    "500 html": lambda: Say(500, b"oops", HTML),
    "problem of others": lambda: Say(
        409, b'{"type":"about:blank","title":"x","status":409}', "application/problem+json"
    ),
    "portal": lambda: Say(200, b"<html>Log in to Wi-Fi</html>", HTML),
    "json cut": lambda: Say(200, b'{"state":"received","rec', JSON),
    "body cut": lambda: Say(200, b'{"state":"awai', JSON, length=400),
    "no receipt": lambda: Say(200, b'{"state":"received"}', JSON),
    "problem as json": lambda: Say(422, no(Code.MALFORMED).body, JSON),
}


@pytest.mark.parametrize("kind", list(ANSWERS))
def test_l1_what_is_no_receipt_leaves_it_queued(cache: Cache, office: Office, kind: str) -> None:
    number = apply(cache)
    lie = True

    def trick(method: str, path: str) -> Say | None:
        if lie and method in ("PUT", "PATCH"):
            answer = ANSWERS[kind]()
            if isinstance(answer, Reset):
                raise answer
            return answer
        return None

    office.trick = trick
    sync(cache)
    until(lambda: sum(method in ("PUT", "PATCH") for method, _ in office.calls) >= 2)
    assert (cache.queue().queued, cache.queue().quarantined) == (1, 0)
    lie = False
    until(lambda: received(cache, office, number))


@pytest.mark.parametrize("kind", ["signature", "manifest", "submission"])
def test_l1_receipt_that_does_not_hold_leaves_it_queued(cache: Cache, office: Office, kind: str) -> None:
    number = apply(cache)
    lies: list[str] = []

    def after(method: str, path: str) -> Say | None:
        if method == "PUT" and office.receipts and len(lies) < 3:
            lies.append(path)
            assert cache.queue().queued == 1
            return forged(office, kind)
        return None

    office.after = after
    sync(cache)
    until(lambda: received(cache, office, number))
    assert len(lies) == 3


def test_s9_offset_beyond_the_end_is_not_believed(cache: Cache, office: Office) -> None:
    number = apply(cache)
    lies: list[str] = []

    def after(method: str, path: str) -> Say | None:
        if method == "PUT" and len(lies) < 3 and not office.receipts:
            lies.append(path)
            read = manifest.unproved(office.manifests[path.rsplit("/", 1)[1]])[1]
            missing = [{"sha256": part.sha256, "offset": part.bytes + 1} for part in read.parts]
            return Say(201, canon.canonical({"state": "awaiting", "missing": missing}))
        return None

    office.after = after
    sync(cache)
    until(lambda: received(cache, office, number))
    assert len(lies) == 3
