"""How long a home gate's word takes over the LAN: a claim from one courier to another and its answer back, by a real broker.

Both couriers' threads run in this process, with the embedded broker on the loopback interface beside them; the home gate's commit
is a bare SQLite journal's on the disk that TMPDIR names. The lane waits 300 ms.
"""

import argparse
import json
import queue
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from access.entries import FactsChanged, stamped
from bench.machine import machine, percentile
from edge.config import MqttSection
from edge.courier.neighbours import Neighbours
from edge.courier.progress import Progress
from edge.courier.surroundings import REAL
from edge.gate.claiming import ANSWER_S
from edge.identity import Identity
from edge.messages import TimeTold
from edge.peer_messages import ClaimAnswered, ClaimMade, HomeAsked, NeighboursHeard, PeersKnown
from edge.store.journal import Journal
from edge.store.received import Received
from tests.ports import answers, free_port
from tests.waiting import wait_until

HERE, HOME, VISIT = (UUID(int=number) for number in (1, 2, 3))
AT_ONCE = 50  # a home gate takes up to 60


class Gate:
    """One courier's neighbours, and what its gate is told."""

    def __init__(self, folder: Path, edge: UUID, key: Ed25519PrivateKey, known: PeersKnown, url: str) -> None:
        folder.mkdir()
        self.told: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.heard = False
        self.stamp = stamped(REAL.clock(), REAL.calendar().timestamp())
        self.journal = Journal(folder / "journal.db", edge, self.stamp, lambda size: bytes([edge.int] * size))
        progress = Progress(Received(folder / "courier.db"))
        progress.time_told(TimeTold(REAL.clock(), REAL.calendar().timestamp(), trusted=True))
        identity = Identity(edge, edge, edge, {}, key, key.public_key())
        self.neighbours = Neighbours(MqttSection(url=url), identity, folder / "journal.db", progress, REAL, self.take)
        self.neighbours.start()
        self.neighbours.hear(known)

    def take(self, message: Any) -> bool:
        """Answer a claim once its use is committed; keep what else is told."""
        if isinstance(message, NeighboursHeard):
            self.heard = any(at is not None for at in message.heard_mono.values())
        elif isinstance(message, ClaimMade):
            body = FactsChanged(f"claim:{message.edge}", "claimed", (("add", f"uses:{VISIT}", 1),))
            self.journal.append([self.journal.draft(body, self.stamp)], self.stamp)
            self.neighbours.hear(ClaimAnswered(message.edge, message.nonce, yes=True, at_us=1))
        else:
            self.told.put(message)
        return True


def measured(number: int) -> list[float]:
    """Return how long each claim took (ms): of a pair of gates no more than the home gate takes of one neighbour at once."""
    return [took for at in range(0, number, AT_ONCE) for took in _of_a_pair(min(AT_ONCE, number - at))]


def _of_a_pair(number: int) -> list[float]:
    keys = {edge: Ed25519PrivateKey.generate() for edge in (HERE, HOME)}
    known = PeersKnown("bench", tuple((str(edge), key.public_key().public_bytes_raw()) for edge, key in keys.items()))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gatehouse-claims-")))
        port = free_port()
        broker = stack.enter_context(subprocess.Popen((sys.executable, "-m", "simulators.demo.broker", str(port))))
        stack.callback(broker.kill)
        wait_until(lambda: answers(port), what="the broker to accept connections")
        gates = [Gate(folder / str(edge.int), edge, key, known, f"mqtt://127.0.0.1:{port}") for edge, key in keys.items()]
        for gate in gates:
            stack.callback(gate.neighbours.stop)
        wait_until(lambda: all(gate.heard for gate in gates), what="each to hear the other")
        return [_once(gates[0], at) for at in range(number)]


def _once(gate: Gate, at: int) -> float:
    began = time.perf_counter()
    gate.neighbours.hear(HomeAsked(str(HOME), UUID(int=at).hex, "visit", str(VISIT), str(VISIT), 1, "", "in-1"))
    while not isinstance(gate.told.get(timeout=5), ClaimAnswered):
        pass
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    took = measured(asked.claims)
    figures = {
        "machine": machine(),
        "claims": len(took),
        "median_ms": round(percentile(took, 0.5), 2),
        "p99_ms": round(percentile(took, 0.99), 2),
        "max_ms": round(max(took), 2),
        "within_limit": sum(one <= ANSWER_S * 1000 for one in took),
    }
    print(
        json.dumps(figures, ensure_ascii=False) if asked.json else "\n".join(f"{key}: {value}" for key, value in figures.items())
    )


if __name__ == "__main__":
    main()
