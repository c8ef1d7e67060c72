"""What a cluster that divides PostgreSQL's tables among servers (Citus and its like) is to be told; see docs/many-machines.md.

What grows with every passage is divided by site. What those tables refer to is on every server, all else on the coordinator.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

from sqlalchemy import MetaData, Table

Place = Literal["divided", "everywhere", "coordinator"]
BY: Final = "site_id"
# The first of them leads: the others' rows of a site are where its rows are.
DIVIDED: Final = ("journal_entries", "log_counts", "log_plates")


def place_of(table: Table) -> Place:
    """Return where a table's rows are to be."""
    if table.name in DIVIDED:
        return "divided"
    return "everywhere" if table.name in everywhere(table.metadata) else "coordinator"


def everywhere(metadata: MetaData) -> Sequence[str]:
    """Return the tables that each server has whole: those that divided ones refer to, and so on; whoever is referred to first."""
    found: set[str] = set()
    asked = [metadata.tables[name] for name in DIVIDED]
    while asked:
        referred = {key.column.table for key in asked.pop().foreign_keys}
        asked += [table for table in referred if table.name not in found]
        found |= {table.name for table in referred}
    return [table.name for table in metadata.sorted_tables if table.name in found and table.name not in DIVIDED]


def keys(partitions: Iterable[str]) -> Sequence[str]:
    """Return the statements that let the key of each of the journal's partitions have the site in it; new months follow.

    Of the key of a month that is made like another, PostgreSQL chooses the name.
    """
    return [
        statement
        for name in partitions
        for statement in (
            f"DROP INDEX IF EXISTS uq_{name}_id, {name}_id_idx",
            f"CREATE UNIQUE INDEX uq_{name}_id ON {name} (id, {BY})",
        )
    ]


def placing(metadata: MetaData) -> Sequence[str]:
    """Return the statements that place the tables, on the coordinator of a cluster."""
    first, *others = DIVIDED
    return [
        *(f"SELECT create_reference_table('{name}')" for name in everywhere(metadata)),
        f"SELECT create_distributed_table('{first}', '{BY}')",
        *(f"SELECT create_distributed_table('{name}', '{BY}', colocate_with => '{first}')" for name in others),
    ]
