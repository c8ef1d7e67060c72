"""Signed requests to the registry, each with a total deadline; only what the registry signed for that very request counts."""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from access.contract import API_PREFIX
from access.contract.signature import SIGNATURE_HEADER, SignatureError, SignedRequest, verify_reply
from edge.config import CentralSection
from edge.courier.errors import GaveWayError, NoAnswerError, RefusalError, SyncError
from edge.courier.names import Names, is_address
from edge.courier.precedence import Precedence
from edge.identity import Identity
from edge.trust import tls_context

REQUEST_S = 10.0
SILENCE_S = 60.0  # of one read or write; the deadline over the whole exchange comes first
REPLY_BYTES_MAX = 16 * 1024 * 1024
RETRY_AFTER_MAX_S = 600.0
URGENT_WAITS_S = 2.0  # so long something urgent may wait beside a request that gives way
LOOK_S = 0.25
# What was written into the system's buffers, and a close that lets go of it: else a picture that gave way goes on for seconds.
_GIVING_WAY = (
    (socket.SOL_SOCKET, socket.SO_SNDBUF, 32 * 1024),
    (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)),
)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Registry:
    """One stream of requests, one at a time, from one thread. Only `cancel` may be called from another.

    The event loop serves one purpose: a deadline over the whole exchange, however slowly a peer drips its bytes. With `before`,
    no request begins while something of that precedence waits, and one in flight is broken off. `shown` is told with each new
    connection until when the certificate holds that the registry shows (UTC seconds).
    """

    def __init__(
        self,
        central: CentralSection,
        identity: Identity,
        stream: str,
        calendar: Callable[[], datetime],
        names: Names | None = None,
        before: Precedence | None = None,
        shown: Callable[[float], None] = lambda _ends_utc: None,
    ) -> None:
        self._base = httpx.URL(central.url.rstrip("/") + API_PREFIX)
        self._identity = identity
        self._stream = stream
        self._calendar = calendar
        self._names = names or Names({}, lambda _host, _address: None)
        self._before = before
        self._shown = shown
        self._sequence = 0
        self._cancelled = False
        self._gave_way = False
        self._is_asked = False
        self._asking: asyncio.Task[_Reply] | None = None
        self._runner = asyncio.Runner()
        self._loop = self._runner.get_loop()
        transport = httpx.AsyncHTTPTransport(
            verify=tls_context(central),
            trust_env=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            socket_options=_GIVING_WAY if before else None,
        )
        headers = {"User-Agent": "gatehouse-edge", "Accept-Encoding": "identity"}
        self._client = httpx.AsyncClient(transport=transport, trust_env=False, timeout=SILENCE_S, headers=headers)

    def ask(self, method: str, path: str, body: bytes = b"", *, content_type: str = "", deadline_s: float = REQUEST_S) -> bytes:
        """Return the body of the registry's signed 2xx reply. Raises SyncError, or RefusalError for a signed refusal."""
        try:
            return self._ask_once(method, path, body, content_type, deadline_s)
        except RefusalError as error:
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
        if self._cancelled:
            raise SyncError("stopping")
        if self._before is not None and self._before.waited_s() is not None:
            raise GaveWayError("something more urgent waits")
        until = self._loop.time() + deadline_s
        address = self._names.address(self._base.host)
        request = self._request(method, path, body, address)
        if content_type:
            request.headers["Content-Type"] = content_type
        target = request.url.raw_path.decode("ascii")
        signed = SignedRequest(method, target, self._identity.edge, self._stream, self._next_sequence(), body)
        headers = signed.headers(self._identity.key)
        request.headers.update(headers)
        try:
            reply = self._exchange(request, until - self._loop.time(), deadline_s)
            self._check_signed(headers[SIGNATURE_HEADER], reply)
        except GaveWayError:
            raise
        except SyncError:
            self._names.failed(self._base.host, address)
            raise
        self._names.proved(self._base.host, address)
        if not 200 <= reply.status < 300:
            raise RefusalError(reply.status, _facts(reply.body), _retry_after_s(reply.headers))
        return reply.body

    def _request(self, method: str, path: str, body: bytes, address: str) -> httpx.Request:
        """Return a request to the registry at this address, which must show that it is the host of this name."""
        url = httpx.URL(str(self._base) + path)
        if is_address(self._base.host):
            return self._client.build_request(method, url, content=body)
        return self._client.build_request(
            method,
            url.copy_with(host=address),
            content=body,
            headers={"Host": self._base.netloc.decode("ascii")},
            extensions={"sni_hostname": self._base.host},
        )

    def _check_signed(self, asked: str, reply: _Reply) -> None:
        try:
            verify_reply(self._identity.registry_key, asked, reply.status, reply.body, reply.headers.get(SIGNATURE_HEADER, ""))
        except SignatureError as error:
            raise SyncError(f"what answered ({reply.status}) was not the registry: {error}") from error

    def _next_sequence(self) -> int:
        # Milliseconds rise over restarts without a write to the disk for each request.
        self._sequence = max(self._sequence + 1, int(self._calendar().timestamp() * 1000))
        return self._sequence

    def _exchange(self, request: httpx.Request, left_s: float, deadline_s: float) -> _Reply:
        self._gave_way = self._is_asked = False
        try:
            return self._runner.run(self._within(request, left_s))
        except TimeoutError as error:
            raise self._unanswered(f"no whole answer within {deadline_s:g} s") from error
        except asyncio.CancelledError as error:
            raise GaveWayError("broken off for what is urgent") if self._gave_way else SyncError("stopping") from error
        except (httpx.HTTPError, OSError) as error:
            raise self._unanswered(f"the registry cannot be reached: {str(error) or type(error).__name__}") from error

    def _unanswered(self, why: str) -> SyncError:
        """Return what to raise where no whole answer came."""
        return NoAnswerError(why) if self._is_asked else SyncError(why)

    async def _within(self, request: httpx.Request, left_s: float) -> _Reply:
        self._asking = asyncio.ensure_future(self._send(request))
        looking = asyncio.ensure_future(self._give_way(self._before)) if self._before is not None else None
        if self._cancelled:
            self._asking.cancel()
        try:
            return await asyncio.wait_for(self._asking, max(0.0, left_s))
        finally:
            self._asking = None
            if looking is not None:
                looking.cancel()

    async def _give_way(self, before: Precedence) -> None:
        """Break the request off as soon as something urgent has waited long enough."""
        left_s = URGENT_WAITS_S
        while left_s > 0:
            await asyncio.sleep(min(left_s, LOOK_S))
            left_s = URGENT_WAITS_S - (before.waited_s() or 0.0)
        self._gave_way = True
        self._cancel_asking()

    async def _send(self, request: httpx.Request) -> _Reply:
        response = await self._sent(request)
        try:
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > REPLY_BYTES_MAX:
                    raise NoAnswerError(f"a reply of more than {REPLY_BYTES_MAX} bytes")
            return _Reply(response.status_code, response.headers, bytes(body))
        finally:
            await response.aclose()

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        """Send; a connection that was made for it is closed where it is cancelled: amid a TLS handshake nobody else does."""
        made: list[Any] = []

        async def trace(event: str, facts: Mapping[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                made.append(facts["return_value"])
            elif event == "http11.receive_response_headers.started":
                self._is_asked = True
            elif event == "connection.start_tls.complete":
                self._shown(_certificate_ends_utc(facts["return_value"].get_extra_info("ssl_object")))

        request.extensions["trace"] = trace
        try:
            return await self._client.send(request, stream=True)
        except asyncio.CancelledError:
            for stream in made:
                await stream.aclose()
            raise


def _certificate_ends_utc(secured: ssl.SSLObject) -> float:
    """Return until when (UTC seconds) the certificate holds that the host has shown."""
    certificate = secured.getpeercert()
    assert certificate, "the handshake has checked it"
    return float(ssl.cert_time_to_seconds(str(certificate["notAfter"])))


def _facts(body: bytes) -> Mapping[str, Any]:
    try:
        facts = json.loads(body)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _retry_after_s(headers: Mapping[str, str]) -> float:
    text = headers.get("Retry-After", "")
    return min(float(text), RETRY_AFTER_MAX_S) if text.isascii() and text.isdigit() else 0.0
