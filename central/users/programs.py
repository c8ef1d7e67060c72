"""Tokens of programs: made, narrowed to areas, rotated and revoked."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from central.audit import services as audit
from central.errors import RegistryError
from central.hashing import new_token, token_hash
from central.records.schemas import Page
from central.registry import Work
from central.users import repository
from central.users.rights import RIGHTS, Area, Role
from central.users.schemas import (
    ApiTokenMade,
    ApiTokensAsked,
    ApiTokenShown,
    ApiTokenWanted,
    Scopes,
    TokenRotationWanted,
)
from central.users.services import SESSION_TOKEN_BYTES, check_acting, check_bounds, take_name
from central.users.tables import ApiToken

KIND = "api_tokens"
# What leads to the records of other areas by the role alone: a token that is narrowed would reach through it.
WHOLE_ROLE: Final[frozenset[Area]] = frozenset({"files", "reveals"})


def make(work: Work, wanted: ApiTokenWanted) -> ApiTokenMade:
    """Make a token for a program; RegistryError 422, and 409 where a user has the name."""
    check_bounds(work, wanted.site)
    _check_scopes(wanted.role, wanted.scopes)
    take_name(work, wanted.name, of_programs=True)
    check_acting(work, wanted.name, wanted.site, of_programs=True)
    scopes: dict[str, str] | None = None if wanted.scopes is None else dict(wanted.scopes.items())
    row = ApiToken(name=wanted.name, role=wanted.role, site_id=wanted.site, scopes=scopes)
    return _made(work, row, wanted.expires_in_days)


def page(work: Work, asked: ApiTokensAsked) -> Page[ApiTokenShown]:
    """Show one page of the tokens of programs, revoked ones too."""
    rows = repository.tokens(work, asked)
    items = [ApiTokenShown.model_validate(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def rotate(work: Work, token_id: UUID, wanted: TokenRotationWanted) -> ApiTokenMade:
    """Make a token that takes over from another, which works beside it for a while; RegistryError 404, 409 where it ended."""
    old = repository.token(work, token_id)
    if old.expires_at is not None and old.expires_at <= work.at:
        raise RegistryError("this token has ended: make another", 409, "id")
    ends = work.at + timedelta(hours=wanted.overlap_hours)
    old.expires_at = ends if old.expires_at is None else min(ends, old.expires_at)
    facts = {"expires_at": old.expires_at.isoformat()}
    audit.note(work, KIND, old.id, old.site_id, "rotated", version=2, before=None, after=facts)
    row = ApiToken(name=old.name, role=old.role, site_id=old.site_id, scopes=old.scopes, replaces_id=old.id)
    return _made(work, row, wanted.expires_in_days)


def revoke(work: Work, token_id: UUID) -> None:
    """Let a token authenticate no more; RegistryError 404, also where it was revoked before."""
    row = repository.token(work, token_id)
    row.revoked_at = work.at
    audit.note(work, KIND, row.id, row.site_id, "revoked", version=2)


def _made(work: Work, row: ApiToken, days: int | None) -> ApiTokenMade:
    text = new_token(work.rng, SESSION_TOKEN_BYTES)
    row.id, row.token_hash, row.created_at = work.new_id(), token_hash(text), work.at
    row.expires_at = _end(work.at, days)
    work.session.add(row)
    work.session.flush()
    made = ApiTokenShown.model_validate(row)
    audit.note(work, KIND, row.id, row.site_id, "created", version=1, after=made.model_dump(mode="json"))
    return ApiTokenMade(**made.model_dump(), token=text)


def _end(at: datetime, days: int | None) -> datetime | None:
    return None if days is None else at + timedelta(days=days)


def _check_scopes(role: Role, scopes: Scopes | None) -> None:
    """Raise RegistryError 422 where a token would be for what its role may not do, or is narrowed to what cannot be."""
    for area, right in (scopes or {}).items():
        if area in WHOLE_ROLE:
            raise RegistryError(
                "{area} leads to all that the role may do: a token for it has no scopes", 422, "scopes", area=area
            )
        allowed = RIGHTS[area].write if right == "write" else RIGHTS[area].read
        if role not in allowed:
            raise RegistryError("the role {role} may not do this in {area}", 422, "scopes", role=role, area=area)
