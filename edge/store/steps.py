"""A schema that grows step by step: each step is one transaction with the note that it was made, and none is made twice."""

from collections.abc import Callable
from datetime import UTC, datetime

from edge.store.database import Database

Step = Callable[[Database], None]
# Its name and columns are those of sqlite-utils, which made the first journals.
_NOTES = """
    CREATE TABLE IF NOT EXISTS _sqlite_migrations (
        id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT, UNIQUE (migration_set, name)
    )
"""


class Steps:
    """The steps of one schema, by whose name they are noted; called with a function, it makes it the next step."""

    def __init__(self, schema: str) -> None:
        self._schema = schema
        self._steps: dict[str, Step] = {}

    def __call__(self, step: Step) -> Step:
        """Add a step behind the others, named as its function."""
        self._steps[step.__name__] = step
        return step

    @property
    def names(self) -> tuple[str, ...]:
        """The steps there are, in their order."""
        return tuple(self._steps)

    def made(self, db: Database) -> set[str]:
        """Name the steps that were made; nothing is written."""
        if db.execute("SELECT 1 FROM sqlite_schema WHERE name = '_sqlite_migrations'").fetchone() is None:
            return set()
        return {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (self._schema,))}

    def make(self, db: Database, before: str = "") -> None:
        """Make the steps that are missing, up to the one named `before` ("": all)."""
        db.execute(_NOTES)
        made = self.made(db)
        for name, step in self._steps.items():
            if name == before:
                return
            if name not in made:
                with db.atomic():
                    step(db)
                    note = (self._schema, name, str(datetime.now(UTC)))
                    db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, ?)", note)
