"""A TCP link that fails as links do: between a gate and its registry, and changed while it runs.

One thread with an event loop of its own carries all connections. What the link does is its `Weather`; `become` changes it for
connections that are open as well as for new ones.
"""

import asyncio
import contextlib
import functools
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from types import TracebackType
from typing import Any, Final, Self

CHUNK_BYTES: Final = 16 * 1024
SLOW_CHUNK_BYTES: Final = 1024  # so that connections take turns on a slow link
BUFFER_BYTES: Final = 8 * 1024  # of the system, for each connection: a slow link must not swallow a picture at once
LOOK_S: Final = 0.02
STOP_S: Final = 5.0
_CLOSED_BY_PEER: Final = (7, 8)  # TCP_CLOSE, TCP_CLOSE_WAIT of Linux's tcp_info
_RESET: Final = struct.pack("ii", 1, 0)
_PAGE: Final = b"<!doctype html><title>Welcome</title><p>Please accept the terms of this network.\n"
PORTAL_ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(_PAGE)
) + _PAGE


class Mood(Enum):
    """What the link does with connections as a whole."""

    CARRY = "carry"
    REFUSE = "refuse"  # every connection is reset
    DEAF = "deaf"  # connections are taken, and nothing is read: half open; what waited goes on when it is over
    MUTE = "mute"  # what comes is carried, no answer ever comes back on connections that were open then
    PORTAL = "portal"  # whatever is asked, the page of a captive portal answers


@dataclass(frozen=True, slots=True)
class Weather:
    """What a link does to what it carries.

    `drop`, `corrupt`: of each chunk the chance that it cuts its connection, or is changed. `lose_answers`: the chance that a
    request is carried and its connection cut before the answer (of plain HTTP: a TLS handshake is answers too). `bytes_per_s` is
    of each direction, for all connections together; 0: no limit.
    """

    mood: Mood = Mood.CARRY
    delay_s: float = 0.0
    jitter_s: float = 0.0
    bytes_per_s: float = 0.0
    drop: float = 0.0
    corrupt: float = 0.0
    lose_answers: float = 0.0


FAIR = Weather()


class FaultProxy:
    """Listens on 127.0.0.1 and carries to `target` (host, port), as a context manager; `seed` makes its chance repeat."""

    def __init__(self, target: tuple[str, int], *, port: int = 0, seed: int = 0, weather: Weather = FAIR) -> None:
        self.target = target
        self.weather = weather
        self.connections = 0
        """How many connections were ever made."""
        self.answers_lost = 0
        self.carried_bytes = 0
        """Of requests, towards the target."""
        self._chance = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._listener.settimeout(0)
        self.port: int = self._listener.getsockname()[1]
        self._free_at = {"up": 0.0, "down": 0.0}
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="fault-proxy", daemon=True)

    @property
    def url(self) -> str:
        """Where an HTTP client finds what is behind it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def open_connections(self) -> int:
        """How many connections are open now."""
        return len(self._open)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Cut everything and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(STOP_S)

    def become(self, weather: Weather) -> None:
        """Change what the link does; safe from any thread."""
        self.weather = weather

    def change(self, **changes: Any) -> None:
        """Change some of what the link does."""
        self.weather = replace(self.weather, **changes)

    def cut(self) -> None:
        """Reset every open connection now; returns when it has been done."""
        self._within_loop(self._cut())

    def follow(self, schedule: "Iterator[tuple[float, Weather]]", during: Callable[[float], bool]) -> None:
        """Take on each weather for its seconds, cutting at each change, while `during(seconds)` waits and says to go on."""
        for seconds, weather in schedule:
            self.become(weather)
            self.cut()
            if not during(seconds):
                return

    # --- within the loop --------------------------------------------------------------------------

    def _within_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(STOP_S)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop.add_reader(self._listener, self._accept)
        await self._stopped.wait()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        await self._cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # who wanted to connect has gone, or no descriptors are left
            return
        self.connections += 1
        connection = _Connection(self, client)
        self._open.add(connection)
        task = self._loop.create_task(connection.carry())
        self._tasks.add(task)
        task.add_done_callback(functools.partial(self._ended, connection))

    def _ended(self, connection: "_Connection", task: "asyncio.Task[None]") -> None:
        """Let go of a connection, also of one that was cut before it began."""
        self._tasks.discard(task)
        self._open.discard(connection)
        connection.close()

    async def _cut(self) -> None:
        for connection in self._open:
            connection.cut()

    # --- what a connection asks of the link -------------------------------------------------------

    def chance_of(self, probability: float) -> bool:
        """Draw."""
        return probability > 0 and self._chance.random() < probability

    async def pass_through(self, data: bytes, direction: str) -> bytes:
        """Return a chunk when and as it comes out at the other end. Raises ConnectionError where the link drops it."""
        weather = self.weather
        if self.chance_of(weather.drop):
            raise ConnectionError("dropped")
        wait_s = weather.delay_s + (self._chance.uniform(0, weather.jitter_s) if weather.jitter_s else 0.0)
        if weather.bytes_per_s:
            now = self._loop.time()
            self._free_at[direction] = max(now, self._free_at[direction]) + len(data) / weather.bytes_per_s
            wait_s += self._free_at[direction] - now
        if wait_s:
            await asyncio.sleep(wait_s)
        return self._corrupted(data) if self.chance_of(weather.corrupt) else data

    def _corrupted(self, data: bytes) -> bytes:
        at = self._chance.randrange(len(data))
        return data[:at] + bytes([data[at] ^ self._chance.randrange(1, 256)]) + data[at + 1 :]


class _Connection:
    """One client and, once something is carried, its connection to the target."""

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._client.settimeout(0)
        self._server: socket.socket | None = None
        self._asked = False  # a request was carried since the last answer
        self._muted = False
        self._carrying: asyncio.Task[Any] | None = None

    async def carry(self) -> None:
        """Carry both ways until either end closes, or the link cuts it."""
        self._carrying = asyncio.current_task()
        with contextlib.suppress(OSError, asyncio.CancelledError):
            await self._hear()
            if self._proxy.weather.mood is Mood.REFUSE:
                self._reset()
            elif self._proxy.weather.mood is Mood.PORTAL:
                await self._answer_as_portal()
            else:
                await self._carry_both_ways(self._client, await self._connected())

    async def _carry_both_ways(self, client: socket.socket, server: socket.socket) -> None:
        ways = (self._pump(client, server, "up"), self._pump(server, client, "down"))
        pumps = [asyncio.create_task(way) for way in ways]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    def cut(self) -> None:
        """Reset both ends now."""
        self._reset()
        if self._carrying is not None:
            self._carrying.cancel()

    def _reset(self) -> None:
        """Let the close, which follows, be a reset."""
        for end in (self._client, self._server):
            if end is not None and end.fileno() >= 0:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    def close(self) -> None:
        """Close both ends."""
        self._client.close()
        if self._server is not None:
            self._server.close()

    async def _connected(self) -> socket.socket:
        self._server = server = socket.socket()
        server.settimeout(0)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        try:
            await asyncio.get_running_loop().sock_connect(server, self._proxy.target)
        except OSError:
            self._reset()
            raise
        return server

    async def _answer_as_portal(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_recv(self._client, CHUNK_BYTES)
        await loop.sock_sendall(self._client, PORTAL_ANSWER)
        self._client.shutdown(socket.SHUT_WR)
        while await loop.sock_recv(self._client, CHUNK_BYTES):
            pass  # a client that still sends would take a reset for the answer

    async def _pump(self, source: socket.socket, sink: socket.socket, direction: str) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._hear()
            size = SLOW_CHUNK_BYTES if self._proxy.weather.bytes_per_s else CHUNK_BYTES
            data = await loop.sock_recv(source, size)
            await self._hear()
            if not data:
                return
            if not await self._comes_through(direction):
                continue
            try:
                data = await self._proxy.pass_through(data, direction)
            except ConnectionError:
                self._reset()
                raise
            if direction == "up":
                self._proxy.carried_bytes += len(data)
            await loop.sock_sendall(sink, data)

    async def _comes_through(self, direction: str) -> bool:
        """Tell whether a chunk is carried at all in this mood. Raises ConnectionError where the connection ends with it."""
        mood = self._proxy.weather.mood
        if mood is Mood.REFUSE:
            self._reset()
            raise ConnectionError("refused")
        if mood is Mood.PORTAL and direction == "up":
            await asyncio.get_running_loop().sock_sendall(self._client, PORTAL_ANSWER)
            raise ConnectionError("the portal has answered")
        if direction == "up":
            self._asked = True
            return True
        first, self._asked = self._asked, False
        if first and self._proxy.chance_of(self._proxy.weather.lose_answers):
            self._proxy.answers_lost += 1
            self._reset()
            raise ConnectionError("the answer is lost")
        self._muted = self._muted or mood is Mood.MUTE
        return not self._muted

    async def _hear(self) -> None:
        """Wait while the link is deaf. Raises ConnectionError where the client has given up meanwhile."""
        while self._proxy.weather.mood is Mood.DEAF:
            if _closed_by_peer(self._client):
                raise ConnectionError("the client has given up")
            await asyncio.sleep(LOOK_S)


def _closed_by_peer(sock: socket.socket) -> bool:
    if sock.fileno() < 0:
        return True
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] in _CLOSED_BY_PEER


FOUL: Final = (
    Weather(Mood.REFUSE),
    Weather(Mood.DEAF),
    Weather(Mood.MUTE),
    Weather(Mood.PORTAL),
    Weather(drop=0.3),
    Weather(lose_answers=0.5),
    Weather(corrupt=0.2),
    Weather(delay_s=0.05, jitter_s=0.2),
)
"""Weathers in which nothing, or not all, gets through."""


def swizzled(seed: int, seconds: float = 2.0) -> Iterator[tuple[float, Weather]]:
    """Give weathers for ever, each with how long it lasts: about `seconds`, fair every other time."""
    chance = random.Random(seed)
    foul = (*FOUL, Weather(bytes_per_s=8_000))
    while True:
        yield seconds * chance.uniform(0.5, 1.5), FAIR
        yield seconds * chance.uniform(0.5, 1.5), chance.choice(foul)
