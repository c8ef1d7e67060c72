"""How many entries a second the registry takes in over real HTTP, beside what its bare database takes of the very same rows.

Served: the installed program under uvicorn and FastAPI; the clients send batches that were made and signed in advance over kept
connections, and every answer is an acknowledgement of what was sent. Bare: one connection inserts the very rows that the registry
has just stored, read back from it, into a twin of its database with the same table, indexes, filling and settings (WAL and FULL;
fsync), one transaction for as many rows as a batch has, the head of the gate updated in it: by the driver's executemany, and on
PostgreSQL by binary COPY too, as fast as the driver can. They take turns in every round. What the registry does beyond that in
the same transaction (the gate's request number, shared facts) is not taken off.

The share is served over bare by the clock, clients and server on the same cores; `share` beside the faster way (COPY),
`of_insert` beside executemany. The processor time of clients, registry (with its reading processes) and PostgreSQL is told apart;
`apart` is the share with the clients' time taken off (one client: it works while the registry waits). `at_most` is what the share
would be if no processor of this machine ever waited: what an entry takes of them, by all cores at once.
"""

import argparse
import gc
import http.client
import json
import random
import resource
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Uuid

from access.contract.sync import BatchAck
from bench.machine import machine
from bench.registry import BACKENDS, Measured, registry_on
from central.database import Database
from central.journal.reader import cores
from central.tables import JournalEntry, UtcTime
from edge.identity import Identity
from simulators.load.gates import PretendedGate
from simulators.load.run import family_cpu_s
from simulators.load.story import Line, tell

BATCHES, CLIENTS = (100, 500), (1, 4)
ENTRIES, FILLING, ROUNDS = 10_000, 60_000, 7
QUICK_ENTRIES, QUICK_FILLING, QUICK_ROUNDS = 2_000, 2_000, 3
SHARE_MUST, SHARE_AIM = 0.80, 0.90
COLUMNS: Final = tuple(column.name for column in JournalEntry.__table__.columns)
NAMES: Final = ", ".join(COLUMNS)
SQL_TYPES: Final = {Uuid: "uuid", UtcTime: "timestamptz", LargeBinary: "bytea", BigInteger: "bigint"}
TYPES: Final = [SQL_TYPES.get(type(column.type), "text") for column in JournalEntry.__table__.columns]

Row = tuple[Any, ...]
Way = Callable[[Database, Sequence[Sequence[Row]]], None]


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of processor time of the clients, of the registry, and of PostgreSQL."""

    wall: float
    clients: float
    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Sender:
    """One client: its connection, and the requests that it will send one after another."""

    port: int
    requests: Sequence[bytes]

    def run(self, answers: list[bytes]) -> None:
        """Send each request when the one before is answered."""
        with socket.create_connection(("127.0.0.1", self.port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for request in self.requests:
                wire.sendall(request)
                response = http.client.HTTPResponse(wire)
                response.begin()
                answers.append(response.read())


class Bench:
    """A served registry, its bare twin, and the gates that send to it."""

    def __init__(self, measured: Measured, twins: Sequence[Database], story: Sequence[Line], gates: Sequence[Identity]) -> None:
        self._measured = measured
        self._twins = tuple(zip(WAYS[twins[0].form], twins, strict=True))
        at = datetime.now(UTC)
        self._gates = [PretendedGate.begun(one, story, str(one.edge), at, with_pictures=False) for one in gates]

    def fill(self, entries: int, database: Database) -> None:
        """Put entries of an earlier epoch into both databases, so that their indexes have a size."""
        rows = self._rows(database)
        assert len(rows) == entries, "the registry has stored what was sent"
        for way, twin in self._twins:
            _insert(way, twin, _in_batches(rows, BATCHES[-1]))

    def make(self, batch: int, clients: int, entries: int) -> list[list[bytes]]:
        """Make and sign the requests of each client."""
        return [list(requests_of(gate, batch, entries // batch // clients)) for gate in self._gates[:clients]]

    def served(self, port: int, pid: int, requests: Sequence[Sequence[bytes]], batch: int) -> Took:
        """Send them all, each client on a connection of its own."""
        answers: list[list[bytes]] = [[] for _ in requests]
        senders = [Sender(port, one) for one in requests]
        gc.collect()
        postgres = self._measured.postgres.pid if self._measured.postgres is not None else 0
        cpu, own, database = family_cpu_s(pid), _own_cpu_s(), family_cpu_s(postgres)
        wall = _together([partial(sender.run, answer) for sender, answer in zip(senders, answers, strict=True)])
        took = Took(wall, _own_cpu_s() - own, family_cpu_s(pid) - cpu, family_cpu_s(postgres) - database)
        for gate, replies in zip(self._gates, answers, strict=False):
            for reply in replies:
                assert len(gate.acknowledged(BatchAck.model_validate_json(reply))) == batch, reply
        return took

    def bare(self, batch: int, clients: int, entries: int) -> list[float]:
        """Insert what has just been stored into each twin in its way; seconds by the clock."""
        with closing(self._measured.database()) as database:
            rows = [self._rows(database, gate.identity.edge, gate.acked - entries // clients) for gate in self._gates[:clients]]
        gc.collect()
        return [_insert(way, twin, *(_in_batches(one, batch) for one in rows)) for way, twin in self._twins]

    def _rows(self, database: Database, edge: UUID | None = None, after: int = 0) -> list[Row]:
        mark = "?" if database.reader.dialect.name == "sqlite" else "%s"
        key: Any = edge.hex if edge and mark == "?" else edge
        where = f" WHERE edge_id = {mark} AND seq > {mark} ORDER BY seq" if edge else ""
        connection = database.reader.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"SELECT {NAMES} FROM journal_entries{where}", (key, after) if edge else ())
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()


def requests_of(gate: PretendedGate, batch: int, count: int) -> Iterator[bytes]:
    """Yield signed requests, whole as they go over the wire; the gate's entries follow one another over all of them."""
    follows = gate.head
    for _ in range(count):
        at = datetime.now(UTC)
        for _ in range(batch):
            gate.write(at, time.monotonic())
        chosen = list(gate.waiting)[-batch:]
        body = gate.packed(follows, chosen)
        follows = chosen[-1].head
        target, headers = gate.signed("POST", "/entries", "entries", body, at)
        lines = [f"POST {target} HTTP/1.1", "Host: registry", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        yield "\r\n".join([*lines, "", ""]).encode() + body


def _in_batches(rows: Sequence[Row], size: int) -> list[Sequence[Row]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def _insert(way: Way, database: Database, *gates: Sequence[Sequence[Row]]) -> float:
    """Insert the batches of several gates in turn, a transaction each; seconds by the clock."""
    ordered = [batch for turn in zip(*gates, strict=True) for batch in turn]
    return _together([partial(way, database, ordered)])


def _insert_sqlite(database: Database, batches: Sequence[Sequence[Row]]) -> None:
    marks = ", ".join("?" * len(COLUMNS))
    connection = database.writer.raw_connection()
    cursor = connection.cursor()
    for rows in batches:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.executemany(f"INSERT INTO journal_entries ({NAMES}) VALUES ({marks})", rows)
        cursor.execute("UPDATE edge_heads SET acked_through = ?, head = ? WHERE edge_id = ?", _head(rows))
        cursor.execute("COMMIT")
    connection.close()


def _insert_postgresql(database: Database, batches: Sequence[Sequence[Row]]) -> None:
    marks = ", ".join(["%s"] * len(COLUMNS))
    connection = database.writer.raw_connection()
    cursor = connection.cursor()
    for rows in batches:
        cursor.executemany(f"INSERT INTO journal_entries ({NAMES}) VALUES ({marks})", rows)
        cursor.execute("UPDATE edge_heads SET acked_through = %s, head = %s WHERE edge_id = %s", _head(rows))
        connection.commit()
    connection.close()


def _copy_postgresql(database: Database, batches: Sequence[Sequence[Row]]) -> None:
    connection: Any = database.writer.raw_connection()
    cursor = connection.cursor()
    for rows in batches:
        with cursor.copy(f"COPY journal_entries ({NAMES}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(TYPES)
            for row in rows:
                copy.write_row(row)
        cursor.execute("UPDATE edge_heads SET acked_through = %s, head = %s WHERE edge_id = %s", _head(rows))
        connection.commit()
    connection.close()


# The fastest first; each has a twin of its own, because a row goes in once.
WAYS: Final[dict[str, tuple[Way, ...]]] = {"sqlite": (_insert_sqlite,), "postgresql": (_copy_postgresql, _insert_postgresql)}


def _head(rows: Sequence[Row]) -> tuple[Any, ...]:
    last = dict(zip(COLUMNS, rows[-1], strict=True))
    return last["seq"], last["chain_hash"], last["edge_id"]


def _together(works: Sequence[Callable[[], object]]) -> float:
    """Run these at the same time; seconds by the clock."""
    threads = [threading.Thread(target=work) for work in works]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


def _own_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def measure(backend: str, entries: int, filling: int, rounds: int, seed: int) -> Iterator[dict[str, Any]]:
    """Measure one backend; yields a row for each size of batch and number of clients."""
    story = tell(seed)
    with registry_on(backend) as measured:
        identities = measured.identities(max(CLIENTS))
        with ExitStack() as open_until_the_end:
            twins = [open_until_the_end.enter_context(closing(measured.twin(number))) for number in range(len(WAYS[backend]))]
            port, pid = open_until_the_end.enter_context(measured.served())
            bench = Bench(measured, twins, story, identities)
            bench.served(port, pid, bench.make(BATCHES[-1], max(CLIENTS), filling), BATCHES[-1])
            with closing(measured.database()) as database:
                bench.fill(filling, database)
            pairs = [(batch, clients) for batch in BATCHES for clients in CLIENTS]
            runs: dict[tuple[int, int], list[tuple[Took, list[float]]]] = {pair: [] for pair in pairs}
            for _ in range(rounds):
                for batch, clients in random.Random(seed).sample(pairs, len(pairs)):
                    requests = bench.make(batch, clients, entries)
                    served = bench.served(port, pid, requests, batch)
                    runs[batch, clients].append((served, bench.bare(batch, clients, entries)))
    for (batch, clients), taken in runs.items():
        yield _summed_up(backend, batch, clients, entries, taken)


def _summed_up(backend: str, batch: int, clients: int, entries: int, taken: Sequence[tuple[Took, list[float]]]) -> dict[str, Any]:
    wall = statistics.median(served.wall for served, _ in taken)
    bare = statistics.median(ways[0] for _, ways in taken)
    shares, of_insert = ([ways[way] / served.wall for served, ways in taken] for way in (0, -1))
    own, server, database = (
        statistics.median(figures) for figures in zip(*((one.clients, one.server, one.database) for one, _ in taken), strict=True)
    )
    return {
        "backend": backend,
        "batch": batch,
        "clients": clients,
        "served_per_s": round(entries / wall),
        "bare_per_s": round(entries / bare),
        "share": round(statistics.median(shares), 3),
        "of_insert": round(statistics.median(of_insert), 3),
        "shares": [round(share, 2) for share in shares],
        "apart": round(bare / (wall - own), 3) if clients == 1 else None,
        "client_us": round(own / entries * 1e6, 1),
        "server_us": round(server / entries * 1e6, 1),
        "database_us": round(database / entries * 1e6, 1),
        "at_most": round(bare * cores() / (own + server + database), 2),
    }


def _line(row: dict[str, Any]) -> str:
    figures = f"served {row['served_per_s']:>6}/s  bare {row['bare_per_s']:>6}/s  share {row['share']:.2f}"
    figures += f"  of insert {row['of_insert']:.2f}  apart {row['apart']}"
    cpu = f"an entry costs clients {row['client_us']} us, registry {row['server_us']} us, PostgreSQL {row['database_us']} us"
    figures += f"  at most {row['at_most']:.2f}"
    return f"{row['backend']:>10}  batch {row['batch']:>3}  clients {row['clients']}  {figures}  {cpu}"


def main() -> None:
    """Measure and print; status 1 where the must is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", choices=[*BACKENDS, "both"], default="both")
    parser.add_argument("--quick", action="store_true", help="a size for every change; its figures mean little")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    sizes = (QUICK_ENTRIES, QUICK_FILLING, QUICK_ROUNDS) if options.quick else (ENTRIES, FILLING, ROUNDS)
    rows = []
    for backend in BACKENDS if options.backend == "both" else (options.backend,):
        for row in measure(backend, sizes[0], sizes[1], options.rounds or sizes[2], options.seed):
            rows.append(row)
            if not options.json:
                print(_line(row), flush=True)
    answer = {"rows": rows, "must": SHARE_MUST, "aim": SHARE_AIM, "machine": machine()}
    print(json.dumps(answer) if options.json else f"must {SHARE_MUST}, aim {SHARE_AIM}; {answer['machine']}")
    sys.exit(not options.quick and any(row["share"] < SHARE_MUST for row in rows))


if __name__ == "__main__":
    main()
