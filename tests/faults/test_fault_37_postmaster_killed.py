"""Fault 37: PostgreSQL's first process is killed in mid-batch. What was acknowledged is stored; what was not is sent again."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import make_url, select

from access.contract.sync import BatchAck
from central.app import app_of
from central.config import Settings
from central.database import Database
from central.migrations import migrate
from central.registry import Registry
from central.seeds import Seed, put_seed
from central.tables import JournalEntry
from tests.central.gate import Gate
from tests.central.serving import serving
from tests.servers.postgres import Postgres
from tests.sizes import sized
from tests.waiting import wait_until

pytestmark = pytest.mark.postgres

KILLS = sized(quick=1, soak=30)
BATCH, BATCHES = 20, 10


@pytest.fixture
def registry(mortal_postgres: Postgres, tmp_path: Path) -> Iterator[Registry]:
    url = mortal_postgres.fresh_database()
    with closing(Database(make_url(url))) as database:
        migrate(database)
    with closing(Registry.open(Settings(tmp_path, url))) as registry:
        with registry.write() as work:
            put_seed(work, Seed.model_validate({"sites": [{"slug": "lakeside", "name": "湖畔"}]}))
        yield registry


class Sending(Thread):
    """Sends batch after batch until a refusal, noting how far the registry has acknowledged."""

    def __init__(self, gate: Gate, acked: int) -> None:
        super().__init__()
        self._gate = gate
        self._before = acked
        self.acked = acked
        self.refusals: list[int] = []

    def has_begun(self) -> bool:
        return self.acked > self._before

    def run(self) -> None:
        while not self.refusals and self.acked < len(self._gate.entries):
            reply = self._gate.ask("POST", "/entries", self._gate.batch(self.acked + 1, self.acked + BATCH))
            if reply.status_code == 200:
                self.acked = BatchAck.model_validate_json(reply.content).acked_through
            else:
                self.refusals.append(reply.status_code)


def stored(registry: Registry) -> list[bytes]:
    with registry.read() as work:
        return list(work.session.scalars(select(JournalEntry.canonical).order_by(JournalEntry.seq)))


def test_fault_37_a_killed_postmaster_loses_nothing_that_was_acknowledged(registry: Registry, mortal_postgres: Postgres) -> None:
    with serving(app_of(registry)) as address, Gate(address) as gate:
        gate.join(registry)
        acked = 0
        for _ in range(KILLS):
            for _ in range(BATCH * BATCHES):
                gate.decide()
            sending = Sending(gate, acked)
            sending.start()
            wait_until(sending.has_begun, what="a first acknowledgement")
            mortal_postgres.kill()
            sending.join()
            assert set(sending.refusals) <= {503}, "said as what passes"
            mortal_postgres.start_again()
            acked = sending.acked
            assert len(stored(registry)) >= acked
        last = Sending(gate, acked)
        last.run()
        assert (last.acked, last.refusals) == (len(gate.entries), [])
        assert stored(registry) == [sealed.canonical for sealed in gate.entries]
