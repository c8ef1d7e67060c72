"""A copy of all that the registry has of somebody, as the law gives it to who asks: JSON, a page to read, and the pictures.

Who somebody is, and where their data lie, is known as for an erasure (`central.erasure.subjects`).
"""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, inspect, or_, select
from sqlalchemy.orm import Session

from access.cbor import loads
from access.entries import EntryError
from access.sealing import unseal
from central.actors import Actor
from central.audit import services as audit
from central.audit.tables import AuditEntry
from central.cards.tables import CardEvent
from central.erasure.subjects import Subject, related, subject_of
from central.errors import RegistryError
from central.journal import repository as journal
from central.journal.pictures import path_of
from central.people.tables import Document, Residency
from central.privacy.schemas import SubjectWanted
from central.records.many import among
from central.registry import Registry, Work
from central.spaces.tables import ParkingSpace
from central.tables import Base, Card, JournalEntry, Person, Vehicle
from central.users.tables import HostLink
from central.vehicles.tables import FormerPlate
from central.workflows.tables import WorkflowEvent

KIND: Final = "subjects"
VERSION: Final = 1
ENTRIES_MAX: Final = 50_000
PICTURE_BYTES_MAX: Final = 256 * 1024 * 1024
# What is no data of anybody's but a key, or of the office's own machinery.
UNSAID: Final = frozenset({"id_hash", "token_hash", "salt", "commitment", "chain_hash", "canonical", "personal", "data_hash"})
OF_OTHERS: Final = frozenset({"guard_name", "issuer_name"})
Rows = Sequence[Base]


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy: what was found, by table, as JSON has it, and the whole as a ZIP."""

    facts: dict[str, Any]
    archive: bytes


def export(registry: Registry, actor: Actor, wanted: SubjectWanted) -> Copy:
    """Make the copy, and note in the audit that it was made and what for. RegistryError 404, 413 for more than fits."""
    with registry.write(actor) as work:
        subject = subject_of(work, wanted.subject, wanted.record, ended=False)
        tables = {name: [_plain(row) for row in rows] for name, rows in _tables(work, subject) if rows}
        rows = _entries(work.session, subject)
        entries = [_entry(row, subject) for row in rows]
        pictures = _pictures(work.session, registry.pictures, rows)
        counts = {"records": sum(map(len, tables.values())), "entries": len(entries), "pictures": len(pictures)}
        audit.note(work, KIND, wanted.record, subject.site_id, "exported", version=0, after=counts, reason=wanted.purpose)
        facts = {
            "version": VERSION,
            "made_at": work.at.isoformat(),
            "subject": wanted.subject,
            "record": str(wanted.record),
            "purpose": wanted.purpose,
            "records": tables,
            "entries": entries,
            "pictures": sorted(pictures),
        }
    return Copy(facts, _archive(facts, pictures))


# --- records ------------------------------------------------------------------------------------


def _tables(work: Work, subject: Subject) -> Iterator[tuple[str, Rows]]:
    session, site = work.session, subject.site_id
    person = subject.record_id if subject.kind == "person" else None
    if person is not None:
        yield from _of_person(session, site, person)
    papers = related(session, subject)
    yield "workflow_records", papers
    own = [row.id for row in papers if row.id in subject.records]
    if own:
        event = WorkflowEvent
        yield "workflow_events", session.scalars(select(event).where(event.record_id.in_(own)).order_by(event.at)).all()
    theirs = sorted(subject.records | {row.id for row in papers if row.id in subject.documents})
    said = AuditEntry
    about = select(said).where(said.site_id == site, among(session, said.record_id, theirs)).order_by(said.seq)
    yield "audit_entries", session.scalars(about).all()


def _of_person(session: Session, site_id: UUID, person: UUID) -> Iterator[tuple[str, Rows]]:
    vehicles = session.scalars(select(Vehicle).where(Vehicle.person_id == person)).all()
    cards = session.scalars(select(Card).where(Card.person_id == person)).all()
    yield "persons", [session.get_one(Person, person)]
    yield "vehicles", vehicles
    yield "cards", cards
    of_document = (Document.site_id == site_id, Document.subject_kind == "person", Document.subject == str(person))
    asked: tuple[tuple[type[Base], ColumnElement[bool]], ...] = (
        (Residency, Residency.person_id == person),
        (ParkingSpace, ParkingSpace.person_id == person),
        (FormerPlate, FormerPlate.vehicle_id.in_([row.id for row in vehicles])),
        (CardEvent, CardEvent.card_id.in_([row.id for row in cards])),
        (HostLink, HostLink.person_id == person),
    )
    yield "documents", session.scalars(select(Document).where(*of_document)).all()
    for table, condition in asked:
        yield table.__tablename__, session.scalars(select(table).where(condition)).all()


def _plain(row: Base) -> dict[str, Any]:
    """Return a row as JSON has it, without what is only a key."""
    return {column.key: _value(getattr(row, column.key)) for column in inspect(type(row)).columns if column.key not in UNSAID}


def _value(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, bool | int | float | str | list | dict) else str(value)


# --- the journals -------------------------------------------------------------------------------


def _entries(session: Session, subject: Subject) -> list[JournalEntry]:
    """Return the entries of all passages of theirs, in order."""
    row = JournalEntry
    ids = list(subject.persons | subject.documents)
    about = or_(row.person_id.in_(ids), row.record_id.in_(ids))
    theirs = session.scalars(select(row).where(row.site_id == subject.site_id, about).limit(ENTRIES_MAX + 1)).all()
    found = {(each.edge_id, each.epoch, each.seq): each for each in theirs}
    passages: dict[UUID, set[str]] = {}
    for each in theirs:
        if each.passage:
            passages.setdefault(each.edge_id, set()).add(each.passage)
    for edge, names in passages.items():
        same = select(row).where(row.edge_id == edge, among(session, row.passage, sorted(names)))
        for each in session.scalars(same.limit(ENTRIES_MAX + 1)):
            found[each.edge_id, each.epoch, each.seq] = each
    if len(found) > ENTRIES_MAX:
        raise RegistryError("so much was kept of them that it does not fit into one file", 413, "record")
    return sorted(found.values(), key=lambda each: (each.at_us, each.edge_id, each.seq))


def _entry(row: JournalEntry, subject: Subject) -> dict[str, Any]:
    """Return an entry with what it says; of a decision about somebody else in the same passage nothing personal."""
    try:
        fields = dict(unseal(row.canonical, row.personal).fields)
    except EntryError:
        fields = {}
    is_others = row.person_id is not None and row.person_id not in subject.persons
    hidden = OF_OTHERS | (frozenset(_personal(row.personal)) if is_others else frozenset())
    said = {name: _value_of(value) for name, value in fields.items() if name not in hidden}
    place = {"gate": str(row.gate_id), "lane": str(row.lane_id), "passage": row.passage, "at_us": row.at_us}
    return {"id": str(row.id), "kind": row.kind, **place, "said": said}


def _personal(beside: bytes) -> Iterable[str]:
    return map(str, loads(beside)) if beside else ()


def _value_of(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(name): _value_of(one) for name, one in value.items()}
        case list() | tuple():
            return [_value_of(one) for one in value]
    return _value(value)


def _pictures(session: Session, folder: Path, rows: Iterable[JournalEntry]) -> dict[str, bytes]:
    """Return the pictures of these entries' captures, as far as they are still here."""
    captures = {(row.edge_id, row.capture) for row in rows if row.capture}
    found, size = dict[str, bytes](), 0
    for several in journal.pictures_of(session, captures).values():
        for picture in several:
            path = path_of(folder, picture.sha256)
            if path.exists() and f"{picture.sha256}.jpg" not in found:
                found[f"{picture.sha256}.jpg"] = path.read_bytes()
                size += len(found[f"{picture.sha256}.jpg"])
            if size > PICTURE_BYTES_MAX:
                raise RegistryError("so much was kept of them that it does not fit into one file", 413, "record")
    return found


# --- the file -----------------------------------------------------------------------------------


def _archive(facts: Mapping[str, Any], pictures: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(facts, ensure_ascii=False, indent=1))
        archive.writestr("data.html", _page(facts))
        for name, data in sorted(pictures.items()):
            archive.writestr(f"pictures/{name}", data)
    return made.getvalue()


def _page(facts: Mapping[str, Any]) -> str:
    """Return a page that somebody can read: a table for each kind of record."""
    title = "个人信息副本 / Copy of personal data"
    parts = [f"<h1>{title}</h1><p>{escape(facts['made_at'])} · {escape(facts['purpose'])}</p>"]
    for name, rows in {**facts["records"], "entries": facts["entries"]}.items():
        parts.append(f"<h2>{escape(name)} ({len(rows)})</h2>{_rows(rows)}")
    parts += [f'<p><img src="pictures/{name}" alt="{name}" width="480"></p>' for name in facts["pictures"]]
    head = f'<meta charset="utf-8"><title>{title}</title>'
    return f'<!DOCTYPE html><html lang="zh-CN"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(row.get(name))}</td>' for name in names)}</tr>" for row in rows)
    return f'<table border="1"><tr>{head}</tr>{body}</table>'


def _cell(value: Any) -> str:
    if value is None or value == "":
        return ""
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
