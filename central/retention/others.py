"""What goes in its time beside the journals: pictures, fragments of ID numbers, applicants, what the audit says of changes."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from access.entries import EntryError, EvidenceKept
from access.sealing import unseal
from access.workflows.contractor_pass import WORKFLOW as PASS
from access.workflows.visit import WORKFLOW as VISIT
from central.audit import services as audit
from central.audit.tables import AuditEntry
from central.contractors import photos
from central.duty.tables import Applicant
from central.journal.pictures import path_of
from central.people.tables import Document
from central.registry import Registry, Work
from central.retention.holds import Held
from central.retention.noting import note
from central.retention.tables import PictureLeft, RetentionMark, RetentionRun
from central.tables import Edge, JournalEntry, Person, Picture
from central.workflows.tables import WorkflowKey, WorkflowRecord

CHUNK: Final = 500
NOBODY: Final = UUID(int=0)
PAST: Final = {VISIT.name: ("out", "expired", "cancelled", "refused"), PASS.name: ("replaced", "returned", "revoked")}
FRAGMENTS: Final = ("id_tail", "photo", "document", "phone_end")
FRAGMENT_KEYS: Final = ("photo", "phone_tail")
# What the walk over the journals goes by, and what proves that something went.
KEPT_IN_AUDIT: Final = (
    "edges", "lanes", "erasures", "legal_holds", "retention_runs", "retention_profiles", "retention_clock",
)  # fmt: skip
Capture = tuple[UUID, str]
Place = tuple[UUID, datetime, str, str]


# --- pictures -----------------------------------------------------------------------------------


def captures_held(session: Session, site_id: UUID, held: Held) -> set[Capture]:
    """Return the captures whose pictures are held: those that entries under a hold name."""
    row = JournalEntry
    by_time = [row.at_us.between(begin, end) for begin, end in held.times]
    by_passage = [and_(row.edge_id == edge, row.passage.in_(sorted(names))) for edge, names in _by_edge(held.passages).items()]
    any_gate = [row.passage.in_(sorted(held.of_any_gate))] if held.of_any_gate else []
    found: set[Capture] = set()
    shows = or_(row.capture.is_not(None), row.kind == EvidenceKept.kind)
    about = _about(held)
    for which in (*by_time, *by_passage, *any_gate, *about):
        query = select(row.edge_id, row.capture, row.kind, row.canonical).where(row.site_id == site_id, shows, which)
        for edge, capture, kind, canonical in session.execute(query):
            found.add((edge, _capture_of(canonical) if kind == EvidenceKept.kind else capture or ""))
    return found


def _about(held: Held) -> list[ColumnElement[bool]]:
    row = JournalEntry
    columns: tuple[tuple[Any, Collection[Any]], ...] = (
        (row.plate, held.plates),
        (row.person_id, held.persons),
        (row.record_id, held.records),
    )
    return [column.in_(list(wanted)) for column, wanted in columns if wanted]


def _by_edge(passages: Iterable[tuple[UUID, str]]) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = {}
    for edge, passage in passages:
        found.setdefault(edge, set()).add(passage)
    return found


def _capture_of(canonical: bytes) -> str:
    try:
        return str(unseal(canonical).fields.get("capture", ""))
    except EntryError:
        return ""


def pictures(
    work: Work, run: RetentionRun, before: datetime, held: set[Capture], after: Place | None, most: int
) -> tuple[int, Place | None]:
    """Let pictures of a site go that came before; returns how many, and behind which to go on (None: there are no more)."""
    row, limit = Picture, min(CHUNK, most)
    place = (row.edge_id, row.received_at, row.capture, row.sha256)
    query = select(*place).join(Edge, Edge.id == row.edge_id).where(Edge.site_id == run.site_id, row.received_at < before)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    found: list[Place] = [(*each,) for each in work.session.execute(query.order_by(*place).limit(limit))]
    going = [each for each in found if (each[0], each[2]) not in held]
    connection = work.session.connection()
    for edge, _, capture, sha256 in going:
        connection.execute(delete(row).where(row.edge_id == edge, row.capture == capture, row.sha256 == sha256))
        note(run, "pictures", 1, f"{edge}/{capture}/{sha256}")
    work.session.flush()
    _leave(work.session, {each[3] for each in going})
    return len(going), found[-1] if len(found) == limit else None


def _leave(session: Session, hashes: Collection[str]) -> None:
    """Note the files that no capture has any more: they are deleted after the commit."""
    row = Picture
    used = set(session.scalars(select(row.sha256).where(row.sha256.in_(list(hashes)))))
    for sha256 in sorted(set(hashes) - used):
        if session.get(PictureLeft, sha256) is None:
            session.add(PictureLeft(sha256=sha256))
    session.flush()


def delete_files(registry: Registry) -> int:
    """Delete the files of pictures that nobody has any more, some at a time; returns how many."""
    count = 0
    while True:
        with registry.read() as work:
            names = work.session.scalars(select(PictureLeft.sha256).order_by(PictureLeft.sha256).limit(CHUNK)).all()
        if not names:
            return count
        with registry.write() as work:
            count += _delete(work.session, registry.pictures, names)


def _delete(session: Session, folder: Path, names: Sequence[str]) -> int:
    count = 0
    # Locked: who keeps such a picture once more waits, and finds that its file is gone.
    left = select(PictureLeft).where(PictureLeft.sha256.in_(names)).order_by(PictureLeft.sha256).with_for_update()
    for row in session.scalars(left).all():
        if session.scalars(select(Picture.sha256).where(Picture.sha256 == row.sha256).limit(1)).first() is None:
            path_of(folder, row.sha256).unlink(missing_ok=True)
            count += 1
        session.delete(row)
    return count


# --- fragments ----------------------------------------------------------------------------------


def fragments(work: Work, run: RetentionRun, before: datetime, held: Held, most: int) -> int:
    """Let go of what is kept of ID numbers of those who are gone for so long, of their documents, and of applicants."""
    count = 0
    for take in (_persons, _papers, _applicants):
        if count < most:
            count += take(work, run, before, held, min(CHUNK, most - count))
    work.session.flush()
    return count


def gone_persons(site_id: UUID, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of persons who are over for so long, and of whom something is kept: by their end, or last change."""
    row, change = Person, AuditEntry
    kept = or_(func.length(row.id_tail) > 0, row.id_hash.is_not(None))
    changed = select(change.id).where(
        change.site_id == site_id, change.record_id == row.id, change.at_us >= round(before.timestamp() * 1e6)
    )
    ended = or_(row.valid_until < before, and_(row.status == "revoked", ~changed.exists()))
    return row.site_id == site_id, kept, ended


def _persons(work: Work, run: RetentionRun, before: datetime, held: Held, limit: int) -> int:
    query = select(Person).where(*gone_persons(run.site_id, before), Person.id.not_in(held.persons)).order_by(Person.id)
    rows = work.session.scalars(query.limit(limit)).all()
    for row in rows:
        row.id_tail, row.id_hash, row.version = "", None, row.version + 1
        of_person = (Document.site_id == row.site_id, Document.subject_kind == "person", Document.subject == str(row.id))
        work.session.execute(delete(Document).where(*of_person))
        audit.note(work, "persons", row.id, row.site_id, "let go", version=row.version)
        note(run, "fragments", 1, f"persons {row.id}")
    return len(rows)


def past_papers(site_id: UUID, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of visits and passes that are over for so long, and that something is found by."""
    row = WorkflowRecord
    over = or_(*(and_(row.workflow == name, row.state.in_(states)) for name, states in PAST.items()))
    has = select(WorkflowKey.record_id).where(WorkflowKey.record_id == row.id, WorkflowKey.name.in_(FRAGMENT_KEYS))
    tail = or_(*(func.length(row.details[name].as_string()) > 0 for name in FRAGMENTS))
    return row.site_id == site_id, over, row.due_at.is_(None), row.changed_at < before, or_(has.exists(), tail)


def _papers(work: Work, run: RetentionRun, before: datetime, held: Held, limit: int) -> int:
    row = WorkflowRecord
    query = select(row).where(*past_papers(run.site_id, before), row.id.not_in(held.records)).order_by(row.id).limit(limit)
    rows = work.session.scalars(query).all()
    for each in rows:
        photo = each.details.get("photo", "")
        each.details = {name: "" if name in FRAGMENTS else value for name, value in each.details.items()}
        keys = delete(WorkflowKey).where(WorkflowKey.record_id == each.id, WorkflowKey.name.in_(FRAGMENT_KEYS))
        work.session.execute(keys)
        work.session.flush()
        if photo:
            photos.drop_unused(work, each.site_id, photo)
        note(run, "fragments", 1, f"{each.workflow} {each.id}")
    return len(rows)


def past_applicants(site_id: UUID, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of applicants who wait no more."""
    row = Applicant
    return row.site_id == site_id, row.state.in_(("done", "sent_away")), row.came_at < before


def applicants_due(work: Work, site_id: UUID, before: datetime, held: Held) -> list[Applicant]:
    """Return the applicants who go: they are few."""
    rows = work.session.scalars(select(Applicant).where(*past_applicants(site_id, before)).order_by(Applicant.id))
    return [row for row in rows if not held.holds_time(round(row.came_at.timestamp() * 1e6))]


def _applicants(work: Work, run: RetentionRun, before: datetime, held: Held, limit: int) -> int:
    going = applicants_due(work, run.site_id, before, held)[:limit]
    for row in going:
        work.session.delete(row)
        note(run, "fragments", 1, f"applicants {row.id}")
    return len(going)


# --- the audit ----------------------------------------------------------------------------------


def said(site_id: UUID, before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of changes so old that still say what was before and after, and why."""
    row = AuditEntry
    whole = or_(row.before.is_not(None), row.after.is_not(None), func.length(row.reason) > 0)
    return row.site_id == site_id, row.at_us < round(before.timestamp() * 1e6), row.kind.not_in(KEPT_IN_AUDIT), whole


def audited(work: Work, run: RetentionRun, before: datetime, held: Held, most: int) -> tuple[int, bool]:
    """Let go of before, after and reason of old changes, with the salt; who changed what stays. Tells whether there is more."""
    session, row = work.session, AuditEntry
    mark = session.get(RetentionMark, (run.site_id, "audit", NOBODY, NOBODY))
    if mark is None:
        mark = RetentionMark(site_id=run.site_id, what="audit", edge_id=NOBODY, epoch=NOBODY, through=0)
        session.add(mark)
    limit = min(CHUNK, most)
    found = session.execute(_changes(run.site_id, before, mark.through).limit(limit)).all()
    going = [each for each in found if not _is_held(each, held)]
    if going:
        erased = update(row).where(row.id.in_([each.id for each in going]))
        session.connection().execute(erased.values(before=None, after=None, reason="", salt=None))
        note(run, "audit", len(going), " ".join(str(each.seq) for each in going))
    if found:
        mark.through = found[-1].seq
    session.flush()
    return len(going), len(found) == limit


def audit_due(work: Work, site_id: UUID, before: datetime, held: Held) -> int:
    """Return how many changes would say no more what they were."""
    return sum(not _is_held(each, held) for each in work.session.execute(_changes(site_id, before, 0)))


def _changes(site_id: UUID, before: datetime, after: int) -> Select[*tuple[Any, ...]]:
    row = AuditEntry
    return select(row.id, row.seq, row.record_id, row.at_us).where(*said(site_id, before), row.seq > after).order_by(row.seq)


def _is_held(change: Any, held: Held) -> bool:
    return change.record_id in held.persons | held.records or held.holds_time(change.at_us)
