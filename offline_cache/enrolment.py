"""Enrolment: the key is made and durable before the call, so that a lost answer costs another call and nothing else."""

from __future__ import annotations

import platform
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from offline_cache import keys
from offline_cache.api import CacheError
from offline_cache.clock import OfficeClock
from offline_cache.identity import Enrolled, Identities, open_answer
from offline_cache.keys import Keys
from offline_cache.sync.http import Http, LineFault, Refusal, UrlError
from offline_cache.sync.tls import OfficeTime
from wire import canon, enrol, ids, problem

_REFUSED = {
    problem.Code.TOKEN_USED: "the code was used by another terminal",
    problem.Code.NOT_FOUND: "the office does not know this code, or it has expired",
    problem.Code.UNAUTHENTICATED: "the office does not know this code, or it has expired",
    problem.Code.CONFLICT: "the code is for another terminal, and applications of this one still wait here",
}


def read_code(text: str) -> enrol.EnrolCode:
    """The code that an administrator handed over. Raises CacheError (not_enrolled)."""
    try:
        return enrol.EnrolCode.from_text(text)
    except canon.CanonError as error:
        raise CacheError("not_enrolled", f"this is no enrolment code ({error})") from error


def run(code: enrol.EnrolCode, key_file: Keys, identities: Identities, version: str, ca_file: Path | None) -> Enrolled:
    """Ask the office and keep its answer. Raises CacheError (not_enrolled, with the reason in words), OSError.

    With applications that wait, only a new code of the same office for the same terminal is taken: a new key, and the
    queue goes on. The office is told whose queue it is and leaves a code for another terminal unused.
    """
    token_sha256 = ids.sha256(code.token.encode())
    now = identities.current()
    if now is not None and identities.by_token(token_sha256):
        if now.revoked:
            raise CacheError("not_enrolled", "this code was used, and the terminal revoked since: ask for a new code")
        return now
    waiting = 0 if now is None else identities.undelivered()
    if now is not None and waiting and code.gateway_key != now.answer.receipt_key:
        raise CacheError(
            "not_enrolled", f"{waiting} applications still wait for the office that this terminal belongs to"
        )
    try:
        gateway_key = Ed25519PublicKey.from_public_bytes(canon.unb64(code.gateway_key))
        http = Http(code.url, ca_file, OfficeTime(gateway_key, OfficeClock()))
    except (UrlError, ValueError) as error:
        raise CacheError("not_enrolled", str(error)) from error
    key = key_file.signing_for(token_sha256)
    request = enrol.EnrolRequest(
        token=code.token,
        public_key=keys.public(key),
        hardware=f"{platform.machine()} {platform.system()} {platform.release()}"[:200],
        version=version[:40],
        queue_of=now.terminal if now is not None and waiting else "",
    )
    body = canon.sign(request.plain(), key, "new", enrol.CONTEXT)
    try:
        answer = enrol.EnrolAnswer.take(canon.Envelope.read(_post(http, body)).verify(gateway_key, enrol.CONTEXT))
        open_answer(0, code.url, answer, key, revoked=False)
        if now is not None and waiting and answer.terminal != now.terminal:
            raise CacheError("not_enrolled", f"the code is another terminal's, and {waiting} applications still wait")
    except Refusal as refusal:
        why = _REFUSED.get(refusal.code, refusal.problem.title) if refusal.code else refusal.problem.title
        raise CacheError("not_enrolled", why) from refusal
    except LineFault as error:
        raise CacheError(
            "not_enrolled", f"no answer from the office ({error}); try again with the same code"
        ) from error
    except ValueError as error:  # canon's two, and keys that are none
        raise CacheError("not_enrolled", f"the answer is not the office's ({error})") from error
    finally:
        http.drop()
    return identities.adopt(token_sha256, code.url, answer)


def _post(http: Http, body: bytes) -> bytes:
    answer = http.ask("POST", "/v1/enrol", body, {"Content-Type": "application/json"})
    if answer.status != 200:
        raise LineFault("portal", f"enrolment answered by {answer.status}")
    return answer.body
