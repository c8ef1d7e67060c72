"""The way to the OpenID provider and back, and its word that somebody has signed out there."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from central.errors import RegistryError
from central.office.pages import PageRoute, signed_in
from central.oidc import services
from central.oidc.provider import Provider
from central.registry import TheRegistry
from central.users.access import agent_of, stranger

TRY_COOKIE = "gatehouse_oidc"
BACK = "/sign-in/oidc/back"
router = APIRouter(route_class=PageRoute, include_in_schema=False)


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.oidc
    if provider is None:
        raise RegistryError("there is no such page", 404)
    return provider


def _back(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}{BACK}"


def _cookie_of(request: Request) -> str:
    return f"__Host-{TRY_COOKIE}" if request.url.scheme == "https" else TRY_COOKIE


@router.get("/sign-in/oidc")
def go(request: Request, registry: TheRegistry) -> Response:
    """Go to the provider."""
    begun = services.begin(registry, _provider(request), _back(request))
    reply = RedirectResponse(begun.address, 303)
    secure = request.url.scheme == "https"
    lasts_s = int(services.TRY_LASTS.total_seconds())
    # Lax: the way back begins on the provider's page.
    reply.set_cookie(_cookie_of(request), begun.browser, lasts_s, path="/", httponly=True, samesite="lax", secure=secure)
    return reply


@router.get(BACK)
def come_back(
    request: Request,
    registry: TheRegistry,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Start a session for who comes back."""
    provider = _provider(request)
    came = (request.cookies.get(_cookie_of(request), ""), state, code)
    signed = services.end(registry, provider, stranger(request), came, _back(request), agent_of(request))
    reply = signed_in(request, registry, signed)
    reply.delete_cookie(_cookie_of(request), httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return reply


@router.get("/sign-in/oidc/out")
def go_out(request: Request) -> Response:
    """Go where the provider's own session is ended."""
    return RedirectResponse(_provider(request).way_out() or "/sign-in", 303)


@router.post("/sign-in/oidc/logout")
def told_of_logout(request: Request, registry: TheRegistry, logout_token: Annotated[str, Form(max_length=20_000)]) -> Response:
    """Believe the provider's signed word that somebody has signed out, and end the sessions (back-channel logout)."""
    try:
        services.sign_out(registry, _provider(request), logout_token)
    except RegistryError as error:
        return PlainTextResponse("", 400 if error.status_code == 403 else error.status_code)
    return PlainTextResponse("")
