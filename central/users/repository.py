"""SQL of users, sessions and tokens; whoever is bound to one site finds nobody of another."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, text, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from central.errors import RegistryError
from central.records.repository import in_sight
from central.registry import Work
from central.tables import Guard, User, UserSession
from central.users.schemas import ApiTokensAsked, SessionsAsked, UsersAsked
from central.users.tables import ApiToken, HostLink, TakenName

BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
# How much of the hash of its token tells a session from those that began at the same moment.
HASH_BYTES_SHOWN: Final = 16
# Half a shift: who does nothing for so long has gone away from the screen.
SESSION_IDLE: Final = timedelta(hours=4)


def user(work: Work, user_id: UUID, *, changing: bool = False) -> User:
    """Return a user by id, locked where it is to be changed; RegistryError 404, and 403 for who lost the right meanwhile."""
    if changing:
        _lock(work, user_id)
    row = work.session.get(User, user_id)
    if row is None or not work.actor.sees(row.site_id):
        raise RegistryError("there is no such record in {table}", 404, "id", table=User.__tablename__)
    return row


def _lock(work: Work, user_id: UUID) -> None:
    """Lock a user and the one who acts: two who disable each other do so one after the other, and the second no more."""
    ids = {user_id, work.actor.id or user_id}
    query = select(User).where(User.id.in_(ids)).order_by(User.id).with_for_update()
    for row in work.session.scalars(query.execution_options(populate_existing=True)):
        if row.id == work.actor.id and (row.disabled_at is not None or row.role != work.actor.role):
            raise RegistryError("your own rights were changed meanwhile: sign in again", 403)


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


def user_by_link(session: Session, link_hash: bytes, *, changing: bool = False) -> User | None:
    """Return the user whose one-time link has this hash, locked where it is used, so that it is used once."""
    query = select(User).where(User.link_hash == link_hash)
    return session.scalars(query.with_for_update() if changing else query).one_or_none()


def user_of_session(session: Session, token_hash: bytes, at: datetime, *, changing: bool = False) -> User | None:
    """Return the user whose session has this hash and has not ended, locked where it is to be changed."""
    query = select(User).join(UserSession, UserSession.user_id == User.id)
    query = query.where(UserSession.token_hash == token_hash, *_lasts(at), User.disabled_at.is_(None))
    return session.scalars(query.with_for_update(of=User) if changing else query).one_or_none()


def session_of_token(session: Session, token_hash: bytes, at: datetime) -> tuple[UserSession, User] | None:
    """Return the session with this hash that has not ended, and whose it is."""
    query = select(UserSession, User).join(User, UserSession.user_id == User.id)
    query = query.where(UserSession.token_hash == token_hash, *_lasts(at), User.disabled_at.is_(None))
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def _lasts(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return UserSession.expires_at > at, UserSession.seen_at > at - SESSION_IDLE


def note_seen(session: Session, token_hash: bytes, at: datetime) -> None:
    """Note that a session or a program's token was used just now."""
    session.execute(update(UserSession).where(UserSession.token_hash == token_hash).values(seen_at=at))
    session.execute(update(ApiToken).where(ApiToken.token_hash == token_hash).values(used_at=at))


def serves(session: Session, row: User, at: datetime) -> bool:
    """Tell whether the guard as whom this user acts may serve.

    A user of all sites whose name is no guard's badge may too: it is not known which guard that is.
    """
    query = select(Guard.status, Guard.valid_from, Guard.valid_until).where(Guard.badge == (row.badge or row.name))
    found = session.execute(query if row.site_id is None else query.where(Guard.site_id == row.site_id)).all()
    may = [
        status == "active" and (begins is None or begins <= at) and (ends is None or at < ends) for status, begins, ends in found
    ]
    return any(may) or (row.site_id is None and not may)


def program_of_token(session: Session, token_hash: bytes, at: datetime) -> ApiToken | None:
    """Return the token of a program with this hash, unless it has ended."""
    lasts = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > at)
    query = select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None), lasts)
    return session.scalars(query).one_or_none()


def give_out_alone(session: Session) -> None:
    """Wait until nobody else gives out names and badges, which are of two tables; on SQLite whoever writes is alone anyway."""
    if session.get_bind().dialect.name != "sqlite":
        session.execute(text(f"LOCK TABLE {TakenName.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def take_name(session: Session, name: str, *, of_programs: bool) -> TakenName | None:
    """Take a name for a user or for programs, for ever; returns who has it where these may not: a user never, programs theirs."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    folded = normalize("NFKC", name)
    fresh = dialect.insert(TakenName).values(folded=folded, of_programs=of_programs)
    taken = session.scalars(fresh.on_conflict_do_nothing().returning(TakenName.folded)).one_or_none()
    if taken is not None:
        return None
    standing = session.get_one(TakenName, folded)
    return None if of_programs and standing.of_programs else standing


def user_acts_there(session: Session, badge: str, site: UUID | None, but: UUID | None = None) -> bool:
    """Tell whether a user (not that one) acts under this name or badge where the site (None: any) is seen."""
    named = (User.disabled_at.is_(None), func.coalesce(User.badge, User.name) == badge, User.id != but)
    return session.scalars(select(exists().where(*named, _meets(User.site_id, site)))).one()


def program_acts_there(session: Session, name: str, site: UUID | None) -> bool:
    """Tell whether a program acts under this name where the site (None: any) is seen."""
    named = (ApiToken.revoked_at.is_(None), ApiToken.name == name)
    return session.scalars(select(exists().where(*named, _meets(ApiToken.site_id, site)))).one()


def _meets(column: InstrumentedAttribute[UUID | None], site: UUID | None) -> ColumnElement[bool]:
    return true() if site is None else or_(column.is_(None), column == site)


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
    query = select(row).where(row.user_id == user_id, *_lasts(work.at))
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


def end_session_of(session: Session, user_id: UUID, session_id: UUID) -> bool:
    """Forget one session of a user by its id; tells whether there was one."""
    query = delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)
    return session.execute(query.returning(UserSession.id)).one_or_none() is not None


def end_sessions(session: Session, user_id: UUID, but: bytes = b"") -> None:
    """Forget all sessions of a user but one."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != but))


def forget_ended_sessions(session: Session, at: datetime) -> None:
    """Forget all sessions that have run out, or were idle too long."""
    session.execute(delete(UserSession).where(not_(and_(*_lasts(at)))))


def forget_host_links(session: Session, person_id: UUID) -> None:
    """Forget all links of a person as host."""
    session.execute(delete(HostLink).where(HostLink.person_id == person_id))
