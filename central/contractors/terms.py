"""What permits and passes have in common: who may change them, the permit that a pass is made out on, how times are told."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from access.workflows.pass_terms import PassTerms
from access.workflows.permit import WORKFLOW, Permit
from central.errors import RegistryError
from central.places.settings import settings_of
from central.records.repository import of_site
from central.registry import Work
from central.tables import Person
from central.users.rights import Role
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowRecord

OFFICE: Final[frozenset[Role]] = frozenset({"registrar", "site_manager"})


def permit_of_site(session: Session, site_id: UUID, permit_id: UUID, field: str, *, changing: bool = False) -> WorkflowRecord:
    """Return the permit that something refers to, locked where it is counted on; RegistryError 422 naming `field`."""
    row = of_site(session, WorkflowRecord, permit_id, site_id, field)
    if row.workflow != WORKFLOW.name:
        raise RegistryError("there is no such permit", 422, field)
    if changing:
        session.refresh(row, with_for_update=True)
    return row


def permit_of(row: WorkflowRecord) -> Permit:
    """Return the permit as it was left by its last event."""
    permit: Permit = adapter(Permit).validate_json(row.data)
    return permit


def permit_by_now(row: WorkflowRecord, at: datetime) -> Permit:
    """Return the permit as it is at this time, also where nobody has written down yet what time has done."""
    return WORKFLOW.ripened(permit_of(row), at)


def holder_id(terms: PassTerms) -> UUID:
    """Return the id under which gates know the holder of a pass."""
    return uuid5(UUID(terms.permit), terms.person)


def rule_seconds(at: datetime) -> int:
    """Return a time as the rules tell it: a zone may carry the first day of all before the epoch."""
    return max(0, int(at.timestamp()))


def expires_soon(work: Work, site_id: UUID, until: datetime) -> bool:
    """Tell whether what is in force until then is to be warned of."""
    return until <= work.at + timedelta(days=settings_of(work.session, site_id).permit_days_warning)


def moment_key(at: datetime) -> str:
    """Return a time so that it sorts among those that a filter is asked with."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def name_of(session: Session, site_id: UUID, who: str) -> str:
    """Return the name of somebody who stands in the terms by id or by name."""
    identity = identity_of(who)
    person = session.get(Person, identity) if identity else None
    return person.name if person and person.site_id == site_id else who


def identity_of(text: str) -> UUID | None:
    """Return the id that somebody is named by; None for a name."""
    try:
        return UUID(text)
    except ValueError:
        return None
