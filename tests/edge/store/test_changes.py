"""What has changed since a revision: known, few and enough to lay over a snapshot, or told to be none of these."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from access.contract.records import AnyRecord
from access.contract.sync import RulesPage, Tombstone, Upsert
from edge.store.changes import reading_changes
from edge.store.received import CLOSED_ROWS_KEPT_S, Received
from tests.edge.courier.rules import LANE, SITE, card, person

Told = tuple[int, set[UUID], list[UUID]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "courier.db"


@pytest.fixture
def received(path: Path) -> Iterator[Received]:
    received = Received(path)
    take(received, 3, SITE, LANE, person(0), person(1), card(1), card(2))
    yield received
    received.close()


def take(received: Received, until: int, *changed: AnyRecord | Tombstone, at: int = 1000, complete: bool = False) -> None:
    upserts = tuple(Upsert(revision=until, record=one) for one in changed if not isinstance(one, Tombstone))
    tombstones = tuple(one for one in changed if isinstance(one, Tombstone))
    received.begin_arrival()
    received.arrive(RulesPage(since=0, revision=until, upserts=upserts, tombstones=tombstones))
    received.install(until, at, complete=complete, forgets=True)


def told(path: Path, base: int, most: int = 10, among: int = 1) -> Told | None:
    with reading_changes(path, base, most, among) as changes:
        if changes is None:
            return None
        return changes.revision, set(changes.touched), sorted(identity for _, identity, _ in changes.records)


def test_what_changed_with_the_holders_and_all_small_records(received: Received, path: Path) -> None:
    take(received, 4, card(2), Tombstone(revision=4, kind="card", id=card(1).id))
    assert told(path, 3) == (4, {card(1).id, card(2).id}, [SITE.id, LANE.id, person(0).id, card(2).id])


def test_small_records_alone_touch_nothing(received: Received, path: Path) -> None:
    take(received, 4, LANE.model_copy(update={"mode": "held_closed"}))
    assert told(path, 3) == (4, set(), [SITE.id, LANE.id])


def test_what_came_and_went_since_is_touched(received: Received, path: Path) -> None:
    take(received, 4, person(5))
    take(received, 5, Tombstone(revision=5, kind="person", id=person(5).id))
    assert told(path, 3) == (5, {person(5).id}, [SITE.id, LANE.id])


@pytest.mark.parametrize("base", [2, 4, 5])
def test_only_since_an_earlier_revision_that_is_known(received: Received, path: Path, base: int) -> None:
    take(received, 4, card(1))
    assert told(path, base) is None


def test_not_many_not_among_few_not_of_another_site(received: Received, path: Path) -> None:
    take(received, 4, person(0), person(1))
    assert told(path, 3, most=2, among=6) is not None
    assert told(path, 3, most=1) is None
    assert told(path, 3, among=7) is None
    take(received, 5, SITE.model_copy(update={"name": "Hillside"}))
    assert told(path, 4) is None


def test_not_since_a_revision_whose_tombstones_are_forgotten(received: Received, path: Path) -> None:
    take(received, 4, Tombstone(revision=4, kind="card", id=card(1).id))
    take(received, 5, person(1), at=1001 + CLOSED_ROWS_KEPT_S)
    assert told(path, 3) is None
    assert told(path, 4) is not None


def test_not_since_before_the_registry_went_back(received: Received, path: Path) -> None:
    take(received, 9, person(1))
    take(received, 5, SITE, person(1), complete=True)
    take(received, 6, person(2))
    assert told(path, 3) is None
    assert told(path, 5) == (6, {person(2).id}, [SITE.id, person(2).id])


def test_not_since_before_a_complete_set_that_may_bring_what_is_older(received: Received, path: Path) -> None:
    take(received, 5, SITE, LANE, person(0), complete=True)
    take(received, 6, person(2))
    assert told(path, 3) is None
    assert told(path, 5) == (6, {person(2).id}, [SITE.id, LANE.id, person(2).id])


def test_a_database_of_before_gets_its_indexes(path: Path) -> None:
    Received(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP INDEX rules_from")
        connection.execute("DROP INDEX rules_to")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm002%'")
    connection.close()
    Received(path).close()
    with sqlite3.connect(path) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'index'")}
    connection.close()
    assert {"rules_from", "rules_to"} <= names


@pytest.mark.parametrize("end", ["from_revision", "to_revision"])
def test_they_are_found_without_a_walk(received: Received, end: str) -> None:
    plan = received._db.execute(f"EXPLAIN QUERY PLAN SELECT id FROM rules WHERE {end} > 5").fetchall()
    assert "SEARCH rules USING COVERING INDEX" in plan[0][3]
