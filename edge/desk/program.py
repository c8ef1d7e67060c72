"""The desk program: joins the gate's link, serves the booth, and ends at once when told to."""

import asyncio
import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import uvicorn

from edge.config import ConfigError, GateConfig
from edge.desk.app import create_app
from edge.desk.booth import Booth, make_booth
from edge.desk.features import FEATURES
from edge.desk.renderer import Clock
from edge.identity import Identity, write_private
from edge.link import LinkClient
from edge.messages import Hello
from edge.places import Places

LOOPBACK = {"127.0.0.1": socket.AF_INET, "localhost": socket.AF_INET, "::1": socket.AF_INET6}
LOOK_AT_LINK_S = 0.5
CONNECTIONS_MAX = 200


class Server(uvicorn.Server):
    """uvicorn, with signals left to the program: it ends with status 0, and open streams end first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on this box alone; raises ConfigError for an address that others reach, OSError."""
    if host not in LOOPBACK:
        fault = f"booth.host: {host!r}: without TLS the booth page is for this box alone: use {' or '.join(LOOPBACK)}"
        raise ConfigError([fault])
    return socket.create_server((host, port), family=LOOPBACK[host])


def address_of(sock: socket.socket) -> str:
    """Return the URL that a listening socket really serves."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run(config: GateConfig, places: Places, _identity: Identity, log: Any) -> None:
    """Run the booth until SIGTERM or SIGINT; raises ConfigError, OSError where it cannot listen."""
    with listen(config.booth.host, config.booth.port) as sock:
        asyncio.run(_serve(config, places, sock, log))


async def _serve(config: GateConfig, places: Places, sock: socket.socket, log: Any) -> None:
    loop = asyncio.get_running_loop()
    clock = Clock(now=time.monotonic, utc=time.time)
    link = LinkClient(places.gate_socket, Hello("desk", version("gatehouse-access")), lambda message: _on(loop, booth, message))
    booth = make_booth(config, link.send, clock, os.urandom, sock.getsockname()[1], log, FEATURES)
    server = Server(_uvicorn_config(booth))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _stop, booth, server)
    link.start()
    watch = asyncio.create_task(_watch_link(link, booth))
    write_private(places.booth_address, address_of(sock).encode("ascii"))
    log.info("booth_open", address=address_of(sock))
    try:
        await server.serve([sock])
    finally:
        watch.cancel()
        link.stop()
        places.booth_address.unlink(missing_ok=True)


def _uvicorn_config(booth: Booth) -> uvicorn.Config:
    return uvicorn.Config(
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
