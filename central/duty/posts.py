"""The posts at which guards stand: named by the record's id or by words. What was written keeps the name that a post had then."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from access.workflows.shift import Shift
from central.errors import RegistryError
from central.places.tables import Post
from central.records.repository import find, of_site
from central.tables import Gate

# More gates than this, and what is counted of the whole site is no word on one post.
ONE_GATE = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a shift stands: the names of its post, then and now, its gate, and whether that is the only one of the site."""

    names: frozenset[str]
    gate: Gate | None
    is_alone: bool


def post_name(session: Session, site_id: UUID, named: str, field: str) -> str:
    """Return the name of the post that is meant by its id or its name; RegistryError 422 naming `field` for no post.

    Where the site has no posts on record, any words name one.
    """
    try:
        record_id = UUID(named)
    except ValueError:
        if not named:
            raise RegistryError("a post must be named", 422, field) from None
        if post_id(session, site_id, named) is None and session.scalars(_of(site_id).limit(1)).first() is not None:
            raise RegistryError("the site has no post {post}", 422, field, post=named) from None
        return named
    return of_site(session, Post, record_id, site_id, field).name


def post_id(session: Session, site_id: UUID, name: str) -> UUID | None:
    """Return the id of the post of this name, where it is on record."""
    return session.scalars(_of(site_id).where(Post.name == name)).first()


def names_now(session: Session, site_id: UUID) -> dict[str, str]:
    """Return by their ids what the posts of a site are called now."""
    return {str(row.id): row.name for row in session.scalars(select(Post).where(Post.site_id == site_id))}


def standing(session: Session, site_id: UUID, shift: Shift) -> Standing:
    """Return where a shift stands, by the id of its post or, without one, by its name."""
    row = session.get(Post, UUID(shift.post_id)) if shift.post_id else find(session, Post, site_id=site_id, name=shift.post)
    gates = session.scalars(select(Gate).where(Gate.site_id == site_id).limit(ONE_GATE + 1)).all()
    gate = session.get(Gate, row.gate_id) if row and row.gate_id else None
    names = frozenset({shift.post, row.name} if row else {shift.post})
    return Standing(names, gate, len(gates) <= ONE_GATE)


def _of(site_id: UUID) -> Select[UUID]:
    return select(Post.id).where(Post.site_id == site_id)
