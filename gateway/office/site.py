"""The frame of the officers' pages: templates, sign-in, sessions, CSRF, error pages.

No script is needed and none is sent. Every POST carries the session's token (before sign-in: the one of a cookie that
the same form was sent with), every cookie is HttpOnly and SameSite.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, quote

from fastapi import FastAPI, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gateway import body, officers
from gateway.app import refuse_http
from gateway.district_map import DistrictMap
from gateway.office import words
from gateway.officers import SetupCode, SignedIn
from gateway.rooms import Office
from gateway.tables import Terminal
from wire.version import VERSION
from wire.words import N_

_HERE = Path(__file__).resolve().parent.parent
_SESSION, _FORM = "adm_session", "adm_form"
_MAX_FORM_BYTES = 64 * 1024
_SETUP_LOCK = "SETUP"  # no login is kept in capitals; PostgreSQL keeps no NUL


class SignInFirst(Exception):
    """The page needs an officer."""


class Forms(dict[str, str]):
    """A posted form: the last value of each name."""


class Site:
    """What every page uses. ``setup``: the code that makes the first account, or None. ``map``: the district's."""

    def __init__(
        self, office: Office, setup: SetupCode | None, *, secure: bool, zone: str, map: DistrictMap | None = None
    ) -> None:
        self.office = office
        self.map = map
        self.setup = setup
        self.clock = words.Clock(zone)
        self._secure = secure
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._templates.install_gettext_callables(  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # added by the extension
            words.say, words.say_many, newstyle=True
        )

    def page(self, template: str, values: dict[str, object], status: int = 200) -> HTMLResponse:
        """A page from a template."""
        shown = self._templates.get_template(template).render(
            {"regency": self.regency(), "version": VERSION, "section": "", "q": "", **values}
        )
        return HTMLResponse(shown, status_code=status)

    def regency(self) -> str:
        """The district's name, from the first terminal's place."""
        with self.office.database.read() as session:
            return session.scalar(select(Terminal.regency).order_by(Terminal.created_at).limit(1)) or ""

    def error(self, status: int, title: str, text: str) -> HTMLResponse:
        """A page that says what went wrong and where to go."""
        return self.page("error.html", {"title": words.say(title), "text": words.say(text)}, status)

    async def officer(self, request: Request) -> SignedIn:
        """The officer behind the session cookie. Raises SignInFirst."""
        found = await run_in_threadpool(officers.signed_in, self.office, request.cookies.get(_SESSION))
        if found is None:
            raise SignInFirst
        return found

    async def form(self, request: Request, csrf: str) -> Forms:
        """The posted form, if it carries the token. Raises HTTPException (403) and Refusal."""
        data = await body.whole(request, _MAX_FORM_BYTES, self.office.settings.idle_s)
        form = Forms(parse_qsl(data.decode(errors="replace"), keep_blank_values=True, max_num_fields=200))
        if not csrf or not hmac.compare_digest(form.get("csrf", "").encode(), csrf.encode()):
            raise HTTPException(403)
        return form

    async def posted(self, request: Request) -> tuple[SignedIn, Forms]:
        """The officer and the form of a POST."""
        officer = await self.officer(request)
        return officer, await self.form(request, officer.csrf)

    def gate(self, request: Request, template: dict[str, object], status: int = 200) -> Response:
        """A page before sign-in, with the form's own cookie and token."""
        token = request.cookies.get(_FORM) or secrets.token_urlsafe(32)
        response = self.page("gate.html", {"csrf": token, "next": "", "setup": False, **template}, status)
        self._cookie(response, _FORM, token, "strict")
        return response

    async def gate_form(self, request: Request) -> Forms:
        """The form of a page before sign-in."""
        return await self.form(request, request.cookies.get(_FORM, ""))

    def admit(self, token: str, to: str) -> Response:
        """Set the session's cookie and go on."""
        response = RedirectResponse(to, status_code=303)
        self._cookie(response, _SESSION, token, "lax")
        response.delete_cookie(_FORM, path="/")
        return response

    def dismiss(self) -> Response:
        """Take the session's cookie away."""
        response = RedirectResponse("/login", status_code=303)
        response.delete_cookie(_SESSION, path="/")
        return response

    def session_token(self, request: Request) -> str | None:
        """The session cookie's token."""
        return request.cookies.get(_SESSION)

    def _cookie(self, response: Response, name: str, value: str, same_site: Literal["lax", "strict"]) -> None:
        response.set_cookie(name, value, path="/", httponly=True, secure=self._secure, samesite=same_site)


class _Static(StaticFiles):
    """Files that may be kept by the browser for an hour."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=3600"
        return response


def add(app: FastAPI, site: Site) -> None:
    """Add sign-in, set-up, error pages and the static files."""
    app.mount("/static", _Static(directory=_HERE / "static"))
    _add_errors(app, site)
    _add_setup(app, site)
    _add_sign_in(app, site)


def _add_errors(app: FastAPI, site: Site) -> None:
    async def sign_in_first(request: Request, _error: Exception) -> Response:
        if not await run_in_threadpool(officers.any_account, site.office.database):
            return RedirectResponse("/setup", status_code=303)
        to = quote(request.url.path, safe="/") if request.method == "GET" else ""
        return RedirectResponse(f"/login?next={to}" if to else "/login", status_code=303)

    async def http(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/v1/") or not isinstance(error, HTTPException):
            return await refuse_http(request, error)
        if error.status_code == 403:
            return site.error(403, N_("This form is stale"), N_("Nothing was sent. Load the page again and repeat."))
        return site.error(404, N_("Not found"), N_("There is no such page or application here."))

    app.add_exception_handler(SignInFirst, sign_in_first)
    app.add_exception_handler(HTTPException, http)

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/inbox", status_code=303)

    @app.get("/favicon.ico", include_in_schema=False)
    async def favicon() -> Response:
        return Response(status_code=204)


def _field(
    name: str, label: str, *, kind: str = "text", value: str = "", complete: str = "off", hint: str = ""
) -> dict[str, str]:
    return {
        "name": name,
        "label": words.say(label),
        "type": kind,
        "value": value,
        "complete": complete,
        "hint": words.say(hint),
    }


def _add_setup(app: FastAPI, site: Site) -> None:
    def page(request: Request, form: Forms, error: str, status: int = 200) -> Response:
        fields = [
            _field("code", N_("Code from the console"), hint=N_("16 letters and digits.")),
            _field("name", N_("Your name"), value=form.get("name", ""), complete="name"),
            _field("login", N_("Account name"), value=form.get("login", ""), complete="username"),
            _field(
                "password",
                N_("Password"),
                kind="password",
                complete="new-password",
                hint=N_("At least 10 characters. A sentence is easy to remember."),
            ),
        ]
        gate: dict[str, object] = {
            "setup": True,
            "title": words.say(N_("The first account")),
            "button": words.say(N_("Make the account")),
            "action": "/setup",
            "form": fields,
            "error": words.say(error),
        }
        return site.gate(request, gate, status)

    @app.get("/setup", include_in_schema=False)
    async def setup_page(request: Request) -> Response:
        if site.setup is None or await run_in_threadpool(officers.any_account, site.office.database):
            return RedirectResponse("/login", status_code=303)
        return page(request, Forms(), "")

    @app.post("/setup", include_in_schema=False)
    async def set_up(request: Request) -> Response:
        form = await site.gate_form(request)
        code = site.setup
        if code is None:
            return RedirectResponse("/login", status_code=303)

        def make() -> str | None:
            officers.check_lock(site.office, _SETUP_LOCK)
            if not code.holds(form.get("code", "")):
                officers.note_failure(site.office, _SETUP_LOCK)
                raise officers.AccountError(N_("That is not the code on the console."))
            officers.add(site.office, form.get("name", ""), form.get("login", ""), form.get("password", ""), first=True)
            return officers.sign_in(site.office, form.get("login", ""), form.get("password", ""))

        try:
            token = await run_in_threadpool(make)
        except officers.Locked as error:
            return page(request, form, _locked(error), 429)
        except officers.AccountError as error:
            return page(request, form, str(error), 422)
        site.setup = None
        return site.admit(token, "/inbox") if token else RedirectResponse("/login", status_code=303)


def _add_sign_in(app: FastAPI, site: Site) -> None:
    def page(request: Request, login: str, to: str, error: str, status: int = 200) -> Response:
        fields = [
            _field("login", N_("Account name"), value=login, complete="username"),
            _field("password", N_("Password"), kind="password", complete="current-password"),
        ]
        gate: dict[str, object] = {
            "title": words.say(N_("Sign in")),
            "button": words.say(N_("Sign in")),
            "action": "/login",
            "form": fields,
            "error": words.say(error),
            "next": to,
        }
        return site.gate(request, gate, status)

    @app.get("/login", include_in_schema=False)
    async def sign_in_page(request: Request) -> Response:
        if not await run_in_threadpool(officers.any_account, site.office.database):
            return RedirectResponse("/setup", status_code=303)
        return page(request, "", _inside(request.query_params.get("next", "")), "")

    @app.post("/login", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        form = await site.gate_form(request)
        login, to = form.get("login", ""), _inside(form.get("next", ""))
        try:
            token = await run_in_threadpool(officers.sign_in, site.office, login, form.get("password", ""))
        except officers.Locked as error:
            return page(request, login, to, _locked(error), 429)
        if token is None:
            return page(request, login, to, N_("Account name and password do not match."), 401)
        return site.admit(token, to or "/inbox")

    @app.post("/logout", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        await site.posted(request)
        await run_in_threadpool(officers.sign_out, site.office, site.session_token(request))
        return site.dismiss()


def _inside(to: str) -> str:
    """A path of this site, or "": the address comes from outside."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else ""


def _locked(error: officers.Locked) -> str:
    return words.say(N_("Too many wrong tries. Wait {seconds} seconds.")).format(seconds=error.seconds)
