"""A real server on a loopback port of its own, for as long as a test needs it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from central.app import app_of
from central.registry import Registry
from tests.waiting import wait_until


@contextmanager
def serving(registry: Registry) -> Iterator[str]:
    """Serve on a socket that is bound already, so that no other test can take its port; yields the base address."""
    # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms a reply.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app_of(registry), access_log=False, log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started, what="the registry to accept connections")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
