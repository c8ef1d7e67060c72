"""The database behind the registry: SQLite with one writer, or PostgreSQL. One transaction per piece of work."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.orm import Session

from central.commits import SharedCommits

BUSY_TIMEOUT_S = 10
READERS_MAX = 16
STATEMENT_TIMEOUT_MS = 30_000
# The journal has a dozen indexes whose pages each batch touches: with SQLite's own 2 MB they are read again and again, and a
# log of 4 MB is folded into the file so often that most of its pages are written for nothing.
CACHE_KIB = 64 * 1024
CHECKPOINT_PAGES = 4_000


class Database:
    """Sessions to read and to write with; a write is committed when its block ends well, and not at all otherwise.

    `visiting` is for a command that works beside a running registry: on SQLite it never checkpoints, because two connections
    that do so at one moment can damage the file (SQLite before 3.51.3).
    """

    def __init__(self, url: URL, *, visiting: bool = False) -> None:
        if url.get_backend_name() == "sqlite":
            path = Path(url.database or "")
            path.parent.mkdir(parents=True, exist_ok=True)
            self.writer = _sqlite_writer(path, checkpointing=not visiting)
            self.reader = _sqlite_reader(path)
            self._commits: SharedCommits | None = SharedCommits(self.writer, BUSY_TIMEOUT_S)
        else:
            self.writer = _postgresql(url)
            # What is read in two statements belongs together, as it does on SQLite: a revision and the rows of it.
            self.reader = self.writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._commits = None

    @property
    def form(self) -> str:
        """The name of the dialect: rows are made in its form before they come here."""
        return self.writer.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one moment and changes nothing."""
        with Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose work is committed once, at the end of the block; on SQLite with that of others who waited."""
        if self._commits is not None:
            with self._commits.write() as session:
                yield session
            return
        with Session(self.writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections; the last one to SQLite folds its log into the file."""
        self.reader.dispose()
        self.writer.dispose()


def _sqlite_writer(path: Path, *, checkpointing: bool) -> Engine:
    """Give one connection, on which all writers of this process take turns."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=1,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        # What a savepoint sets aside of each page, as long as a piece of work lasts: not into a file.
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES if checkpointing else 0}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite_reader(path: Path) -> Engine:
    """Give connections that can only read; SQLite's own driver would open a transaction too late, so it is opened here."""
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query={"mode": "ro", "uri": "true"}),
        pool_size=READERS_MAX,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        connect_args={"timeout": BUSY_TIMEOUT_S, "isolation_level": None},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url,
        pool_size=READERS_MAX,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        pool_pre_ping=True,
        connect_args={"options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC"},
    )
