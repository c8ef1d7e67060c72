"""One registry: its database, key, clocks and chance, and the pieces of work that are done with them."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, Request
from sqlalchemy.orm import Session

from access.chance import Chance
from access.identifiers import uuid7
from central.actors import REGISTRY, Actor
from central.codes.private import FOLDER, PrivateKeys
from central.config import Settings
from central.database import Database
from central.edges.repository import Speaker
from central.keys import hash_key, registry_key
from central.notices import Notices

PUBLISHED = "published"
IDS_MADE = "ids made"
# As many as the twelve bits behind the time can count.
IDS_IN_ORDER = 4096


@dataclass(frozen=True, slots=True)
class Work:
    """What a service is given: session, monotonic time in seconds, UTC time, chance (`rng(n)`: n bytes), and for whom.

    `hash_key`: under it is hashed what must not be known from the database, as ID numbers. `pass_keys`: what signs passes.
    `entry`: the journal entry of a gate that is taken over; then `at` is when that was done, and `written_at` when it came to be
    written down here.
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

    @classmethod
    def open(cls, settings: Settings, *, visiting: bool = False) -> "Registry":
        """Open the registry that these settings describe; its database must have been migrated."""
        database = Database(settings.database_url(), visiting=visiting)
        data = settings.data
        return cls(database, registry_key(data), hash_key(data), data / "pictures", PrivateKeys(data / FOLDER))

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
        self.notices.tell(session.info.get(PUBLISHED, ()))

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def _work(self, session: Session, actor: Actor) -> Work:
        return Work(session, self.clock(), self.calendar(), self.rng, actor, self.hash_key, self.pass_keys)


async def _of_request(request: Request) -> Registry:
    # A coroutine although it waits for nothing: of a plain function each request would make a call in another thread.
    registry: Registry = request.app.state.registry
    return registry


TheRegistry = Annotated[Registry, Depends(_of_request)]
