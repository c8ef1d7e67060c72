"""The gate's end of the link, and its configuration."""

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from edge.link import LinkServer, Peer
from tests.waiting import wait_until

M = TypeVar("M")

GATE_TOML = """
[gate]
site = "lakeside"
name = "east"
data = "box"

[central]
url = "{url}"

[[device]]
id = "io"
protocol = "modbus-rtu"
url = "serial:///dev/null"

[[lane]]
id = "in-1"
kind = "vehicle"
direction = "in"

[lane.barrier]
device = "io"
open = {{ coil = 0 }}
"""


class GateEnd:
    """The gate's end of the link: hears what the courier says."""

    def __init__(self, path: Path) -> None:
        self.heard: queue.Queue[Any] = queue.Queue()
        self._server = LinkServer(path, self._receive, lambda _peer: None, lambda _program: None)
        self._server.start()

    def _receive(self, message: Any, _peer: Peer) -> None:
        self.heard.put(message)

    def wait_for(self, kind: type[M], fits: Callable[[M], bool], timeout_s: float = 15) -> M:
        found: list[M] = []

        def look() -> bool:
            while not self.heard.empty():
                message = self.heard.get_nowait()
                if isinstance(message, kind) and fits(message):
                    found.append(message)
                    return True
            return False

        wait_until(look, timeout_s, f"{kind.__name__}")
        return found[0]

    def tell(self, message: Any) -> None:
        self._server.tell(message)

    def stop(self) -> None:
        self._server.stop()
