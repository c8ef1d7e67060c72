"""Signing in over the API."""

from datetime import timedelta

from fastapi import APIRouter, Request

from central.registry import TheRegistry
from central.users import services
from central.users.access import SignedInVisitor
from central.users.schemas import SignInWanted, Token

router = APIRouter(tags=["users"])


@router.post("/sign-in")
def sign_in(request: Request, registry: TheRegistry, wanted: SignInWanted) -> Token:
    """Get a bearer token for name and password."""
    with registry.write() as work:
        signed = services.sign_in(work, request.app.state.delays, wanted.name, wanted.password.get_secret_value())
        lasts: timedelta = services.SESSION_LASTS
        return Token(token=signed.token, expires_at=work.at + lasts, user=signed.user.id)


@router.post("/sign-out", status_code=204)
def sign_out(registry: TheRegistry, visitor: SignedInVisitor) -> None:
    """End the session of this token."""
    with registry.write() as work:
        services.sign_out(work, visitor.token)
