"""The schema through time, by Alembic; applied by program, shipped with the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from central.database import Database

TURN = 7_201_127  # the key of the lock that all workers wait for


def migrate(database: Database) -> None:
    """Bring the database's schema up to date, in one transaction: all of it or nothing. Of several workers one does it."""
    with database.writer.begin() as connection:
        if database.form == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a large table takes minutes, and so does waiting
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TURN})")
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's settings for this connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
