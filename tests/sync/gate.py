"""One box of the simulated site: the real journal and the courier's real streams, put back from copies, and copied."""

import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from access.contract.sync import EnrolReply
from access.entries import Body, Observed, PassageEnded, Stamp, stamped
from edge.courier.down import RulesStream
from edge.courier.errors import RefusalError, SyncError
from edge.courier.facts import FactsStream
from edge.courier.precedence import Precedence
from edge.courier.progress import Progress
from edge.courier.snapshots import snapshot_path
from edge.courier.surroundings import Surroundings
from edge.courier.up import EntriesStream
from edge.gate.neighbours import commit_page
from edge.identity import device_key, load_identity, save_identity
from edge.messages import FactsHeard, FactsTaken, JournalBehind
from edge.places import Places
from edge.store import heard
from edge.store.journal import Journal
from edge.store.reader import JournalReader
from edge.store.received import Received, reading_rules
from edge.store.renewal import Remembered
from tests.sync.clocks import Clocks
from tests.sync.link import Link, LinkedRegistry
from tests.sync.registry import Place, SimulatedRegistry

USED_ONCE = PassageEnded("passed", "in", facts=(("add", "uses:visit", 1),))
POISON_UTC_US = 400_000_000_000_000_000  # a year that no calendar has
STEPS_MAX = 400


@dataclass(frozen=True)
class NoSnapshots:
    """Stands for the pass that builds snapshots: what the gate maps is not looked at here."""

    folder: Path
    received: Received

    def build(self) -> None:
        """Make the file be there."""
        snapshot_path(self.folder, self.received.revision()).touch()


class SimulatedGate:
    """A box whose data lie in `folder`; `home` is the machine that it takes itself to live on."""

    def __init__(self, folder: Path, registry: SimulatedRegistry, clocks: Clocks, seed: int, home: str) -> None:
        self.places = Places(folder)
        self.places.make()
        self.home = home
        self.written: set[tuple[Place, bytes]] = set()
        """Everything that was ever committed in this folder; a place has two histories where the folder was put back."""
        self._registry = registry
        self._clocks = clocks
        self._chance = Random(seed)
        self._around = Surroundings(clocks.monotonic, clocks.gates_utc, lambda _low, high: high)
        self.link = Link(registry.app, registry.ca_file)

    # --- its life ---------------------------------------------------------------------------------

    def enrol(self, gate: str) -> EnrolReply:
        """Get an identity."""
        reply = self._registry.enrol(gate, device_key(self.places).public_key().public_bytes_raw())
        save_identity(self.places, reply)
        return reply

    def open(self) -> None:
        """Start its programs."""
        self.identity = load_identity(self.places)
        self.edge = self.identity.edge
        self.journal = Journal(self.places.journal, self.edge, self._stamp(), self._chance.randbytes, Remembered(home=self.home))
        self.received = Received(self.places.courier)
        self.progress = Progress(self.received)
        self._asking = {
            name: LinkedRegistry(self.identity, name, self._around, self.link) for name in ("entries", "rules", "facts")
        }
        precedence = Precedence(self._clocks.monotonic)
        self.entries = EntriesStream(
            self.places.journal, self.edge, self._asking["entries"], self.progress, self._around, precedence, self._hear
        )
        builder = NoSnapshots(self.places.snapshots, self.received)
        self.rules = RulesStream(
            self.received, self.places.snapshots, builder, self._asking["rules"], self.progress, self._around, lambda _: None
        )
        self.facts = FactsStream(self._asking["facts"], self.progress, self._around, self._hear)
        self._remember()

    def close(self) -> None:
        """End its programs."""
        self.progress.keep(self._clocks.monotonic(), at_once=True)
        self.received.close()
        self.journal.close()
        for asking in self._asking.values():
            asking.close()

    def copy_to(self, folder: Path) -> Path:
        """Copy the whole data folder, as a backup of the disk does."""
        self.close()
        shutil.copytree(self.places.root, folder)
        self.open()
        return folder

    def put_back(self, copy: Path) -> None:
        """Restore the data folder."""
        self.close()
        shutil.rmtree(self.places.root)
        shutil.copytree(copy, self.places.root)
        self.open()

    def lose_rows(self, first: int, number: int) -> bool:
        """Start anew without some rows amid the newest epoch, never its first or last; tell whether there were any such."""
        epoch, last = self.journal.epoch, min(first + number, self.journal.seq) - 1
        if not 2 <= first <= last:
            return False
        self.close()
        with closing(sqlite3.connect(self.places.journal, isolation_level=None)) as db:
            db.execute("PRAGMA secure_delete=ON")  # else they are found again in the pages that are free
            db.execute("DELETE FROM entries WHERE epoch = ? AND seq BETWEEN ? AND ?", (epoch.bytes, first, last))
        self.open()
        return True

    # --- its work ---------------------------------------------------------------------------------

    def write(self, number: int, *, poison: bool = False) -> None:
        """Commit entries; a poisonous one can be stored at the gate and not be read at the registry."""
        stamp = self._stamp()
        stamp = Stamp(stamp.mono_us, POISON_UTC_US) if poison else stamp
        drafts = [self.journal.draft(Observed("arm_rose", "io", str(at)), self._stamp()) for at in range(number)]
        self.journal.append(drafts, stamp)
        self._remember()

    def write_bodies(self, *bodies: Body) -> None:
        """Commit entries with these bodies."""
        self.journal.append([self.journal.draft(body, self._stamp()) for body in bodies], self._stamp())
        self._remember()

    def send(self, steps: int) -> None:
        """Let the stream of entries take some steps; what goes wrong is tried again later, as the courier does."""
        for _ in range(steps):
            try:
                if self.entries.step():
                    return
            except (SyncError, RefusalError):
                self._clocks.now += 100.0

    def fetch_rules(self) -> None:
        """Take the rules that are new, if any."""
        try:
            while self._registry.has_news(self.identity.site, self.received.revision(), self.received.mark()):
                self.rules.step()
        except (SyncError, RefusalError):
            self._clocks.now += 100.0

    def fetch_facts(self) -> None:
        """Hear what the other epochs have contributed that is new, if anything."""
        try:
            while self._registry.has_facts(self.identity.site, self.journal.epoch, self._facts_taken().through):
                self.facts.taken(self._facts_taken())
                self.facts.step()
        except (SyncError, RefusalError):
            self._clocks.now += 100.0

    def settle(self) -> None:
        """Send and fetch, with a fair link and time enough, until nothing more happens."""
        self.link.is_cut = False
        self.link.fates.clear()
        for _ in range(2):
            self._clocks.now += 1000.0
            self.send(STEPS_MAX)
        self.fetch_rules()

    # --- what it has ------------------------------------------------------------------------------

    def held(self) -> dict[Place, bytes]:
        """Return what its journal holds now."""
        with closing(JournalReader(self.places.journal)) as reader:
            return {
                (self.edge, epoch, entry.seq): entry.canonical
                for epoch in reader.epochs(self.edge)
                for entry in reader.after(epoch, 0, self.journal.seq + 10_000)
            }

    def rules_held(self) -> tuple[int, Mapping[UUID, Any]]:
        """Return revision and records of the installed rules."""
        with reading_rules(self.places.courier) as (revision, rows):
            return revision, {identity: data for _, identity, data in rows}

    def uses_heard(self) -> dict[UUID, tuple[int, int]]:
        """Return by epoch how many uses of the visit it knows of, and through which entry."""
        query = "SELECT epoch, total, seq FROM heard WHERE name = 'uses:visit'"
        rows = self.journal.look(lambda db: db.execute(query).fetchall())
        return {UUID(epoch): (total, seq) for epoch, total, seq in rows}

    def uses(self) -> object:
        """Return how often the visit was used, as the next decision reads it."""
        return self.journal.presence.facts.get("uses:visit", 0)

    def is_in_dispute(self) -> bool:
        """Tell whether it shows that registry and journal tell different things."""
        return bool(self.progress.state({}).error)

    def _hear(self, message: Any) -> bool:
        if isinstance(message, JournalBehind):
            self.journal.fall_behind(UUID(message.epoch), message.seq, self._stamp())
        elif isinstance(message, FactsHeard):
            commit_page(self.journal, message, self._stamp())
        self._remember()
        return True

    def _facts_taken(self) -> FactsTaken:
        epoch = self.journal.epoch
        return FactsTaken(epoch.hex, self.journal.look(heard.through, epoch))

    def _remember(self) -> None:
        self.written |= set(self.held().items())

    def _stamp(self) -> Stamp:
        return stamped(self._clocks.monotonic(), self._clocks.gates_utc().timestamp())
