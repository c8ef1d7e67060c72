"""What one worker has changed is told to the others, so that their long polls too are answered at once.

By PostgreSQL's notifications, after the commit and apart from it: within it they would make all who commit wait for one another.
What gets lost, as with a broken connection, is found by the look that each worker takes every second (`central.edges.polls`).
"""

import json
import threading
from collections.abc import Collection, Hashable, Iterator
from contextlib import closing, contextmanager
from queue import SimpleQueue
from typing import Any, Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from central.registry import Registry

CHANNEL: Final = "gatehouse_notices"
LOOKS_S: Final = 0.5
# A notification has at most 8,000 bytes.
TOPICS_MAX: Final = 100
_TELL: Final = text("SELECT pg_notify(:channel, :words)")
log = structlog.get_logger("central.echoes")


@contextmanager
def echoes(registry: Registry) -> Iterator[None]:
    """Tell other workers, and hear them, while the block lasts; on SQLite there are none."""
    if registry.database.form == "sqlite":
        yield
        return
    here = registry.rng(8).hex()
    told: SimpleQueue[Collection[Hashable] | None] = SimpleQueue()
    stopping = threading.Event()
    threads = (
        threading.Thread(target=_tell, args=(registry, here, told), name="echoes told", daemon=True),
        threading.Thread(target=_hear, args=(registry, here, stopping), name="echoes heard", daemon=True),
    )
    registry.notices.beyond = told.put
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        registry.notices.beyond = None
        told.put(None)
        stopping.set()
        for thread in threads:
            thread.join()


def _tell(registry: Registry, here: str, told: "SimpleQueue[Collection[Hashable] | None]") -> None:
    while (topics := told.get()) is not None:
        try:
            with registry.database.write() as session:
                # Nothing is lost with it that must not be: nobody waits for the disk.
                session.execute(text("SET LOCAL synchronous_commit = off"))
                for words in _in_words(here, topics):
                    session.execute(_TELL, {"channel": CHANNEL, "words": words})
        except SQLAlchemyError as error:
            log.warning("other workers could not be told", error=type(error).__name__)


def _hear(registry: Registry, here: str, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            with closing(_listening(registry)) as connection:
                while not stopping.is_set():
                    for heard in connection.notifies(timeout=LOOKS_S):
                        registry.notices.tell(_topics(here, heard.payload))
        except (SQLAlchemyError, psycopg.Error) as error:
            log.warning("other workers cannot be heard", error=type(error).__name__)
            stopping.wait(LOOKS_S)


def _listening(registry: Registry) -> psycopg.Connection[Any]:
    """Take a connection out of the pool for good."""
    pooled = registry.database.writer.raw_connection()
    connection = pooled.driver_connection
    assert isinstance(connection, psycopg.Connection)
    pooled.detach()
    try:
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
    except psycopg.Error:
        connection.close()  # it is nobody's any more
        raise
    return connection


def _in_words(here: str, topics: Collection[Hashable]) -> Iterator[str]:
    """Yield the topics as JSON: of a topic with a kind (`facts`) kind and id, of others the id."""
    plain = [word for topic in topics if (word := _in_word(topic)) is not None]
    for at in range(0, len(plain), TOPICS_MAX):
        yield json.dumps([here, *plain[at : at + TOPICS_MAX]])


def _in_word(topic: Hashable) -> str | list[str] | None:
    if isinstance(topic, UUID):
        return topic.hex
    return [str(topic[0]), topic[1].hex] if isinstance(topic, tuple) and len(topic) == 2 and isinstance(topic[1], UUID) else None


def _topics(here: str, words: str) -> list[Hashable]:
    """Return what another worker has told of; nothing of our own words, which come back too, and of what is none."""
    try:
        by, *topics = json.loads(words)
        return [(topic[0], UUID(topic[1])) if isinstance(topic, list) else UUID(topic) for topic in topics if by != here]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []
