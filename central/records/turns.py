"""Taking turns at a site: who changes its records sees what others changed before, and nobody changes them meanwhile."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, SessionTransaction

from central.tables import Site

TAKEN: Final = "turns taken"
READ: Final = "read once"


def take_turn(session: Session, site_id: UUID) -> None:
    """Wait for one's turn to change records of a site, which lasts as long as the transaction, and forget what was read before.

    To be taken before any row of the site is locked, and before anything is read that gates are told of: two who wait for each
    other, or who tell what is no longer so, are otherwise only a matter of time. On SQLite whoever writes is alone anyway.
    """
    taken: dict[UUID, SessionTransaction | None] = session.info.setdefault(TAKEN, {})
    holding = taken.get(site_id)
    if session.get_bind().dialect.name == "sqlite" or (holding is not None and holding.is_active):
        return
    with session.no_autoflush:
        # References to the site may be written meanwhile, as the journal does: its key does not change.
        session.execute(select(Site.id).where(Site.id == site_id).with_for_update(key_share=True))
    # A savepoint that is undone gives its locks back.
    taken[site_id] = _transaction(session)
    session.info.pop(READ, None)
    unsent = {*session.dirty, *session.deleted}
    for row in session.identity_map.values():
        if row not in unsent:
            session.expire(row)


def take_turns(session: Session, sites: Select[UUID]) -> None:
    """Take the turn at each of these sites, in the same order as everybody."""
    for site_id in sorted(set(session.scalars(sites))):
        take_turn(session, site_id)


def read_once(session: Session, name: str) -> dict[Any, Any]:
    """Return what was read under this name and need not be read again: until a turn is taken, or a savepoint begins or ends."""
    transaction, kept = session.info.get(READ, (None, {}))
    if transaction is not _transaction(session):
        kept = {}
        session.info[READ] = _transaction(session), kept
    of_name: dict[Any, Any] = kept.setdefault(name, {})
    return of_name


def _transaction(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()
