"""A registry to be measured: on SQLite or on a PostgreSQL of its own, with gates enrolled, served by the installed program."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import URL, make_url

from central.config import Settings
from central.database import Database
from central.migrations import migrate
from central.registry import Registry
from edge.identity import Identity
from simulators.demo.places import answers, free_port
from simulators.demo.programs import Program, installed
from simulators.demo.waiting import within
from simulators.load.enrolling import GateKey, enrol_in, make_site
from tests.servers.postgres import Postgres

SITE: Final = "bench"
UP_WITHIN_S: Final = 60.0
BACKENDS: Final = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True)
class Measured:
    """A registry's folder and database, before it is served; `url` as `gatehouse-central --database` takes it."""

    data: Path
    url: str
    postgres: Postgres | None

    def identities(self, gates: int) -> list[Identity]:
        """Bring the schema up to date and enrol so many new gates."""
        return self.enrolled([GateKey(f"gate-{number}", Ed25519PrivateKey.generate()) for number in range(gates)])

    def enrolled(self, gates: Sequence[GateKey]) -> list[Identity]:
        """Bring the schema up to date and enrol these gates."""
        with closing(Registry.open(Settings(self.data, self.url))) as registry:
            migrate(registry.database)
            with registry.write() as work:
                make_site(work, SITE)
            return enrol_in(registry, SITE, gates)

    def twin(self, number: int = 0) -> Database:
        """Return a database of the same content, beside it; one for each number."""
        if self.postgres is not None:
            return Database(_copied(make_url(self.url), number))
        path = self.data / f"twin-{number}.db"
        shutil.copy(self.data / "registry.db", path)
        return Database(make_url(f"sqlite:///{path}"))

    def database(self) -> Database:
        """Open the database itself."""
        return Database(Settings(self.data, self.url).database_url())

    @contextlib.contextmanager
    def served(self, by: Sequence[str] = ()) -> Iterator[tuple[int, int]]:
        """Serve it, by the installed program or by another command that takes its options; yields port and process id."""
        port = free_port()
        command = [*(by or (installed("gatehouse-central"),)), "serve", "--data", str(self.data), "--port", str(port)]
        program = Program([*command, "--database", self.url], self.data / "registry.log")
        program.start()
        try:
            if not within(lambda: _answers(program, port), UP_WITHIN_S):
                raise TimeoutError("the registry does not answer")
            yield port, program.pid
        finally:
            program.stop()


@contextlib.contextmanager
def registry_on(backend: str) -> Iterator[Measured]:
    """Make an empty registry on this backend; it is gone afterwards."""
    # Not under a long path: a PostgreSQL of our own listens on a socket in its folder.
    with tempfile.TemporaryDirectory(prefix="gatehouse-bench-") as folder, registry_in(Path(folder), backend) as measured:
        yield measured


@contextlib.contextmanager
def registry_in(folder: Path, backend: str) -> Iterator[Measured]:
    """Give the registry that is in a folder on this backend; where there is none an empty one is made."""
    data = folder / "data"
    if backend == "sqlite":
        yield Measured(data, "", None)
        return
    folder.chmod(0o711)  # the server runs as another user where we are root
    cluster = folder / "cluster"
    is_there = cluster.exists()
    cluster.mkdir(exist_ok=True)
    server = Postgres(cluster)
    (server.start_again if is_there else server.start)()
    url = folder / "url"
    if not is_there:
        url.write_text(server.fresh_database(), encoding="utf-8")
    try:
        yield Measured(data, url.read_text(encoding="utf-8"), server)
    finally:
        server.stop()


def _answers(program: Program, port: int) -> bool:
    program.check()
    return answers(port)


def _copied(url: URL, number: int) -> URL:
    """Make a copy of a PostgreSQL database to which nobody is connected."""
    twin = f"{url.database}_twin_{number}"
    where = f"host={url.query['host']} user={url.username} dbname=postgres"
    with psycopg.connect(where, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {twin} TEMPLATE {url.database}".encode())
    return url.set(database=twin)
