"""What the courier keeps: the rules as the registry sent them, each `[from_revision, to_revision)`, and how far sync has come.

One connection for the courier's threads, one lock around it; the pass that builds snapshots reads on a connection of its own.
"""

import json
import sqlite3
import threading
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from access.contract.deny import DenyList
from access.contract.records import AnyRecord, PersonRecord
from access.contract.sync import RulesPage
from edge.store.blanking import blank_erased
from edge.store.database import BUSY_TIMEOUT_MS, WriterLock, open_reader
from edge.store.errors import StoreError
from edge.store.evidence import Place
from edge.store.sqlite import Database, Migrations, database_at

MARK = "rules mark"
ARRIVAL = "rules arriving"
CLOSED_ROWS_KEPT_S = 90 * 24 * 3600
LOG_BYTES_KEPT = 16 * 1024 * 1024

migrations = Migrations("gatehouse-courier")


@migrations()
def m001_rules_and_progress(db: Database) -> None:
    """Rules with their revisions, pages that are still arriving, and named numbers; `closed_utc` in seconds."""
    db.execute(
        """
        CREATE TABLE rules (
            kind TEXT NOT NULL,
            id BLOB NOT NULL,
            from_revision INTEGER NOT NULL,
            to_revision INTEGER,
            data TEXT NOT NULL,
            closed_utc INTEGER,
            PRIMARY KEY (kind, id, from_revision)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute("CREATE INDEX rules_closed ON rules (closed_utc) WHERE closed_utc IS NOT NULL")
    db.execute(
        """
        CREATE TABLE arriving (
            kind TEXT NOT NULL,
            id BLOB NOT NULL,
            revision INTEGER NOT NULL,
            data TEXT,
            PRIMARY KEY (kind, id, revision)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute("CREATE TABLE acked (epoch BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT")
    db.execute("CREATE TABLE progress (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT")


@migrations()
def m002_rules_by_revision(db: Database) -> None:
    """Rules by both ends, so that what has changed since a revision is found without a walk through all."""
    db.execute("CREATE INDEX rules_from ON rules (from_revision)")
    db.execute("CREATE INDEX rules_to ON rules (to_revision) WHERE to_revision IS NOT NULL")


@migrations()
def m003_pictures_sent(db: Database) -> None:
    """Name pictures by epoch and seq: the rowids of a tail that the journal has lost are given again.

    Those in `pictures_sent` were sent before older ones: the newest and the disputed go first.
    """
    db.execute("CREATE TABLE pictures_through (epoch BLOB PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID")
    db.execute("CREATE TABLE pictures_sent (epoch BLOB, seq INTEGER, PRIMARY KEY (epoch, seq)) STRICT, WITHOUT ROWID")


@migrations()
def m004_deny_list_and_texts(db: Database) -> None:
    """Keep urgent deny lists, which win over the rules until these have come so far, and named texts.

    A record of a list (no data: gone) counted from `laid_utc` until `gone_utc` (seconds). `living` is what holds now.
    """
    db.execute(
        """
        CREATE TABLE urgent (
            kind TEXT NOT NULL,
            id BLOB NOT NULL,
            laid_utc INTEGER NOT NULL,
            gone_utc INTEGER,
            data TEXT,
            PRIMARY KEY (kind, id, laid_utc)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute(
        """
        CREATE VIEW living AS
        SELECT kind, id, data FROM rules
        WHERE to_revision IS NULL AND NOT EXISTS (
            SELECT 1 FROM urgent WHERE urgent.kind = rules.kind AND urgent.id = rules.id AND gone_utc IS NULL
        )
        UNION ALL SELECT kind, id, data FROM urgent WHERE gone_utc IS NULL AND data IS NOT NULL
        """
    )
    db.execute("CREATE TABLE texts (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT")


@migrations()
def m005_persons_by_unit(db: Database) -> None:
    """Find who lives or works in a unit: a guard asks one of them whether a visitor may come."""
    db.execute("ALTER TABLE rules ADD COLUMN unit TEXT")
    db.execute("ALTER TABLE arriving ADD COLUMN unit TEXT")
    db.execute("UPDATE rules SET unit = json_extract(data, '$.unit') WHERE kind = 'person'")
    db.execute("UPDATE arriving SET unit = json_extract(data, '$.unit') WHERE kind = 'person' AND data IS NOT NULL")
    db.execute("CREATE INDEX rules_of_unit ON rules (unit) WHERE unit IS NOT NULL AND to_revision IS NULL")


_parsed = json.JSONDecoder().raw_decode  # of our own texts, which begin and end with the object: half the time of json.loads
RuleRow = tuple[str, UUID, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """How far sync has come, as kept over a restart. `rules_utc` in seconds (0: never).

    The pictures of each epoch are dealt with through `pictures`, and of later ones those in `sent`.
    """

    acked: Mapping[UUID, int]
    pictures: Mapping[UUID, int] = field(default_factory=dict)
    rules_utc: int = 0
    sent: frozenset[Place] = frozenset()

    def is_picture_sent(self, place: Place) -> bool:
        """Tell whether the picture whose entry has this place is dealt with."""
        return is_sent(place, self.pictures, self.sent)


def is_sent(place: Place, pictures: Mapping[UUID, int], sent: Container[Place]) -> bool:
    """Tell whether a picture is dealt with: all are through `pictures`, and of later ones those in `sent`."""
    epoch, seq = place
    return seq <= pictures.get(epoch, 0) or place in sent


class Received:
    """The courier's own database; only the courier writes it. Every method may raise StoreError."""

    def __init__(self, path: Path) -> None:
        """Take the writer's lock, open or create."""
        self._lock = threading.Lock()
        self._owner = WriterLock(path.with_suffix(".lock")).acquire()
        try:
            self._db = _open(path)
        except (sqlite3.Error, StoreError) as error:
            self._owner.release()
            raise StoreError(f"{path} cannot be used: {error}") from error

    def close(self) -> None:
        """Close and give the lock back."""
        self._db.close()
        self._owner.release()

    def kept(self) -> Kept:
        """Return how far sync had come."""
        with self._using() as db:
            return kept_in(db)

    def keep(self, kept: Kept) -> None:
        """Replace what `kept` will return."""
        with self._using() as db, db.atomic():
            db.conn.executemany("INSERT OR REPLACE INTO acked VALUES (?, ?)", [(e.bytes, seq) for e, seq in kept.acked.items()])
            _set(db, rules_utc=kept.rules_utc)
            db.execute("DELETE FROM pictures_through")
            through = [(epoch.bytes, seq) for epoch, seq in kept.pictures.items()]
            db.conn.executemany("INSERT INTO pictures_through VALUES (?, ?)", through)
            before = _sent(db)
            gone, new = ([(e.bytes, seq) for e, seq in places] for places in (before - kept.sent, kept.sent - before))
            db.conn.executemany("DELETE FROM pictures_sent WHERE epoch = ? AND seq = ?", gone)
            db.conn.executemany("INSERT INTO pictures_sent VALUES (?, ?)", new)

    def revision(self) -> int:
        """Return the revision of the installed rules (0: none yet)."""
        with self._using() as db:
            return _revision(db)

    def deny(self, denied: DenyList, at_utc: int) -> bool:
        """Let these records win over the rules until the rules are of that revision; tell whether that changes anything.

        A list that is not complete is laid over the one before: what that says of others goes on.
        """
        rows: list[tuple[str, bytes, str | None]] = [
            *((record.kind, record.id.bytes, record.model_dump_json()) for record in denied.denied),
            *((gone.kind, gone.id.bytes, None) for gone in denied.gone),
        ]
        with self._using() as db, db.atomic():
            if denied.serial <= _number(db, "deny_serial"):
                return False
            _set(db, deny_serial=denied.serial)
            before = set(db.execute("SELECT kind, id, data FROM urgent WHERE gone_utc IS NULL"))
            if not denied.complete:
                named = {(kind, identity) for kind, identity, _ in rows}
                rows += [row for row in before if row[:2] not in named]
            if denied.revision <= _revision(db):
                return False
            _set(db, deny_revision=denied.revision)  # also where it says the same: rules between say otherwise
            if before == set(rows):
                return False
            _end_urgent(db, at_utc)
            laid = [(kind, identity, at_utc, data) for kind, identity, data in rows]
            db.conn.executemany("INSERT OR REPLACE INTO urgent (kind, id, laid_utc, data) VALUES (?, ?, ?, ?)", laid)
            _set(db, urgent_due=1)
        return True

    def is_urgent_due(self) -> bool:
        """Tell whether a snapshot is still to be built of what a deny list has changed."""
        with self._using() as db:
            return bool(_number(db, "urgent_due"))

    def urgent_built(self) -> None:
        """Note that a snapshot holds what the newest deny list says."""
        with self._using() as db, db.atomic():
            _set(db, urgent_due=0)

    def deny_serial(self) -> int:
        """Return the serial of the newest deny list (UTC microseconds), 0 where there was none."""
        with self._using() as db:
            return _number(db, "deny_serial")

    def texts(self, about: str) -> dict[str, str]:
        """Return the texts that were kept about something, by name."""
        with self._using() as db:
            rows = db.execute("SELECT name, text FROM texts WHERE name LIKE ? || ':%'", [about]).fetchall()
        return {name.partition(":")[2]: text for name, text in rows}

    def keep_text(self, about: str, name: str, text: str) -> None:
        """Keep a text under a name, in the place of an earlier one."""
        with self._using() as db, db.atomic():
            _keep_text(db, about, name, text)

    def begin_arrival(self) -> None:
        """Forget pages of an earlier arrival that was not completed."""
        with self._using() as db, db.atomic():
            _forget_arrival(db)

    def arrival(self) -> RulesPage | None:
        """Return the last page that was laid aside, without its records, where an arrival is not completed."""
        kept = self.texts(ARRIVAL).get("last")
        try:
            return None if kept is None else RulesPage.model_validate_json(kept)
        except ValidationError:  # of another version of this program
            return None

    def arrive(self, page: RulesPage) -> None:
        """Lay a page aside; it is not visible before `install`."""
        rows: list[tuple[str, bytes, int, str | None, str | None]] = [
            *((u.record.kind, u.record.id.bytes, u.revision, u.record.model_dump_json(), _unit(u.record)) for u in page.upserts),
            *((t.kind, t.id.bytes, t.revision, None, None) for t in page.tombstones),
        ]
        with self._using() as db, db.atomic():
            db.conn.executemany("INSERT OR REPLACE INTO arriving VALUES (?, ?, ?, ?, ?)", rows)
            _keep_text(db, ARRIVAL, "last", page.model_copy(update={"upserts": (), "tombstones": ()}).model_dump_json())

    def mark(self) -> str:
        """Return what stands for the history of the installed rules, "" where the registry has not said."""
        return self.texts(MARK).get("installed", "")

    def install(
        self,
        until: int,
        at_utc: int,
        *,
        complete: bool,
        mark: str = "",
        closed_utc: int | None = None,
        forgets: bool = False,
    ) -> None:
        """Make what has arrived the rules as of revision `until`, all at once.

        `complete`: what has not arrived is gone. Where the registry itself went back (restored), its former future is forgotten.
        `mark` stands for the history that led here. `at_utc` is the machine's clock, as snapshots bear it; `closed_utc` the best
        that is known of the time (None: the same), and where it `forgets`, for somebody vouches for it, rows closed long ago go.
        """
        closed_utc = at_utc if closed_utc is None else closed_utc
        with self._using() as db, db.atomic():
            if until < _revision(db):
                db.execute("DELETE FROM rules")
                _set(db, whole_from=until)
            elif not _revision(db):
                _set(db, whole_from=until)
            if complete:
                db.execute(_CLOSE_MISSING, {"until": until, "at": closed_utc})
                _set(db, complete_at=until)
            db.execute(_CLOSE_CHANGED, {"at": closed_utc})
            db.execute(_INSERT, {"at": closed_utc})
            db.execute(_DELETE_FORMER_AT_BOOTH)
            if blank_erased(db):
                _set(db, erased_at=until)
            _forget_arrival(db)
            if until >= _number(db, "deny_revision"):
                _end_urgent(db, at_utc)
            if forgets:
                self._forget_closed_before(db, closed_utc - CLOSED_ROWS_KEPT_S)
            _set(db, revision=until)
            _keep_text(db, MARK, "installed", mark)

    @staticmethod
    def _forget_closed_before(db: Database, utc: int) -> None:
        """Let go of what was closed long ago, and note from which revision on the rules are whole."""
        db.execute("DELETE FROM urgent WHERE gone_utc < ?", [utc])
        # The plus keeps the search in the index of the times: in that of the revisions it would look at all closed rows.
        (newest,) = db.execute("SELECT max(+to_revision) FROM rules WHERE closed_utc < ?", [utc]).fetchone()
        if newest is not None:
            db.execute("DELETE FROM rules WHERE closed_utc < ?", [utc])
            _set(db, whole_from=max(newest, _number(db, "whole_from")))

    @contextmanager
    def _using(self) -> Iterator[Database]:
        with self._lock:
            try:
                yield self._db
            except sqlite3.Error as error:
                raise StoreError(f"the courier's database cannot be used: {error}") from error


_CLOSE_CHANGED = """
    UPDATE rules SET closed_utc = :at, to_revision =
        (SELECT min(a.revision) FROM arriving a WHERE a.kind = rules.kind AND a.id = rules.id)
    WHERE to_revision IS NULL AND (kind, id) IN (SELECT kind, id FROM arriving)
        AND NOT EXISTS (SELECT 1 FROM arriving a
            WHERE a.kind = rules.kind AND a.id = rules.id AND a.revision = rules.from_revision)
"""
# A walk through all rules, which takes ten seconds of a million; so it is a statement of its own.
_CLOSE_MISSING = """
    UPDATE rules SET closed_utc = :at, to_revision = :until
    WHERE to_revision IS NULL AND NOT EXISTS (SELECT 1 FROM arriving a WHERE a.kind = rules.kind AND a.id = rules.id)
"""
# No decision reads these, so nobody asks what they were; they tell of visitors and workers.
_DELETE_FORMER_AT_BOOTH = "DELETE FROM rules WHERE kind > 'booth_' AND kind < 'booth`' AND to_revision IS NOT NULL"
_INSERT = """
    INSERT OR REPLACE INTO rules (kind, id, from_revision, to_revision, data, closed_utc, unit)
    SELECT kind, id, revision, next, data, iif(next IS NULL, NULL, :at), unit
    FROM (SELECT *, lead(revision) OVER (PARTITION BY kind, id ORDER BY revision) AS next FROM arriving)
    WHERE data IS NOT NULL
"""


def _open(path: Path) -> Database:
    # Unlike the journal's, this write-ahead log is checkpointed by SQLite itself: nobody at the barrier waits for it.
    db = database_at(path, BUSY_TIMEOUT_MS / 1000)
    try:
        # After a large set of rules the log is cut back, not kept at its size for ever.
        limit = f"journal_size_limit={LOG_BYTES_KEPT}"
        for pragma in ("journal_mode=WAL", "synchronous=FULL", limit, "mmap_size=0", "trusted_schema=OFF"):
            db.execute(f"PRAGMA {pragma}")
        migrations.apply(db)
    except sqlite3.Error:
        db.close()
        raise
    return db


def kept_in(db: Database) -> Kept:
    """Return how far sync had come by this database."""
    acked = {UUID(bytes=epoch): seq for epoch, seq in db.execute("SELECT epoch, seq FROM acked")}
    pictures = {UUID(bytes=epoch): seq for epoch, seq in db.execute("SELECT epoch, seq FROM pictures_through")}
    return Kept(acked, pictures, _number(db, "rules_utc"), frozenset(_sent(db)))


def _sent(db: Database) -> set[Place]:
    return {(UUID(bytes=epoch), seq) for epoch, seq in db.execute("SELECT epoch, seq FROM pictures_sent")}


def _unit(record: AnyRecord) -> str | None:
    return record.unit or None if isinstance(record, PersonRecord) else None


def _set(db: Database, **numbers: int) -> None:
    db.conn.executemany("INSERT OR REPLACE INTO progress VALUES (?, ?)", list(numbers.items()))


def _forget_arrival(db: Database) -> None:
    db.execute("DELETE FROM arriving")
    db.execute("DELETE FROM texts WHERE name LIKE ? || ':%'", [ARRIVAL])


def _end_urgent(db: Database, at_utc: int) -> None:
    db.execute("UPDATE urgent SET gone_utc = ? WHERE gone_utc IS NULL", [at_utc])


def _keep_text(db: Database, about: str, name: str, text: str) -> None:
    db.execute("INSERT OR REPLACE INTO texts VALUES (?, ?)", [f"{about}:{name}", text])


def _number(db: Database, name: str) -> int:
    row = db.execute("SELECT value FROM progress WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0


def _revision(db: Database) -> int:
    return _number(db, "revision")


# Read through in the order of the primary key: nearly all rows are asked for, and by an index each would be a search of its own.
_AS_OF = """
    SELECT kind, id, data FROM rules
    WHERE +from_revision <= :revision AND (to_revision IS NULL OR to_revision > :revision)
    ORDER BY kind, id
"""
_LIVING = "SELECT kind, id, data FROM living ORDER BY kind, id"
_AS_OF_DENIED = """
    WITH denied AS (SELECT * FROM urgent WHERE laid_utc <= :at AND (gone_utc IS NULL OR gone_utc > :at))
    SELECT kind, id, data FROM rules
    WHERE +from_revision <= :revision AND (to_revision IS NULL OR to_revision > :revision)
        AND NOT EXISTS (SELECT 1 FROM denied WHERE denied.kind = rules.kind AND denied.id = rules.id)
    UNION ALL SELECT kind, id, data FROM denied WHERE data IS NOT NULL
    ORDER BY kind, id
"""


def erased_at(path: Path) -> int:
    """Return the revision of the newest erasure: snapshots before it tell of who is erased. Raises StoreError."""
    with reading(path) as (db, _):
        return _number(db, "erased_at")


@contextmanager
def reading(path: Path) -> Iterator[tuple[Database, range]]:
    """Give the database at one moment, and of which revisions all rules are kept (the last: installed). Raises StoreError."""
    db = open_reader(path)
    try:
        with db.atomic():
            yield db, range(_number(db, "whole_from"), _revision(db) + 1)
    except sqlite3.Error as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
    finally:
        db.close()


@contextmanager
def reading_rules(
    path: Path, revision: int | None = None, built_utc: int | None = None
) -> Iterator[tuple[int, Iterator[RuleRow]]]:
    """Give a revision (None: the installed one) and a stream of its records, both of one moment. Raises StoreError.

    What an urgent deny list says wins: in the installed revision that of now, else that of `built_utc` (seconds; None: none).
    Of a revision whose records are not all kept any more, it gives none but raises StoreError.
    """
    with reading(path) as (db, kept):
        asked = kept[-1] if revision is None else revision
        if asked not in kept:
            raise StoreError(f"the rules of revision {asked} are not kept here")
        if not db.execute("SELECT 1 FROM urgent LIMIT 1").fetchone() or (revision is not None and built_utc is None):
            rows = db.execute(_AS_OF, {"revision": asked})
        elif revision is None:
            rows = db.execute(_LIVING)
        else:
            rows = db.execute(_AS_OF_DENIED, {"revision": asked, "at": built_utc})
        yield asked, map(rule_row, rows)


def rule_row(row: tuple[str, bytes, str]) -> RuleRow:
    """Return a row of kind, id and data as the builder of snapshots takes it."""
    kind, identity, data = row
    return kind, UUID(bytes=identity), _parsed(data)[0]
