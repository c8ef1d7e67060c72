"""The registry as a real program on either database: killed, started again, put back from a copy; and what it has stored."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import select

from access.contract.signature import fingerprint
from access.entries import Body
from central.config import Settings
from central.edges.services import new_enrolment_token
from central.edges.trust import approve
from central.registry import Registry, Work
from central.seeds import Seed, put_seed
from central.tables import JournalEntry
from edge.config_file import load
from edge.enrolment import Ticket, enrol_gate
from edge.identity import load_identity
from edge.places import Places
from edge.store.reader import JournalReader
from tests.faults.door import CARDS, DOORS, number
from tests.ports import answers, free_port
from tests.waiting import wait_until

SITE = "lakeside"


def estate(*gates: str) -> dict[str, Any]:
    """Return a site whose cards open every door of these gates."""
    lanes = [{"slug": f"door-{index}", "kind": "pedestrian", "direction": "in"} for index in range(DOORS)]
    return {
        "slug": SITE,
        "name": "湖畔",
        "gates": [{"slug": gate, "name": gate, "lanes": lanes} for gate in gates],
        "levels": [{"name": "all", "grants": [{}]}],
        "persons": [
            {"name": "李四", "unit": f"{index}-101", "levels": ["all"], "cards": [{"raw": number(index).hex(), "bits": 40}]}
            for index in range(CARDS)
        ],
    }


@dataclass(frozen=True, slots=True, order=True)
class Stored:
    """An entry in its place."""

    epoch: UUID
    seq: int
    canonical: bytes
    personal: bytes


class RegistryProgram:
    """`gatehouse-central serve` on SQLite in `folder`, or on the PostgreSQL database of that URL."""

    def __init__(self, folder: Path, database: str = "") -> None:
        self.data = folder / "registry"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._database = database
        self._log = folder / "registry.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        """Start it and wait until it listens."""
        program = str(Path(sys.executable).parent / "gatehouse-central")
        where = ("--database", self._database) if self._database else ()
        with self._log.open("ab") as log:
            command = (program, "serve", "--data", str(self.data), "--port", str(self.port), *where)
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(lambda: answers(self.port), 30, "the registry to listen")

    def kill(self) -> None:
        """Kill it as a lack of memory would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(10)

    def put_back(self, copy: Path) -> None:
        """Restore its data folder (SQLite) from a copy; it must not run."""
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)

    def seed(self, *gates: str) -> None:
        """Put a site with these gates in."""
        self.put(estate(*gates))

    def put(self, site: Mapping[str, Any]) -> None:
        """Put a site's records in."""
        self.write(lambda work: put_seed(work, Seed.model_validate({"sites": [site]})))

    def write(self, act: Callable[[Work], object]) -> None:
        """Do something beside the running program, as its command line does."""
        with self._visiting() as registry, registry.write() as work:
            act(work)

    def enrol(self, config: Path, gate: str) -> None:
        """Make a gate known, as an administrator and somebody at the gate do together."""
        reply, public_key = enrol_gate(load(config), Ticket(self.token(gate)))
        self.approve(reply.edge, fingerprint(public_key))

    def token(self, gate: str) -> str:
        """Return a one-time token for a gate."""
        with self._visiting() as registry, registry.write() as work:
            return new_enrolment_token(work, SITE, gate, f"{gate}-box")

    def approve(self, edge: UUID, shown: str) -> None:
        """Approve an edge that shows this fingerprint, as an administrator does."""
        self.write(lambda work: approve(work, edge, shown, "admin"))

    def stored(self, edge: UUID) -> list[Stored]:
        """Return what is stored of an edge, by epoch and seq."""
        columns = (JournalEntry.epoch, JournalEntry.seq, JournalEntry.canonical, JournalEntry.personal)
        query = select(*columns).where(JournalEntry.edge_id == edge).order_by(JournalEntry.epoch, JournalEntry.seq)
        with self._visiting() as registry, registry.read() as work:
            return [Stored(*row) for row in work.session.execute(query)]

    @contextmanager
    def _visiting(self) -> Iterator[Registry]:
        with closing(Registry.open(Settings(self.data, self._database), visiting=True)) as registry:
            yield registry


def written(places: Places) -> list[Stored]:
    """Return what a gate's journal holds, by epoch and seq."""
    with closing(JournalReader(places.journal)) as reader:
        return sorted(
            Stored(epoch, entry.seq, entry.canonical, entry.personal)
            for epoch in reader.epochs()
            for entry in reader.after(epoch, 0, sys.maxsize)
        )


def told(places: Places) -> list[Body]:
    """Return what a gate's journal tells, in the order it was written."""
    with closing(JournalReader(places.journal)) as reader:
        return [entry.body() for entry in reader.every()]


def has_everything(registry: RegistryProgram, places: Places) -> bool:
    """Tell whether the registry has come as far as the gate's journal."""
    edge = load_identity(places).edge
    return len(registry.stored(edge)) >= len(written(places))


def assert_all_there_once(registry: RegistryProgram, places: Places) -> None:
    """Compare entry by entry: nothing lost, nothing doubled, nothing changed."""
    assert registry.stored(load_identity(places).edge) == written(places)
