"""What every request passes first: its size, its host name, who sends it; and the headers that every answer carries."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from typing import Annotated
from weakref import WeakValueDictionary

from fastapi import Cookie, Depends, Form, HTTPException, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.desk import words
from edge.desk.booth import Booth
from edge.desk.look import LOOK, look_of
from edge.desk.sessions import Session

BODY_BYTES_MAX = 16 * 1024
TOKEN_MAX = 200
HEADERS = {
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
SECURE_HEADERS = {"strict-transport-security": "max-age=31536000"}


class NotSignedIn(Exception):  # noqa: N818 - nobody erred: the guard has yet to sign in
    """The page needs a signed-in guard."""


class ForeignForm(HTTPException):
    """A form whose token is not this browser's: of another page, or of one that was made before somebody signed in anew."""

    def __init__(self) -> None:
        super().__init__(403, words.FOREIGN_FORM)


class FrontDoor:
    """ASGI middleware: refuses foreign host names and large or unmeasured bodies, adds the security headers.

    A page elsewhere may point a name of its own at this box; only by one of `hosts` does anybody get in.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, secure: bool) -> None:
        self._app = app
        self._hosts = hosts
        self._headers = HEADERS | (SECURE_HEADERS if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        LOOK.set(look_of(cookie_parser(headers.get("cookie", ""))))
        refusal = self._refusal(scope["method"], headers)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> PlainTextResponse | None:
        host = headers.get("host", "")
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        if name.lower() not in self._hosts:
            return PlainTextResponse("This booth is not reached by this name.", 421)
        if method in ("GET", "HEAD"):
            return None
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("A length is required.", 411)
        kind = headers.get("content-type", "").lower()
        if "charset=" in kind and "charset=utf-8" not in kind:
            return PlainTextResponse("Forms are in UTF-8.", 415)
        return PlainTextResponse("Too long.", 413) if int(length) > BODY_BYTES_MAX else None


def booth_of(request: Request) -> Booth:
    """Return the booth that this application serves."""
    booth: Booth = request.app.state.booth
    return booth


BoothHere = Annotated[Booth, Depends(booth_of)]


def cookie_of(request: Request, booth: BoothHere) -> str:
    """Return the browser's cookie for this booth, or ""."""
    return request.cookies.get(booth.cookie, "")[:100]


def language_of(lang: Annotated[str | None, Cookie()] = None) -> str:
    """Return the language that this browser has chosen."""
    return words.chosen(lang)


OwnCookie = Annotated[str, Depends(cookie_of)]
Language = Annotated[str, Depends(language_of)]


def signed_in(booth: BoothHere, cookie: OwnCookie) -> Session:
    """Return the signed-in guard's session; raises NotSignedIn."""
    session = booth.guard_of(cookie)
    if session is None:
        raise NotSignedIn
    return session


_taken: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


async def own_form(
    booth: BoothHere,
    cookie: OwnCookie,
    token: Annotated[str, Form(max_length=TOKEN_MAX)] = "",
    request: Annotated[str, Form(max_length=64)] = "",
) -> AsyncIterator[None]:
    """Refuse a form that this booth did not make for this browser; one that comes twice at once is taken twice, in turn.

    An act of several steps would else meet its own first step, as that of somebody else.
    """
    if not cookie or not booth.sessions.fits(cookie, token):
        raise ForeignForm
    booth.waiting.forget(booth.sessions.made_for(token), request)
    async with _taken.setdefault(request, asyncio.Lock()) if request else contextlib.nullcontext():
        yield


SignedIn = Depends(signed_in)
Guard = Annotated[Session, SignedIn]
OwnForm = Depends(own_form, scope="function")
