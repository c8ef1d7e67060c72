"""Signed requests to the registry, each with a total deadline; only what the registry signed for that very request counts."""

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from access.contract import API_PREFIX
from access.contract.signature import SIGNATURE_HEADER, SignatureError, SignedRequest, verify_reply
from edge.config import CentralSection
from edge.courier.errors import RegistryError, SyncError
from edge.identity import Identity
from edge.trust import tls_context

REQUEST_S = 10.0
SILENCE_S = 60.0  # of one read or write; the deadline over the whole exchange comes first
REPLY_BYTES_MAX = 16 * 1024 * 1024
RETRY_AFTER_MAX_S = 600.0


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """One stream of requests, one at a time, from one thread. Only `cancel` may be called from another.

    The event loop serves one purpose: a deadline over the whole exchange, however slowly a peer drips its bytes.
    """

    def __init__(self, central: CentralSection, identity: Identity, stream: str, calendar: Callable[[], datetime]) -> None:
        self._base = central.url.rstrip("/") + API_PREFIX
        self._identity = identity
        self._stream = stream
        self._calendar = calendar
        self._sequence = 0
        self._cancelled = False
        self._asking: asyncio.Task[_Reply] | None = None
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        headers = {"User-Agent": "gatehouse-edge", "Accept-Encoding": "identity"}
        self._client = httpx.AsyncClient(
            verify=tls_context(central), trust_env=False, timeout=SILENCE_S, limits=limits, headers=headers
        )

    def ask(self, method: str, path: str, body: bytes = b"", *, content_type: str = "", deadline_s: float = REQUEST_S) -> bytes:
        """Return the body of the registry's signed 2xx reply. Raises SyncError, or RegistryError for a signed refusal."""
        try:
            return self._ask_once(method, path, body, content_type, deadline_s)
        except RegistryError as error:
            known = error.facts.get("sequence")
            if error.status != 409 or not isinstance(known, int):
                raise
            # The registry remembers a higher number than we do: our clock went back, or the store was restored.
            self._sequence = max(self._sequence, known)
            return self._ask_once(method, path, body, content_type, deadline_s)

    def cancel(self) -> None:
        """Let the request in flight, and all later ones, end at once with SyncError."""
        self._cancelled = True
        with contextlib.suppress(RuntimeError):  # the loop is closed: nothing is in flight
            self._loop.call_soon_threadsafe(self._cancel_asking)

    def close(self) -> None:
        """Close the connection; to be called by the thread that asks."""
        self._runner.run(self._client.aclose())
        self._runner.close()

    def _cancel_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()

    def _ask_once(self, method: str, path: str, body: bytes, content_type: str, deadline_s: float) -> bytes:
        request = self._client.build_request(method, self._base + path, content=body)
        if content_type:
            request.headers["Content-Type"] = content_type
        target = request.url.raw_path.decode("ascii")
        signed = SignedRequest(method, target, self._identity.edge, self._stream, self._next_sequence(), body)
        headers = signed.headers(self._identity.key)
        request.headers.update(headers)
        reply = self._exchange(request, deadline_s)
        try:
            signature = reply.headers.get(SIGNATURE_HEADER, "")
            verify_reply(self._identity.registry_key, headers[SIGNATURE_HEADER], reply.status, reply.body, signature)
        except SignatureError as error:
            raise SyncError(f"what answered ({reply.status}) was not the registry: {error}") from error
        if not 200 <= reply.status < 300:
            raise RegistryError(reply.status, _facts(reply.body), _retry_after_s(reply.headers))
        return reply.body

    def _next_sequence(self) -> int:
        # Milliseconds rise over restarts without a write to the disk for each request.
        self._sequence = max(self._sequence + 1, int(self._calendar().timestamp() * 1000))
        return self._sequence

    def _exchange(self, request: httpx.Request, deadline_s: float) -> _Reply:
        if self._cancelled:
            raise SyncError("stopping")
        try:
            return self._runner.run(self._within(request, deadline_s))
        except TimeoutError as error:
            raise SyncError(f"no whole answer within {deadline_s:g} s") from error
        except asyncio.CancelledError as error:
            raise SyncError("stopping") from error
        except (httpx.HTTPError, OSError) as error:
            raise SyncError(f"the registry cannot be reached: {str(error) or type(error).__name__}") from error

    async def _within(self, request: httpx.Request, deadline_s: float) -> _Reply:
        self._asking = asyncio.ensure_future(self._send(request))
        if self._cancelled:
            self._asking.cancel()
        try:
            return await asyncio.wait_for(self._asking, deadline_s)
        finally:
            self._asking = None

    async def _send(self, request: httpx.Request) -> _Reply:
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > REPLY_BYTES_MAX:
                    raise SyncError(f"a reply of more than {REPLY_BYTES_MAX} bytes")
            return _Reply(response.status_code, response.headers, bytes(body))
        finally:
            await response.aclose()


def _facts(body: bytes) -> Mapping[str, Any]:
    try:
        facts = json.loads(body)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _retry_after_s(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    return min(float(text), RETRY_AFTER_MAX_S) if text.isascii() and text.isdigit() else 0.0
