"""SQL of users, sessions and tokens; whoever is bound to one site finds nobody of another."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from central.errors import RegistryError
from central.records.repository import in_sight
from central.registry import Work
from central.tables import User, UserSession
from central.users.schemas import ApiTokensAsked, SessionsAsked, UsersAsked
from central.users.tables import ApiToken, HostLink

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
# How much of the hash of its token tells a session from those that began at the same moment.
HASH_BYTES_SHOWN: Final = 16


def user(work: Work, user_id: UUID, *, changing: bool = False) -> User:
    """Return a user by id, locked where it is to be changed; RegistryError 404."""
    row = work.session.get(User, user_id, with_for_update=changing or None, populate_existing=changing)
    if row is None or not work.actor.sees(row.site_id):
        raise RegistryError("there is no such record in {table}", 404, "id", table=User.__tablename__)
    return row


def page(work: Work, asked: UsersAsked) -> Sequence[User]:
    """Return up to one more than `asked.limit` users in the order of their ids, behind `asked.after`."""
    query = select(User).where(in_sight(work, User.site_id)).order_by(User.id).limit(asked.limit + 1)
    given = {"site_id": asked.site, "name": asked.name, "role": asked.role}
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.disabled is not None:
        query = query.where(User.disabled_at.is_not(None) if asked.disabled else User.disabled_at.is_(None))
    return work.session.scalars(query if asked.after is None else query.where(User.id > asked.after)).all()


def user_by_name(session: Session, name: str, *, changing: bool = False) -> User | None:
    """Return a user by name, locked where it is to be changed."""
    query = select(User).where(User.name == name)
    return session.scalars(query.with_for_update() if changing else query).one_or_none()


def user_by_link(session: Session, link_hash: bytes) -> User | None:
    """Return the user whose one-time link has this hash; the row is locked, so that it is used once."""
    return session.scalars(select(User).where(User.link_hash == link_hash).with_for_update()).one_or_none()


def user_of_session(session: Session, token_hash: bytes, at: datetime) -> User | None:
    """Return the user whose session has this hash and has not ended."""
    query = select(User).join(UserSession, UserSession.user_id == User.id)
    lasts = (UserSession.token_hash == token_hash, UserSession.expires_at > at, User.disabled_at.is_(None))
    return session.scalars(query.where(*lasts)).one_or_none()


def program_of_token(session: Session, token_hash: bytes, at: datetime) -> ApiToken | None:
    """Return the token of a program with this hash, unless it has ended."""
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > at)
    query = select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), lasts)
    return session.scalars(query).one_or_none()


def has_program(session: Session, name: str) -> bool:
    """Tell whether a token that is not revoked has this name."""
    return session.scalars(select(exists().where(ApiToken.name == name, ApiToken.revoked_at.is_(None)))).one()


def token(work: Work, token_id: UUID) -> ApiToken:
    """Return a token that is not revoked, locked; RegistryError 404."""
    row = work.session.get(ApiToken, token_id, with_for_update=True, populate_existing=True)
    if row is None or row.revoked_at is not None or not work.actor.sees(row.site_id):
        raise RegistryError("there is no such record in {table}", 404, "id", table=ApiToken.__tablename__)
    return row


def tokens(work: Work, asked: ApiTokensAsked) -> Sequence[ApiToken]:
    """Return up to one more than `asked.limit` tokens in the order of their ids, revoked ones too."""
    query = select(ApiToken).where(in_sight(work, ApiToken.site_id)).order_by(ApiToken.id).limit(asked.limit + 1)
    given = {"site_id": asked.site, "name": asked.name, "role": asked.role}
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.revoked is not None:
        query = query.where(ApiToken.revoked_at.is_not(None) if asked.revoked else ApiToken.revoked_at.is_(None))
    return work.session.scalars(query if asked.after is None else query.where(ApiToken.id > asked.after)).all()


def host_of_link(session: Session, token_hash: bytes, at: datetime) -> HostLink | None:
    """Return the link of a host with this hash, unless it has ended."""
    query = select(HostLink).where(HostLink.token_hash == token_hash, HostLink.revoked_at.is_(None), HostLink.expires_at > at)
    return session.scalars(query).one_or_none()


def sessions(work: Work, user_id: UUID, asked: SessionsAsked) -> Sequence[UserSession]:
    """Return up to one more than `asked.limit` sessions of a user that have not ended, oldest first."""
    row = UserSession
    query = select(row).where(row.user_id == user_id, row.expires_at > work.at)
    if asked.after is not None:
        at_us, _, begun = asked.after.partition(":")
        at = BEGINNING + timedelta(microseconds=int(at_us))
        last = bytes.fromhex(begun) + b"\xff" * HASH_BYTES_SHOWN
        query = query.where(or_(row.created_at > at, and_(row.created_at == at, row.token_hash > last)))
    return work.session.scalars(query.order_by(row.created_at, row.token_hash).limit(asked.limit + 1)).all()


def place_of_session(row: UserSession) -> str:
    """Return what the next page of sessions begins behind."""
    return f"{(row.created_at - BEGINNING) // timedelta(microseconds=1)}:{row.token_hash[:HASH_BYTES_SHOWN].hex()}"


def end_session(session: Session, token_hash: bytes) -> None:
    """Forget a session."""
    session.execute(delete(UserSession).where(UserSession.token_hash == token_hash))


def end_sessions(session: Session, user_id: UUID, but: bytes = b"") -> None:
    """Forget all sessions of a user but one."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != but))


def forget_ended_sessions(session: Session, at: datetime) -> None:
    """Forget all sessions that have run out."""
    session.execute(delete(UserSession).where(UserSession.expires_at <= at))
