"""The journal in months, on PostgreSQL; what lies in no month, as a wrong clock's entries do, has a partition of its own."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

JOURNAL = "journal_entries"
# Entries before that are of a wrong clock.
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
# Of a partitioned table each unique key has the columns that it is divided by, here and among several servers.
KEY = "edge_id, epoch, seq, at_us, site_id"

INDEXES = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'journal_entries'::regclass AND NOT indisunique
"""
REFERENCES = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = 'journal_entries'::regclass AND contype = 'f'
"""
MONTHS = """
    SELECT DISTINCT date_trunc('month', to_timestamp(at_us / 1000000) AT TIME ZONE 'UTC') AS month
    FROM journal_entries WHERE at_us >= :first AND at_us < :now ORDER BY month
"""


def upgrade() -> None:
    """Part the journal by months, its rows with it; SQLite knows no partitions."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    indexes = connection.scalars(sa.text(INDEXES)).all()
    references = connection.execute(sa.text(REFERENCES)).all()
    bounds = {"first": round(FIRST.timestamp() * 1e6), "now": round(datetime.now(UTC).timestamp() * 1e6)}
    months = connection.scalars(sa.text(MONTHS), bounds).all()
    op.execute(f"ALTER TABLE {JOURNAL} RENAME TO journal_unparted")
    op.execute(f"CREATE TABLE {JOURNAL} (LIKE journal_unparted INCLUDING DEFAULTS) PARTITION BY RANGE (at_us)")
    parts = list(_partitions(months))
    for name, bounded in parts:
        op.execute(f"CREATE TABLE {name} PARTITION OF {JOURNAL} {bounded}")
    op.execute("INSERT INTO journal_entries SELECT * FROM journal_unparted")
    op.execute("DROP TABLE journal_unparted")
    _have_keys([name for name, _ in parts], list(indexes), [(name, words) for name, words in references])


def _partitions(months: Iterable[datetime]) -> Iterator[tuple[str, str]]:
    yield f"{JOURNAL}_default", "DEFAULT"
    for month in months:
        begins = month.replace(tzinfo=UTC)
        ends = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
        span = [round(at.timestamp()) * 1_000_000 for at in (begins, ends)]
        yield f"{JOURNAL}_{begins:y%Ym%m}", f"FOR VALUES FROM ({span[0]}) TO ({span[1]})"


def _have_keys(parts: list[str], indexes: list[str], references: list[tuple[str, str]]) -> None:
    """Make keys and indexes once the rows are there, which is quicker; ids are unique within each partition."""
    op.execute(f"ALTER TABLE {JOURNAL} ADD CONSTRAINT pk_{JOURNAL} PRIMARY KEY ({KEY})")
    for name in parts:
        op.execute(f"CREATE UNIQUE INDEX uq_{name}_id ON {name} (id)")
    for index in indexes:
        op.execute(index)
    for name, words in references:
        op.execute(f"ALTER TABLE {JOURNAL} ADD CONSTRAINT {name} {words}")
    op.execute(f"ANALYZE {JOURNAL}")
