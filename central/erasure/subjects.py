"""Who is to be erased: the ids that entries and rules name them by, and what they are called while that is still known."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, get_args
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from access.card import CardNumber
from access.erasing import telling
from access.plate import normalise
from access.plate import shown as plate_shown
from access.workflows.contractor_pass import WORKFLOW as PASS
from access.workflows.visit import WORKFLOW as VISIT
from central.contractors.passes import OVER as PASS_OVER
from central.contractors.passes import is_told
from central.contractors.passes import passes as contractor_passes
from central.contractors.terms import holder_id
from central.erasure import journal
from central.errors import RegistryError
from central.people.tables import Document, Residency
from central.records.many import among
from central.records.repository import get
from central.registry import Work
from central.tables import Block, Card, Person, Vehicle
from central.vehicles.tables import FormerPlate
from central.visits.telling import is_told as is_visit_told
from central.visits.telling import plate_id, visit_of, visitor_id
from central.workflows import repository as workflows
from central.workflows.tables import WorkflowRecord

Kind = Literal["person", "visit", "pass"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ASKED_FOR: Final = ("announced", "asked")


@dataclass
class Subject:
    """Somebody of a site; `records` are theirs alone: what the audit says of these goes."""

    kind: Kind
    site_id: UUID
    record_id: UUID
    persons: set[UUID] = field(default_factory=set)
    credentials: set[UUID] = field(default_factory=set)
    documents: set[UUID] = field(default_factory=set)
    records: set[UUID] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    rows: list[WorkflowRecord] = field(default_factory=list)

    def called(self, texts: Iterable[str | None]) -> None:
        """Add what they are called."""
        self.texts |= set(telling(text for text in texts if text))


def subject_of(work: Work, kind: Kind, record_id: UUID, *, changing: bool = False, ended: bool = True) -> Subject:
    """Find somebody by the id of a person, visit or contractor pass, whose record is locked where it is to be changed.

    RegistryError 404, and where it is to have `ended` 409 while gates still know of it.
    """
    found = _OF_KIND[kind](work, record_id, changing)
    if ended and any(map(_is_known, found.rows)):
        raise RegistryError("gates still know of it: let it end first", 409, "state")
    found.called(journal.texts_read(work.session, found.site_id, found.persons))
    found.texts -= _of_others(work.session, found, found.texts)
    found.called([plate_shown(text) for text in found.texts if normalise(text) == text])
    return found


def _person(work: Work, record_id: UUID, changing: bool) -> Subject:  # noqa: FBT001 - one of several alike
    session, row = work.session, get(work, Person, record_id, changing=changing)
    found = Subject("person", row.site_id, row.id, persons={row.id}, records={row.id})
    found.called((row.name, row.phone))
    for vehicle in session.scalars(select(Vehicle).where(Vehicle.person_id == row.id)):
        former = session.scalars(select(FormerPlate.plate).where(FormerPlate.vehicle_id == vehicle.id)).all()
        found.called((vehicle.plate, vehicle.frame_number, *former))
        found.credentials.add(vehicle.id)
    for card in session.scalars(select(Card).where(Card.person_id == row.id)):
        found.called((card.code, card.printed, *_numbers(card)))
        found.credentials.add(card.id)
    of_person = (Document.site_id == row.site_id, Document.subject_kind == "person", Document.subject == str(row.id))
    for table, condition in ((Document, of_person), (Residency, (Residency.person_id == row.id,))):
        found.records |= set(session.scalars(select(table.id).where(*condition)))
    found.records |= found.credentials
    return found


def _numbers(card: Card) -> Iterator[str]:
    """Yield a card's number as readers deliver it."""
    if card.raw is not None and card.bits is not None:
        for form in CardNumber(card.raw, card.bits).deliverable():
            yield from (form.raw.hex().upper(), form.raw.hex())


def _visit(work: Work, record_id: UUID, changing: bool) -> Subject:  # noqa: FBT001 - one of several alike
    row = workflows.get(work, VISIT.name, record_id, changing=changing)
    visit = visit_of(row)
    plates = visit.terms.plates
    found = Subject("visit", row.site_id, row.id, {visitor_id(row.id)}, documents={row.id}, records={row.id}, rows=[row])
    found.credentials = {plate_id(row.site_id, plate) for plate in plates}
    found.called((row.details.get("name"), row.details.get("phone"), *plates))
    return found


def _pass(work: Work, record_id: UUID, changing: bool) -> Subject:  # noqa: FBT001 - one of several alike
    """Find the holder of a pass with all passes of theirs."""
    row = workflows.get(work, PASS.name, record_id, changing=changing)
    person = contractor_passes.record(row).terms.person
    theirs = {each.id: each for each in workflows.with_key(work.session, row.site_id, PASS.name, "person", person)} | {
        row.id: row
    }
    found = Subject("pass", row.site_id, row.id, documents=set(theirs), records=set(theirs))
    for each in theirs.values():
        held = contractor_passes.record(each)
        found.rows.append(each)
        found.persons.add(holder_id(held.terms))
        found.called((each.details.get("name"), each.details.get("phone"), held.terms.person))
    return found


def _is_known(row: WorkflowRecord) -> bool:
    """Tell whether gates still know of a visit or a pass, or are about to."""
    if row.workflow == VISIT.name:
        return is_visit_told(visit_of(row)) or row.state in ASKED_FOR
    return row.state not in {*PASS_OVER, "expired"} or is_told(contractor_passes.record(row))


_OF_KIND: Final[Mapping[Kind, Callable[[Work, UUID, bool], Subject]]] = {"person": _person, "visit": _visit, "pass": _pass}


def _of_others(session: Session, found: Subject, texts: set[str]) -> set[str]:
    """Return which of these plates and numbers are somebody else's by now, or stand on the block list."""
    theirs = or_(Vehicle.person_id.is_(None), Vehicle.person_id != found.record_id)
    plates = select(Vehicle.plate).where(Vehicle.site_id == found.site_id, theirs, among(session, Vehicle.plate, texts))
    cards = select(Card.raw).where(Card.site_id == found.site_id, Card.raw.is_not(None), Card.id.not_in(found.credentials))
    raws = [bytes.fromhex(text) for text in texts if _is_hex(text)]
    blocked = select(Block.plate).where(Block.site_id == found.site_id, among(session, Block.plate, texts))
    others = {*session.scalars(plates), *session.scalars(blocked)} if texts else set()
    numbers = (
        {raw.hex().upper() for raw in session.scalars(cards.where(among(session, Card.raw, raws))) if raw} if raws else set()
    )
    return {text for text in others if text} | numbers


def _is_hex(text: str) -> bool:
    try:
        return bool(bytes.fromhex(text))
    except ValueError:
        return False


def related(session: Session, subject: Subject) -> list[WorkflowRecord]:
    """Return the records of workflows that name them by an id, or are theirs."""
    ids = [str(one) for one in (*subject.persons, *subject.credentials, *subject.documents)]
    row = WorkflowRecord
    named = or_(row.id.in_(subject.documents), *(row.data.contains(one) for one in ids))
    return list(session.scalars(select(row).where(row.site_id == subject.site_id, named).order_by(row.id)))


def numbered(work: Work, site_id: UUID, kind: Kind, numbers: Iterable[str]) -> Iterator[UUID]:
    """Yield the ids of the visits or passes of a site with these numbers; RegistryError 404."""
    workflow = {"visit": VISIT.name, "pass": PASS.name}[kind]
    for number in numbers:
        found = workflows.numbered(work.session, site_id, workflow, [number])
        if not found:
            raise RegistryError("there is no {number} of this site", 404, "record", number=number)
        yield found[0].id
