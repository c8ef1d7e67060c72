"""Users: added by those who look after the machine, signed in by password or by a link that works once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from central.actors import Actor
from central.audit import services as audit
from central.errors import RegistryError
from central.hashing import new_token, token_hash
from central.records.repository import flush
from central.records.repository import site as site_in_sight
from central.registry import Registry, Work
from central.tables import User, UserSession
from central.users import passwords, repository, tries
from central.users.rights import Role
from central.users.schemas import UserShown

KIND = "users"
HOST_LINK = "host_link"
# Who acts under a guard's badge.
POSTED: Final[frozenset[str]] = frozenset({"guard", "shift_leader"})
LINK_LASTS = timedelta(hours=24)
SESSION_LASTS = timedelta(hours=12)
SESSION_TOKEN_BYTES = 32
AGENT_LENGTH_MAX: Final = 120
SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: the token is known to its holder alone."""

    user: User
    token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a token: as whom, until when (None: no end), and when it was last noted that it was used."""

    actor: Actor
    expires_at: datetime | None
    seen_at: datetime | None
    is_noted: bool = True


def shown(user: User) -> UserShown:
    """Return what is shown of a user."""
    return UserShown(
        id=user.id,
        version=user.version,
        name=user.name,
        role=user.role,
        site_id=user.site_id,
        badge=user.badge,
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


def take_name(work: Work, name: str, *, of_programs: bool) -> None:
    """Take a name; RegistryError 409 where another has or had it, or one that looks like it: the audit would mix them up."""
    repository.give_out_alone(work.session)
    other = repository.take_name(work.session, name, of_programs=of_programs)
    if other is not None and other.of_programs:
        raise RegistryError("a program has this name already", 409, "name")
    if other is not None:
        raise RegistryError("there is a user of this name already", 409, "name")


def check_acting(work: Work, badge: str, site: UUID | None, but: UUID | None = None, *, of_programs: bool = False) -> None:
    """Raise RegistryError 409 where another acts under this name or badge: workflows would take the two for one.

    Programs of one name are one.
    """
    repository.give_out_alone(work.session)
    acts = repository.user_acts_there(work.session, badge, site, but)
    if acts or (not of_programs and repository.program_acts_there(work.session, badge, site)):
        raise RegistryError("somebody acts under {badge} there already", 409, "badge", badge=badge)


def check_badge(role: Role, site: UUID | None, name: str, badge: str | None) -> None:
    """Raise RegistryError 422 unless a guard or leader of one site has a badge, by name or beside it, and nobody else has one."""
    is_posted = site is not None and role in POSTED
    if badge is not None and not is_posted:
        raise RegistryError("only a guard or shift leader of one site acts under a badge", 422, "badge")
    if is_posted and badge is None and not _may_be_badge(name):
        raise RegistryError("a guard or shift leader of one site needs a badge, or it as the name", 422, "badge")


def badge_of(user: User) -> str | None:
    """Return the badge that a user acts under at a site, beside the name or as the name; None for who acts under none."""
    is_posted = user.site_id is not None and user.role in POSTED
    return user.badge or (user.name if is_posted and _may_be_badge(user.name) else None)


def _may_be_badge(name: str) -> bool:
    return name.isascii() and name.isdigit()


def add_user(
    work: Work, name: str, role: Role, password: str | None = None, site: UUID | None = None, badge: str | None = None
) -> User:
    """Add a user, bound to one site if one is named; RegistryError 409 where name or badge is taken, 422 for a wrong badge."""
    check_bounds(work, site)
    check_badge(role, site, name, badge)
    take_name(work, name, of_programs=False)
    check_acting(work, badge or name, site)
    hashed = None if password is None else passwords.hashed_password(password, work.rng, work.hash_key)
    user = User(id=work.new_id(), name=name, role=role, site_id=site, badge=badge, password_hash=hashed, created_at=work.at)
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


def sign_in(registry: Registry, by: Actor, name: str, password: str, agent: str = "") -> SignedIn:
    """Start a session by password; RegistryError 401, 403 for a guard who does not serve, 429 with the seconds to wait."""
    tried = tries.of_name(by.origin, name)
    fresh = None
    with passwords.turn():
        tries.begin(registry, tried)
        with registry.read() as work:
            user = repository.user_by_name(work.session, name)
        hashed = user.password_hash if user else None
        is_right = passwords.is_right(hashed, password, registry.hash_key)
        if is_right and hashed and passwords.is_old(hashed):
            fresh = passwords.hashed_anew(password, registry.rng, registry.hash_key)
    if is_right:
        tries.succeeded(registry, tried)
        with registry.write(by) as work:
            user = repository.user_by_name(work.session, name, changing=True)
            if user is not None and user.password_hash == hashed and user.disabled_at is None:
                user.password_hash = fresh or hashed
                return start_session(work, user, agent)
    raise RegistryError("name or password is wrong", 401, "password")


def enter_by_link(registry: Registry, by: Actor, token: str, password: str = "", agent: str = "") -> SignedIn:
    """Start a session by a one-time link and set a password if one is given; RegistryError 401, 403, 422 and 429."""
    hashed = None
    if password:
        with registry.read() as work:
            _user_of_link(work, token)
        with passwords.turn():
            hashed = passwords.hashed_password(password, registry.rng, registry.hash_key)
    with registry.write(by) as work:
        return sign_in_by_link(work, token, hashed, agent)


def sign_in_by_link(work: Work, token: str, password_hash: str | None = None, agent: str = "") -> SignedIn:
    """Start a session by a one-time link; with another password all sessions end that there are. RegistryError 401 and 403."""
    user = _user_of_link(work, token, changing=True)
    if password_hash is not None:
        _set_password(_as(work, user), user, password_hash)
        repository.end_sessions(work.session, user.id)
    user.link_hash = user.link_expires_at = None
    return start_session(work, user, agent)


def change_password(registry: Registry, by: Actor, token: str, old: str, new: str) -> None:
    """Change the password of the user whose session this is and end all others; RegistryError 403, 409, 422 and 429."""
    session = token_hash(token)
    with registry.read() as work:
        user = repository.user_of_session(work.session, session, work.at)
    if user is None:
        raise RegistryError("only a user who is signed in has a password", 403)
    hashed = user.password_hash
    if hashed is None:
        raise RegistryError("there is no password yet: a one-time link sets one", 409, "old")
    tried = tries.of_session(user.id)
    with passwords.turn():
        tries.begin(registry, tried)
        if not passwords.is_right(hashed, old, registry.hash_key):
            raise RegistryError("the old password is another", 422, "old")
        fresh = passwords.hashed_password(new, registry.rng, registry.hash_key)
    tries.succeeded(registry, tried)
    with registry.write(by) as work:
        user = repository.user_of_session(work.session, session, work.at, changing=True)
        if user is None or user.password_hash != hashed:
            raise RegistryError("the old password is another", 422, "old")
        _set_password(work, user, fresh)
        user.link_hash = user.link_expires_at = None
        repository.end_sessions(work.session, user.id, but=session)


def _set_password(work: Work, user: User, hashed: str) -> None:
    was = shown(user)
    user.password_hash = hashed
    user.version += 1
    note(work, user, "password_changed", was)


def sign_out(work: Work, token: str) -> None:
    """End a session, or a host's link; RegistryError 403 for a program, whose token others revoke."""
    hashed = token_hash(token)
    if repository.program_of_token(work.session, hashed, work.at) is not None:
        raise RegistryError("a program cannot sign out: have its token revoked", 403)
    if link := repository.host_of_link(work.session, hashed, work.at):
        link.revoked_at = work.at
        audit.note(work, HOST_LINK, link.person_id, link.site_id, "revoked", version=0)
    repository.end_session(work.session, hashed)


def forget_session(work: Work, token: str) -> None:
    """End the session of this token, if there is one: its browser has begun another."""
    repository.end_session(work.session, token_hash(token))


def holder_of(work: Work, token: str) -> Holder | None:
    """Return who holds this token while it lasts: a user by a session, a program, or a host by a link."""
    hashed = token_hash(token)
    if found := repository.session_of_token(work.session, hashed, work.at):
        session, user = found
        ends = min(session.expires_at, session.seen_at + repository.SESSION_IDLE)
        return Holder(_actor(user), ends, session.seen_at) if _serves(work, user) else None
    if program := repository.program_of_token(work.session, hashed, work.at):
        scopes = None if program.scopes is None else (*program.scopes.items(), ("me", "write"))
        actor = Actor(program.name, program.role, program.site_id, id=program.id, scopes=scopes)
        return Holder(actor, program.expires_at, program.used_at)
    if host := repository.host_of_link(work.session, hashed, work.at):
        actor = Actor("host", "host", host.site_id, person=host.person_id)
        return Holder(actor, host.expires_at, None, is_noted=False)
    return None


def note_seen(registry: Registry, token: str, holder: Holder) -> None:
    """Note that a token was used, at most once a minute: most requests write nothing for it."""
    at = registry.calendar()
    if holder.is_noted and (holder.seen_at is None or at - holder.seen_at >= SEEN_EVERY):
        with registry.write() as work:
            repository.note_seen(work.session, token_hash(token), at)


def _user_of_link(work: Work, token: str, *, changing: bool = False) -> User:
    user = repository.user_by_link(work.session, token_hash(token), changing=changing)
    if user is None or user.link_expires_at is None or user.link_expires_at <= work.at or user.disabled_at is not None:
        raise RegistryError("this link has been used or has run out", 401, "link")
    return user


def _serves(work: Work, user: User) -> bool:
    """Tell whether a user is no guard, or one who may serve: a guard's account ends with the guard."""
    return user.role not in POSTED or repository.serves(work.session, user, work.at)


def start_session(work: Work, user: User, agent: str = "", oidc_session: str | None = None) -> SignedIn:
    """Start a session, always with a token of its own, of a user who was made sure of; RegistryError 403."""
    if not _serves(work, user):
        raise RegistryError("no guard serves under badge {badge} now", 403, "name", badge=user.badge or user.name)
    repository.forget_ended_sessions(work.session, work.at)
    token = new_token(work.rng, SESSION_TOKEN_BYTES)
    session = UserSession(
        token_hash=token_hash(token),
        id=work.new_id(),
        user_id=user.id,
        agent="".join(filter(str.isprintable, agent))[:AGENT_LENGTH_MAX],
        origin=work.actor.origin,
        created_at=work.at,
        seen_at=work.at,
        expires_at=work.at + SESSION_LASTS,
        oidc_session=oidc_session,
    )
    work.session.add(session)
    note(_as(work, user), user, "signed_in")
    return SignedIn(user, token, session.expires_at)


def _as(work: Work, user: User) -> Work:
    """Return the same work as this user's own: before signing in it is nobody's."""
    return replace(work, actor=replace(_actor(user), origin=work.actor.origin))


def _actor(user: User) -> Actor:
    return Actor(user.name, user.role, user.site_id, id=user.id, badge=user.badge or "")
