"""The posts where duplicates hang: those that the site has on record, or by any name where it has none."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.errors import RegistryError
from central.places.tables import Post
from central.records.repository import find, of_site


def post_named(session: Session, site_id: UUID, named: str) -> str:
    """Return the name of the post that is meant by its id or its name; RegistryError 422 for no post's id."""
    try:
        record_id = UUID(named)
    except ValueError:
        return named
    return of_site(session, Post, record_id, site_id, "post").name


def post_of_site(session: Session, site_id: UUID, named: str, held_at: str = "") -> str:
    """Return the name of a post of the site, or of the one that a duplicate is `held_at`; RegistryError 422.

    A post may have another name by now, or be gone: who came in there must still be able to leave.
    """
    post = post_named(session, site_id, named)
    if post == held_at or find(session, Post, site_id=site_id, name=post):
        return post
    if session.scalars(select(Post.id).where(Post.site_id == site_id).limit(1)).first():
        raise RegistryError("the site has no such post", 422, "post")
    return post
