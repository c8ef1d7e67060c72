"""The desk program: joins the gate's link, serves the booth, and ends at once when told to."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import uvicorn

from edge.config import BoothSection, GateConfig
from edge.desk.app import create_app
from edge.desk.booth import Booth, make_booth
from edge.desk.features import FEATURES
from edge.desk.renderer import Clock
from edge.desk.tls import Renewal, context_of
from edge.identity import Identity, write_private
from edge.link import LinkClient
from edge.messages import Hello
from edge.places import Places

LOOK_AT_LINK_S = 0.5
READ_BOOK_S = 2.0
CONNECTIONS_MAX = 200
OF_THIS_MACHINE = Clock(now=time.monotonic, utc=time.time)


class Server(uvicorn.Server):
    """uvicorn, with signals left to the program: it ends with status 0, and open streams end first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def address_of(sock: socket.socket, booth: BoothSection) -> str:
    """Return the URL by which a listening socket is reached: by its first name, where it has one."""
    host, port = sock.getsockname()[:2]
    scheme = "https" if booth.certificate else "http"
    named = booth.names[0] if booth.names else {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"{scheme}://[{named}]:{port}/" if ":" in named else f"{scheme}://{named}:{port}/"


def run(config: GateConfig, places: Places, _identity: Identity, log: Any, clock: Clock = OF_THIS_MACHINE) -> None:
    """Run the booth until SIGTERM or SIGINT; raises ConfigError, OSError where it cannot listen."""
    context = context_of(config.booth)
    with listen(config.booth.host, config.booth.port) as sock:
        asyncio.run(_serve(config, places, sock, context, log, clock))


async def _serve(
    config: GateConfig, places: Places, sock: socket.socket, context: ssl.SSLContext | None, log: Any, clock: Clock
) -> None:
    loop = asyncio.get_running_loop()
    link = LinkClient(places.gate_socket, Hello("desk", version("gatehouse-access")), lambda message: _on(loop, booth, message))
    booth = make_booth(config, link.send, clock, os.urandom, sock.getsockname()[1], log, FEATURES)
    server = Server(_uvicorn_config(booth, context))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, booth, server)
    link.start()
    address = address_of(sock, config.booth)
    renewal = Renewal(config.booth, context, log) if context else None
    watch = [asyncio.create_task(_watch_link(link, booth)), asyncio.create_task(_follow_files(booth, places, renewal, log))]
    write_private(places.booth_address, address.encode())
    log.info("booth_open", address=address)
    try:
        await server.serve([sock])
    finally:
        for task in watch:
            task.cancel()
        link.stop()
        places.booth_address.unlink(missing_ok=True)


def _uvicorn_config(booth: Booth, context: ssl.SSLContext | None) -> uvicorn.Config:
    config = uvicorn.Config(
        create_app(booth),
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS_MAX,
        h11_max_incomplete_event_size=16 * 1024,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = context
    return config


def _on(loop: asyncio.AbstractEventLoop, booth: Booth, message: Any) -> None:
    """Carry a message from the link's thread to the loop that owns the booth."""
    with contextlib.suppress(RuntimeError):  # the loop has ended: so does this program
        loop.call_soon_threadsafe(booth.hear, message)


def _stop(booth: Booth, server: Server) -> None:
    booth.situation.close()
    server.should_exit = True


async def _watch_link(link: LinkClient, booth: Booth) -> None:
    while True:
        booth.look_after_gate(linked=link.connected.is_set())
        await asyncio.sleep(LOOK_AT_LINK_S)


async def _follow_files(booth: Booth, places: Places, renewal: Renewal | None, log: Any) -> None:
    """Read on in the book, so that pages that stay open and displays tell what is new; note how full the disk is.

    A certificate that was renewed is taken up, too.
    """
    while True:
        try:
            await booth.book.read()
            booth.situation.disk_used = _used(places)
            if renewal:
                renewal.look()
        except Exception as error:  # noqa: BLE001 - whatever a file may hold, the pages are kept true
            log.warning("files_not_followed", error=repr(error))
        await asyncio.sleep(READ_BOOK_S)


def _used(places: Places) -> int:
    """Return how full the disk is that the data folder lies on, in per cent."""
    disk = shutil.disk_usage(places.root)
    return round(100 * (disk.total - disk.free) / disk.total)
