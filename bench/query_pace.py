"""How fast entries are taken in alone, while the log is searched, and while a year of it is deleted."""

import multiprocessing
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from access.contract.sync import BatchAck
from bench.ingest import Sender, requests_of
from bench.query_asks import Asks
from bench.query_world import Told, World
from central.config import OFFICE_PREFIX
from edge.identity import Identity
from simulators.load.gates import PretendedGate
from simulators.load.story import Line

BATCH: Final = 100
SENDERS: Final = 2
# Pages a second that an office with all its desks busy asks for; 0: one after another without a pause.
OFFICE_PER_S: Final = 10.0
WITHOUT_PAUSE: Final = 0.0


class Pace:
    """Sends batches that were made before, and tells how many entries a second were acknowledged."""

    def __init__(self, port: int, gates: Sequence[Identity], story: Sequence[Line]) -> None:
        at = datetime.now(UTC)
        self._port = port
        self._gates = [PretendedGate.begun(one, story, str(one.edge), at, with_pictures=False) for one in gates]

    def measured(self, entries: int, *, during: Any = None) -> float:
        """Return entries a second; `during` is a context in which they are sent."""
        requests = [list(requests_of(gate, BATCH, entries // BATCH // len(self._gates))) for gate in self._gates]
        answers: list[list[bytes]] = [[] for _ in requests]
        senders = [Sender(self._port, one) for one in requests]
        threads = [threading.Thread(target=one.run, args=(got,)) for one, got in zip(senders, answers, strict=True)]
        with during or _alone():
            began = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.perf_counter() - began
        sent = 0
        for gate, replies in zip(self._gates, answers, strict=True):
            for reply in replies:
                sent += len(gate.acknowledged(BatchAck.model_validate_json(reply)))
        return sent / took


@contextmanager
def _alone() -> Iterator[None]:
    yield


@contextmanager
def searching(port: int, token: str, told: Told, per_s: float) -> Iterator[list[int]]:
    """Search from another process, so many pages a second, as long as the block lasts; then the number of searches is known."""
    context = multiprocessing.get_context("spawn")
    count, stopping, begun = context.Value("q", 0), context.Event(), context.Event()
    process = context.Process(target=_search, args=(port, token, told, per_s, count, stopping, begun), daemon=True)
    process.start()
    begun.wait()
    found = [0]
    try:
        yield found
    finally:
        stopping.set()
        process.join()
        found[0] = count.value


def _search(port: int, token: str, told: Told, per_s: float, count: Any, stopping: Any, begun: Any) -> None:
    asks = Asks(World(told), random.Random(told.seed + 1)).searches(20)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{port}{OFFICE_PREFIX}", headers=headers, timeout=60) as client:
        next_at = time.monotonic()
        while not stopping.is_set():
            for ask in asks:
                if stopping.is_set():
                    break
                client.get(ask.path, params=ask.params)
                count.value += 1
                begun.set()
                next_at += 1 / per_s if per_s else 0.0
                stopping.wait(max(0.0, next_at - time.monotonic()) if per_s else 0.0)
