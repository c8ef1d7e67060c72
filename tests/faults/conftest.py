"""Faults are brought upon the same registry, on each database and behind real HTTP, as the tests of its rooms use."""

from tests.central.conftest import (
    address,
    admin,
    database_url,
    gate,
    migrated_postgres,
    migrated_sqlite,
    registry,
    server,
    sign_in,
    site,
)
from tests.faults.wrong_clock import clock

__all__ = [
    "address",
    "admin",
    "clock",
    "database_url",
    "gate",
    "migrated_postgres",
    "migrated_sqlite",
    "registry",
    "server",
    "sign_in",
    "site",
]
