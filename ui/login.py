"""The login: a page without a script, which takes a key and gives a cookie for it."""

from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from ui.access import Access
from ui.rates import GUESSES, address
from ui.sessions import COOKIE, LASTS

PAGE = Path(__file__).with_name("login.html")
# Without a referrer, a browser sends the form with `Origin: null`, which the guard refuses.
HEADERS = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
KEY = """<label for="key">Your key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>Log in</button>"""
LEAVE = "<button>Log out</button>"
UNKNOWN = "That key is not known here. Ask whoever runs this server for one."


def form(said: str = "", *, fields: str = KEY, action: str = "/login") -> str:
    """The page, with a sentence of ours above the form."""
    alert = f'<p role="alert">{said}</p>' if said else ""
    return Template(PAGE.read_text("utf-8")).substitute(said=alert, fields=fields, action=action)


def add_routes(app: FastAPI, access: Access) -> None:
    """`/login` and `/logout`. Both lead to the front page and nowhere else."""

    @app.get("/login", include_in_schema=False)
    def show(request: Request) -> Response:
        if not access.needed() or access.logged_in(request):
            return RedirectResponse("/", 303)
        return HTMLResponse(form(), headers=HEADERS)

    @app.post("/login", include_in_schema=False)
    async def log_in(request: Request) -> Response:
        where = address(request.scope)
        if wait := access.guesses.full(GUESSES, where):
            said = f"Too many wrong keys came from this address. Come again in {wait} seconds."
            return HTMLResponse(form(said), 429, HEADERS | {"Retry-After": str(wait)})
        if (key := access.keys.find(_sent(await request.body()))) is None:
            access.guesses.hit(GUESSES, where)
            return HTMLResponse(form(UNKNOWN), 401, HEADERS)
        done = RedirectResponse("/", 303, HEADERS)
        done.set_cookie(
            COOKIE, access.sessions.open(key), max_age=LASTS, httponly=True, samesite="strict", secure=_secure(request)
        )
        return done

    @app.get("/logout", include_in_schema=False)
    def ask_to_leave() -> Response:
        return HTMLResponse(form(fields=LEAVE, action="/logout"), headers=HEADERS)

    @app.post("/logout", include_in_schema=False)
    def log_out(request: Request) -> Response:
        access.sessions.close(request.cookies.get(COOKIE, ""))
        done = RedirectResponse("/login", 303)
        done.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_secure(request))
        return done


def _sent(body: bytes) -> str:
    """The key in a form; what is no form holds none."""
    try:
        return parse_qs(body.decode("latin-1"), max_num_fields=10).get("key", [""])[0].strip()
    except ValueError:
        return ""


def _secure(request: Request) -> bool:
    """Whether the browser came by https, to us or to the proxy before us."""
    return "https" in (request.url.scheme, request.headers.get("x-forwarded-proto"))
