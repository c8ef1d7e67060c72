"""Writers who wait share a commit: each has his work or his error, and nobody another's."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as WaitedTooLongError

from central.commits import SharedCommits
from central.database import Database
from tests.waiting import wait_until

WRITERS = 8


class Board:
    """A database of one table, and the number of commits so far."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.shared = SharedCommits(database.writer, 10)
        self.commits = 0
        with self.shared.write() as session:
            session.execute(text("CREATE TABLE notes (word TEXT UNIQUE)"))
        event.listen(database.writer, "commit", self._count)

    def note(self, word: str, *, fail: bool = False) -> None:
        with self.shared.write() as session:
            session.execute(text("INSERT INTO notes VALUES (:word)"), {"word": word})
            if fail:
                raise ArithmeticError(word)

    def words(self) -> list[str]:
        with self.database.read() as session:
            return list(session.scalars(text("SELECT word FROM notes ORDER BY word")))

    def _count(self, _connection: Any) -> None:
        self.commits += 1


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    with closing(Database(make_url(f"sqlite:///{tmp_path / 'registry.db'}"))) as database:
        yield Board(database)


def together(board: Board, words: list[str], failing: str = "") -> list[BaseException | None]:
    """Let writers queue up behind one who holds the turn; return what became of each."""
    with ThreadPoolExecutor(len(words)) as pool:
        with board.shared.write() as session:
            session.execute(text("INSERT INTO notes VALUES ('first')"))
            done = [pool.submit(board.note, word, fail=word == failing) for word in words]
            wait_until(lambda: board.shared._waiting == len(words), what="all to queue up")
        return [one.exception() for one in done]


def test_who_waits_shares_a_commit(board: Board) -> None:
    words = [f"w{n}" for n in range(WRITERS)]
    assert together(board, words) == [None] * WRITERS
    assert board.words() == ["first", *words]
    assert board.commits < WRITERS


def test_who_fails_takes_back_only_his_own(board: Board) -> None:
    errors = together(board, ["a", "b", "c"], failing="b")
    assert [type(error) for error in errors] == [type(None), ArithmeticError, type(None)]
    assert board.words() == ["a", "c", "first"]


def test_a_transaction_that_sqlite_took_back_is_nobodys_success(board: Board) -> None:
    """As on a full disk: SQLite rolls the whole transaction back, savepoints and all."""

    def lose() -> None:
        with board.shared.write() as session, suppress(SQLAlchemyError):
            raw: Any = session.connection().connection.dbapi_connection
            raw.execute("ROLLBACK")

    def first(pool: ThreadPoolExecutor) -> None:
        with board.shared.write() as session:
            session.execute(text("INSERT INTO notes VALUES ('first')"))
            losing.append(pool.submit(lose))
            wait_until(lambda: board.shared._waiting == 1, what="the other to queue up")

    losing: list[Future[None]] = []
    with ThreadPoolExecutor(2) as pool:
        with pytest.raises(OperationalError):
            first(pool)
        assert isinstance(losing[0].exception(), SQLAlchemyError)
    assert board.words() == []
    board.note("later")
    assert board.words() == ["later"]


def test_what_one_who_fails_has_seen_of_others_is_committed_when_he_tells_of_it(board: Board) -> None:
    """Else he would tell what is here, or go on by it, and it is taken back."""

    def see(pool: ThreadPoolExecutor) -> None:
        with board.shared.write() as session:
            seen = session.scalars(text("SELECT word FROM notes")).all()
            others.extend(pool.submit(lose) for _ in range(3))
            wait_until(lambda: board.shared._waiting == 3, what="the others to queue up")
            raise ArithmeticError(seen)

    def lose() -> None:
        with board.shared.write() as session, suppress(SQLAlchemyError):
            raw: Any = session.connection().connection.dbapi_connection
            raw.execute("ROLLBACK")

    others: list[Future[None]] = []
    with ThreadPoolExecutor(5) as pool, suppress(OperationalError), board.shared.write() as session:
        session.execute(text("INSERT INTO notes VALUES ('first')"))
        seeing = pool.submit(see, pool)
        wait_until(lambda: board.shared._waiting == 1, what="the other to queue up")
    assert board.words() == []
    assert isinstance(seeing.exception(), OperationalError)


def test_who_gives_up_waiting_leaves_nobody_uncommitted(board: Board) -> None:
    board.shared._patience_s = 0.05
    with ThreadPoolExecutor(2) as pool:
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            with board.shared.write() as session:
                session.execute(text("INSERT INTO notes VALUES ('held')"))
                held.set()
                release.wait(10)

        holding = pool.submit(hold)
        assert held.wait(10)
        assert isinstance(pool.submit(board.note, "late").exception(10), WaitedTooLongError)
        release.set()
        assert holding.exception(10) is None
    assert board.words() == ["held"]
