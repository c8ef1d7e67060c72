"""The journal's schema, step by step; each step is one transaction."""

from contextlib import closing

from access.sealing import unseal
from edge.store.errors import StoreDamagedError, StoreError
from edge.store.sqlite import Database, Migrations, database_at

journal = Migrations("gatehouse-journal")


@journal()
def m001_entries(db: Database) -> None:
    """Entries in the order they were written (rowid), each in its place (epoch, seq) and chained to the one before."""
    db.execute(
        """
        CREATE TABLE entries (
            rowid INTEGER PRIMARY KEY,
            epoch BLOB NOT NULL,
            seq INTEGER NOT NULL,
            id BLOB NOT NULL,
            kind TEXT NOT NULL,
            lane TEXT NOT NULL,
            passage TEXT NOT NULL,
            utc_us INTEGER NOT NULL,
            canonical BLOB NOT NULL,
            personal BLOB NOT NULL,
            previous BLOB NOT NULL,
            hash BLOB NOT NULL,
            UNIQUE (epoch, seq)
        ) STRICT
        """
    )
    # Of all entries it would wear the disk as much as the entries do. Queries have to ask in these very words.
    found = "kind IN ('decision', 'alarm', 'guard') AND passage <> ''"
    db.execute(f"CREATE INDEX entries_by_passage ON entries (passage) WHERE {found}")
    db.execute("CREATE INDEX entries_of_evidence ON entries (rowid) WHERE kind = 'evidence'")


@journal()
def m002_presence(db: Database) -> None:
    """Keep the sum of all changes of facts, written in the same commit as the entries: a start need not add them up."""
    db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")
    db.execute("CREATE TABLE plates_inside (subject TEXT PRIMARY KEY, plate TEXT NOT NULL) STRICT, WITHOUT ROWID")


@journal()
def m003_epochs(db: Database) -> None:
    """Name the epochs with their edge, and what the first entry kept of each follows; what is noted of the journal as a whole.

    `rotten` are the rows that no longer fit their hash.
    """
    db.execute(
        """
        CREATE TABLE epochs (
            rowid INTEGER PRIMARY KEY,
            epoch BLOB NOT NULL UNIQUE,
            edge BLOB NOT NULL,
            anchor_seq INTEGER NOT NULL,
            anchor_hash BLOB NOT NULL
        ) STRICT
        """
    )
    first = "SELECT epoch, canonical, previous FROM entries WHERE seq = 1 ORDER BY rowid"
    for epoch, canonical, previous in db.execute(first).fetchall():
        values = (epoch, unseal(canonical).edge.bytes, previous)
        db.execute("INSERT INTO epochs (epoch, edge, anchor_seq, anchor_hash) VALUES (?, ?, 0, ?)", values)
    db.execute("CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")
    db.execute("CREATE TABLE rotten (epoch BLOB, seq INTEGER, PRIMARY KEY (epoch, seq)) STRICT, WITHOUT ROWID")


@journal()
def m004_heard(db: Database) -> None:
    """Keep since when a shared fact is as it is, what was heard of other gates and through where, find remote acts at start."""
    db.execute("ALTER TABLE facts ADD COLUMN at_us INTEGER NOT NULL DEFAULT 0")
    db.execute(
        """
        CREATE TABLE heard (
            epoch TEXT NOT NULL, name TEXT NOT NULL, total INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (epoch, name)
        ) STRICT, WITHOUT ROWID
        """
    )
    db.execute("CREATE TABLE heard_through (epoch BLOB NOT NULL, cursor INTEGER NOT NULL) STRICT")
    db.execute("CREATE INDEX entries_of_the_office ON entries (rowid) WHERE kind = 'remote'")


@journal()
def m005_facts_of_others(db: Database) -> None:
    """Find what neighbours said, and what was granted to them, at a start."""
    db.execute("CREATE INDEX entries_of_facts ON entries (rowid) WHERE kind = 'facts'")


@journal()
def m006_acts_with_records(db: Database) -> None:
    """Find what guards did with records at the booth: its pages are made of it."""
    kinds = "'visit', 'pass', 'slip', 'vehicle', 'shift', 'incident', 'round', 'duty', 'count', 'acknowledgement'"
    db.execute(f"CREATE INDEX entries_of_acts ON entries (rowid) WHERE kind IN ({kinds})")


@journal()
def m007_age_of_sums(db: Database) -> None:
    """Keep when each epoch added last to a sum (0: not known): sums of what is long over go."""
    db.execute("ALTER TABLE heard ADD COLUMN at_us INTEGER NOT NULL DEFAULT 0")


def pending(db: Database) -> list[str]:
    """Name the steps that are missing. Raises StoreError where a later version has been at work, StoreDamagedError."""
    with closing(database_at(":memory:")) as empty:
        known = {step.name for step in journal.pending(empty)}
    try:
        applied = {step.name for step in journal.applied(db)}
    except KeyError as error:
        raise StoreDamagedError(f"the journal's list of versions is damaged: it has no {error}") from error
    if later := sorted(applied - known):
        if known - applied:
            raise StoreDamagedError(f"the journal's list of versions is damaged ({', '.join(later)})")
        raise StoreError(f"the journal was written by a later version ({', '.join(later)}): install that version again")
    return sorted(known - applied)


def bring_up(db: Database) -> None:
    """Apply the steps that are missing. Raises StoreError, and changes nothing, where a later version has been at work."""
    if pending(db):
        journal.apply(db)


def refuse_other_shape(db: Database) -> None:
    """Raise StoreDamagedError where a table is not as the steps make it: a letter of the schema that rotted is still a name."""
    with closing(database_at(":memory:")) as made:
        journal.apply(made)
        shape = _shape(made)
    if wrong := sorted(shape - _shape(db)):
        raise StoreDamagedError(f"the schema is damaged: {wrong[0][0]} has no {wrong[0][1]}")


def _shape(db: Database) -> set[tuple[str, str, int]]:
    """Return each column of our tables, with its place in the key."""
    found = "SELECT t.name, c.name, c.pk FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'"
    return {(table, column, key) for table, column, key in db.execute(found) if not table.startswith("_")}


def changed_schema(db: Database) -> list[str]:
    """Name what of the schema would have a reader of the entries see others than there are: their tables, triggers, views."""
    with closing(database_at(":memory:")) as made:
        journal.apply(made)
        ours = _of_entries(made)
    return sorted({name for name, _ in ours ^ _of_entries(db)})


def _of_entries(db: Database) -> set[tuple[str, str]]:
    found = "SELECT name, sql FROM sqlite_schema WHERE name IN ('entries', 'epochs') OR type IN ('trigger', 'view')"
    return {(name, " ".join(sql.replace('"', "").split())) for name, sql in db.execute(found)}
