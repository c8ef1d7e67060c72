"""The registry on several machines: two workers on one PostgreSQL server, and a standby on which they look up the log."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from central.config import Settings
from central.database import Database, postgresql
from central.migrations import migrate
from central.registry import Registry
from central.seeds import Seed, put_seed
from central.users import services as users
from tests.ports import answers, free_port
from tests.servers.postgres import Postgres, Standby, cluster_with_standby
from tests.waiting import wait_until

LAG_MAX_S = 1


class Worker:
    """`gatehouse-central serve`, as one of several."""

    def __init__(self, data: Path, database: str, replica: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        program = str(Path(sys.executable).parent / "gatehouse-central")
        where = ("--data", str(data), "--database", database, "--replica", replica, "--replica-lag", str(LAG_MAX_S))
        with (data / "workers.log").open("ab") as log:
            self.process = subprocess.Popen((program, "serve", "--port", str(self.port), *where), stdout=log, stderr=log)

    def kill(self) -> None:
        """Kill it as a lack of memory would."""
        self.process.kill()
        self.process.wait()


class Machines(NamedTuple):
    """All of them; `registry` is what an administrator has open beside the workers, `standby_engine` the standby itself."""

    primary: Postgres
    standby: Standby
    workers: tuple[Worker, Worker]
    registry: Registry
    standby_engine: Engine
    token: str
    url: str

    def office(self, worker: Worker) -> httpx.Client:
        """Sign in at a worker: a session is everybody's."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"{worker.url}/api/v1", timeout=30, verify=False, headers=headers)

    def on_standby(self, words: str) -> object:
        """Ask the standby one thing."""
        with self.standby_engine.connect() as connection:
            return connection.scalar(text(words))


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Start all of them on one site."""
    with ExitStack() as open_:
        primary, standby = open_.enter_context(cluster_with_standby())
        url = primary.fresh_database()
        replica = standby.url_of(url)
        with closing(Database(make_url(url))) as database:
            migrate(database)
        registry = open_.enter_context(closing(Registry.open(Settings(folder, url, replica, LAG_MAX_S))))
        with registry.write() as work:
            put_seed(work, Seed.model_validate({"sites": [{"slug": "lakeside", "name": "湖畔"}]}))
            users.add_user(work, "wang.min", "site_manager")
            token = users.sign_in_by_link(work, users.new_link(work, "wang.min")).token
        engine = postgresql(make_url(replica)).execution_options(isolation_level="AUTOCOMMIT")
        open_.callback(engine.dispose)
        wait_until(lambda: _has(engine), what="the standby to have it all")
        workers = Worker(folder, url, replica), Worker(folder, url, replica)
        for worker in workers:
            open_.callback(worker.kill)
        for worker in workers:
            wait_until(partial(answers, worker.port), what="the workers to listen")
        yield Machines(primary, standby, workers, registry, engine, token, url)


def _has(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(text("SELECT count(*) FROM user_sessions")))
    except SQLAlchemyError:  # neither the database nor its tables have come
        return False
