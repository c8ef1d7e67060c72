"""A standby of the PostgreSQL server, on which the log is looked up; of each answer it is known until when all is in it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

import structlog
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

LAG_MAX: Final = timedelta(seconds=10)
# How old what is known of the primary may be before it is asked anew, and how long a standby that failed is left alone.
ASKED_EVERY_S: Final = 1.0
LEFT_ALONE_S: Final = 5.0
# What is acknowledged is flushed: a standby that has replayed as far has all that was acknowledged until then.
_PRIMARY: Final = text(
    "SELECT clock_timestamp(), CAST(pg_current_wal_flush_lsn() AS text), (SELECT system_identifier FROM pg_control_system())"
)
_STANDBY: Final = text("""
    SELECT pg_is_in_recovery(), (SELECT system_identifier FROM pg_control_system()),
           COALESCE(pg_last_wal_replay_lsn() >= CAST(:flushed AS pg_lsn), false), pg_last_xact_replay_timestamp()
""")
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
log = structlog.get_logger("central.replica")


class BehindError(Exception):
    """The standby is not to be asked now: too far behind, away a moment ago, or none of this primary's."""


class _Primary(NamedTuple):
    """How far the primary was: its own time, the end of its log, which cluster it is, and our monotonic time then."""

    at: datetime
    flushed: str
    cluster: int
    asked: float


class Replica:
    """Reads on a standby of `primary` that is no more than `lag_max` behind it. May be used from several threads."""

    def __init__(self, engine: Engine, primary: Engine, lag_max: timedelta = LAG_MAX) -> None:
        self._engine = engine
        self._primary = primary
        self._lag_max = lag_max
        self._lock = Lock()
        self._known: _Primary | None = None
        self._alone_until = 0.0

    @contextmanager
    def read(self) -> Iterator[tuple[Session, datetime]]:
        """Give a session that sees one moment, and a time until which it has all that was acknowledged.

        Raises BehindError, and SQLAlchemy's errors where the standby fails.
        """
        if time.monotonic() < self._alone_until:
            raise BehindError
        known = self._primary_now()
        with self._connected() as connection:
            # Before the session begins: what it sees is this, or newer.
            as_of = self._as_of(connection, known)
            connection.rollback()
            with Session(connection, expire_on_commit=False) as session:
                yield session, as_of

    @property
    def url(self) -> URL:
        """Where the standby is."""
        return self._engine.url

    @property
    def lag_max(self) -> timedelta:
        """How far it may be behind."""
        return self._lag_max

    def close(self) -> None:
        """Close the connections to the standby."""
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            connection = self._engine.connect()
        except SQLAlchemyError:
            # To find out costs seconds where a machine is gone: not for each request.
            self._alone_until = time.monotonic() + LEFT_ALONE_S
            raise
        with connection:
            yield connection

    def _primary_now(self) -> _Primary:
        """Return how far the primary is, or was when it last answered. Raises BehindError where it never has."""
        with self._lock:
            known = self._known
            if known is None or time.monotonic() - known.asked > ASKED_EVERY_S:
                try:
                    known = self._known = self._ask()
                except SQLAlchemyError as error:
                    log.warning("the primary does not say how far it is", error=type(error).__name__)
        if known is None:
            raise BehindError
        return known

    def _ask(self) -> _Primary:
        asked = time.monotonic()
        with self._primary.connect() as connection:
            at, flushed, cluster = connection.execute(_PRIMARY).one()
        return _Primary(at, flushed, cluster, asked)

    def _as_of(self, connection: Connection, known: _Primary) -> datetime:
        is_standby, cluster, has_all, replayed_at = connection.execute(_STANDBY, {"flushed": known.flushed}).one()
        if not is_standby or cluster != known.cluster:
            raise BehindError
        as_of = max(known.at if has_all else _BEGINNING, replayed_at or _BEGINNING)
        now = known.at + timedelta(seconds=time.monotonic() - known.asked)
        if now - as_of > self._lag_max:
            raise BehindError
        return min(as_of, now)
