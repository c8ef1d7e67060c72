"""Steps of a schema, each made once; and transactions that are whole or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.store.database import Database
from edge.store.steps import Steps

steps = Steps("of-a-test")
disk = {"full": True}


@steps
def m001_stones(db: Database) -> None:
    db.execute("CREATE TABLE stones (weight INTEGER NOT NULL)")


@steps
def m002_heavier(db: Database) -> None:
    db.execute("INSERT INTO stones VALUES (2)")
    if disk["full"]:
        raise sqlite3.OperationalError("disk full")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(tmp_path / "stones.db")) as db:
        yield db


def weights(db: Database) -> list[int]:
    return [weight for (weight,) in db.execute("SELECT weight FROM stones ORDER BY rowid")]


def test_a_step_that_fails_is_undone_and_made_later(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert steps.made(db) == set()
    with pytest.raises(sqlite3.OperationalError, match="disk full"):
        steps.make(db)
    assert steps.made(db) == {"m001_stones"}
    assert weights(db) == []
    monkeypatch.setitem(disk, "full", False)
    for _ in range(2):
        steps.make(db)
    assert weights(db) == [2]
    assert steps.made(db) == set(steps.names)


def test_it_can_stop_before_a_step(db: Database) -> None:
    steps.make(db, before="m002_heavier")
    assert steps.made(db) == {"m001_stones"}


def test_other_steps_of_the_same_file_are_none_of_its_own(db: Database) -> None:
    steps.make(db, before="m002_heavier")
    assert Steps("another").made(db) == set()


def test_a_database_that_sqlite_utils_made_goes_on(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    db.execute(
        'CREATE TABLE "_sqlite_migrations" ("id" INTEGER PRIMARY KEY, "migration_set" TEXT, "name" TEXT, "applied_at" TEXT)'
    )
    db.execute('CREATE UNIQUE INDEX "idx" ON "_sqlite_migrations" ("migration_set", "name")')
    m001_stones(db)
    db.execute("INSERT INTO _sqlite_migrations VALUES (1, 'of-a-test', 'm001_stones', '2026-07-04 12:00:00.000000+00:00')")
    monkeypatch.setitem(disk, "full", False)
    steps.make(db)
    assert weights(db) == [2]


def test_what_is_done_together_is_done_whole_or_not_at_all(db: Database, tmp_path: Path) -> None:
    m001_stones(db)
    with db.atomic():
        db.execute("INSERT INTO stones VALUES (1)")
        db.executemany("INSERT INTO stones VALUES (?)", [(2,), (3,)])
    with pytest.raises(sqlite3.IntegrityError), db.atomic():
        db.executemany("INSERT INTO stones VALUES (?)", [(4,), (None,)])
    db.execute("INSERT INTO stones VALUES (5)")
    with closing(Database(tmp_path / "stones.db")) as other:
        assert weights(other) == [1, 2, 3, 5]


def test_a_commit_that_fails_is_undone(db: Database) -> None:
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("CREATE TABLE a (id INTEGER PRIMARY KEY)")
    db.execute("CREATE TABLE b (a INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), db.atomic():
        db.execute("INSERT INTO b VALUES (7)")
    assert not db.in_transaction
    assert db.execute("SELECT count(*) FROM b").fetchone() == (0,)
