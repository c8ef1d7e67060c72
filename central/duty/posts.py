"""The posts at which guards stand: named by the record's id or by words; kept by name, as contractors' boards keep them."""

from uuid import UUID

from sqlalchemy.orm import Session

from central.errors import RegistryError
from central.places.tables import Post
from central.records.repository import find, of_site


def post_name(session: Session, site_id: UUID, named: str, field: str) -> str:
    """Return the name of the post that is meant by its id or its name; RegistryError 422 naming `field` for no post's id."""
    try:
        record_id = UUID(named)
    except ValueError:
        if not named:
            raise RegistryError("a post must be named", 422, field) from None
        return named
    return of_site(session, Post, record_id, site_id, field).name


def gate_of(session: Session, site_id: UUID, post: str) -> UUID | None:
    """Return the gate at which the post of this name stands, where the registry knows it."""
    row = find(session, Post, site_id=site_id, name=post)
    return row.gate_id if row else None
