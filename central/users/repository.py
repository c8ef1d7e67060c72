"""SQL of users and sessions."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from central.tables import User, UserSession
from central.users.tables import ApiToken, HostLink


def user_by_name(session: Session, name: str) -> User | None:
    """Return a user by name."""
    return session.scalars(select(User).where(User.name == name)).one_or_none()


def user_by_link(session: Session, link_hash: bytes) -> User | None:
    """Return the user whose one-time link has this hash; the row is locked, so that it is used once."""
    return session.scalars(select(User).where(User.link_hash == link_hash).with_for_update()).one_or_none()


def user_of_session(session: Session, token_hash: bytes, at: datetime) -> User | None:
    """Return the user whose session has this hash and has not ended."""
    query = select(User).join(UserSession, UserSession.user_id == User.id)
    return session.scalars(query.where(UserSession.token_hash == token_hash, UserSession.expires_at > at)).one_or_none()


def program_of_token(session: Session, token_hash: bytes, at: datetime) -> ApiToken | None:
    """Return the token of a program with this hash, unless it has ended."""
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > at)
    query = select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), lasts)
    return session.scalars(query).one_or_none()


def host_of_link(session: Session, token_hash: bytes, at: datetime) -> HostLink | None:
    """Return the link of a host with this hash, unless it has ended."""
    query = select(HostLink).where(HostLink.token_hash == token_hash, HostLink.revoked_at.is_(None), HostLink.expires_at > at)
    return session.scalars(query).one_or_none()


def end_session(session: Session, token_hash: bytes) -> None:
    """Forget a session."""
    session.execute(delete(UserSession).where(UserSession.token_hash == token_hash))


def forget_ended_sessions(session: Session, at: datetime) -> None:
    """Forget all sessions that have run out."""
    session.execute(delete(UserSession).where(UserSession.expires_at <= at))
