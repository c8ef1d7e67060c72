"""Users: added by an administrator of the machine, signed in by password or by a link that works once."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import ceil
from uuid import UUID

from central.actors import Actor
from central.errors import RegistryError
from central.hashing import hash_secret, is_secret, new_token, token_hash
from central.records.repository import flush
from central.registry import Work
from central.tables import User, UserSession
from central.users import repository
from central.users.delays import Delays
from central.users.rights import Role

LINK_LASTS = timedelta(hours=24)
SESSION_LASTS = timedelta(hours=12)
SESSION_TOKEN_BYTES = 32
PASSWORD_LENGTH_MIN = 8


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the token is known to its holder alone."""

    user: User
    token: str


def add_user(work: Work, name: str, role: Role, password: str | None = None, site: UUID | None = None) -> User:
    """Add a user, bound to one site if one is named; RegistryError 409 where the name is taken."""
    hashed = None if password is None else hash_secret(_strong(password), work.rng)
    user = User(id=work.new_id(), name=name, role=role, site_id=site, password_hash=hashed, created_at=work.at)
    work.session.add(user)
    flush(work.session, "there is a user of this name already")
    return user


def new_link(work: Work, name: str) -> str:
    """Return the token of a fresh one-time link for this user; an earlier link ends. RegistryError 404."""
    user = repository.user_by_name(work.session, name)
    if user is None:
        raise RegistryError("there is no user {name}", 404, "name", name=name)
    token = new_token(work.rng)
    user.link_hash, user.link_expires_at = token_hash(token), work.at + LINK_LASTS
    return token


def sign_in(work: Work, delays: Delays, name: str, password: str) -> SignedIn:
    """Start a session by password; RegistryError 401, or 429 with the seconds to wait."""
    if wait_s := delays.wait_s(name, work.now):
        raise RegistryError("too many wrong passwords: wait a little", 429, facts={"retry_after_s": ceil(wait_s)})
    user = repository.user_by_name(work.session, name)
    # An unknown name costs the same work as a known one.
    hashed = (user and user.password_hash) or _nobodys_hash()
    if not is_secret(hashed, password) or user is None:
        delays.failed(name, work.now)
        raise RegistryError("name or password is wrong", 401, "password")
    delays.succeeded(name)
    return _start_session(work, user)


def sign_in_by_link(work: Work, token: str, password: str = "") -> SignedIn:
    """Start a session by a one-time link and set a password if one is given; RegistryError 401 and 422."""
    user = repository.user_by_link(work.session, token_hash(token))
    if user is None or user.link_expires_at is None or user.link_expires_at <= work.at:
        raise RegistryError("this link has been used or has run out", 401, "link")
    if password:
        user.password_hash = hash_secret(_strong(password), work.rng)
    user.link_hash = user.link_expires_at = None
    return _start_session(work, user)


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
    return SignedIn(user, token)


def _strong(password: str) -> str:
    if len(password) < PASSWORD_LENGTH_MIN:
        raise RegistryError("a password has at least {length} characters", 422, "password", length=PASSWORD_LENGTH_MIN)
    return password


@cache
def _nobodys_hash() -> str:
    return hash_secret("nobody", bytes)
