"""The registry of the simulated site: the real application and services on SQLite, started anew, put back from a copy."""

import atexit
import functools
import json
import shutil
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import FastAPI
from sqlalchemy import make_url, select

from access.contract.signature import fingerprint
from access.contract.sync import EnrolReply, EnrolRequest, LaneWiring
from access.sharing import SUM
from central.access_rules.stream import is_news, rules_page
from central.app import app_of
from central.config import Settings
from central.database import Database
from central.edges import services as edges
from central.edges.polls import Polls
from central.edges.trust import approve
from central.facts import services as facts
from central.migrations import migrate
from central.registry import Registry
from central.seeds import Seed, put_seed
from central.sync_tables import JournalGap, SharedFact
from central.tables import Edge, EdgeHead, JournalEntry, QuarantinedEntry, Site
from tests.edge.courier.authority import Authority
from tests.memory import memory
from tests.sync.clocks import Clocks

SITE = "lakeside"
Place = tuple[UUID, UUID, int]


def new_folder() -> Path:
    """Make a folder in memory where the system has that: thousands of examples would keep a disk busy with syncs."""
    return Path(tempfile.mkdtemp(prefix="gatehouse-sync-", dir=memory()))


@functools.cache
def _prepared() -> tuple[Path, FastAPI, Path]:
    """Make what is the same for every example: a migrated file with a site, the registry's key, the application; a small CA."""
    data = new_folder()
    atexit.register(shutil.rmtree, data)
    with closing(Database(make_url(f"sqlite:///{data / 'registry.db'}"))) as database:
        migrate(database)
    with closing(Registry.open(Settings(data))) as registry, registry.write() as work:
        put_seed(work, Seed.model_validate({"sites": [{"slug": SITE, "name": "湖畔"}]}))
        app = app_of(registry)
    return data, app, Authority(data, "authority").ca_file


class SimulatedRegistry:
    """One registry in `folder`. `copies` are what can be put back."""

    def __init__(self, folder: Path, clocks: Clocks) -> None:
        self._data, self.app, self.ca_file = _prepared()
        self._file = folder / "registry.db"
        self.clocks = clocks
        self.copies: list[Path] = []
        shutil.copy(self._data / "registry.db", self._file)
        self._open()

    def _open(self) -> None:
        settings = Settings(self._data, f"sqlite:///{self._file}")
        opened = Registry.open(settings)
        self.registry = replace(opened, clock=self.clocks.monotonic, calendar=self.clocks.true_utc)
        self.app.state.registry = self.registry
        self.app.state.polls = Polls(self.registry)

    def restart(self) -> None:
        """End it and start it again."""
        self.close()
        self._open()

    def close(self) -> None:
        """End it."""
        self.registry.close()

    def copy(self) -> None:
        """Make a backup."""
        self.close()
        self.copies.append(Path(shutil.copy(self._file, self._file.with_name(f"copy-{len(self.copies)}.db"))))
        self._open()

    def put_back(self, copy: Path) -> None:
        """Restore a backup."""
        self.close()
        shutil.copy(copy, self._file)
        self._open()

    def enrol(self, gate: str, public_key: bytes) -> EnrolReply:
        """Make a gate known and approve it."""
        key = self.registry.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        lanes = (LaneWiring(slug="in-1", kind="vehicle", direction="in"),)
        with self.registry.write() as work:
            token = edges.new_enrolment_token(work, SITE, gate, gate)
            request = EnrolRequest(token=token, site=SITE, gate=gate, public_key=public_key.hex(), lanes=lanes)
            reply = edges.enrol(work, request, key)
        with self.registry.write() as work:
            approve(work, reply.edge, fingerprint(public_key), "admin")
        return reply

    def change_rules(self, plate: str) -> None:
        """Block a plate: one more revision."""
        with self.registry.write() as work:
            block = {"plate": plate, "reason": "stolen"}
            put_seed(work, Seed.model_validate({"sites": [{"slug": SITE, "name": "湖畔", "blocks": [block]}]}))

    def revision(self) -> int:
        """Return the revision of the rules."""
        with self.registry.read() as work:
            return work.session.scalars(select(Site.revision)).one()

    def has_news(self, site: UUID, revision: int, mark: str) -> bool:
        """Tell whether a gate with these rules would be answered at once."""
        with self.registry.read() as work:
            return is_news(work.session, site, revision, mark)

    def has_facts(self, site: UUID, epoch: UUID, after: int) -> bool:
        """Tell whether a gate in this epoch would be told of facts at once."""
        with self.registry.read() as work:
            return facts.has_news(work, site, epoch, after)

    def sums(self) -> dict[tuple[UUID, UUID, str], int]:
        """Return what each epoch of each edge has added to what adds up, as gates are told it."""
        columns = (SharedFact.edge_id, SharedFact.epoch, SharedFact.name, SharedFact.value)
        with self.registry.read() as work:
            rows = work.session.execute(select(*columns).where(SharedFact.how == SUM)).all()
            return {(edge, epoch, name): value for edge, epoch, name, value in rows}

    def rules(self, site: UUID, gate: UUID) -> dict[UUID, Any]:
        """Return what a gate that knows nothing is told, by record."""
        with self.registry.read() as work:
            page = rules_page(work.session, site, gate, since=0)
        assert page.more is None
        return {upsert.record.id: json.loads(upsert.record.model_dump_json()) for upsert in page.upserts}

    def head(self, edge: UUID, epoch: UUID) -> bytes:
        """Return the chain hash at the last entry of an epoch."""
        with self.registry.read() as work:
            return work.session.get_one(EdgeHead, (edge, epoch)).head

    def gaps(self, edge: UUID, epoch: UUID) -> dict[int, tuple[int, bytes]]:
        """Return the gaps that an epoch goes on behind: by the first that is missing the last, and what the next follows."""
        query = select(JournalGap).where(JournalGap.edge_id == edge, JournalGap.epoch == epoch)
        with self.registry.read() as work:
            rows = work.session.scalars(query).all()
            return {gap.first: (gap.last, gap.follows) for gap in rows if gap.follows is not None and gap.last is not None}

    def status(self, edge: UUID) -> str:
        """Return what an edge is here."""
        with self.registry.read() as work:
            return work.session.scalars(select(Edge.status).where(Edge.id == edge)).one()

    def stored(self) -> dict[Place, bytes]:
        """Return the canonical bytes at every place, parked ones too."""
        places: dict[Place, bytes] = {}
        count = 0
        with self.registry.read() as work:
            for table in (JournalEntry, QuarantinedEntry):
                query = select(table.edge_id, table.epoch, table.seq, table.canonical)
                for edge, epoch, seq, canonical in work.session.execute(query):
                    places[edge, epoch, seq] = canonical
                    count += 1
        assert len(places) == count, "a place is taken twice"
        return places
