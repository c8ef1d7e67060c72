"""The schema that the steps lead to is the schema that the code speaks of."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import make_url

from central.database import Database
from central.migrations import migrate
from central.tables import Base


def check_steps(url: str) -> None:
    with closing(Database(make_url(url))) as database:
        migrate(database)
        migrate(database)
        with database.writer.connect() as connection:
            differences: list[Any] = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert differences == []


def test_up_from_nothing_on_sqlite(tmp_path: Path) -> None:
    check_steps(f"sqlite:///{tmp_path / 'new' / 'registry.db'}")


@pytest.mark.postgres
def test_up_from_nothing_on_postgresql(fresh_database: Callable[[], str]) -> None:
    check_steps(fresh_database())
