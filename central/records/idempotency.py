"""A request under a key of its sender is done once: sent again, it gets the reply of the first time."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.dialects import postgresql, sqlite

from central.errors import RegistryError
from central.records.tables import IdempotencyKey
from central.registry import Work

HEADER = "Idempotency-Key"
KEPT_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply as it is kept."""

    status: int
    etag: str
    body: bytes


def claim(work: Work, owner: str, key: str, digest: bytes) -> Kept | None:
    """Take the key for this request; returns the reply if it was done before. RegistryError 422 where it was for another request.

    Who sends the same at the same moment waits here until the first is done.
    """
    dialect = sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(IdempotencyKey).values(
        owner=owner, key=key, digest=digest, status=0, etag="", body=b"", created_at=work.at
    )
    work.session.execute(fresh.on_conflict_do_nothing())
    row = work.session.get_one(IdempotencyKey, (owner, key))
    if row.digest != digest:
        raise RegistryError("this key was used for another request", 422, HEADER)
    return Kept(row.status, row.etag, row.body) if row.status else None


def is_done(work: Work, owner: str, key: str) -> bool:
    """Tell whether something was done under this key."""
    row = work.session.get(IdempotencyKey, (owner, key))
    return row is not None and row.status != 0


def keep(work: Work, owner: str, key: str, reply: Kept) -> None:
    """Keep the reply beside what it tells of."""
    row = work.session.get_one(IdempotencyKey, (owner, key))
    row.status, row.etag, row.body = reply.status, reply.etag, reply.body
