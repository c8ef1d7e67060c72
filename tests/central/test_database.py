import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import delete, func, make_url, select, text
from sqlalchemy.exc import InternalError, OperationalError
from sqlalchemy.orm import Session

from central.config import ConfigError, Settings
from central.database import Database
from central.registry import Registry
from central.tables import Site


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(make_url(f"sqlite:///{tmp_path / 'a b' / 'x.db'}"))
    with made.write() as session:
        session.execute(text("CREATE TABLE counts (n INTEGER)"))
        session.execute(text("INSERT INTO counts VALUES (0)"))
    return made


def test_sqlite_is_durable_and_keeps_references(database: Database) -> None:
    with closing(database), database.write() as session:
        pragmas = [session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert pragmas == ["wal", 2, 1]


def test_a_reader_cannot_write(database: Database) -> None:
    with closing(database), database.read() as session, pytest.raises(OperationalError, match="readonly"):
        session.execute(text("INSERT INTO counts VALUES (1)"))


def test_a_reader_sees_one_moment_and_changes_nothing(registry: Registry) -> None:
    def count(session: Session) -> int:
        return session.scalars(select(func.count()).select_from(Site)).one()

    with registry.read() as reading:
        assert count(reading.session) == 0
        with registry.write() as work:
            work.session.add(Site(id=work.new_id(), slug="a", name="a", zone="Asia/Shanghai", card_key=bytes(32)))
        assert count(reading.session) == 0
    with registry.read() as later:
        assert count(later.session) == 1
        with pytest.raises((OperationalError, InternalError), match=r"read-?only"):
            later.session.execute(delete(Site))


def test_what_fails_leaves_nothing(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            session.execute(text("UPDATE counts SET n = 5"))
            raise sqlite3.Error

    with closing(database):
        with pytest.raises(sqlite3.Error):
            fail()
        with database.read() as session:
            assert session.execute(text("SELECT n FROM counts")).scalar() == 0


def test_writers_take_turns(database: Database) -> None:
    """Reading and then writing in one transaction loses nothing: the lock is taken at its beginning."""
    together = Barrier(8)

    def count() -> None:
        together.wait()
        for _ in range(10):
            with database.write() as session:
                n = session.execute(text("SELECT n FROM counts")).scalar_one()
                session.execute(text("UPDATE counts SET n = :n"), {"n": n + 1})

    threads = [Thread(target=count) for _ in range(8)]
    with closing(database):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.read() as session:
            assert session.execute(text("SELECT n FROM counts")).scalar() == 80


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:", "not a url"])
def test_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="database"):
        Settings(tmp_path, url).database_url()


def test_postgresql_is_spoken_by_psycopg(tmp_path: Path) -> None:
    assert Settings(tmp_path, "postgresql://me@db/registry").database_url().drivername == "postgresql+psycopg"


@pytest.mark.parametrize("replica", ["sqlite:///x.db", "mysql://x/y", "not a url"])
def test_other_standbys_are_refused(replica: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="replica"):
        Settings(tmp_path, "postgresql://me@db/registry", replica).replica_url()


def test_sqlite_has_no_standby(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="replica"):
        Settings(tmp_path, "", "postgresql://me@db/registry").replica_url()
    assert Settings(tmp_path).replica_url() is None
