"""The login: a page without a script, which takes a key and gives a cookie for it."""

import re
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from ui.access import Access
from ui.markup import escape
from ui.rates import GUESSES, address
from ui.sessions import COOKIE, LASTS

PAGE = Path(__file__).with_name("login.html")
# Without a referrer, a browser sends the form with `Origin: null`, which the guard refuses.
HEADERS = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
KEY = """<label for="key">Your key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="$next">
<button>Log in</button>"""
LEAVE = "<button>Log out</button>"
UNKNOWN = "That key is not known here. Ask whoever runs this server for one."


OURS = re.compile(r"/(?!/)[!-\[\]-~]{0,16000}")
"""A path and a query on this server. Browsers read two slashes, or a backslash, as the start of another's name."""
LEAVING = re.compile(r"/log(in|out)\b")


def form(said: str = "", *, to: str = "/") -> str:
    """The page that takes a key and leads on `to` a place of ours, with a sentence above it."""
    alert = f'<p role="alert">{said}</p>' if said else ""
    return _page(alert, Template(KEY).substitute(next=escape(to)), "/login")


def _page(said: str, fields: str, action: str) -> str:
    return Template(PAGE.read_text("utf-8")).substitute(said=said, fields=fields, action=action)


def place(wanted: str) -> str:
    """Where a login leads: to what was asked for, if that is on this server and no login itself; else to the page."""
    return wanted if OURS.fullmatch(wanted) and not LEAVING.match(wanted) else "/"


def add_routes(app: FastAPI, access: Access) -> None:
    """`/login` and `/logout`. They lead to a place on this server and nowhere else."""

    @app.get("/login", include_in_schema=False)
    def show(request: Request) -> Response:
        to = place(request.query_params.get("next", ""))
        if not access.needed() or access.logged_in(request):
            return RedirectResponse(to, 303)
        return HTMLResponse(form(to=to), headers=HEADERS)

    @app.post("/login", include_in_schema=False)
    async def log_in(request: Request) -> Response:
        where = address(request.scope)
        sent = _sent(await request.body())
        to = place(sent.get("next", ""))
        if wait := access.guesses.full(GUESSES, where):
            said = f"Too many wrong keys came from this address. Come again in {wait} seconds."
            return HTMLResponse(form(said, to=to), 429, HEADERS | {"Retry-After": str(wait)})
        if (key := access.keys.find(sent.get("key", "").strip())) is None:
            access.guesses.hit(GUESSES, where)
            return HTMLResponse(form(UNKNOWN, to=to), 401, HEADERS)
        done = RedirectResponse(to, 303, HEADERS)
        done.set_cookie(
            COOKIE, access.sessions.open(key), max_age=LASTS, httponly=True, samesite="strict", secure=_secure(request)
        )
        return done

    @app.get("/logout", include_in_schema=False)
    def ask_to_leave() -> Response:
        return HTMLResponse(_page("", LEAVE, "/logout"), headers=HEADERS)

    @app.post("/logout", include_in_schema=False)
    def log_out(request: Request) -> Response:
        access.sessions.close(request.cookies.get(COOKIE, ""))
        done = RedirectResponse("/login", 303)
        done.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_secure(request))
        return done


def _sent(body: bytes) -> dict[str, str]:
    """The fields of a form; what is no form has none."""
    try:
        return {name: values[0] for name, values in parse_qs(body.decode("latin-1"), max_num_fields=10).items()}
    except ValueError:
        return {}


def _secure(request: Request) -> bool:
    """Whether the browser came by https, to us or to the proxy before us."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
