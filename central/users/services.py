"""Users: added by those who look after the machine, signed in by password or by a link that works once."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from math import ceil
from uuid import UUID

from central.actors import Actor
from central.audit import services as audit
from central.errors import RegistryError
from central.hashing import hash_secret, is_secret, new_token, token_hash
from central.records.repository import flush
from central.records.repository import site as site_in_sight
from central.registry import Work
from central.tables import User, UserSession
from central.users import repository
from central.users.delays import Delays
from central.users.rights import Role
from central.users.schemas import PASSWORD_LENGTH_MIN, UserShown

KIND = "users"
LINK_LASTS = timedelta(hours=24)
SESSION_LASTS = timedelta(hours=12)
SESSION_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the token is known to its holder alone."""

    user: User
    token: str


def shown(user: User) -> UserShown:
    """Return what is shown of a user."""
    return UserShown(
        id=user.id,
        version=user.version,
        name=user.name,
        role=user.role,
        site_id=user.site_id,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
        has_password=user.password_hash is not None,
    )


def note(work: Work, user: User, act: str, was: UserShown | None = None) -> None:
    """Write into the audit what was done with a user; what signs in is never told."""
    facts = shown(user).model_dump(mode="json") if was or act == "created" else None
    before = was.model_dump(mode="json") if was else None
    audit.note(work, KIND, user.id, user.site_id, act, version=user.version, before=before, after=facts)


def check_bounds(work: Work, site: UUID | None) -> None:
    """Raise RegistryError 422 where somebody of one site would give rights elsewhere."""
    if site is not None:
        site_in_sight(work, site)
    elif work.actor.site is not None:
        raise RegistryError("who is bound to one site lets nobody see others", 422, "site")


def check_name(work: Work, name: str) -> None:
    """Raise RegistryError 409 where a program has the name: the audit would not tell them apart."""
    if repository.has_program(work.session, name):
        raise RegistryError("a program has this name already", 409, "name")


def add_user(work: Work, name: str, role: Role, password: str | None = None, site: UUID | None = None) -> User:
    """Add a user, bound to one site if one is named; RegistryError 409 where the name is taken."""
    check_bounds(work, site)
    check_name(work, name)
    hashed = None if password is None else hash_secret(_strong(password), work.rng)
    user = User(id=work.new_id(), name=name, role=role, site_id=site, password_hash=hashed, created_at=work.at, version=1)
    work.session.add(user)
    flush(work.session, "there is a user of this name already")
    note(work, user, "created")
    return user


def new_link(work: Work, name: str) -> str:
    """Return the token of a fresh one-time link for this user; an earlier link ends. RegistryError 404 and 409."""
    return link_for(work, named(work, name))


def named(work: Work, name: str) -> User:
    """Return the user of this name, locked; RegistryError 404."""
    user = repository.user_by_name(work.session, name, changing=True)
    if user is None:
        raise RegistryError("there is no user {name}", 404, "name", name=name)
    return user


def link_for(work: Work, user: User) -> str:
    """Return the token of a fresh one-time link for a user; RegistryError 409 where the user is disabled."""
    if user.disabled_at is not None:
        raise RegistryError("{name} is disabled: enable the user first", 409, "id", name=user.name)
    token = new_token(work.rng)
    user.link_hash, user.link_expires_at = token_hash(token), work.at + LINK_LASTS
    note(work, user, "link_made")
    return token


def sign_in(work: Work, delays: Delays, name: str, password: str) -> SignedIn:
    """Start a session by password; RegistryError 401, or 429 with the seconds to wait."""
    _check_wait(work, delays, name)
    user = repository.user_by_name(work.session, name)
    # An unknown name costs the same work as a known one.
    hashed = (user and user.password_hash) or _nobodys_hash()
    if not is_secret(hashed, password) or user is None or user.disabled_at is not None:
        delays.failed(name, work.now)
        raise RegistryError("name or password is wrong", 401, "password")
    delays.succeeded(name)
    return _start_session(work, user)


def sign_in_by_link(work: Work, token: str, password: str = "") -> SignedIn:
    """Start a session by a one-time link and set a password if one is given; RegistryError 401 and 422."""
    user = repository.user_by_link(work.session, token_hash(token))
    if user is None or user.link_expires_at is None or user.link_expires_at <= work.at or user.disabled_at is not None:
        raise RegistryError("this link has been used or has run out", 401, "link")
    if password:
        set_password(_as(work, user), user, password)
    user.link_hash = user.link_expires_at = None
    return _start_session(work, user)


def change_password(work: Work, delays: Delays, token: str, old: str, new: str) -> None:
    """Change the password of the user whose session this is and end all others; RegistryError 403, 409, 422 and 429."""
    user = repository.user_of_session(work.session, token_hash(token), work.at)
    if user is None:
        raise RegistryError("only a user who is signed in has a password", 403)
    if user.password_hash is None:
        raise RegistryError("there is no password yet: a one-time link sets one", 409, "old")
    _check_wait(work, delays, user.name)
    if not is_secret(user.password_hash, old):
        delays.failed(user.name, work.now)
        raise RegistryError("the old password is another", 422, "old")
    delays.succeeded(user.name)
    set_password(work, user, new)
    user.link_hash = user.link_expires_at = None
    repository.end_sessions(work.session, user.id, but=token_hash(token))


def set_password(work: Work, user: User, password: str) -> None:
    """Give a user another password; RegistryError 422 where it is too short."""
    was = shown(user)
    user.password_hash = hash_secret(_strong(password), work.rng)
    user.version += 1
    note(work, user, "password_changed", was)


def sign_out(work: Work, token: str) -> None:
    """End a session."""
    repository.end_session(work.session, token_hash(token))


def actor_of(work: Work, token: str) -> Actor | None:
    """Return who holds this token while it lasts: a user by a session, a program, or a host by a link."""
    hashed = token_hash(token)
    if user := repository.user_of_session(work.session, hashed, work.at):
        return Actor(user.name, user.role, user.site_id)
    if program := repository.program_of_token(work.session, hashed, work.at):
        return Actor(program.name, program.role, program.site_id)
    if host := repository.host_of_link(work.session, hashed, work.at):
        return Actor("host", "host", host.site_id, person=host.person_id)
    return None


def _start_session(work: Work, user: User) -> SignedIn:
    repository.forget_ended_sessions(work.session, work.at)
    token = new_token(work.rng, SESSION_TOKEN_BYTES)
    session = UserSession(token_hash=token_hash(token), user_id=user.id, created_at=work.at, expires_at=work.at + SESSION_LASTS)
    work.session.add(session)
    note(_as(work, user), user, "signed_in")
    return SignedIn(user, token)


def _as(work: Work, user: User) -> Work:
    """Return the same work as this user's own: before signing in it is nobody's."""
    return replace(work, actor=Actor(user.name, user.role, user.site_id, origin=work.actor.origin))


def _check_wait(work: Work, delays: Delays, name: str) -> None:
    if wait_s := ceil(delays.wait_s(name, work.now)):
        facts = {"retry_after_s": wait_s}
        raise RegistryError("too many wrong passwords: wait a little", 429, facts=facts, retry_after_s=wait_s)


def _strong(password: str) -> str:
    if len(password) < PASSWORD_LENGTH_MIN:
        raise RegistryError("a password has at least {length} characters", 422, "password", length=PASSWORD_LENGTH_MIN)
    return password


@cache
def _nobodys_hash() -> str:
    return hash_secret("nobody", bytes)
