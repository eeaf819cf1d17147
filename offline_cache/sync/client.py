"""The gateway's calls for an enrolled terminal, each giving the office's own words."""

from __future__ import annotations

from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from offline_cache.clock import OfficeClock
from offline_cache.sync.http import Answer, Http, LineFault, Refusal, Slice
from wire import canon, office_keys, problem, token, upload
from wire.change import ChangesPage
from wire.frozen import Frozen
from wire.heartbeat import Heartbeat, HeartbeatAnswer
from wire.office_keys import OfficeKeys
from wire.places import Places
from wire.upload import IntakeAnswer, ServerTime

_JSON = "application/json"

_T = TypeVar("_T", bound=Frozen)


class Client:
    """The gateway's calls for an enrolled terminal. All raise LineFault and Refusal."""

    def __init__(self, http: Http, terminal: str, key: Ed25519PrivateKey, clock: OfficeClock) -> None:
        self._http, self._terminal, self._key, self._clock = http, terminal, key, clock

    def put_manifest(self, submission_id: str, envelope: bytes) -> IntakeAnswer:
        """Announce a submission, ask how far it is, or fetch its receipt: all the same call."""
        answer = self._ask("PUT", f"/v1/submissions/{submission_id}", envelope, {"Content-Type": _JSON})
        return _read(answer, IntakeAnswer, (200, 201))

    def head(self, sha256: str) -> int | None:
        """How many bytes of the part the office has; None when it does not say (then ask by the manifest)."""
        answer = self._ask("HEAD", f"/v1/blobs/{sha256}", None, {})
        if answer.status != 200:
            if answer.header("content-type").startswith(problem.MEDIA_TYPE):
                return None
            raise LineFault("portal", f"HEAD answered by {answer.status}")
        return _offset(answer)

    def patch(self, sha256: str, body: Slice, offset: int) -> int:
        """Append; the new offset. Raises BodyError and Stopped too."""
        headers = {"Content-Type": "application/octet-stream", upload.OFFSET: str(offset)}
        answer = self._ask("PATCH", f"/v1/blobs/{sha256}", body, headers)
        if answer.status != 204:
            raise LineFault("portal", f"PATCH answered by {answer.status}")
        return _offset(answer)

    def heartbeat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """Tell how we are."""
        answer = self._ask("POST", "/v1/heartbeat", beat.canonical(), {"Content-Type": _JSON})
        return _read(answer, HeartbeatAnswer, (200,))

    def changes(self, after: int) -> ChangesPage:
        """The feed's next page."""
        return _read(self._ask("GET", f"/v1/changes?after={after}", None, {}), ChangesPage, (200,))

    def places(self) -> Places:
        """The district's terminals."""
        return _read(self._ask("GET", "/v1/places", None, {}), Places, (200,))

    def office_keys(self, key: Ed25519PublicKey) -> OfficeKeys:
        """The office's sealing keys, proved by its receipt key."""
        answer = self._ask("GET", "/v1/keys", None, {})
        if answer.status != 200:
            raise LineFault("portal", f"an answer that is not the office's ({answer.status})")
        try:
            return office_keys.prove(answer.body, key)
        except ValueError as error:  # canon's two
            raise LineFault("portal", f"an answer that is not the office's ({error})") from error

    def server_time(self) -> int:
        """The cheapest question there is: the probe of a line that was down."""
        return _read(self._http.ask("GET", "/v1/time", None, {}), ServerTime, (200,)).server_time

    def _ask(self, method: str, path: str, body: bytes | Slice | None, headers: dict[str, str]) -> Answer:
        try:
            return self._http.ask(method, path, body, headers | self._authorization())
        except Refusal as refusal:
            told = refusal.problem.server_time
            if refusal.code is not problem.Code.CLOCK or told is None:
                raise
        self._clock.correct(told)
        return self._http.ask(method, path, body, headers | self._authorization())

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token.make(self._terminal, self._key, self._clock.now())}"}


def _read(answer: Answer, kind: type[_T], statuses: tuple[int, ...]) -> _T:
    if answer.status not in statuses or answer.header("content-type").split(";")[0].strip().lower() != _JSON:
        raise LineFault("portal", f"an answer that is not the office's ({answer.status})")
    try:
        return kind.read(answer.body)
    except canon.CanonError as error:
        raise LineFault("portal", f"an answer that is not the office's ({error})") from error


def _offset(answer: Answer) -> int:
    text = answer.header(upload.OFFSET)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise LineFault("portal", "an answer without an offset")
    return int(text)
