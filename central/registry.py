"""One registry: its database, key, clocks and chance, and the pieces of work that are done with them."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, Request
from psycopg.errors import QueryCanceled
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from access.chance import Chance
from access.identifiers import uuid7
from central.actors import REGISTRY, Actor
from central.codes.private import FOLDER, PrivateKeys
from central.config import Settings
from central.database import Database, only_reading, postgresql
from central.edges.repository import Speaker
from central.errors import RegistryError
from central.keys import hash_key, registry_key
from central.logs import database_fault
from central.notices import Notices
from central.replica import BehindError, Replica

PUBLISHED = "published"
IDS_MADE = "ids made"
# As many as the twelve bits behind the time can count.
IDS_IN_ORDER = 4096
T = TypeVar("T")
log = structlog.get_logger("central.registry")


@dataclass(frozen=True, slots=True)
class Work:
    """What a service is given: session, monotonic time in seconds, UTC time, chance (`rng(n)`: n bytes), and for whom.

    `hash_key`: under it is hashed what must not be known from the database, as ID numbers. `pass_keys`: what signs passes.
    `entry`: the journal entry of a gate that is taken over; then `at` is when that was done, and `written_at` when it came to be
    written down here. `as_of`: until when all is seen, where what is read may be behind the registry.
    """

    session: Session
    now: float
    at: datetime
    rng: Chance
    actor: Actor = REGISTRY
    hash_key: bytes = field(default=b"", repr=False)
    pass_keys: PrivateKeys = field(default=PrivateKeys(Path(FOLDER)))
    entry: UUID | None = None
    written_at: datetime | None = None
    as_of: datetime | None = None

    @property
    def noted_at(self) -> datetime:
        """When it is written down."""
        return self.written_at or self.at

    def new_id(self) -> UUID:
        """Return a fresh UUIDv7; those of one piece of work sort as they were made, though they share its time."""
        count: int = self.session.info.get(IDS_MADE, 0)
        self.session.info[IDS_MADE] = (count + 1) % IDS_IN_ORDER
        return uuid7(self.noted_at, (count << 4).to_bytes(2) + self.rng(8))


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Registry:
    """What all requests share."""

    database: Database
    key: Ed25519PrivateKey
    hash_key: bytes = field(repr=False)
    pictures: Path
    pass_keys: PrivateKeys
    clock: Callable[[], float] = time.monotonic
    calendar: Callable[[], datetime] = _utc_now
    rng: Chance = secrets.token_bytes
    notices: Notices = field(default_factory=Notices)
    # What edges were at their last batch; each turn to write says whether they still are.
    speakers: dict[UUID, Speaker] = field(default_factory=dict)
    replica: Replica | None = None

    @classmethod
    def open(cls, settings: Settings, *, visiting: bool = False) -> "Registry":
        """Open the registry that these settings describe; its database must have been migrated."""
        database = Database(settings.database_url(), visiting=visiting)
        data = settings.data
        made = cls(database, registry_key(data), hash_key(data), data / "pictures", PrivateKeys(data / FOLDER))
        standby = settings.replica_url()
        if standby is None:
            return made
        lag_max = timedelta(seconds=settings.replica_lag_max_s)
        return replace(made, replica=Replica(only_reading(postgresql(standby)), database.writer, lag_max))

    @contextmanager
    def read(self, actor: Actor = REGISTRY) -> Iterator[Work]:
        """Give work that changes nothing."""
        with self.database.read() as session:
            yield self._work(session, actor)

    @contextmanager
    def write(self, actor: Actor = REGISTRY) -> Iterator[Work]:
        """Give work that is committed once, when the block ends well; then those who wait for changed rules are told."""
        with self.database.write() as session:
            yield self._work(session, actor)
        self.notices.tell_all(session.info.get(PUBLISHED, ()))

    def searched(self, actor: Actor, do: Callable[[Work], T]) -> T:
        """Return what is looked up in the log: on the replica, or where it is behind, fails or refuses, as everything else.

        What somebody was told of a moment ago may not have come to the replica: so its no is never the last word.
        """
        if self.replica is not None:
            try:
                with self.replica.read() as (session, as_of):
                    return do(replace(self._work(session, actor), as_of=as_of))
            except (BehindError, RegistryError):
                pass
            except SQLAlchemyError as error:
                if _took_too_long(error):  # and would again
                    raise
                log.warning("the replica failed", **database_fault(error))
        with self.read(actor) as work:
            return do(work)

    @contextmanager
    def search_read(self, actor: Actor = REGISTRY) -> Iterator[Work]:
        """Give work as `searched` does, for what is told while it is read, as a sheet: that is not begun anew in the middle."""
        with ExitStack() as open_:
            if self.replica is not None:
                try:
                    session, as_of = open_.enter_context(self.replica.read())
                except (BehindError, SQLAlchemyError):
                    pass
                else:
                    yield replace(self._work(session, actor), as_of=as_of)
                    return
            yield open_.enter_context(self.read(actor))

    def close(self) -> None:
        """Close the database, and the replica."""
        if self.replica is not None:
            self.replica.close()
        self.database.close()

    def _work(self, session: Session, actor: Actor) -> Work:
        return Work(session, self.clock(), self.calendar(), self.rng, actor, self.hash_key, self.pass_keys)


def _took_too_long(error: SQLAlchemyError) -> bool:
    return isinstance(error, DBAPIError) and isinstance(error.orig, QueryCanceled)


async def _of_request(request: Request) -> Registry:
    # A coroutine although it waits for nothing: of a plain function each request would make a call in another thread.
    registry: Registry = request.app.state.registry
    return registry


TheRegistry = Annotated[Registry, Depends(_of_request)]
