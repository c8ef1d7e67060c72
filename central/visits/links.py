"""Links by which hosts announce visitors and answer for them: one at a time for each person, its token shown once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from central.audit import services as audit
from central.errors import RegistryError
from central.hashing import new_token, token_hash
from central.records import repository
from central.registry import Work
from central.tables import Person
from central.users.services import HOST_LINK as KIND
from central.users.tables import HostLink
from central.visits.schemas import HostLinkHeld, HostLinkShown

TOKEN_BYTES = 32


def new_host_link(work: Work, person_id: UUID, days: int) -> HostLinkShown:
    """Give a person a link as host; an earlier one ends. RegistryError 404, and 422 for one who is no host any more."""
    person = repository.get(work, Person, person_id, changing=True)
    if not is_host(work, person):
        raise RegistryError("who is not active, or no longer, has no visitors", 422, "id")
    _end_links(work, person.id)
    token, expires_at = new_token(work.rng, TOKEN_BYTES), work.at + timedelta(days=days)
    link = HostLink(
        token_hash=token_hash(token), site_id=person.site_id, person_id=person.id, created_at=work.at, expires_at=expires_at
    )
    work.session.add(link)
    after = {"expires_at": expires_at.isoformat()}
    audit.note(work, KIND, person.id, person.site_id, "created", version=0, before=None, after=after)
    return HostLinkShown(id=person.id, token=token, path=f"/host#{token}", expires_at=expires_at)


def host_link(work: Work, person_id: UUID) -> HostLinkHeld:
    """Show the link that a person has as host; RegistryError 404 for nobody, and where there is none."""
    person = repository.get(work, Person, person_id)
    for link in _living(work, person.id):
        return HostLinkHeld(id=person.id, created_at=link.created_at, expires_at=link.expires_at)
    raise RegistryError("this person has no link", 404, "id")


def end_host_link(work: Work, person_id: UUID) -> None:
    """End a person's link as host, if there is one; RegistryError 404 where there is no such person."""
    person = repository.get(work, Person, person_id, changing=True)
    if _end_links(work, person.id):
        audit.note(work, KIND, person.id, person.site_id, "revoked", version=0, before=None, after=None)


def the_host(work: Work, *, changing: bool = False) -> Person:
    """Return the person who acts by a host's link, locked where asked; RegistryError 403 for one who is no host any more."""
    person_id = work.actor.person
    person = None if person_id is None else repository.get(work, Person, person_id, changing=changing)
    if person is None or not is_host(work, person):
        raise RegistryError("this link is not good any more: ask the property office", 403)
    return person


def is_host(work: Work, person: Person) -> bool:
    """Tell whether a person may have visitors by now."""
    has_ended = person.valid_until is not None and person.valid_until <= work.at
    return person.status == "active" and not has_ended


def _end_links(work: Work, person_id: UUID) -> int:
    links = _living(work, person_id)
    for link in links:
        link.revoked_at = work.at
    return len(links)


def _living(work: Work, person_id: UUID) -> Sequence[HostLink]:
    query = select(HostLink).where(HostLink.person_id == person_id, HostLink.revoked_at.is_(None), HostLink.expires_at > work.at)
    return work.session.scalars(query).all()
