"""What booths show of permits for vehicles without a plate: found by frame number where no reader is."""

from collections.abc import Iterator
from datetime import datetime
from math import ceil
from typing import Final
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.booth_records import ParkingAtBooth
from access.workflows.card import WORKFLOW, Card
from central.access_rules.telling import known, tell
from central.cards.holders import field_of
from central.people.names import masked
from central.people.tables import Company
from central.records.turns import read_once, take_turn
from central.records.validity import epoch_s
from central.registry import Work
from central.tables import Person, Site
from central.workflows.repository import with_key
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowKey, WorkflowRecord

KIND: Final = "booth_parking"
NON_MOTOR: Final = "non_motor_permit"
# Nobody has such a permit, or it lies at the office.
UNTOLD: Final = ("new", "stock", "returned")
# Of one that is over the guard is told that it is, and not whose it was.
NAMED: Final = ("issued", "active", "frozen", "lost")
_moment: Final = TypeAdapter[datetime | None](AwareDatetime | None)


def parking_records(session: Session, row: WorkflowRecord, permit: Card) -> Iterator[ParkingAtBooth]:
    """Yield what booths show of a permit that somebody may show at a gate, whether it is in force or not."""
    if permit.kind != NON_MOTOR or permit.state in UNTOLD or permit.holding is None:
        return
    holder, unit = _masked(session, permit.holding.holder) if permit.state in NAMED else ("", "")
    yield ParkingAtBooth(
        id=row.id,
        number=row.number,
        state=permit.state,
        bound_to=permit.holding.bound_to,
        holder=holder,
        unit=unit,
        valid_from=epoch_s(_moment.validate_python(row.details.get("valid_from"))),
        valid_until=epoch_s(permit.holding.valid_until),
        changed_at=ceil(row.changed_at.timestamp()),
    )


def tell_permits_of(work: Work, site: Site, field: str, who: UUID) -> None:
    """Tell booths anew of the permits of a holder (`person`, `company`) that they show, as the holder's name is another now."""
    rows = {row.id: row for row in with_key(work.session, site.id, WORKFLOW.name, field, str(who))} if _any(work, site) else {}
    shown = [record.id for record in known(work.session, site.id, KIND, list(rows))] if rows else []
    if shown:
        take_turn(work.session, site.id)
        work.session.flush()
        records = (parking_records(work.session, rows[one], _permit(rows[one])) for one in shown)
        tell(work.session, site, KIND, shown, [record for some in records for record in some])


def _any(work: Work, site: Site) -> bool:
    """Tell whether any such permit was made out at the site; asked once, however many persons a file changes."""
    kept = read_once(work.session, "permits at booths")
    if site.id not in kept:
        of_kind = (WorkflowKey.site_id == site.id, WorkflowKey.name == "kind", WorkflowKey.value == NON_MOTOR)
        kept[site.id] = work.session.scalars(select(WorkflowKey.record_id).where(*of_kind).limit(1)).first() is not None
    return bool(kept[site.id])


def _permit(row: WorkflowRecord) -> Card:
    permit: Card = adapter(Card).validate_json(row.data)
    return permit


def _masked(session: Session, holder: str) -> tuple[str, str]:
    """Return the holder's name, a person's masked, and their unit; of one who is not on record any more nothing."""
    field, who = field_of(holder)
    if field == "person":
        person = session.get(Person, UUID(who))
        return (masked(person.name), person.unit) if person else ("", "")
    if field == "company":
        company = session.get(Company, UUID(who))
        return (company.name, company.unit) if company else ("", "")
    return masked(who), ""
