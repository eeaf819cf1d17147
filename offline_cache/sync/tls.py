"""Certificates and a wrong clock: TLS checks dates by the system's clock, which a terminal without a battery loses.

Then the office is asked for its time in clear (``GET http://<same host>/v1/time?nonce=``). Its answer is signed with
the receipt key that the enrolment gave us, over a nonce that was made for this question, and came within
``MAX_ROUND_TRIP_S``; so it may be believed whoever carried it. The system's clock is not set. From then on OpenSSL is
told to leave the dates alone (X509_V_FLAG_NO_CHECK_TIME; chain, names and purposes it checks as ever) and they are
judged here by the office's clock: those of the whole chain from Python 3.13 on, those of the gateway's own certificate
before, where Python does not hand the chain out.
"""

from __future__ import annotations

import secrets
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from urllib3.util.ssl_ import create_urllib3_context

from offline_cache.clock import OfficeClock
from wire import canon, upload
from wire.upload import SignedTime

CLOSE_S = 60.0
"""A clock this close to the office's is right; dates that fail then are the certificate's own fault."""
MAX_ROUND_TRIP_S = 30.0
_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME


class DatesFault(Exception):
    """The certificate is not valid at the time that we believe. ``reason``: of the line, when nothing mends it."""

    def __init__(self, reason: str) -> None:
        super().__init__("the certificate's dates")
        self.reason = reason


class _DatesError(ssl.SSLError):
    pass


@dataclass(frozen=True, slots=True)
class Question:
    """A question for the time that is under way. ``asked``: monotonic seconds."""

    nonce: str
    asked: float


@dataclass(frozen=True, slots=True)
class OfficeTime:
    """The office's clock as we know it, and the key that its word is proved by."""

    key: Ed25519PublicKey
    clock: OfficeClock

    def correct(self, envelope: bytes, question: Question) -> None:
        """Take the office's signed answer. Raises ValueError (canon's two too) for one that is not to be believed."""
        told = SignedTime.take(canon.Envelope.read(envelope).verify(self.key, upload.TIME_CONTEXT))
        if told.nonce != question.nonce:
            raise ValueError("the time was told to somebody else")
        if time.monotonic() - question.asked > MAX_ROUND_TRIP_S:
            raise ValueError("the time was held back on its way")
        self.clock.correct(told.server_time)


def questions(url: str) -> Iterator[tuple[str, Question]]:
    """Where to ask in clear for the time of the gateway at ``url``: its own port, where it names one, then port 80."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    for port in dict.fromkeys((parts.port or 80, 80)):
        nonce = secrets.token_hex(16)
        yield f"http://{host}:{port}{parts.path}/v1/time?nonce={nonce}", Question(nonce, time.monotonic())


def timeless() -> ssl.SSLContext:
    """TLS as urllib3 sets it up, without OpenSSL's look at the dates; ``judge_dates`` is for those."""
    context = create_urllib3_context()
    context.verify_flags |= cast(ssl.VerifyFlags, _NO_CHECK_TIME)
    return context


def judge_dates(sock: ssl.SSLSocket, now: float) -> None:
    """Raises ssl.SSLError unless every certificate that Python hands out is valid at ``now`` (since 1970)."""
    whole = getattr(sock, "get_verified_chain", None)
    chain = cast("list[bytes]", whole()) if whole else [sock.getpeercert(binary_form=True) or b""]
    at = datetime.fromtimestamp(now, UTC)
    for one in map(x509.load_der_x509_certificate, chain):
        if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
            raise _DatesError("a certificate is not valid at this time")


def dates_fault(chain: list[BaseException]) -> DatesFault | None:
    """What a failed connection's errors say about dates.

    A certificate from the future means that our clock is behind. One that has expired may mean a clock that is ahead,
    but as well an office that forgot to renew it, or a portal: "clock" only once the office said so.
    """
    codes = {one.verify_code for one in chain if isinstance(one, ssl.SSLCertVerificationError)}
    if _NOT_YET_VALID in codes:
        return DatesFault("clock")
    if _EXPIRED in codes or any(isinstance(one, _DatesError) for one in chain):
        return DatesFault("portal")
    return None
