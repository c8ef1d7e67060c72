"""Settings of one registry."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

OFFICE_PREFIX = "/api/v1"  # where the API of people and office systems lies
SQLITE_FILE = "registry.db"


class ConfigError(Exception):
    """A setting that cannot be used; says which and why."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the registry keeps what: `data` holds its key, pictures and, by default, the database.

    `replica`: a standby of a PostgreSQL database, asked what is looked up in the log unless it is further behind than that.
    """

    data: Path
    database: str = ""
    replica: str = ""
    replica_lag_max_s: float = 10

    def database_url(self) -> URL:
        """Return the database's URL, SQLite in the data folder by default; raises ConfigError for other kinds."""
        try:
            url = make_url(self.database or f"sqlite:///{self.data / SQLITE_FILE}")
        except ArgumentError as error:
            raise ConfigError(f"database: {self.database!r} is not a database URL") from error
        if url.get_backend_name() == "postgresql":
            return url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            return url
        raise ConfigError("database: expected sqlite:///FILE or postgresql://USER@HOST/NAME")

    def replica_url(self) -> URL | None:
        """Return the standby's URL, None without one; raises ConfigError for other kinds, and beside SQLite."""
        if not self.replica:
            return None
        try:
            url = make_url(self.replica)
        except ArgumentError as error:
            raise ConfigError("replica: this is not a database URL") from error
        if {url.get_backend_name(), self.database_url().get_backend_name()} != {"postgresql"}:
            raise ConfigError("replica: expected postgresql://USER@HOST/NAME, a standby of a PostgreSQL --database")
        return url.set(drivername="postgresql+psycopg")
