"""The database behind the registry: SQLite with one writer, or PostgreSQL. One transaction per piece of work."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from central.commits import SharedCommits

BUSY_TIMEOUT_S = 10
READERS_MAX = 16
STATEMENT_TIMEOUT_MS = 30_000
# A server that is gone without a word: so long until a connection to it is given up.
CONNECT_TIMEOUT_S = 5
SILENCE_MAX_MS = 10_000
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
            self._holders: Engine | None = None
        else:
            self.writer = postgresql(url)
            self.reader = only_reading(self.writer)
            self._commits = None
            # Apart, so that jobs that hold a lock for long leave the requests their connections.
            self._holders = postgresql(url).execution_options(isolation_level="AUTOCOMMIT")

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

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Give True where no other process does what has this name while the block lasts; on SQLite one process serves anyway.

        It saves work and no more: where the connection breaks in mid-block, another may begin before this one has ended.
        """
        if self._holders is None:
            yield True
            return
        key = {"key": int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)}
        with self._holders.connect() as connection:
            taken = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key))
            try:
                yield taken
            finally:
                if taken:
                    _let_go(connection, key)

    def close(self) -> None:
        """Close all connections; the last one to SQLite folds its log into the file."""
        if self._holders is not None:
            self._holders.dispose()
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


def _let_go(connection: Connection, key: dict[str, int]) -> None:
    """Give a lock back; with the connection, where that cannot be said any more."""
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)
    except SQLAlchemyError:
        connection.invalidate()


def only_reading(engine: Engine) -> Engine:
    """Give an engine on the same connections whose sessions see one moment and change nothing.

    What is read in two statements belongs together, as it does on SQLite: a revision and the rows of it.
    """
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def postgresql(url: URL) -> Engine:
    """Make connections to PostgreSQL: each is tried before it is used, so that a server that was started anew is found again."""
    return create_engine(
        url,
        pool_size=READERS_MAX,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_S,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args={
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
            "connect_timeout": CONNECT_TIMEOUT_S,
            "tcp_user_timeout": SILENCE_MAX_MS,
        },
    )
