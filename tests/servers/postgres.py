"""PostgreSQL: one throw-away cluster per test run, on a unix socket in a folder of its own."""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from typing_extensions import override

from tests.servers.programs import find_program
from tests.waiting import wait_until

STOP_TIMEOUT_S = 20
ServerT = TypeVar("ServerT", bound="Postgres")


class Postgres:
    """One server process with its cluster; durable as in production (fsync stays on)."""

    _settings: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._user = _unprivileged_user(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Make the cluster, start the server and wait until it answers."""
        self._make()
        self._serve()
        wait_until(self._answers, timeout_s=30, what="PostgreSQL to accept connections")

    def _make(self) -> None:
        self._run(
            "initdb", "-D", str(self._folder / "data"), "-U", "gatehouse", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )

    @property
    def pid(self) -> int:
        """Process id of the first server process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill the first server process as a lack of memory would; those it has started notice by themselves."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def start_again(self) -> None:
        """Start after `kill` or `stop`: it refuses until the last of the killed server's processes is gone."""
        wait_until(self._answers_again, timeout_s=60, what="PostgreSQL to recover")

    def _answers_again(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            self._serve()
        return self._answers(must_run=False)

    def _serve(self) -> None:
        # No TCP at all: a socket in a folder of our own cannot clash with anybody's port.
        settings = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={self._folder}", *self._settings)
        self._process = self._spawn("postgres", "-D", str(self._folder / "data"), *settings)

    def stop(self) -> None:
        """End the server, breaking connections that are still open."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(STOP_TIMEOUT_S)

    def fresh_database(self) -> str:
        """Make an empty database and return its SQLAlchemy URL."""
        name = f"gatehouse_{next(self._numbers)}"
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://gatehouse@/{name}?host={self._folder}"

    def url_of(self, url: str) -> str:
        """Return the URL by which this server has a database of another server, whose standby it is."""
        return f"{url.partition('?')[0]}?host={self._folder}"

    @property
    def _conninfo(self) -> str:
        return f"host={self._folder} user=gatehouse dbname=postgres"

    def _run(self, program: str, *arguments: str) -> None:
        returncode = self._spawn(program, *arguments).wait(timeout=60)
        assert returncode == 0, f"{program} failed: {self._log.read_text(encoding='utf-8')}"

    def _spawn(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        path = find_program(program, package="postgresql", folders=_server_folders())
        with self._log.open("ab") as log:
            return subprocess.Popen(
                (path, *arguments),
                cwd=self._folder,
                stdout=log,
                stderr=log,
                user=self._user and self._user.pw_uid,
                group=self._user and self._user.pw_gid,
                extra_groups=self._user and [],
            )

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _answers(self, *, must_run: bool = True) -> bool:
        ended = self._process is None or self._process.poll() is not None
        assert not (ended and must_run), f"postgres ended: {self._log.read_text(encoding='utf-8')}"
        try:
            psycopg.connect(self._conninfo).close()
        except psycopg.OperationalError:
            return False
        return True


class Standby(Postgres):
    """A server that follows another one, and gives its own questions no time where they stand in the way of that."""

    _settings = ("-c", "max_standby_streaming_delay=0")

    def __init__(self, folder: Path, primary: Postgres) -> None:
        super().__init__(folder)
        self._primary = primary

    @override
    def _make(self) -> None:
        data = str(self._folder / "data")
        self._run("pg_basebackup", "-d", self._primary._conninfo, "-D", data, "-R", "-c", "fast", "--no-sync")


def _server_folders() -> tuple[str, ...]:
    """Return Debian's folders of the server programs, newest version first: they are not in PATH."""
    versions = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    return tuple(str(folder) for folder in sorted(versions, key=lambda found: int(found.parent.name), reverse=True))


def _unprivileged_user(folder: Path) -> pwd.struct_passwd | None:
    """Hand the folder to a user that PostgreSQL agrees to run as: it refuses root; None keeps our own."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user


@contextmanager
def _cluster() -> Iterator[Postgres]:
    with _server(Postgres) as server:
        yield server


@contextmanager
def cluster_with_standby() -> Iterator[tuple[Postgres, Standby]]:
    """Give a server, and another one that follows it; who stops one of them starts it again."""
    with _server(Postgres) as primary, _server(lambda folder: Standby(folder, primary)) as standby:
        yield primary, standby


@contextmanager
def _server(make: Callable[[Path], ServerT]) -> Iterator[ServerT]:
    # Not pytest's own folder: that one is closed to the user the server runs as, and too long for a socket's path.
    folder = Path(tempfile.mkdtemp(prefix="gatehouse-postgres-"))
    server = make(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Give the run's PostgreSQL server."""
    with _cluster() as server:
        yield server


@pytest.fixture(scope="session")
def mortal_postgres() -> Iterator[Postgres]:
    """Give a PostgreSQL server that tests may kill; whoever does starts it again."""
    with _cluster() as server:
        yield server


@pytest.fixture(scope="session")
def fresh_database(postgres: Postgres) -> Callable[[], str]:
    """Give a maker of empty PostgreSQL databases: each call returns the SQLAlchemy URL of a new one."""
    return postgres.fresh_database


@pytest.fixture
def postgres_url(fresh_database: Callable[[], str]) -> str:
    """Give the SQLAlchemy URL of an empty PostgreSQL database of this test alone."""
    return fresh_database()
