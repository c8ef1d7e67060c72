"""What holds for every request and reply: a limit on bodies, signed replies to gates, headers that bind the browser."""

import re
from collections.abc import MutableMapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.contract import API_PREFIX
from access.contract.signature import SIGNATURE_HEADER, sign_reply
from access.contract.sync import BATCH_BYTES_MAX, PICTURE_BYTES_MAX

ENROL_PATH = API_PREFIX + "/enrol"
OFFICE_BODY_BYTES_MAX = 1024 * 1024
# What is sent to these addresses may be larger than a form.
LARGER_BODIES = (
    (re.compile(r"/api/v1/sites/[^/]+/plan"), 10 * 1024 * 1024),
    (re.compile(r"/api/v1/vehicles/[^/]+/picture"), 10 * 1024 * 1024),
    (re.compile(r"/api/v1/imports"), 64 * 1024 * 1024),
)
EDGE_BODY_BYTES_MAX = max(BATCH_BYTES_MAX, PICTURE_BYTES_MAX) + 64 * 1024
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_of_edges(scope: Scope) -> bool:
    """Tell whether the request goes to the gates' API."""
    path: str = scope.get("path", "")
    return scope["type"] == "http" and path.startswith(API_PREFIX + "/")


def body_bytes_max(scope: Scope) -> int:
    """Return how large the body of a request may be."""
    if is_of_edges(scope):
        return EDGE_BODY_BYTES_MAX
    path: str = scope.get("path", "")
    return next((limit for address, limit in LARGER_BODIES if address.fullmatch(path)), OFFICE_BODY_BYTES_MAX)


class BoundedBodies:
    """Refuses a body over the limit while it is being read, whatever length it claims."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        limit = body_bytes_max(scope)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise HTTPException(413, f"the body is over {limit} bytes")
            return message

        await self._app(scope, counted, send)


class BrowserRules:
    """Adds the headers that keep a page from being framed, sniffed or made to run what is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers as the reply starts."""

        async def with_headers(message: MutableMapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if not str(scope.get("path", "")).startswith("/static/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers)


class SignedReplies:
    """Signs every reply to a gate, refusals and faults too, over the request's signature, the status and the body."""

    def __init__(self, app: ASGIApp, key: Ed25519PrivateKey) -> None:
        self._app = app
        self._key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the reply back until its body is whole, then sign it."""
        if not is_of_edges(scope):
            await self._app(scope, receive, send)
            return
        # Who enrols signs nothing: else what refuses a token would pass for the answer to a request that somebody has overheard.
        is_signed = scope["path"] != ENROL_PATH
        request_signature = Headers(scope=scope).get(SIGNATURE_HEADER, "") if is_signed else ""
        start: MutableMapping[str, object] = {}
        body = bytearray()

        async def collect(message: MutableMapping[str, object]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            part = message.get("body", b"")
            assert isinstance(part, bytes)
            body.extend(part)
            if not message.get("more_body", False):
                status = start["status"]
                assert isinstance(status, int)
                signature = sign_reply(self._key, request_signature, status, bytes(body))
                MutableHeaders(scope=start)[SIGNATURE_HEADER] = signature
                await send(start)
                await send({"type": "http.response.body", "body": bytes(body)})

        await self._app(scope, receive, collect)
