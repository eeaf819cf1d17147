"""An officer's browser: Debian's Chromium without a window, driven over its DevTools pipe.

Only what a person does: open an address, type into a field by its name, press a button, look (a PNG).
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self, cast

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # it needs root's help or user namespaces, which a newcomer's machine may lack; the page is our own
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--hide-scrollbars",
    "--lang=id",
)


_HAND_OVER = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(word), fcntl.F_DUPFD, 10) for word in sys.argv[1:3]]
os.dup2(pipes[0], 3)
os.dup2(pipes[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


class BrowserError(Exception):
    """Chromium is not there, or did not do what was asked."""


def find() -> str | None:
    """The path of a Chromium on this machine, or None."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page in one Chromium with a profile of its own, removed at the end. ``size``: of the page, in CSS pixels."""

    def __init__(self, *, size: tuple[int, int] = (1440, 900)) -> None:
        path = find()
        if path is None:
            raise BrowserError("no Chromium here: apt-get install chromium")
        self._profile = Path(tempfile.mkdtemp(prefix="adm-browser-"))
        command_read, self._out = os.pipe()
        self._in, answer_write = os.pipe()
        # Chromium reads commands from descriptor 3 and answers on 4: a Python in between puts our pipes there.
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                _HAND_OVER,
                str(command_read),
                str(answer_write),
                path,
                *_FLAGS,
                f"--user-data-dir={self._profile}",
                f"--window-size={size[0]},{size[1]}",
            ],
            pass_fds=(command_read, answer_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(command_read)
        os.close(answer_write)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._in, selectors.EVENT_READ)
        self._buffer = b""
        self._last = 0
        self._session = ""
        try:
            target = self._call("Target.createTarget", url="about:blank")["targetId"]
            self._session = cast(str, self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
            self._call("Page.enable")
            self._call(
                "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False
            )
        except BaseException:
            self.close()
            raise

    def _receive(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not self._selector.select(max(0.0, end - time.monotonic())):
                raise BrowserError("Chromium does not answer")
            block = os.read(self._in, 1 << 20)
            if not block:
                raise BrowserError("Chromium ended")
            self._buffer += block
        message, _, self._buffer = self._buffer.partition(b"\0")
        return cast(dict[str, Any], json.loads(message))

    def _call(self, method: str, *, within: float = 30, **parameters: object) -> dict[str, Any]:
        self._last += 1
        message: dict[str, object] = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + within
        while True:
            answer = self._receive(end)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return cast(dict[str, Any], answer["result"])

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page. Raises BrowserError when it throws."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"the page threw: {answer['exceptionDetails'].get('exception', {}).get('description')}")
        return answer["result"].get("value")

    def wait(self, script: str, *, within: float = 20) -> None:
        """Wait until the expression is true. Raises BrowserError after ``within`` seconds."""
        end = time.monotonic() + within
        while True:
            try:
                if self.evaluate(script):
                    return
            except BrowserError:  # between two pages there is no page to ask
                if self._process.poll() is not None:
                    raise
            if time.monotonic() > end:
                raise BrowserError(f"not within {within} s: {script}")
            time.sleep(0.05)

    def open(self, url: str) -> None:
        """Go to ``url`` and wait until it is loaded with its pictures and fonts."""
        self._call("Page.navigate", url=url)
        self._settle(f"location.href.split('#')[0] === {json.dumps(url.split('#', maxsplit=1)[0])}")

    def _settle(self, also: str = "true") -> None:
        self.wait(
            f"{also} && document.readyState === 'complete' && document.fonts.status === 'loaded'"
            " && [...document.images].every(i => i.complete)"
        )

    def fill(self, name: str, text: str) -> None:
        """Type into the field called ``name``."""
        self.evaluate(
            f"(() => {{ const f = document.querySelector('[name={json.dumps(name)}]');"
            f" f.focus(); f.value = {json.dumps(text)}; f.dispatchEvent(new Event('input', {{bubbles: true}})); }})()"
        )

    def press(self, selector: str) -> None:
        """Click what ``selector`` finds and wait for the page that follows it."""
        self.evaluate("window.admOld = true")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")
        self._settle("!window.admOld")

    def choose(self, selector: str) -> None:
        """Click a control that stays on the page (a radio button, a tick)."""
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def shot(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of the page as it stands; ``whole``: also what lies below the fold."""
        answer = self._call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(cast(str, answer["data"])))

    def close(self) -> None:
        """End Chromium with its children and remove its profile."""
        if self._process.poll() is None:
            try:
                self._call("Browser.close", within=5)
            except (BrowserError, OSError):
                pass
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, 9)
                self._process.wait()
        self._selector.close()
        os.close(self._in)
        os.close(self._out)
        shutil.rmtree(self._profile, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
