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
    """Where the registry keeps what: `data` holds its key, pictures and, by default, the database."""

    data: Path
    database: str = ""

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
