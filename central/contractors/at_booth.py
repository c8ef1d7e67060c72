"""What booths show of a contractor pass: of the holder a masked name with its initials and a photo, and whom to call."""

from collections.abc import Iterator
from math import ceil
from uuid import UUID

from sqlalchemy.orm import Session

from access.contract.booth_records import PassAtBooth
from access.workflows.contractor_pass import ContractorPass
from central.contractors.photos import photo_at_booths
from central.contractors.schemas import PassDetails, PermitDetails
from central.contractors.terms import holder_id, name_of, permit_of, rule_seconds
from central.people.names import masked
from central.pinyin import initials_of_name
from central.tables import Site
from central.workflows.tables import WorkflowRecord

TAIL_LENGTH = 4
TEXT_MAX, WORD_MAX = 200, 40


def pass_records(session: Session, site: Site, row: WorkflowRecord, held: ContractorPass) -> Iterator[PassAtBooth]:
    """Yield what booths show of a pass that gates are told of, once it was handed over."""
    if held.state == "issued":
        return
    terms, known = held.terms, PassDetails.model_validate(row.details)
    permit_row = session.get_one(WorkflowRecord, UUID(terms.permit))
    permit = permit_of(permit_row)
    yield PassAtBooth(
        id=row.id,
        number=row.number,
        state=held.state,
        subject=holder_id(terms),
        name=masked(known.name),
        initials=initials_of_name(known.name),
        phone_tail=_tail(known.phone),
        firm=terms.firm,
        trade=terms.trade,
        responsible=masked(name_of(session, site.id, terms.responsible)),
        phone=PermitDetails.model_validate(permit_row.details).phone[:WORD_MAX],
        permit=permit_row.id,
        permit_number=permit_row.number,
        permit_state=permit.state,
        units=terms.units,
        schedule=UUID(terms.schedule) if terms.schedule else None,
        leaves_anywhere=terms.leaves_anywhere,
        violations=tuple(what[:TEXT_MAX] for what in held.violations),
        workers_max=permit.terms.workers,
        valid_from=rule_seconds(terms.valid_from),
        valid_until=rule_seconds(terms.valid_until),
        photo=photo_at_booths(session, site.id, known.photo) if known.photo else "",
        changed_at=ceil(row.changed_at.timestamp()),
    )


def _tail(phone: str) -> str:
    digits = "".join(each for each in phone if each.isascii() and each.isdigit())
    return digits[-TAIL_LENGTH:]
