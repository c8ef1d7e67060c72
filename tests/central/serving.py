"""A real server on a loopback port of its own."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn
from sqlalchemy import text
from starlette.types import ASGIApp, Receive, Scope, Send

from central.registry import Registry
from tests.waiting import wait_until


class Switch:
    """An application in whose place another can be put: one server serves all tests, each with its own registry."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None, "no test has put its application here"
        await self.app(scope, receive, send)


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve on a socket that is bound already, so that no other test can take its port; yields the base address."""
    # Named as TCP, or asyncio leaves Nagle's delay on: 40 ms a reply.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, access_log=False, log_config=None, ws="none", lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            wait_until(lambda: server.started, what="the registry to accept connections")
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def waits_for_lock(registry: Registry) -> bool:
    """Tell whether somebody waits for a lock of another: on PostgreSQL, where several write at once."""
    with registry.read() as other:
        return bool(other.session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
