"""Signing in by another house's word: begun, ended once, and for whom here."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select

from central.actors import Actor
from central.audit import services as audit
from central.errors import RegistryError
from central.hashing import new_token, token_hash
from central.oidc.provider import Provider
from central.oidc.schemas import IdentitiesShown, IdentityShown, IdentityWanted
from central.oidc.settings import Rule
from central.records.repository import flush
from central.registry import Registry, Work
from central.sites.repository import site_by_slug
from central.tables import User, UserSession
from central.users import administration, repository
from central.users import services as users
from central.users.schemas import UserWanted
from central.users.tables import OidcIdentity, OidcTry

KIND: Final = "oidc_identities"
SECRET_BYTES: Final = 32
TRY_LASTS: Final = timedelta(minutes=10)
SUBJECT_LENGTH_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, and what it keeps to be known by when it comes back."""

    address: str
    browser: str


def begin(registry: Registry, provider: Provider, back: str) -> Begun:
    """Send a browser to the provider; RegistryError 503."""
    browser, state, nonce, verifier = (new_token(registry.rng, SECRET_BYTES) for _ in range(4))
    address = provider.way_in(back, state, nonce, verifier)
    with registry.write() as work:
        work.session.execute(delete(OidcTry).where(OidcTry.expires_at <= work.at))
        ends = work.at + TRY_LASTS
        hashes = {"state_hash": token_hash(state), "browser_hash": token_hash(browser)}
        work.session.add(OidcTry(**hashes, nonce=nonce, verifier=verifier, expires_at=ends))
    return Begun(address, browser)


def end(registry: Registry, provider: Provider, by: Actor, came: tuple[str, str, str], back: str, agent: str) -> users.SignedIn:
    """Start a session for who came back with (browser, state, code); RegistryError 403 and 503. A state is good once."""
    browser, state, code = came
    with registry.write() as work:
        tried = work.session.get(OidcTry, token_hash(state), with_for_update=True)
        if tried is not None:
            work.session.delete(tried)
        if tried is None or tried.expires_at <= work.at or not hmac.compare_digest(tried.browser_hash, token_hash(browser)):
            tried = None
    if tried is None:
        raise RegistryError(
            "this way of signing in was begun elsewhere, ended already, or took too long: begin again", 403, "oidc"
        )
    claims = provider.claims_of_code(registry, code, back, tried.nonce, tried.verifier)
    with registry.write(by) as work:
        user = _user_of(work, provider, claims)
        session = claims.get("sid")
        return users.start_session(work, user, agent, session if isinstance(session, str) else None)


def sign_out(registry: Registry, provider: Provider, token: str) -> None:
    """End the sessions that the provider has ended: one of its own, or all of a user; RegistryError 403."""
    claims = provider.claims_of_logout(registry, token)
    with registry.write() as work:
        identity = _identity(work, provider.settings.issuer, str(claims.get("sub", "")))
        ended = delete(UserSession).where(UserSession.oidc_session.is_not(None))
        if sid := claims.get("sid"):
            work.session.execute(ended.where(UserSession.oidc_session == str(sid)))
        elif identity is not None:
            repository.end_sessions(work.session, identity.user_id)


def identities(work: Work, user_id: UUID) -> IdentitiesShown:
    """Show by which accounts a user signs in; RegistryError 404."""
    user = repository.user(work, user_id)
    rows = work.session.scalars(select(OidcIdentity).where(OidcIdentity.user_id == user.id).order_by(OidcIdentity.id))
    return IdentitiesShown(items=[IdentityShown.model_validate(row) for row in rows])


def link(work: Work, user_id: UUID, wanted: IdentityWanted) -> IdentityShown:
    """Let a user sign in by an account; RegistryError 404, and 409 where another does."""
    user = repository.user(work, user_id, changing=True)
    return IdentityShown.model_validate(_linked(work, user, wanted.issuer, wanted.subject, by_rule=False))


def unlink(work: Work, user_id: UUID, identity_id: UUID) -> None:
    """Let a user sign in by an account no more, and end all sessions; RegistryError 404."""
    user = repository.user(work, user_id, changing=True)
    row = work.session.get(OidcIdentity, identity_id)
    if row is None or row.user_id != user.id:
        raise RegistryError("there is no such record in {table}", 404, "identity_id", table=OidcIdentity.__tablename__)
    work.session.delete(row)
    repository.end_sessions(work.session, user.id)
    audit.note(work, KIND, row.id, user.site_id, "deleted", version=2)


def _user_of(work: Work, provider: Provider, claims: Mapping[str, Any]) -> User:
    """Return the user of an account; RegistryError 403 for one that is disabled, linked with nobody, or fits no rule any more."""
    issuer, subject = provider.settings.issuer, str(claims["sub"])
    rule = next((rule for rule in provider.settings.rules if rule.fits(claims)), None)
    identity = _identity(work, issuer, subject)
    if identity is None:
        if rule is None or not subject or len(subject) > SUBJECT_LENGTH_MAX:
            raise RegistryError("no user here belongs to your account there: an administrator links them", 403, "oidc")
        user = users.add_user(_by_rule(work), _name_of(claims), rule.role, site=_site(work, rule))
        _linked(_by_rule(work), user, issuer, subject, by_rule=True)
        return user
    user = work.session.get_one(User, identity.user_id, with_for_update=True, populate_existing=True)
    if user.disabled_at is not None or (identity.by_rule and rule is None):
        raise RegistryError("your account there may not sign in here", 403, "oidc")
    if identity.by_rule and rule is not None:
        _follow(work, user, rule)
    return user


def _follow(work: Work, user: User, rule: Rule) -> None:
    """Make a user that a rule made what the rule says today."""
    site = _site(work, rule)
    if (user.role, user.site_id) != (rule.role, site):
        wanted = UserWanted(name=user.name, role=rule.role, site=site, badge=user.badge)
        administration.change(_by_rule(work), user.id, wanted, None)
        repository.end_sessions(work.session, user.id)


def _by_rule(work: Work) -> Work:
    return replace(work, actor=Actor("oidc", "registry", origin=work.actor.origin))


def _site(work: Work, rule: Rule) -> UUID | None:
    if not rule.site:
        return None
    site = site_by_slug(work.session, rule.site)
    if site is None:
        raise RegistryError("your account there may not sign in here", 403, "oidc")
    return site.id


def _name_of(claims: Mapping[str, Any]) -> str:
    name = str(claims.get("preferred_username") or claims["sub"]).strip()[:200]
    if not name or not name.isprintable():
        raise RegistryError("your account there may not sign in here", 403, "oidc")
    return name


def _identity(work: Work, issuer: str, subject: str) -> OidcIdentity | None:
    query = select(OidcIdentity).where(OidcIdentity.issuer == issuer, OidcIdentity.subject == subject)
    return work.session.scalars(query).one_or_none()


def _linked(work: Work, user: User, issuer: str, subject: str, *, by_rule: bool) -> OidcIdentity:
    facts = {"issuer": issuer, "subject": subject, "user_id": user.id}
    row = OidcIdentity(id=work.new_id(), by_rule=by_rule, created_at=work.at, **facts)
    work.session.add(row)
    flush(work.session, "a user belongs to this account already")
    audit.note(work, KIND, row.id, user.site_id, "created", version=1, after={"issuer": issuer, "user": str(user.id)})
    return row
