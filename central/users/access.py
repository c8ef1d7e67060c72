"""Who may call what: a session by cookie or bearer token, and the rights of its role; nothing is open by default."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Request

from central.actors import Actor
from central.errors import RegistryError
from central.registry import Registry, TheRegistry
from central.users import services
from central.users.rights import RIGHTS, Area

COOKIE = "gatehouse_session"
# A browser takes a cookie of this name only over TLS, for this host alone: no neighbour domain plants another session.
TLS_COOKIE = f"__Host-{COOKIE}"
CSRF_HEADER = "Gatehouse-CSRF"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent the request, by which session; `by_cookie`: a browser did, so another site may have made it."""

    actor: Actor
    token: str
    by_cookie: bool
    expires_at: datetime | None = None

    @property
    def name(self) -> str:
        """The name to sign in with."""
        return self.actor.name

    @property
    def role(self) -> str:
        """The role, one of ROLES, or `host`."""
        return self.actor.role

    def check_role(self, allowed: Iterable[str]) -> None:
        """Raise RegistryError 403 unless the role is one of these."""
        if self.role not in allowed:
            raise RegistryError("the role {role} may not do this", 403, role=self.role)

    def check_area(self, area: Area, *, reads: bool) -> None:
        """Raise RegistryError 403 unless the role may do this, and the token is for it."""
        right = RIGHTS[area]
        self.check_role(right.read if reads else right.write)
        if not self.actor.reaches(area, writes=not reads):
            raise RegistryError("this token is not for {area}", 403, area=area)

    @property
    def areas(self) -> dict[Area, Literal["read", "write"]]:
        """What may be done in which area."""
        may: dict[Area, Literal["read", "write"]] = {}
        for area, right in RIGHTS.items():
            if self.role in right.write and self.actor.reaches(area, writes=True):
                may[area] = "write"
            elif self.role in right.read and self.actor.reaches(area, writes=False):
                may[area] = "read"
        return may

    @property
    def csrf(self) -> str:
        """What a form of this session must carry; it cannot be guessed without the cookie."""
        return hmac.new(self.token.encode(), b"csrf", hashlib.sha256).hexdigest()

    def check_csrf(self, given: str) -> None:
        """Raise RegistryError 403 unless the form is one of this session's pages."""
        if not hmac.compare_digest(given.encode(), self.csrf.encode()):
            raise RegistryError("this form is not of your session: load the page again", 403, CSRF_FIELD)


def visitor_of(request: Request, registry: Registry) -> Visitor | None:
    """Return who holds the request's token, if somebody does."""
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    by_cookie = scheme.lower() != "bearer"
    token = request.cookies.get(cookie_of(request), "") if by_cookie else bearer.strip()
    if not token:
        return None
    with registry.read() as work:
        holder = services.holder_of(work, token)
    if holder is None:
        return None
    services.note_seen(registry, token, holder)
    return Visitor(replace(holder.actor, origin=origin_of(request)), token, by_cookie, holder.expires_at)


def cookie_of(request: Request) -> str:
    """Return the name of the session's cookie."""
    return TLS_COOKIE if request.url.scheme == "https" else COOKIE


def agent_of(request: Request) -> str:
    """Return what the browser or program calls itself."""
    return request.headers.get("User-Agent", "")


def signed_in(request: Request, registry: TheRegistry) -> Visitor:
    """Return who sent the request; RegistryError 401."""
    visitor = visitor_of(request, registry)
    if visitor is None:
        raise RegistryError("sign in first", 401)
    return visitor


SignedInVisitor = Annotated[Visitor, Depends(signed_in)]


@dataclass(frozen=True, slots=True)
class Allowed:
    """The check of an area's rights, which comes before anything of the request is judged but whether its body is JSON.

    A browser's write needs the session's CSRF value too.
    """

    area: Area

    async def __call__(self, request: Request, visitor: SignedInVisitor) -> None:
        """Raise RegistryError 403 unless the visitor may do this."""
        reads = request.method in SAFE_METHODS
        visitor.check_area(self.area, reads=reads)
        if visitor.by_cookie and not reads:
            visitor.check_csrf(request.headers.get(CSRF_HEADER, ""))


def allow(area: Area) -> Allowed:
    """Return the check of an area's rights."""
    return Allowed(area)


def stranger(request: Request) -> Actor:
    """Return who sends a request before signing in."""
    return Actor("", "stranger", origin=origin_of(request))


def origin_of(request: Request) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else ""
