"""Who may call what: a session by cookie or bearer token, a role for reading and one for writing; nothing is open by default."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from central.errors import RegistryError
from central.registry import Registry, TheRegistry
from central.users import services
from central.users.schemas import ROLES, Role

COOKIE = "gatehouse_session"
CSRF_HEADER = "Gatehouse-CSRF"
CSRF_FIELD = "csrf"
SAFE_METHODS = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent the request, by which session; `by_cookie`: a browser did, so another site may have made it."""

    name: str
    role: str
    token: str
    by_cookie: bool

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
    token = request.cookies.get(COOKIE, "") if by_cookie else bearer.strip()
    if not token:
        return None
    with registry.read() as work:
        user = services.user_of(work, token)
    return Visitor(user.name, user.role, token, by_cookie) if user else None


def signed_in(request: Request, registry: TheRegistry) -> Visitor:
    """Return who sent the request; RegistryError 401."""
    visitor = visitor_of(request, registry)
    if visitor is None:
        raise RegistryError("sign in first", 401)
    return visitor


SignedInVisitor = Annotated[Visitor, Depends(signed_in)]


def allow(*, read: tuple[Role, ...] = ROLES, write: tuple[Role, ...]) -> Callable[[Request, Visitor], None]:
    """Return the check that lets these roles read and those write; a browser's write needs the session's CSRF value too."""

    def check(request: Request, visitor: SignedInVisitor) -> None:
        reads = request.method in SAFE_METHODS
        if visitor.role not in (read if reads else write):
            raise RegistryError(f"the role {visitor.role} may not do this", 403)
        if visitor.by_cookie and not reads:
            visitor.check_csrf(request.headers.get(CSRF_HEADER, ""))

    return check
