"""On which databases a test of the registry runs that does not hang on the database."""

import pytest

from tests.sizes import sized

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
# Beside tests that run on both: each costs a database. A soak runs everything on both.
ON_ONE = pytest.mark.parametrize("database_url", sized(quick=["sqlite"], soak=["sqlite", POSTGRESQL]), indirect=True)
