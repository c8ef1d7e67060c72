"""The office's pages: signing in, the log, one entry."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from typing_extensions import override

from access.words import LANGUAGES
from central.errors import RegistryError
from central.log import services as log
from central.log.schemas import LogPage
from central.looks import at_log
from central.office import words
from central.office.forms import FURTHER, LINKS, FormError, filled, search_of
from central.office.places import places
from central.office.renderer import Renderer
from central.office.story import steps
from central.registry import TheRegistry
from central.users import services as users
from central.users.access import Visitor, agent_of, cookie_of, stranger, visitor_of

LANGUAGE_COOKIE = "lang"
YEAR_S = 365 * 86_400
renderer = Renderer()


class PageRoute(APIRoute):
    """A refusal is answered with a page; who is not signed in is shown where to."""

    @override
    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def with_pages(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError:
                return _refusal(request, RegistryError("this was not understood", 422))
            except RegistryError as error:
                return RedirectResponse("/sign-in", 303) if error.status_code == 401 else _refusal(request, error)

        return with_pages


router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/")
def home() -> Response:
    """Go to the log."""
    return RedirectResponse("/log", 303)


@router.get("/sign-in")
def sign_in_page(request: Request, link: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Ask for name and password, or offer to use a one-time link."""
    return _page(request, "sign_in", None, link=link, name="", refusal="", wait_s=0, oidc=_has_oidc(request))


@router.post("/sign-in")
def sign_in(
    request: Request,
    registry: TheRegistry,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=200)] = "",
    link: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Start a session and go to the log."""
    _check_origin(request)
    try:
        by = stranger(request)
        if link:
            signed = users.enter_by_link(registry, by, link, password, agent_of(request))
        else:
            signed = users.sign_in(registry, by, name, password, agent_of(request))
    except RegistryError as error:
        wait_s = error.facts.get("retry_after_s", 0)
        refusal = error.field or "wait"
        facts = {"link": link, "name": name, "refusal": refusal, "wait_s": wait_s, "oidc": _has_oidc(request)}
        page = _page(request, "sign_in", None, **facts)
        page.status_code = error.status_code
        return page
    return signed_in(request, registry, signed)


@router.post("/sign-out")
def sign_out(request: Request, registry: TheRegistry, csrf: Annotated[str, Form(max_length=100)] = "") -> Response:
    """End the session."""
    visitor = _visitor(request, registry)
    visitor.check_csrf(csrf)
    with registry.write(visitor.actor) as work:
        users.sign_out(work, visitor.token)
    reply = RedirectResponse("/sign-in", 303)
    reply.delete_cookie(cookie_of(request), secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return reply


def signed_in(request: Request, registry: TheRegistry, signed: users.SignedIn) -> Response:
    """Go to the log with the new session, and end the one that this browser had."""
    name = cookie_of(request)
    if former := request.cookies.get(name):
        with registry.write() as work:
            users.forget_session(work, former)
    reply = RedirectResponse("/log", 303)
    lasts_s = int(users.SESSION_LASTS.total_seconds())
    secure = request.url.scheme == "https"
    reply.set_cookie(name, signed.token, max_age=lasts_s, path="/", httponly=True, samesite="lax", secure=secure)
    return reply


@router.get("/language/{language}")
def choose_language(language: str, back: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """Remember the language and go back to the page."""
    inside = back.startswith("/") and not back.startswith(("//", "/\\"))
    reply = RedirectResponse(back if inside else "/", 303)
    if language in LANGUAGES:
        reply.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_S, samesite="lax")
    return reply


@router.get("/log")
def log_page(request: Request, registry: TheRegistry) -> Response:
    """Search the log."""
    visitor = _reader(request, registry)
    given = filled(request.query_params)
    wrong: set[str] = set()
    with registry.read(visitor.actor) as work:
        known = places(work)
        zone = known.zone(given.get("gate", ""))
        try:
            wanted = search_of(given, zone)
            found = log.search(work, wanted)
        except FormError as error:
            found, wrong = LogPage(rows=[], older=None, newer=None), error.fields
        except RegistryError as error:
            found, wrong = LogPage(rows=[], older=None, newer=None), {error.field}
        today = work.at
    if not wrong:
        at_log.searched(registry, visitor.actor, wanted)
    asked = {name: text for name, text in given.items() if name not in LINKS}
    shown = {
        "given": given,
        "asked": asked,
        "wrong": wrong,
        "unfolded": not FURTHER.isdisjoint((*given, *wrong)),
        "found": found,
        "places": known,
    }
    return _page(request, "log", visitor, **shown, zone=zone, today=today)


@router.get("/entries/{entry_id}")
def entry_page(request: Request, registry: TheRegistry, entry_id: UUID) -> Response:
    """Show one entry and the story of its passage."""
    visitor = _reader(request, registry)
    language = words.chosen(request.cookies.get(LANGUAGE_COOKIE))
    with registry.read(visitor.actor) as work:
        entry = log.show_entry(work, entry_id)
        known = places(work)
        told = steps(entry.story, language, words.catalogue(language).gettext)
        zone, today = known.zone_of(entry.row.site), work.at
    at_log.opened(registry, visitor.actor, entry)
    return _page(request, "entry", visitor, entry=entry, steps=told, places=known, zone=zone, today=today)


def _has_oidc(request: Request) -> bool:
    return request.app.state.oidc is not None


def _page(request: Request, template: str, visitor: Visitor | None, **values: Any) -> HTMLResponse:
    language = words.chosen(request.cookies.get(LANGUAGE_COOKIE))
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return HTMLResponse(renderer.page(template, language, visitor=visitor, here=here, **values))


def _refusal(request: Request, error: RegistryError) -> Response:
    # Who may not see the page is shown how to sign out all the same.
    page = _page(request, "refusal", visitor_of(request, request.app.state.registry), status=error.status_code)
    page.status_code = error.status_code
    return page


def _visitor(request: Request, registry: TheRegistry) -> Visitor:
    visitor = visitor_of(request, registry)
    if visitor is None:
        raise RegistryError("sign in first", 401)
    return visitor


def _reader(request: Request, registry: TheRegistry) -> Visitor:
    """Return who is signed in, if he may read the log; RegistryError 401 and 403."""
    visitor = _visitor(request, registry)
    visitor.check_area("log", reads=True)
    return visitor


def _check_origin(request: Request) -> None:
    """Refuse a form that another site's page sends: before signing in there is no session to tell them apart by."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("Host"):
        raise RegistryError("this form is of another site", 403, "origin")
