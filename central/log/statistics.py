"""What the database knows of how its values are spread, taken daily: by it the database chooses among the log's indexes."""

from contextlib import AbstractContextManager
from typing import Final

from sqlalchemy import text

from central.jobs import repeated
from central.registry import Registry

EVERY_S: Final = 24 * 3600.0
FIRST_AFTER_S: Final = 900.0
# Rows of each index that SQLite looks at: so it takes tenths of a second, however large the journal is.
ROWS: Final = 1000


def take(registry: Registry) -> None:
    """Take statistics: on SQLite of all tables; on PostgreSQL, which sees to its tables itself, of the journal as a whole."""
    with registry.write() as work:
        if registry.database.form == "sqlite":
            work.session.execute(text(f"PRAGMA analysis_limit = {ROWS}"))
            work.session.execute(text("ANALYZE"))
        else:
            # Of a table in partitions PostgreSQL knows the partitions only, unless it is asked.
            work.session.execute(text("ANALYZE journal_entries"))
    if registry.database.form == "sqlite":
        # Whoever has the database open goes by what was known then.
        registry.database.reader.dispose()


def taken_daily(registry: Registry) -> AbstractContextManager[None]:
    """Take statistics daily while the block lasts."""
    return repeated("statistics", lambda: take(registry), EVERY_S, FIRST_AFTER_S, registry.database.alone)
