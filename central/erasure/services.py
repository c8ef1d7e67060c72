"""Erasing somebody: the records at once, the journals a page at a time, the gates by a rule that they are told."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select

from access.contract.records import ErasureRecord
from access.erasing import Eraser
from central.access_rules import stream
from central.access_rules.audience import EVERYONE, told_to
from central.audit import services as audit
from central.erasure import journal
from central.erasure.journal import Erased, Place
from central.erasure.records import erase_records
from central.erasure.schemas import ErasureAsked, ErasureCounted, ErasuresAsked, ErasureShown, ErasureWanted
from central.erasure.subjects import Subject, related, subject_of
from central.erasure.tables import ErasedPicture, Erasure
from central.errors import RegistryError
from central.journal.pictures import path_of
from central.log.plates import forget_unseen
from central.records import repository
from central.records.schemas import Page
from central.records.turns import take_turn
from central.registry import Registry, Work
from central.retention import holds
from central.tables import Site

# A gate that was cut off for longer has its journal erased by hand, or is set up anew.
TOLD_FOR: Final = timedelta(days=400)
RUNNING, HELD, DONE = "running", "held", "done"
KIND: Final = "erasures"


def counted(work: Work, asked: ErasureAsked) -> ErasureCounted:
    """Tell what an erasure would take; changes nothing. RegistryError 404 and 409."""
    subject = subject_of(work, asked.subject, asked.record)
    entries, pictures = journal.count(work.session, subject.site_id, subject.persons)
    records = subject.records | {row.id for row in related(work.session, subject)}
    return ErasureCounted(records=len(records), entries=entries, pictures=pictures)


def begin(work: Work, wanted: ErasureWanted) -> ErasureShown:
    """Erase somebody from the records, tell the gates, and let the journals follow (`carry_on`).

    RegistryError 404, 409 where gates still know of it or a legal hold keeps it, 422 where the purpose says who it is.
    """
    subject = subject_of(work, wanted.subject, wanted.record, changing=True)
    eraser = Eraser(subject.persons, subject.credentials, subject.documents, subject.texts)
    holds.check_erasable(work, subject.site_id, _ids(subject), subject.texts)
    if eraser.tells(wanted.purpose):
        raise RegistryError("the purpose stays: it may not say who is erased", 422, "purpose")
    site = work.session.get_one(Site, subject.site_id)
    take_turn(work.session, site.id)
    row = _row(work, subject, wanted.purpose)
    row.records = erase_records(work, subject, eraser)
    work.session.add(row)
    work.session.flush()
    stream.publish(work.session, site, before=(), after=told_to(EVERYONE, [_told(row)]))
    counts = {"subject": row.subject, "records": row.records}
    audit.note(work, KIND, row.id, site.id, "created", version=1, after=counts, reason=wanted.purpose)
    return shown(row)


def _ids(subject: Subject) -> set[UUID]:
    return {subject.record_id} | subject.persons | subject.credentials | subject.documents


def _row(work: Work, subject: Subject, purpose: str) -> Erasure:
    return Erasure(
        id=work.new_id(),
        site_id=subject.site_id,
        subject=subject.kind,
        record_id=subject.record_id,
        persons=sorted(map(str, subject.persons)),
        credentials=sorted(map(str, subject.credentials)),
        documents=sorted(map(str, subject.documents)),
        texts=sorted(subject.texts),
        purpose=purpose,
        by_name=str(work.actor.person or work.actor.name),
        by_role=work.actor.role,
        created_at=work.at,
        state=RUNNING,
        is_told=True,
        records=0,
        entries=0,
        pictures=0,
        digest=bytes(32),
        at_seq=0,
    )


def _told(row: Erasure) -> ErasureRecord:
    """Return what gates are told: documents are named by entries as credentials are."""
    credentials = tuple(map(UUID, (*row.credentials, *row.documents)))
    since = int(row.created_at.timestamp())
    return ErasureRecord(id=row.id, persons=tuple(map(UUID, row.persons)), credentials=credentials, since=since)


def shown(row: Erasure) -> ErasureShown:
    """Show an erasure."""
    facts = {name: getattr(row, name) for name in ErasureShown.model_fields if name != "digest"}
    return ErasureShown.model_validate({**facts, "digest": row.digest.hex()})


def get(work: Work, erasure_id: UUID) -> ErasureShown:
    """Show an erasure; RegistryError 404."""
    return shown(repository.get(work, Erasure, erasure_id))


def page(work: Work, asked: ErasuresAsked) -> Page[ErasureShown]:
    """Show one page of the erasures, oldest first."""
    query = select(Erasure)
    if asked.state is not None:
        query = query.where(Erasure.state == asked.state)
    rows = repository.page(work, query, Erasure, asked)
    items = [shown(row) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


# --- the journals -------------------------------------------------------------------------------


def carry_on(registry: Registry) -> bool:
    """Take the oldest erasure that is not done a page further; tell whether there was one."""
    with registry.read() as work:
        running = work.session.scalars(_running().limit(1)).first()
    if running is None:
        return False
    with registry.write() as work:
        row = work.session.scalars(_running().limit(1).with_for_update()).first()
        if row is not None:
            _go_on(work, row)
    return True


def finish(registry: Registry) -> None:
    """Carry on until all erasures are done, and delete the files of the pictures that went."""
    while carry_on(registry):
        pass
    left = select(ErasedPicture).where(ErasedPicture.is_file_left)
    with registry.read() as work:
        if work.session.scalars(left.limit(1)).first() is None:
            return
    with registry.write() as work:
        for picture in work.session.scalars(left):
            path_of(registry.pictures, picture.sha256).unlink(missing_ok=True)
            picture.is_file_left = False


def _running() -> Select[Erasure]:
    return select(Erasure).where(Erasure.state == RUNNING).order_by(Erasure.id)


def _go_on(work: Work, row: Erasure) -> None:
    persons, credentials, documents = (list(map(UUID, some)) for some in (row.persons, row.credentials, row.documents))
    if holds.keeping(work, row.site_id, {row.record_id, *persons, *credentials, *documents}, row.texts) is not None:
        row.state = HELD  # somebody had it kept meanwhile: it goes on when that is over
        return
    eraser = Eraser(persons, credentials, documents, row.texts)
    erased = Erased(row.digest)
    place = _place(work, row)
    if place is None:
        journal.erase_aside(work.session, row.site_id, eraser, erased)
        row.state, row.finished_at, row.texts = DONE, work.at, []
    else:
        through = journal.erase_page(work.session, eraser, place, erased)
        forget_unseen(work.session, row.site_id, erased.plates)
        row.at_edge, row.at_epoch = place.edge, place.epoch
        row.at_seq = 0 if through is None else through.seq
    row.digest, row.entries, row.pictures = erased.digest, row.entries + erased.entries, row.pictures + erased.pictures
    if row.state == DONE:
        proof = {"entries": row.entries, "pictures": row.pictures, "digest": row.digest.hex()}
        audit.note(work, KIND, row.id, row.site_id, "done", version=2, after=proof)


def _place(work: Work, row: Erasure) -> Place | None:
    """Return behind which place the next page begins; None where all journals are gone through."""
    behind = (row.at_edge, row.at_epoch) if row.at_edge and row.at_epoch else None
    if behind is not None and row.at_seq:
        return Place(*behind, row.at_seq)
    found = journal.next_epoch(work.session, row.site_id, behind)
    return None if found is None else Place(*found, 0)


def retire(registry: Registry) -> None:
    """Tell gates no more of what all of them have been told for long."""
    with registry.write() as work:
        old = select(Erasure).where(Erasure.is_told, Erasure.state == DONE, Erasure.created_at < work.at - TOLD_FOR)
        for row in work.session.scalars(old.order_by(Erasure.site_id, Erasure.id)):
            site = work.session.get_one(Site, row.site_id)
            take_turn(work.session, site.id)
            stream.publish(work.session, site, before=told_to(EVERYONE, [_told(row)]), after=())
            row.is_told = False
