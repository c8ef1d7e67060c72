"""What gates are told of a visit: the masked name, window and lanes, its code, lent cards, and plates on nobody's record.

Booths show more of it, and also of who waits at a gate and was not let in yet (`central.visits.at_booth`).

A plate is told once for the site, with the visit that it is about to be used for: a gate that knew two holders of one plate would
have to ask. It goes on to the next visit when that one ends. A code is told until its window is over, also of a visit that
ended before: who shows it then is told that it is good no more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from access.contract.booth_records import VisitAtBooth
from access.contract.records import AnyRecord, CardRecord, PersonRecord, VehicleRecord, VisitRecord
from access.workflows.visit import WORKFLOW, Visit, may_come_again
from central.access_rules import repository as rules
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.access_rules.telling import known
from central.cards.told import card_record
from central.codes import told as codes
from central.places.settings import settings_of
from central.records.many import among
from central.registry import Work
from central.tables import Card, Gate, Lane, RuleChange, Site, Vehicle
from central.visits.at_booth import GONE, WAITING_OR_INSIDE, visit_records
from central.visits.deny_list import is_denied
from central.visits.identity import shown_name
from central.workflows.shapes import adapter
from central.workflows.tables import WorkflowKey, WorkflowRecord

INSIDE = ("in", "overstayed")
TOLD = (*INSIDE, "approved", "out")
# Used up, or its window over; of others that are not told any more somebody has taken the visit back.
OVER = ("out", "expired")
CATEGORIES: frozenset[str] = frozenset(get_args(VisitRecord.model_fields["category"].annotation))
OTHERS = "ordinary"
# As it stands in the records of a visit: within a text its quotes would be escaped.
CANCELLED, DENIED = '"status":"cancelled"', '"denied":true'


def is_told(visit: Visit) -> bool:
    """Tell whether gates must know of a visit: somebody may come by it, or is still inside."""
    return visit.state in TOLD and (visit.state != "out" or may_come_again(visit))


def tell(work: Work, site: Site, rows: Sequence[WorkflowRecord], plates: Iterable[str] = ()) -> None:
    """Tell gates what they are to know by now of these visits and plates, as one revision.

    What they knew is what they were told, and not what would have been: lanes and the list of who is denied change meanwhile.
    """
    session = work.session
    ids = [row.id for row in rows]
    people = {visitor_id(each) for each in ids}
    knew = [*known(session, site.id, "visit", ids), *known(session, site.id, "person", list(people))]
    coded = codes.with_codes(session, ids)
    knew += [*known(session, site.id, "card", codes.ids_of(ids)), *known(session, site.id, "booth_visit", ids)]
    wanted = [record for row in rows for record in _visit_records(work, site, row, is_coded=row.id in coded)]
    lent = _lent_cards(session, site, {row.id: row for row in rows})
    knew += known(session, site.id, "card", [card.id for card in lent])
    wanted += lent
    known_plates, wanted_plates = _of_plates(session, site, set(plates))
    before, after = told_to(EVERYONE, [*knew, *known_plates]), told_to(EVERYONE, [*wanted, *wanted_plates])
    stream.publish(session, site, before=before, after=after)


def tell_plates(session: Session, site: Site, plates: Iterable[str]) -> None:
    """Tell gates what they are to know of these plates by now: nothing where they are on record, or not expected."""
    knew, wanted = _of_plates(session, site, set(plates))
    stream.publish(session, site, before=told_to(EVERYONE, knew), after=told_to(EVERYONE, wanted))


def tell_of_gates(work: Work, site: Site) -> None:
    """Tell gates anew of the visits that may come through some gates only: which lanes those have is otherwise now."""
    tell(work, site, [row for row in open_visits(work.session, site.id) if visit_of(row).terms.gates])


def open_visits(session: Session, site_id: UUID) -> Sequence[WorkflowRecord]:
    """Return the visits of a site of which gates know."""
    return session.scalars(_told(site_id)).all()


def visits_at_booths(session: Session, site_id: UUID) -> Sequence[WorkflowRecord]:
    """Return the visits of a site that booths show."""
    return session.scalars(shown_at_booths(site_id)).all()


def shown_at_booths(site_id: UUID) -> Select[WorkflowRecord]:
    """Return the query of visits that booths show, as `is_at_booths` has it."""
    row = WorkflowRecord
    lent = exists().where(WorkflowKey.record_id == row.id, WorkflowKey.name == "card", WorkflowKey.site_id == site_id)
    is_out = and_(row.state == "out", _lasts())
    return select(row).where(_of_site(site_id), or_(row.state.in_(WAITING_OR_INSIDE), is_out, and_(row.state.in_(GONE), lent)))


def told_as_cancelled(session: Session, site: Site, rows: Iterable[WorkflowRecord]) -> frozenset[UUID]:
    """Return which of these visits gates know as taken back, or booths show as such."""
    ids = [row.id for row in rows]
    visits, shown = known(session, site.id, "visit", ids), known(session, site.id, "booth_visit", ids)
    off = {record.id for record in visits if isinstance(record, VisitRecord) and record.status == "cancelled"}
    return frozenset(off | {record.id for record in shown if isinstance(record, VisitAtBooth) and record.denied})


def held_back(session: Session, site_id: UUID) -> Sequence[WorkflowRecord]:
    """Return the same visits as `told_as_cancelled`, of all that are open: found by the database, as the clock asks often."""
    living = (RuleChange.site_id == site_id, RuleChange.record_id == WorkflowRecord.id, RuleChange.to_revision.is_(None))
    at_lanes = and_(RuleChange.kind == "visit", RuleChange.data.contains(CANCELLED))
    at_booths = and_(RuleChange.kind == "booth_visit", RuleChange.data.contains(DENIED))
    return session.scalars(shown_at_booths(site_id).where(exists().where(*living, or_(at_lanes, at_booths)))).all()


def is_off(work: Work, row: WorkflowRecord) -> bool:
    """Tell whether nobody is to be let in by a visit: it was taken back, or its visitor is denied."""
    visit = visit_of(row)
    return visit.cancelled or is_denied(work, row.site_id, row.details, visit.terms.plates)


def _visit_records(work: Work, site: Site, row: WorkflowRecord, *, is_coded: bool) -> Sequence[AnyRecord]:
    """Return what gates are told of a visit, its visitor and its code; one who is denied is known, and not let in."""
    visit = visit_of(row)
    is_known = _is_known(work.session, row)
    off = is_off(work, row)
    shown = visit_records(work.session, row, visit, off=off)
    if not is_known and (not is_coded or is_told(visit)):
        return tuple(shown)
    person = PersonRecord(id=visitor_id(row.id), name=shown_name(row.details), unit=visit.terms.unit, category="visitor")
    told: list[AnyRecord] = [person, *shown]
    if is_known:
        told.append(_visit_record(work.session, row, visit, "cancelled" if off else "approved"))
    if is_coded:
        says = codes.named("visit", row.id)
        told.append(codes.code_record(site, says, row.number, person.id, _code_status(visit, off=off, is_known=is_known)))
    return told


def _code_status(visit: Visit, *, off: bool, is_known: bool) -> str:
    if is_known and not off:
        return codes.ACTIVE
    return "expired" if visit.state in OVER and not off else "revoked"


def _visit_record(session: Session, row: WorkflowRecord, visit: Visit, status: str) -> VisitRecord:
    terms = visit.terms
    return VisitRecord.model_validate(
        {
            "id": row.id,
            "person": visitor_id(row.id),
            "category": terms.category.code if terms.category.code in CATEGORIES else OTHERS,
            "status": status,
            "host": terms.host_name,
            "valid_from": int(terms.valid_from.timestamp()),
            "valid_until": int(terms.valid_until.timestamp()),
            "lanes": _lanes(session, row.site_id, terms.gates),
            "uses": terms.uses,
            "party": terms.party,
            "obligations": terms.category.obligations,
            "home": _home(session, row.site_id, terms.gates),
        }
    )


def lent_card(session: Session, site: Site, card: Card, row: WorkflowRecord) -> CardRecord:
    """Return what gates are told of a card that is lent with a visit: it is the visitor's as long as they know the visit."""
    if _is_known(session, row):
        return card_record(site, card, visitor_id(row.id), card.status)
    return card_record(site, card, None, "frozen" if card.status == "active" else card.status)


def _lent_cards(session: Session, site: Site, rows: Mapping[UUID, WorkflowRecord]) -> list[CardRecord]:
    ids = sorted(rows)
    parts = [ids[begin : begin + rules.KEYS_PER_QUERY] for begin in range(0, len(ids), rules.KEYS_PER_QUERY)]
    found = [card for part in parts for card in session.scalars(select(Card).where(among(session, Card.visit_id, part)))]
    return [lent_card(session, site, card, rows[card.visit_id]) for card in found if card.visit_id is not None]


def _is_known(session: Session, row: WorkflowRecord) -> bool:
    """Tell whether gates know of a visit: one whose gates are all gone they do not, as no lanes would mean all of them."""
    visit = visit_of(row)
    return is_told(visit) and (not visit.terms.gates or bool(_lanes(session, row.site_id, visit.terms.gates)))


def visit_of(row: WorkflowRecord) -> Visit:
    """Return the visit as it was left by its last event."""
    visit: Visit = adapter(Visit).validate_json(row.data)
    return visit


def visitor_id(visit: UUID) -> UUID:
    """Return the id under which gates know the visitor of a visit."""
    return uuid5(visit, "visitor")


def _of_plates(session: Session, site: Site, plates: Collection[str]) -> tuple[Sequence[AnyRecord], Sequence[AnyRecord]]:
    """Return what gates know of visitors with these plates, and what they are to know."""
    knew = known(session, site.id, "vehicle", [plate_id(site.id, plate) for plate in plates])
    expected = _expected(session, site.id, plates)
    of_record = select(Vehicle.plate).where(Vehicle.site_id == site.id, among(session, Vehicle.plate, expected))
    registered = frozenset(session.scalars(of_record)) if expected else frozenset()
    wanted = [
        VehicleRecord(id=plate_id(site.id, plate), plate=plate, person=visitor_id(visit))
        for plate, visit in sorted(expected.items())
        if plate not in registered
    ]
    return knew, wanted


def _expected(session: Session, site_id: UUID, plates: Collection[str]) -> Mapping[str, UUID]:
    """Return for each of these plates that is expected the visit that it is for."""
    found: dict[str, list[WorkflowRecord]] = {}
    asked = sorted(plates)
    for begin in range(0, len(asked), rules.KEYS_PER_QUERY):
        named = (WorkflowKey.site_id == site_id, WorkflowKey.name == "plate")
        some = among(session, WorkflowKey.value, asked[begin : begin + rules.KEYS_PER_QUERY])
        query = _told(site_id).join(WorkflowKey, WorkflowKey.record_id == WorkflowRecord.id).where(*named, some)
        for row, plate in session.execute(query.add_columns(WorkflowKey.value)):
            found.setdefault(plate, []).append(row)
    return {plate: min(rows, key=lambda row: (_turn(visit_of(row)), row.id)).id for plate, rows in found.items()}


def _told(site_id: UUID) -> Select[WorkflowRecord]:
    """Return the query of visits that gates are told of: one that is out and used up has nothing more to wait for."""
    row = WorkflowRecord
    return select(row).where(_of_site(site_id), row.state.in_(TOLD), or_(row.state != "out", _lasts()))


def _of_site(site_id: UUID) -> ColumnElement[bool]:
    return and_(WorkflowRecord.site_id == site_id, WorkflowRecord.workflow == WORKFLOW.name)


def _lasts() -> ColumnElement[bool]:
    """Return the condition that time will yet move a visit: of one that is out, that it is not used up."""
    return WorkflowRecord.due_at.is_not(None)


def plate_id(site_id: UUID, plate: str) -> UUID:
    """Return the id under which gates know a plate of visitors."""
    return uuid5(site_id, f"visitor's plate {plate}")


def _turn(visit: Visit) -> tuple[bool, bool, datetime]:
    """Order visits by which of them a plate is for: who is inside, then by their windows; who overstays keeps nobody out."""
    return visit.state == "overstayed", visit.state != "in", visit.terms.valid_from.astimezone(UTC)


def _home(session: Session, site_id: UUID, gates: Sequence[str]) -> UUID | None:
    """Return the gate that counts the uses of a visit: the first that it may come through, or the site's."""
    if not gates:
        return settings_of(session, site_id).home_gate
    ids: dict[str, UUID] = {row.slug: row.id for row in session.execute(_gates_named(site_id, gates))}
    return next((ids[slug] for slug in gates if slug in ids), None)


def _gates_named(site_id: UUID, slugs: Sequence[str]) -> Select[str, UUID]:
    return select(Gate.slug, Gate.id).where(Gate.site_id == site_id, Gate.slug.in_(slugs))


def _lanes(session: Session, site_id: UUID, gates: Sequence[str]) -> tuple[UUID, ...]:
    if not gates:
        return ()
    query = select(Lane.id).join(Gate, Gate.id == Lane.gate_id).where(Gate.site_id == site_id, Gate.slug.in_(gates))
    return tuple(session.scalars(query.order_by(Lane.id)))
