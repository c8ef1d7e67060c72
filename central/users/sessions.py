"""Sessions of a user: listed, and ended one by one or all at once, by the user or by who looks after the machine."""

from uuid import UUID

from central.errors import RegistryError
from central.hashing import token_hash
from central.records.schemas import PlacedPage
from central.registry import Work
from central.tables import User, UserSession
from central.users import repository
from central.users.schemas import SessionsAsked, SessionShown
from central.users.services import note


def page(work: Work, user_id: UUID, token: str, asked: SessionsAsked) -> PlacedPage[SessionShown]:
    """Show one page of the sessions of a user, oldest first; the one with this `token` is the own one."""
    own = token_hash(token)
    rows = repository.sessions(work, user_id, asked)
    listed = rows[: asked.limit]
    items = [_shown(row, own) for row in listed]
    return PlacedPage(items=items, more=repository.place_of_session(listed[-1]) if len(rows) > asked.limit else None)


def end(work: Work, user: User, session_id: UUID) -> None:
    """End one session of a user; RegistryError 404."""
    if not repository.end_session_of(work.session, user.id, session_id):
        raise RegistryError("there is no such record in {table}", 404, "session_id", table=UserSession.__tablename__)
    note(work, user, "session_ended")


def end_all(work: Work, user: User) -> None:
    """Sign a user out everywhere."""
    repository.end_sessions(work.session, user.id)
    note(work, user, "sessions_ended")


def of_self(work: Work) -> User:
    """Return the user who acts; RegistryError 403 for a program or a host, who have no sessions."""
    user = work.session.get(User, work.actor.id) if work.actor.id else None
    if user is None:
        raise RegistryError("only a user who is signed in has sessions", 403)
    return user


def _shown(row: UserSession, own: bytes) -> SessionShown:
    return SessionShown(
        id=row.id,
        agent=row.agent,
        origin=row.origin,
        created_at=row.created_at,
        seen_at=row.seen_at,
        idle_at=min(row.seen_at + repository.SESSION_IDLE, row.expires_at),
        expires_at=row.expires_at,
        own=row.token_hash == own,
    )
