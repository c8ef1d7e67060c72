"""A registry on SQLite behind real HTTP, and boxes of a gate that sync with it: journal and courier, in this process."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select

from access.contract.signature import fingerprint
from access.entries import Body, Observed, Stamp, stamped
from central.app import app_of
from central.config import Settings
from central.edges.services import new_enrolment_token
from central.edges.trust import approve
from central.registry import Registry
from central.seeds import Seed, put_seed
from central.tables import JournalEntry
from edge.config import CentralSection
from edge.config_file import load
from edge.courier.errors import SyncError
from edge.courier.precedence import Precedence
from edge.courier.program import Courier
from edge.courier.progress import Progress
from edge.courier.registry import Registry as Asking
from edge.courier.surroundings import Surroundings
from edge.courier.up import EntriesStream
from edge.enrolment import Ticket, enrol_gate
from edge.identity import load_identity
from edge.logs import Log
from edge.messages import JournalAdvanced
from edge.places import Places
from edge.store.journal import Journal
from edge.store.received import Received
from tests.central.serving import serving
from tests.edge.courier.gate_end import GATE_TOML, GateEnd
from tests.waiting import wait_until

RAW_CARD = "04a1b2c3"


def estate(gates: Sequence[str]) -> dict[str, Any]:
    return {
        "slug": "lakeside",
        "name": "湖畔",
        "gates": [{"slug": gate, "name": gate, "lanes": [{"slug": "in-1", "direction": "in"}]} for gate in gates],
        "levels": [{"name": "all", "grants": [{}]}],
        "persons": [{"name": "李四", "unit": "1-101", "levels": ["all"], "cards": [{"raw": RAW_CARD}]}],
    }


class Lakeside:
    """The registry of one site."""

    def __init__(self, registry: Registry, url: str) -> None:
        self.registry = registry
        self.url = url

    @property
    def target(self) -> tuple[str, int]:
        """Where a proxy carries to."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def seed(self, seeded: dict[str, Any]) -> None:
        with self.registry.write() as work:
            put_seed(work, Seed.model_validate({"sites": [seeded]}))

    def stored(self, box: "Box") -> list[tuple[int, bytes]]:
        """Return what is stored of a box in order: seq, canonical bytes."""
        query = select(JournalEntry.seq, JournalEntry.canonical).where(JournalEntry.edge_id == box.identity.edge)
        with self.registry.read() as work:
            return [(seq, canonical) for seq, canonical in work.session.execute(query.order_by(JournalEntry.seq))]


@contextmanager
def lakeside(data: Path, migrated: Path | None, gates: Sequence[str] = ("east",)) -> Iterator[Lakeside]:
    """Serve a registry with these gates from a copy of the `migrated` file, or from what lies in `data` already (None)."""
    if migrated is not None:
        data.mkdir()
        shutil.copy(migrated, data / "registry.db")
    with closing(Registry.open(Settings(data))) as registry, serving(app_of(registry)) as url:
        made = Lakeside(registry, url)
        made.seed(estate(gates))
        yield made


class Box:
    """An enrolled gate. It reaches the registry at `url`, which may be a link that fails."""

    def __init__(self, folder: Path, central: Lakeside, url: str, gate: str = "east") -> None:
        folder.mkdir()
        config = folder / "gate.toml"
        config.write_text(GATE_TOML.format(url=central.url).replace('"east"', f'"{gate}"'), encoding="utf-8")
        with central.registry.write() as work:
            token = new_enrolment_token(work, "lakeside", gate, f"{gate}-box")
        reply, public_key = enrol_gate(load(config), Ticket(token))
        with central.registry.write() as work:
            approve(work, reply.edge, fingerprint(public_key), "admin")
        self.config = config
        self.places = Places(load(config).gate.data)
        self.identity = load_identity(self.places)
        self.central = CentralSection(url=url)
        self._seconds = count(1_770_000_000)
        self.journal = Journal(self.places.journal, self.identity.edge, self._stamp(), Random(gate).randbytes)
        self.end = GateEnd(self.places.gate_socket)
        self._courier: Courier | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self.end.stop()
        self.journal.close()

    def start(self, around: Surroundings | None = None) -> None:
        """Start the courier."""
        log = Log("courier")
        self._courier = Courier(self.places, self.central, self.identity, log, around or Surroundings())
        self._thread = threading.Thread(target=self._courier.run)
        self._thread.start()

    def stop(self) -> None:
        """Stop the courier."""
        if self._courier is not None and self._thread is not None:
            self._courier.stop()
            self._thread.join(10)
            assert not self._thread.is_alive()
            self._courier = None

    def write(self, *bodies: Body) -> None:
        stamp = self._stamp()
        self.journal.append([self.journal.draft(body, stamp) for body in bodies], stamp)
        self.end.tell(JournalAdvanced(self.journal.epoch.hex, self.journal.seq))

    def write_many(self, number: int) -> None:
        self.write(*(Observed("arm_rose", "io", str(at)) for at in range(number)))

    def canonical(self) -> list[tuple[int, bytes]]:
        """Return the whole journal: seq, canonical bytes."""
        rows = self.journal._db.execute("SELECT seq, canonical FROM entries ORDER BY seq")
        return [(seq, canonical) for seq, canonical in rows]

    def _stamp(self) -> Stamp:
        second = float(next(self._seconds))
        return stamped(second, second)


class Sender:
    """The stream of entries of a box without its threads; by itself it moves time, so that no test waits for a backoff."""

    def __init__(self, box: Box, around: Surroundings | None = None) -> None:
        self.now = 1000.0
        around = around or Surroundings(clock=lambda: self.now)
        with ExitStack() as undo:
            received = undo.enter_context(closing(Received(box.places.courier)))
            self.progress = Progress(received)
            self.asking = Asking(box.central, box.identity, "entries", around.calendar)
            self._undo = undo.pop_all()
        self.told: list[Any] = []
        self.stream = EntriesStream(
            box.places.journal, box.identity.edge, self.asking, self.progress, around, Precedence(around.clock), self.told.append
        )
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.asking.close()
        self.forget()

    def forget(self) -> None:
        """Let go of the courier's database; who runs the stream closes its connection."""
        self._undo.close()

    def step(self) -> bool:
        """Try once; tell whether there may be more to send."""
        self.now += 100
        try:
            return self.stream.step() == 0
        except SyncError as error:
            self.failures.append(str(error))
            return True

    def drain(self, tries_max: int = 500) -> None:
        """Send until nothing is left."""
        tries = iter(range(tries_max))
        wait_until(lambda: not self.step() or next(tries) < 0, 60, "the journal to be sent")


def all_there_once(central: Lakeside, box: Box) -> bool:
    """Tell whether the registry has exactly what the box has written."""
    return central.stored(box) == box.canonical()
