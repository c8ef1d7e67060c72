"""What booths show of a slip: its lines, how much went out by the office's own hand, and who made it out."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.booth_records import LineAtBooth, SlipAtBooth
from access.workflows.release_slip import ReleaseSlip, SlipLine, TripReleased
from central.people.names import masked
from central.records.validity import epoch_s
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowEvent, WorkflowRecord

# What is over is told too, until a week after its day: its signed paper may still be about, and must open nothing at any gate.
UNTOLD: Final = ("new", "draft")
THOUSAND: Final = 1000
WORD_MAX: Final = 40
TAIL_LENGTH: Final = 4
# How events are marked that the registry took over from the entries of a gate: what these let out is counted at gates.
FROM_GATES: Final = "gate:"


def is_at_booths(slip: ReleaseSlip) -> bool:
    """Tell whether guards must know of a slip: goods may go out on it, or somebody may still show its paper."""
    return slip.state not in UNTOLD


def slip_records(session: Session, row: WorkflowRecord, slip: ReleaseSlip) -> Iterator[SlipAtBooth]:
    """Yield what booths show of a slip."""
    if not is_at_booths(slip):
        return
    terms, known = slip.terms, row.details
    out = _released(session, row) if slip.trips else Counter()
    yield SlipAtBooth(
        id=row.id,
        number=row.number,
        state=slip.state,
        unit=known.get("unit", ""),
        applicant=masked(terms.applicant),
        phone_tail=known.get("phone", "")[-TAIL_LENGTH:],
        right=terms.right,
        lines=tuple(_line(line, out[line.number]) for line in terms.lines),
        plates=terms.plates,
        only_gate=slip.only_gate,
        at_night=slip.at_night,
        drafted_by=slip.drafted_by,
        approved_by=slip.approved_by,
        reason=known.get("reason", ""),
        replaces=terms.replaces[:WORD_MAX],
        replaced_by=slip.replaced_by[:WORD_MAX],
        valid_from=epoch_s(row.opened_at) or 0,
        valid_until=epoch_s(terms.valid_until) or 0,
        changed_at=ceil(row.changed_at.timestamp()),
    )


def _line(line: SlipLine, out: int) -> LineAtBooth:
    asked, unit = _thousandths(line.asked), line.unit[:WORD_MAX]
    return LineAtBooth(number=line.number, item=line.item, asked=asked, released=out, unit=unit, remark=line.remark)


def _released(session: Session, row: WorkflowRecord) -> Counter[int]:
    """Return how much of each line went out by trips that no gate told of."""
    query = select(WorkflowEvent.data).where(
        WorkflowEvent.record_id == row.id,
        WorkflowEvent.name == TripReleased.__name__,
        WorkflowEvent.origin.not_like(f"{FROM_GATES}%"),
    )
    out: Counter[int] = Counter()
    for data in session.scalars(query):
        trip: TripReleased = adapter(TripReleased).validate_json(data)
        for part in trip.released:
            out[part.line] += _thousandths(part.quantity)
    return out


def _thousandths(quantity: Decimal) -> int:
    return int(quantity * THOUSAND)
