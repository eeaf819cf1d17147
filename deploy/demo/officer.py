"""The officer at the office's pages: signs in, finds the application, reads it, asks for a better page."""

from __future__ import annotations

from collections.abc import Callable

from deploy.demo.bench import OFFICER
from deploy.demo.browser import Browser

REASON = ("police", "unreadable")  # the paper that is sent back, and why


def _silent(_moment: str) -> None:
    pass


class Officer:
    """``url``: of the gateway. ``tell`` is called with the name of each moment while its page is open."""

    def __init__(self, browser: Browser, url: str, tell: Callable[[str], None] = _silent) -> None:
        self._browser, self._url, self._tell = browser, url, tell

    def sign_in(self) -> None:
        """Name and password; the inbox follows."""
        _, login, password = OFFICER
        self._browser.open(f"{self._url}/login")
        self._browser.fill("login", login)
        self._browser.fill("password", password)
        self._browser.press("button[type=submit].primary")
        self._browser.wait("location.pathname === '/inbox'")

    def open(self, number: str) -> None:
        """Find the application in the inbox and open it."""
        self._browser.open(f"{self._url}/inbox")
        self._browser.wait(f"document.body.innerText.includes('{number}')")
        self._tell("office-inbox")
        self._browser.press(f"a[href='/applications/{number}']")
        self._tell("office-application")

    def ask_for_correction(self) -> None:
        """Decide "needs correction", with a reason for one paper."""
        paper, reason = REASON
        self._browser.choose("input[name=decision][value=needs_correction]")
        self._browser.fill(f"reason.{paper}", reason)
        self._browser.press("button.send")
        self._tell("office-decided")

    def see_terminals(self) -> None:
        """Look at the terminals."""
        self._browser.open(f"{self._url}/terminals")
        self._tell("office-terminals")
