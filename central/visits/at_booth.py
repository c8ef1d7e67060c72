"""What booths show of a visit: of the visitor a masked name with its initials, and the end of the telephone number."""

from collections.abc import Iterator
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.contract.booth_records import LentCard, VisitAtBooth
from access.workflows.visit import Visit, may_come_again
from central.cards.told import WORD_MAX, called
from central.people.names import masked
from central.pinyin import initials_of_name
from central.places.at_booth import VISITOR_CARD
from central.records.validity import epoch_s
from central.tables import Card
from central.visits.identity import is_named, known_tail
from central.workflows.tables import WorkflowRecord

WAITING_OR_INSIDE = ("asked", "approved", "in", "overstayed")
# Nobody is inside any more, but a card that was lent may still be out.
GONE = ("out", "expired")


def is_at_booths(visit: Visit) -> bool:
    """Tell whether guards must know of a visit: somebody may come by it, or waits, or is inside, or has a card yet."""
    if visit.state in WAITING_OR_INSIDE:
        return True
    return visit.state in GONE and (bool(visit.lent) or (visit.state == "out" and may_come_again(visit)))


def visit_records(session: Session, row: WorkflowRecord, visit: Visit, *, off: bool) -> Iterator[VisitAtBooth]:
    """Yield what booths show of a visit; `off`: nobody is to be let in by it."""
    if not is_at_booths(visit):
        return
    terms, known = visit.terms, row.details
    yield VisitAtBooth(
        id=row.id,
        number=row.number,
        state=visit.state,
        name=masked(str(known["name"])) if is_named(known) else "",
        initials=initials_of_name(str(known["name"])) if is_named(known) else "",
        phone_tail=known_tail(known),
        company=known.get("company", ""),
        unit=terms.unit,
        host=terms.host_name,
        host_id=terms.host,
        category=terms.category.code,
        purpose=known.get("purpose", ""),
        plates=terms.plates,
        party=terms.party,
        uses=terms.uses,
        gates=terms.gates,
        lent=tuple(_lent(session, row, visit)) if visit.lent else (),
        valid_from=epoch_s(terms.valid_from) or 0,
        valid_until=epoch_s(terms.valid_until) or 0,
        answer_by=epoch_s(terms.answer_by) if visit.state == "asked" else None,
        denied=off,
        changed_at=ceil(row.changed_at.timestamp()),
    )


def _lent(session: Session, row: WorkflowRecord, visit: Visit) -> Iterator[LentCard]:
    """Yield the cards that are out: what was lent before cards were asked of the stock has none."""
    query = select(Card).where(Card.visit_id == row.id, Card.kind == VISITOR_CARD).order_by(Card.id)
    for card in session.scalars(query):
        if called(card) in visit.lent:
            yield LentCard(card=card.id, printed=called(card)[:WORD_MAX])
