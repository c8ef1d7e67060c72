"""Taking somebody out of the office's records: what is theirs alone goes or is emptied, elsewhere what names them."""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from access.erasing import BY_PLATE, Blank, Eraser
from access.workflows.visit import WORKFLOW as VISIT
from central.audit import erasing as audit
from central.cards.services import cards
from central.cards.tables import CardEvent
from central.contractors import photos
from central.duty.tables import DutyLogEntry, PatrolRound, Whereabouts
from central.erasure.subjects import Subject, related
from central.errors import RegistryError
from central.files.tables import Import, ImportFault, ImportFile
from central.ledger.services import KIND as CONFLICT
from central.ledger.tables import Conflict
from central.people.services import persons
from central.people.tables import Document, Residency
from central.records.many import among, says
from central.records.services import Records
from central.records.tables import IdempotencyKey
from central.registry import Work
from central.sites.at_booths import show_anew
from central.spaces.tables import ParkingSpace
from central.sync_tables import RemoteCommand
from central.tables import Base, Card, Person, RuleChange, Site, Vehicle
from central.users.repository import forget_host_links
from central.vehicles.services import vehicles
from central.vehicles.tables import FormerPlate, VehiclePicture
from central.workflows.tables import WorkflowEvent, WorkflowKey, WorkflowRecord

REVOKED: Final = "revoked"
NO_NAME: Final = "—"
_EMPTY_TEXTS: Final = (
    "name", "unit", "namesake", "relation", "staff_number", "department", "phone", "phone_tail", "vip_note", "remark", "id_tail",
)  # fmt: skip
_NO_PERSON: Final[dict[str, Any]] = dict.fromkeys(_EMPTY_TEXTS, "") | {
    "vip": False,
    "id_hash": None,
    "company_id": None,
    "quota_id": None,
    "status": REVOKED,
}
_NO_VEHICLE: Final[dict[str, Any]] = {
    **dict.fromkeys(("folded", "frame_number", "permit_number", "make", "model", "remark", "picture"), ""),
    "plate": None,
    "plate_since": None,
    "status": REVOKED,
}
_NO_CARD: Final[dict[str, Any]] = {
    **dict.fromkeys(("printed", "tail", "deposit", "bound_to"), ""),
    "raw": None,
    "bits": None,
    "status": REVOKED,
    "state": REVOKED,
}
ERASED: Final = "erased"


def erase_records(work: Work, subject: Subject, eraser: Eraser) -> int:
    """Erase somebody in all records of the site; returns how many were theirs, or named them."""
    count = 0
    if subject.kind == "person":
        count += _erase_person(work, subject)
        work.session.flush()
        _erase_card_events(work.session, subject, eraser)
    named = related(work.session, subject)
    count += _erase_workflows(work, subject, named, eraser)
    count += _erase_beside(work.session, subject, eraser)
    _show_anew(work, subject, named)
    _blank_rules(work, subject)
    count += audit.erase(work.session, subject.site_id, subject.records)
    return count


# --- a person with what is theirs ---------------------------------------------------------------


def _erase_person(work: Work, subject: Subject) -> int:
    session, person = work.session, work.session.get_one(Person, subject.record_id)
    of_person = (Document.site_id == person.site_id, Document.subject_kind == "person", Document.subject == str(person.id))
    session.execute(delete(Document).where(*of_person))
    session.execute(update(Residency).where(Residency.person_id == person.id).values(slip="", reason=""))
    session.execute(update(ParkingSpace).where(ParkingSpace.person_id == person.id).values(person_id=None))
    forget_host_links(session, person.id)
    theirs = [session.get_one(Vehicle, one) for one in _held(session, Vehicle, person.id)]
    for vehicle in theirs:
        for table in (FormerPlate, VehiclePicture):
            session.execute(delete(table).where(table.vehicle_id == vehicle.id))
        _empty(work, vehicles, vehicle, _NO_VEHICLE)
    for one in _held(session, Card, person.id):
        # Of a number that nobody can have: gates are told that this card is no more.
        _empty(work, cards, session.get_one(Card, one), {**_NO_CARD, "code": f"{ERASED} {work.rng(16).hex()}"})
    _empty(work, persons, person, _NO_PERSON)
    return len(subject.records)


def _erase_card_events(session: Session, subject: Subject, eraser: Eraser) -> None:
    """Take out of what happened to cards what was noted with each that they held, also of one that is somebody else's now."""
    named = or_(*(CardEvent.data.contains(str(one)) for one in sorted(subject.persons)))
    theirs = or_(CardEvent.card_id.in_(subject.credentials), named)
    for event in session.scalars(select(CardEvent).where(CardEvent.site_id == subject.site_id, theirs)):
        event.data = _in_json(event.data, lambda value: _without(value, eraser))


def _held(session: Session, table: type[Vehicle] | type[Card], person_id: UUID) -> list[UUID]:
    return list(session.scalars(select(table.id).where(table.person_id == person_id).order_by(table.id)))


def _empty(work: Work, kind: Records[Any, Any, Any], row: Any, values: dict[str, Any]) -> None:
    """Empty a record, tell gates, and delete it where nothing refers to it."""

    def do() -> None:
        for name, value in values.items():
            setattr(row, name, value)

    kind.amend(work, row, do, ERASED)
    with suppress(RegistryError), work.session.begin_nested():
        kind.delete(work, row.id)


# --- workflows ----------------------------------------------------------------------------------


def _erase_workflows(work: Work, subject: Subject, found: Sequence[WorkflowRecord], eraser: Eraser) -> int:
    """Empty the records that are theirs, and take what names them out of those that do; returns how many these were."""
    session = work.session
    for row in found:
        own = row.id in subject.documents
        photo = row.details.get("photo", "") if own else ""
        row.details = _emptied(row.details, row.workflow) if own else _without(row.details, eraser)
        row.data = _in_json(row.data, lambda value: _without(value, eraser))
        for event in session.scalars(select(WorkflowEvent).where(WorkflowEvent.record_id == row.id)):
            event.data = _in_json(event.data, lambda value: _without(value, eraser))
        session.flush()
        for key in session.scalars(select(WorkflowKey).where(WorkflowKey.record_id == row.id)).all():
            if eraser.tells(key.value) or (own and key.name in {"name", "phone_tail", "photo"}):
                session.delete(key)
        session.flush()
        if photo:
            photos.drop_unused(work, row.site_id, photo)
    _erase_audit_of(session, subject, found, eraser)
    return len(found)


def _emptied(details: dict[str, Any], workflow: str) -> dict[str, Any]:
    """Return what is known of a visitor or of a pass's holder, emptied."""
    empty: dict[str, Any] = {name: [] if isinstance(value, list) else "" for name, value in details.items()}
    return empty | {"name": NO_NAME} | ({"phone": None} if workflow == VISIT.name else {})


def _without(value: Any, eraser: Eraser) -> Any:
    """Return a value of JSON in which no text names them."""
    match value:
        case str():
            return eraser.without(value)
        case list():
            return [kept for one in value if (kept := _without(one, eraser)) != "" or one == ""]
        case dict():
            return {name: _without(one, eraser) for name, one in value.items()}
    return value


def _in_json(text: str, do: Callable[[Any], Any]) -> str:
    before = json.loads(text)
    after = do(before)
    return text if after == before else json.dumps(after, ensure_ascii=False)


def _erase_audit_of(session: Session, subject: Subject, found: Iterable[WorkflowRecord], eraser: Eraser) -> None:
    """Erase the changes of these records that name them; of their own records all go anyway."""
    others = {row.id for row in found} - subject.records
    if others:
        said = audit.of_records(session, subject.site_id, others)
        audit.erase_those(
            session, [entry.id for entry in said if eraser.tells(_as_text(entry.before, entry.after, entry.reason))]
        )


def _as_text(*values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, default=str)


# --- words and rows beside ----------------------------------------------------------------------


def _erase_beside(session: Session, subject: Subject, eraser: Eraser) -> int:
    """Take what names them out of words that were written down, kept replies, and imports."""
    site = subject.site_id
    told = [
        (RemoteCommand, (RemoteCommand.site_id == site,), ("reason", "words")),
        (DutyLogEntry, (DutyLogEntry.site_id == site,), ("text", "told")),
        (PatrolRound, (PatrolRound.site_id == site,), ("remark",)),
        (Conflict, (Conflict.site_id == site,), ("words",)),
        (Whereabouts, (Whereabouts.site_id == site,), ("subject", "destination", "remark")),
        (Import, (Import.site_id == site,), ("name", "reason", "fault_zh", "fault_en")),
        (ImportFault, (ImportFault.import_id.in_(select(Import.id).where(Import.site_id == site)),), ("zh", "en")),
    ]
    count = 0
    for table, of_site, columns in told:
        count += _erase_in(session, table, of_site, columns, subject.texts, eraser)
    kinds = {table.__tablename__ for table, _, _ in told} | {CONFLICT}
    audit.erase_saying(session, site, kinds, subject.texts)
    ended = select(Import.id).where(Import.site_id == site, Import.finished_at.is_not(None))
    session.execute(delete(ImportFile).where(ImportFile.import_id.in_(ended)))  # the whole sheet of one that failed
    for reply in session.scalars(select(IdempotencyKey).where(IdempotencyKey.body != b"")):
        reply.body = eraser.without(reply.body.decode()).encode()
    session.flush()
    return count


def _erase_in(
    session: Session, table: type[Base], of_site: tuple[Any, ...], columns: tuple[str, ...], texts: set[str], eraser: Eraser
) -> int:
    if not texts:
        return 0
    named = or_(*(says(getattr(table, column), text) for column in columns for text in sorted(texts)))
    rows = session.scalars(select(table).where(*of_site, named)).all()
    for row in rows:
        for column in columns:
            setattr(row, column, _without(getattr(row, column), eraser))
    return len(rows)


# --- rules --------------------------------------------------------------------------------------


def _show_anew(work: Work, subject: Subject, named: Iterable[WorkflowRecord]) -> None:
    """Let booths show what is left: of slips, visits and passes that named them, and of who is away."""
    away = select(Whereabouts.id).where(Whereabouts.site_id == subject.site_id, Whereabouts.returned_at.is_(None))
    ids = {*(row.id for row in named), *work.session.scalars(away)}
    show_anew(work, work.session.get_one(Site, subject.site_id), ids)


def _blank_rules(work: Work, subject: Subject) -> None:
    """Blank what former revisions of the rules say of them: decisions of then are made again as they were, and name nobody."""
    session, change = work.session, RuleChange
    session.flush()
    told = select(change).where(change.site_id == subject.site_id, change.data.is_not(None))
    of_then = told.where(change.to_revision.is_not(None))
    by_plate = change.kind.in_(BY_PLATE)
    ids = among(session, change.record_id, [*subject.persons, *subject.credentials, *subject.documents])
    rows = [*session.scalars(of_then.where(change.kind.in_(("person", "vehicle", "card", "visit")), ids))]
    plates = {_plate_in(row) for row in rows if row.kind == "vehicle"}
    blank = Blank(work.rng, {_plate_in(row) for row in session.scalars(told.where(by_plate, change.to_revision.is_(None)))})
    rows += [row for row in session.scalars(of_then.where(by_plate)) if plates and _plate_in(row) in plates]
    for row in rows:
        row.data = json.dumps(blank.record(json.loads(row.data or "")), ensure_ascii=False, separators=(",", ":"))
    session.flush()


def _plate_in(row: RuleChange) -> str:
    plate: str = json.loads(row.data or "")["plate"]
    return plate
