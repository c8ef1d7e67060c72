"""One connection that writes, many who want to: they take turns on it, and those who wait meanwhile share one commit.

A commit costs a sync of the disk, whatever is in it. Each writer works in a savepoint, so that one who fails takes back only his
own work; none is told that it is done before the commit that holds it.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedTooLongError
from sqlalchemy.orm import Session

WRITERS_MAX: Final = 32
OPEN_MAX_S: Final = 0.1


@dataclass(slots=True)
class _Group:
    """Writers whose work is committed together."""

    connection: Connection
    began: float
    writers: int = 0
    fault: Exception | None = None
    over: threading.Event = field(default_factory=threading.Event)

    def is_lost(self) -> bool:
        """Tell whether SQLite took everything back by itself, as it does on a full disk and other grave errors."""
        raw: Any = self.connection.connection.dbapi_connection
        return not raw.in_transaction

    def take_back(self) -> None:
        """Undo what could not be committed: SQLite leaves the transaction open, and the next could not begin."""
        raw: Any = self.connection.connection.dbapi_connection
        with suppress(sqlite3.Error):
            raw.rollback()


class SharedCommits:
    """The turns of all writers of this process on the one connection that `engine` has; none waits longer than `patience_s`."""

    def __init__(self, engine: Engine, patience_s: float) -> None:
        self._engine = engine
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session whose work is committed when this returns, and not at all where the block, or the commit, fails.

        Who fails has seen the work of others, and may tell of it: also his error is told only once that is committed.
        """
        self._take_turn()
        try:
            group = self._group = self._group or self._begun()
        except BaseException:
            self._turn.release()
            raise
        try:
            with (
                Session(group.connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session,
                session.begin(),
            ):
                yield session
        finally:
            try:
                self._end_turn(group)
            finally:
                self._turn.release()
            self._see_committed(group)

    def _see_committed(self, group: _Group) -> None:
        """Wait until a group is committed, whoever does it; raises what kept it from that."""
        while not group.over.wait(OPEN_MAX_S):
            self._commit_left(group)
        if group.fault is not None:
            raise group.fault

    def _take_turn(self) -> None:
        self._count(+1)
        taken = self._turn.acquire(timeout=self._patience_s)
        self._count(-1)
        if not taken:
            raise WaitedTooLongError(f"no turn to write within {self._patience_s:g} s")

    def _commit_left(self, group: _Group) -> None:
        """Commit what was left to a writer who has then given up waiting for his turn."""
        if self._turn.acquire(blocking=False):
            if self._group is group:
                self._commit(group)
            self._turn.release()

    def _count(self, by: int) -> None:
        with self._counting:
            self._waiting += by

    def _begun(self) -> _Group:
        connection = self._engine.connect()
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return _Group(connection, monotonic())

    def _end_turn(self, group: _Group) -> None:
        """Leave the commit to who comes next, unless as many have been served as still wait, or waited for it long enough.

        Those who are served send again while the others write: were all committed together, nobody would write meanwhile.
        """
        group.writers += 1
        is_due = group.writers >= WRITERS_MAX or monotonic() - group.began > OPEN_MAX_S
        if self._waiting < group.writers or is_due or group.is_lost():
            self._commit(group)

    def _commit(self, group: _Group) -> None:
        self._group = None
        try:
            if group.is_lost():
                group.fault = OperationalError("COMMIT", None, RuntimeError("SQLite took the transaction back"))
            else:
                group.connection.commit()
        except Exception as error:  # noqa: BLE001 - raised to each of the writers
            group.fault = error
            group.take_back()
        finally:
            with suppress(SQLAlchemyError):
                group.connection.close()
            group.over.set()
