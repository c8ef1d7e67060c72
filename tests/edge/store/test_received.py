"""Rules as they were received: revisions, both ends of each row, and never half of anything."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.contract.booth_records import NoticeAtBooth
from access.contract.records import ScheduleRecord
from access.contract.sync import RulesPage, Tombstone, Upsert
from edge.store.database import has_log
from edge.store.errors import StoreError, StoreLockedError
from edge.store.received import CLOSED_ROWS_KEPT_S, Kept, Received, reading_rules

EPOCH = UUID(int=7)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "courier.db"


@pytest.fixture
def received(path: Path) -> Iterator[Received]:
    received = Received(path)
    yield received
    received.close()


def put(record: int, revision: int, name: str = "") -> Upsert:
    name = name or f"{record} at {revision}"
    return Upsert(revision=revision, record=ScheduleRecord(id=UUID(int=record), name=name, spans=()))


def gone(record: int, revision: int) -> Tombstone:
    return Tombstone(revision=revision, kind="schedule", id=UUID(int=record))


def take(
    received: Received, until: int, *changes: Upsert | Tombstone, complete: bool = False, at: int = 1000, forgets: bool = True
) -> None:
    received.begin_arrival()
    for change in changes:
        upserts, tombstones = ((change,), ()) if isinstance(change, Upsert) else ((), (change,))
        received.arrive(RulesPage(since=0, revision=until, upserts=upserts, tombstones=tombstones))
    received.install(until, at, complete=complete, forgets=forgets)


def living(path: Path) -> dict[int, str]:
    with reading_rules(path) as (_, records):
        return {identity.int: data["name"] for _, identity, data in records}


def history(path: Path) -> list[tuple[int, int, int | None]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT id, from_revision, to_revision FROM rules ORDER BY id, from_revision").fetchall()
    connection.close()
    return [(int.from_bytes(identity), since, until) for identity, since, until in rows]


def test_changes_close_what_they_replace(received: Received, path: Path) -> None:
    take(received, 3, put(1, 2), put(2, 3))
    take(received, 5, put(1, 5), gone(2, 4))
    assert living(path) == {1: "1 at 5"}
    assert history(path) == [(1, 2, 5), (1, 5, None), (2, 3, 4)]
    assert received.revision() == 5


def test_several_changes_of_one_record_keep_their_order(received: Received, path: Path) -> None:
    take(received, 9, put(1, 2), put(1, 9), put(1, 5), put(2, 3), gone(2, 6))
    assert history(path) == [(1, 2, 5), (1, 5, 9), (1, 9, None), (2, 3, 6)]


def test_a_complete_set_forgets_what_is_not_in_it(received: Received, path: Path) -> None:
    take(received, 3, put(1, 1), put(2, 2), put(3, 3))
    take(received, 8, put(1, 1), put(3, 7), complete=True)
    assert living(path) == {1: "1 at 1", 3: "3 at 7"}
    assert history(path) == [(1, 1, None), (2, 2, 8), (3, 3, 7), (3, 7, None)]


def test_26_a_registry_that_went_back_takes_its_future_with_it(received: Received, path: Path) -> None:
    take(received, 9, put(1, 4), put(2, 9))
    take(received, 5, put(1, 4, "as it was"), complete=True)
    assert living(path) == {1: "as it was"}
    assert (received.revision(), history(path)) == (5, [(1, 4, None)])


def test_what_has_not_all_arrived_is_not_visible(received: Received, path: Path) -> None:
    take(received, 1, put(1, 1))
    received.begin_arrival()
    received.arrive(RulesPage(since=1, revision=3, upserts=(put(1, 2), put(2, 3)), more="further"))
    assert living(path) == {1: "1 at 1"}
    take(received, 4, put(3, 4))
    assert living(path) == {1: "1 at 1", 3: "3 at 4"}, "and pages of an arrival that broke off never are"


def test_closed_rows_are_kept_ninety_days(received: Received, path: Path) -> None:
    take(received, 1, put(1, 1), at=0)
    take(received, 2, put(1, 2), at=10)
    take(received, 3, put(2, 3), at=10 + CLOSED_ROWS_KEPT_S)
    assert len(history(path)) == 3
    take(received, 4, put(2, 4), at=11 + CLOSED_ROWS_KEPT_S, forgets=False)
    assert len(history(path)) == 4, "nobody vouches for the clock"
    take(received, 5, at=11 + CLOSED_ROWS_KEPT_S)
    assert history(path) == [(1, 2, None), (2, 3, 4), (2, 4, None)]


def test_what_booths_were_told_before_is_not_kept(received: Received, path: Path) -> None:
    """No decision reads it, and it tells of people."""
    notice = NoticeAtBooth(id=UUID(int=7), title="停水", valid_from=0)
    for revision, title in ((1, "停水"), (2, "来水")):
        record = notice.model_copy(update={"title": title})
        received.arrive(RulesPage(since=revision - 1, revision=revision, upserts=(Upsert(revision=revision, record=record),)))
        received.install(revision, 0, complete=False)
    with closing(sqlite3.connect(path)) as db:
        assert [json.loads(data)["title"] for (data,) in db.execute("SELECT data FROM rules")] == ["来水"]


def test_an_install_that_fails_changes_nothing(received: Received, path: Path) -> None:
    take(received, 1, put(1, 1))
    received.arrive(RulesPage(since=1, revision=2, upserts=(put(1, 2),)))
    received._db.execute("CREATE TRIGGER full BEFORE INSERT ON rules BEGIN SELECT raise(ABORT, 'disk full'); END")
    with pytest.raises(StoreError, match="disk full"):
        received.install(2, 0, complete=False)
    assert (received.revision(), history(path)) == (1, [(1, 1, None)])


def test_progress_survives_a_restart(path: Path) -> None:
    kept = Kept({EPOCH: 41, UUID(int=8): 2}, {EPOCH: 9}, 1_700_000_000, frozenset({(EPOCH, 11), (UUID(int=8), 1)}))
    received = Received(path)
    received.keep(Kept({EPOCH: 3}, {UUID(int=8): 1}, sent=frozenset({(EPOCH, 2)})))
    received.keep(kept)
    received.close()
    again = Received(path)
    assert again.kept() == kept
    again.close()


def test_one_courier_at_a_time(received: Received, path: Path) -> None:
    with pytest.raises(StoreLockedError):
        Received(path)


def test_a_damaged_file_is_told(path: Path) -> None:
    path.write_bytes(b"no database at all, but long enough to be looked at" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        Received(path)
    path.unlink()
    Received(path).close()


def test_commits_are_synced(received: Received) -> None:
    assert received._db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert has_log(received._db)


Edits = st.lists(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=4), max_size=8)


@given(edits=Edits, complete_at=st.sets(st.integers(0, 7)))
def test_deltas_and_complete_sets_lead_to_the_same_rules(
    edits: Sequence[Sequence[tuple[int, bool]]], complete_at: set[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rules") / "courier.db"
    received = Received(path)
    truth: dict[int, Upsert] = {}
    for at, edit in enumerate(edits):
        revision = at + 1
        changes: dict[int, Upsert | Tombstone] = {}
        for record, there in edit:
            changes[record] = put(record, revision) if there else gone(record, revision)
        for record, change in changes.items():
            truth.pop(record, None)
            if isinstance(change, Upsert):
                truth[record] = change
        if at in complete_at:
            take(received, revision, *truth.values(), complete=True)
        else:
            take(received, revision, *changes.values())
        assert living(path) == {record: f"{record} at {upsert.revision}" for record, upsert in truth.items()}
    received.close()
    rows = history(path)
    for identity in {row[0] for row in rows}:
        spans = [(since, until) for record, since, until in rows if record == identity]
        for (since, until), (later, _) in pairwise(spans):
            assert until is not None
            assert since < until <= later


def as_of(path: Path, revision: int) -> dict[int, str]:
    with reading_rules(path, revision) as (asked, records):
        assert asked == revision
        return {identity.int: data["name"] for _, identity, data in records}


def test_the_rules_of_an_earlier_revision_are_told_again(received: Received, path: Path) -> None:
    take(received, 3, put(1, 2), put(2, 3))
    take(received, 5, put(1, 5), gone(2, 4))
    take(received, 7, put(2, 7))
    assert as_of(path, 3) == {1: "1 at 2", 2: "2 at 3"}
    assert as_of(path, 5) == as_of(path, 6) == {1: "1 at 5"}
    assert as_of(path, 7) == {1: "1 at 5", 2: "2 at 7"}


def test_rules_that_are_not_whole_any_more_are_not_told(received: Received, path: Path) -> None:
    take(received, 3, put(1, 2))
    take(received, 5, put(1, 5))
    take(received, 6, put(1, 6), at=1001 + CLOSED_ROWS_KEPT_S)
    for revision in (2, 4, 7):
        with pytest.raises(StoreError, match=f"revision {revision} are not kept"), reading_rules(path, revision):
            pass
    assert as_of(path, 5) == {1: "1 at 5"}
    take(received, 1, put(1, 1), complete=True, at=1001 + CLOSED_ROWS_KEPT_S)  # the registry was restored and went back
    assert as_of(path, 1) == {1: "1 at 1"}
