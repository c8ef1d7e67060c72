"""The schema through time, by Alembic; applied by program, shipped with the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from central.database import Database


def migrate(database: Database) -> None:
    """Bring the database's schema up to date, in one transaction: all of it or nothing."""
    with database.writer.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's settings for this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
