"""The page over HTTP, on this machine alone: one page, one address a button, pictures of receipts and of the window."""

from __future__ import annotations

import io
import json
import subprocess
import threading
from pathlib import Path
from typing import Any, Self, cast

import uvicorn
from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from deploy.demo.bench import OFFICER, Bench
from deploy.demo.panel import sheets
from deploy.demo.panel.desk import Asked, Desk
from deploy.demo.panel.table import BUTTONS, BY_NAME, GROUPS
from deploy.demo.parts import ROOT, BenchError, wait_for
from drivers.virtual import receipt_png
from wire import faults

_HERE = Path(__file__).resolve().parent
_HOST = "127.0.0.1"
WINDOW = (324, 576)
"""The window's picture on the page, in CSS pixels: a touch on it comes back in these."""
_PICTURE_S = 10.0
_TONES = {"ready": "ok", "busy": "ok", "starting": "idle", "needs_attention": "bad", "broken": "bad", "offline": "bad"}


class Panel:
    """The page of one bench, served by a thread of this process until it is closed. ``url``: where."""

    def __init__(self, bench: Bench, *, port: int = 0) -> None:
        self.desk = Desk(bench)
        self._bench = bench
        self._templates = Environment(
            loader=FileSystemLoader(_HERE),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        config = uvicorn.Config(
            self._app(),
            host=_HOST,
            port=port,
            log_level="error",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="panel", daemon=True)
        self._thread.start()
        wait_for("the bench's page", lambda: self._server.started or not self._thread.is_alive())
        if not self._thread.is_alive():
            raise BenchError(f"the bench's page cannot be served on port {port}")
        self.port: int = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://{_HOST}:{self.port}"

    def close(self) -> None:
        """Serve no more."""
        self._server.should_exit = True
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- addresses

    def _app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)
        app.mount("/static", StaticFiles(directory=ROOT / "gateway" / "static"))

        @app.get("/")
        def page(done: int = 0) -> Response:
            return self._page(done)

        @app.get("/state")
        def state() -> Response:
            return HTMLResponse(self._draw("state.html", self._state()), headers=_FRESH)

        @app.get("/panel.css")
        def style() -> Response:
            return Response((_HERE / "panel.css").read_text(), media_type="text/css")

        @app.get("/window.jpg")
        def window() -> Response:
            return Response(self._window(), media_type="image/jpeg", headers=_FRESH)

        @app.get("/receipts/{number}.png")
        def receipt(number: int) -> Response:
            return Response(self._receipt(number), media_type="image/png")

        @app.post("/touch")
        async def touch(request: Request) -> Response:
            _ours(request)
            form = await request.form()
            await run_in_threadpool(self._touch, str(form.get("at.x", "")), str(form.get("at.y", "")))
            return RedirectResponse("/#window", status_code=303)

        @app.post("/do/{name}")
        async def press(request: Request, name: str) -> Response:
            _ours(request)
            button = BY_NAME.get(name)
            if button is None:
                raise HTTPException(404)
            async with request.form(max_files=1, max_fields=20) as form:
                words = {key: value for key, value in form.items() if isinstance(value, str)}
                given = form.get("file")
                data = await given.read(sheets.MOST_BYTES + 1) if isinstance(given, UploadFile) else b""
            done = await run_in_threadpool(self._press, name, words, data)
            return RedirectResponse(f"/?done={done}#{button.group}", status_code=303)

        return app

    # -- what is done

    def _press(self, name: str, words: dict[str, str], data: bytes) -> int:
        def act(desk: Desk, _asked: Asked) -> str:
            file = sheets.keep(data, self._bench.folder / "sheets") if data else None
            return BY_NAME[name].do(desk, Asked(words, file))

        return self.desk.press(act, Asked()).id

    def _touch(self, across: str, down: str) -> None:
        if not (across.isdigit() and down.isdigit()):
            raise HTTPException(400)
        (width, height), (shown_width, shown_height) = self._bench.size, WINDOW
        x, y = int(across) * width // shown_width, int(down) * height // shown_height
        if x >= width or y >= height or not self._bench.own_screen:
            raise HTTPException(400)
        self.desk.sight.hand.touch(x, y)

    # -- what is drawn

    def _draw(self, template: str, values: dict[str, object]) -> str:
        return self._templates.get_template(template).render(values)

    def _page(self, done: int) -> Response:
        _, login, password = OFFICER
        gear = self._bench.gear
        groups = [
            (group, [button for button in BUTTONS if button.group == group.name])
            for group in GROUPS
            if not group.device or getattr(gear, group.device)
        ]
        values: dict[str, object] = {
            "groups": groups,
            "notice": next((line for line in self.desk.done if line.id == done), None),
            "office": self._bench.url,
            "login": login,
            "password": password,
            "window": WINDOW if self._bench.own_screen else None,
            **self._state(),
        }
        return HTMLResponse(self._draw("page.html", values), headers=_FRESH)

    def _state(self) -> dict[str, object]:
        log = self.desk.sight.log()
        tree = self.desk.sight.tree()
        devices = [
            {
                "role": told.role,
                "phase": told.phase.replace("_", " "),
                "tone": _TONES.get(told.phase, "warn"),
                "faults": [(code, _staff(code)) for code in told.faults],
                "at": told.at[11:19],
                "itself": self._itself(told.role),
            }
            for told in sorted(log.devices.values(), key=lambda told: told.role)
        ]
        return {
            "alive": self._bench.station.alive,
            "screen": tree["screen"].replace("_", " ") if tree else "",
            "line": log.line.replace("_", " "),
            "itself_line": self._itself("line"),
            "devices": devices,
            "receipts": self._receipts(),
            "history": list(self.desk.done),
        }

    def _itself(self, role: str) -> str:
        """What the virtual device says of itself: whatever is not as usual there."""
        try:
            if role == "line":
                return _short(self._bench.line("status"))
            if role not in self._bench.parts:
                return ""
            return _short(self._bench.device(role, "state"))
        except (OSError, RuntimeError, BenchError) as error:
            return str(error)

    def _receipts(self) -> list[int]:
        """Numbers of the newest receipts, newest first, from 1."""
        try:
            count = len(self._bench.receipts()) if "printer" in self._bench.parts else 0
        except (OSError, RuntimeError):
            count = 0
        return list(range(count, max(0, count - 6), -1))

    def _receipt(self, number: int) -> bytes:
        receipts = self._bench.receipts()
        if not 1 <= number <= len(receipts):
            raise HTTPException(404)
        held = io.BytesIO()
        receipt_png.render(receipts[number - 1]).save(held, "PNG")
        return held.getvalue()

    def _window(self) -> bytes:
        """The virtual screen; a real one is nobody's business here."""
        display = self._bench.display
        if display is None or not self._bench.own_screen:
            raise HTTPException(404)
        words = ["import", "-silent", "-window", "root", "-resize", f"{2 * WINDOW[0]}x{2 * WINDOW[1]}!", "jpg:-"]
        done = subprocess.run(
            ["env", f"DISPLAY={display}", *words], capture_output=True, timeout=_PICTURE_S, check=False
        )
        if done.returncode:
            raise HTTPException(503)
        return done.stdout


_FRESH = {"Cache-Control": "no-store"}


def _ours(request: Request) -> None:
    """A press comes from this page: another site's page in the same browser may not press. Raises HTTPException."""
    host = request.headers.get("host", "")
    origin = request.headers.get("origin")
    if host.rpartition(":")[0] not in (_HOST, "localhost") or origin not in (None, f"http://{host}"):
        raise HTTPException(403)


def _staff(code: str) -> str:
    fault = faults.catalogue().get(code)
    return fault.staff if fault else ""


def _short(state: dict[str, Any]) -> str:
    """The entries of a device's state that say something, in words."""
    flat: dict[str, Any] = {}
    for name, value in state.items():
        flat.update(cast(dict[str, Any], value) if isinstance(value, dict) else {name: value})
    said = [
        name if value is True else f"{name} {value if isinstance(value, str) else json.dumps(value)}"
        for name, value in flat.items()
        if value not in (False, None, "", 0, []) and name not in ("link", "bytes_up")
    ]
    return ", ".join(said)
