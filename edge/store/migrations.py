"""The journal's schema, step by step; each step is one transaction."""

from contextlib import closing

from sqlite_utils import Database, Migrations

from edge.store.errors import StoreError

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
            id BLOB NOT NULL UNIQUE,
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
    db.execute("CREATE INDEX entries_by_passage ON entries (passage, seq) WHERE passage <> ''")
    db.execute("CREATE INDEX entries_of_evidence ON entries (rowid) WHERE kind = 'evidence'")


@journal()
def m002_presence(db: Database) -> None:
    """Keep the sum of all changes of facts, written in the same commit as the entries: a start need not add them up."""
    db.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID")
    db.execute("CREATE TABLE plates_inside (subject TEXT PRIMARY KEY, plate TEXT NOT NULL) STRICT, WITHOUT ROWID")


def bring_up(db: Database) -> None:
    """Apply the steps that are missing. Raises StoreError, and changes nothing, where a later version has been at work."""
    with closing(Database(memory=True)) as empty:
        known = {step.name for step in journal.pending(empty)}
    if later := sorted({step.name for step in journal.applied(db)} - known):
        raise StoreError(f"the journal was written by a later version ({', '.join(later)}): install that version again")
    journal.apply(db)
