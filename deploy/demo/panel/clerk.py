"""An officer without a browser: the office's own pages over HTTP, its forms filled in and sent."""

from __future__ import annotations

import re

import requests

from deploy.demo.bench import OFFICER
from deploy.demo.officer import REASON
from deploy.demo.parts import BenchError
from wire.change import State

_WAIT_S = 10.0


class Clerk:
    """Signs in anew for each act: an office that was killed and started again has forgotten nobody.

    ``url``: of the gateway.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._line = requests.Session()
        self._line.trust_env = False

    def decide(self, state: State) -> str:
        """Decide the newest application; "needs correction" gets a reason for one paper. Its number.

        Raises BenchError (no application, or the office refuses) and requests.RequestException.
        """
        with self._line:
            self._sign_in()
            number = self._newest()
            page = self._get(f"/applications/{number}")
            words = {"csrf": _hidden(page, "csrf"), "version": _hidden(page, "version"), "decision": state.value}
            if state is State.NEEDS_CORRECTION:
                paper, reason = REASON
                words[f"reason.{paper}"] = reason
            self._post(f"/applications/{number}/decision", words)
        return number

    def _sign_in(self) -> None:
        _, login, password = OFFICER
        page = self._get("/login")
        self._post("/login", {"csrf": _hidden(page, "csrf"), "login": login, "password": password})

    def _newest(self) -> str:
        found = re.search(r'href="/applications/([A-Z]{3}-\d+-[0-9A-Z])"', self._get("/inbox"))
        if found is None:
            raise BenchError("the office has no application yet")
        return found[1]

    def _get(self, path: str) -> str:
        return _read(self._line.get(self._url + path, timeout=_WAIT_S))

    def _post(self, path: str, words: dict[str, str]) -> str:
        return _read(self._line.post(self._url + path, data=words, timeout=_WAIT_S))


def _read(answer: requests.Response) -> str:
    if answer.status_code >= 400:
        said = re.search(r'role="alert">(?:<svg.*?</svg>)?([^<]+)', answer.text, re.DOTALL)
        raise BenchError(f"the office refuses ({answer.status_code}): {said[1].strip() if said else 'no reason given'}")
    return answer.text


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise BenchError(f"the office's page has no field {name}")
    return found[1]
