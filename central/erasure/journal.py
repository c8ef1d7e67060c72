"""Taking somebody out of the journals: a page of entries at a time, by their places, and whatever comes up later as it comes."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, not_, or_, select, update
from sqlalchemy.orm import Session

from access.entries import Decided, EntryError, EvidenceKept
from access.erasing import Eraser
from access.sealing import unseal
from central.erasure.tables import ErasedPicture, Erasure
from central.log.plates import forget_unseen
from central.records.many import among
from central.sync_tables import EarlyEntry, SharedFact
from central.tables import Edge, EdgeHead, JournalEntry, Picture, QuarantinedEntry

PAGE: Final = 1000
PASSAGES_PER_QUERY: Final = 100
# What the log is searched by goes with what it was made of; the ids stay, as they do in the canonical bytes.
_UNSEARCHED: Final[dict[str, Any]] = dict.fromkeys(("plate", "card", "card_low"))
_row: Final = JournalEntry
_WHAT: Final = (_row.edge_id, _row.epoch, _row.seq, _row.kind, _row.passage, _row.canonical, _row.personal, _row.plate)
Found = Row[UUID, UUID, int, str, str | None, bytes, bytes, str | None]


class Place(NamedTuple):
    """An entry's place."""

    edge: UUID
    epoch: UUID
    seq: int


@dataclass
class Erased:
    """What went: how many entries and pictures, and the SHA-256 over their places, each over what was before it.

    `plates`: those by which these entries are found no more.
    """

    digest: bytes
    entries: int = 0
    pictures: int = 0
    plates: set[str] = field(default_factory=set)
    _done: set[Place] = field(default_factory=set)

    def note(self, place: Place, names: Sequence[str]) -> None:
        """Note the fields that went from an entry."""
        said = f"{place.edge}/{place.epoch}/{place.seq} {' '.join(names)}"
        self.digest = hashlib.sha256(self.digest + said.encode()).digest()
        self.entries += place not in self._done
        self._done.add(place)

    def note_picture(self, sha256: str) -> None:
        """Note a picture that went."""
        self.digest = hashlib.sha256(self.digest + f"picture {sha256}".encode()).digest()
        self.pictures += 1


def next_epoch(session: Session, site_id: UUID, after: tuple[UUID, UUID] | None) -> tuple[UUID, UUID] | None:
    """Return the first epoch (edge, epoch) of a site behind this one."""
    query = select(EdgeHead.edge_id, EdgeHead.epoch).join(Edge, Edge.id == EdgeHead.edge_id).where(Edge.site_id == site_id)
    if after is not None:
        edge, epoch = after
        later = or_(EdgeHead.edge_id > edge, (EdgeHead.edge_id == edge) & (EdgeHead.epoch > epoch))
        query = query.where(later)
    found = session.execute(query.order_by(EdgeHead.edge_id, EdgeHead.epoch).limit(1)).one_or_none()
    return None if found is None else (found[0], found[1])


def erase_page(session: Session, eraser: Eraser, after: Place, erased: Erased) -> Place | None:
    """Erase in the next page of an epoch; return through where that was, None at its end.

    The edge's batches wait meanwhile: one that is under way is in this page or comes upon the erasure itself.
    """
    session.execute(select(Edge.id).where(Edge.id == after.edge).with_for_update()).all()
    query = select(*_WHAT).where(_row.edge_id == after.edge, _row.epoch == after.epoch, _row.seq > after.seq)
    rows = session.execute(query.order_by(_row.seq).limit(PAGE)).all()
    erase_rows(session, eraser, rows, erased)
    return after._replace(seq=rows[-1].seq) if len(rows) == PAGE else None


def erase_rows(session: Session, eraser: Eraser, rows: Sequence[Found], erased: Erased) -> None:
    """Erase in these entries, and in all others of the passages that they say are theirs."""
    theirs = {_place(row): row for row in rows if eraser.theirs(row.canonical, row.personal)}
    passages = {(row.edge_id, row.passage) for row in theirs.values() if row.passage}
    of_passages = {_place(row): row for row in _of_passages(session, passages)}
    for place, row in {**{_place(row): row for row in rows}, **of_passages}.items():
        left, gone = eraser.left(row.canonical, row.personal, theirs=place in theirs or place in of_passages)
        if gone:
            _update(session, place, left, gone, of_decision=row.kind == Decided.kind)
            erased.note(place, gone)
            erased.plates |= {row.plate} if row.plate else set()
    _erase_pictures(session, [*theirs.values(), *of_passages.values()], erased)


def _place(row: Found) -> Place:
    return Place(row.edge_id, row.epoch, row.seq)


def _of_passages(
    session: Session, passages: Collection[tuple[UUID, str | None]], *further: ColumnElement[bool]
) -> Iterable[Found]:
    for edge in {edge for edge, _ in passages}:
        named = sorted(str(passage) for of, passage in passages if of == edge)
        for begin in range(0, len(named), PASSAGES_PER_QUERY):
            some = _row.passage.in_(named[begin : begin + PASSAGES_PER_QUERY])
            yield from session.execute(select(*_WHAT).where(_row.edge_id == edge, some, *further))


def _update(session: Session, place: Place, left: bytes, gone: Sequence[str], *, of_decision: bool) -> None:
    at = (_row.edge_id == place.edge, _row.epoch == place.epoch, _row.seq == place.seq)
    columns = _UNSEARCHED if of_decision and {"text", "?"} & set(gone) else {}
    session.connection().execute(update(_row).where(*at).values(personal=left, **columns))


def _erase_pictures(session: Session, rows: Iterable[Found], erased: Erased) -> None:
    """Let go of the pictures of these entries; one that other passages have too stays with these."""
    kept = {(row.edge_id, *_evidence(row.canonical)) for row in rows if row.kind == EvidenceKept.kind}
    for edge, capture, sha256 in sorted(kept, key=str):
        if not capture or session.get(ErasedPicture, sha256) is not None:
            continue
        mine = (Picture.edge_id == edge, Picture.capture == capture, Picture.sha256 == sha256)
        session.connection().execute(delete(Picture).where(*mine))
        if session.scalars(select(Picture.sha256).where(Picture.sha256 == sha256).limit(1)).first() is None:
            session.add(ErasedPicture(sha256=sha256, is_file_left=True))
            erased.note_picture(sha256)
            session.flush()


def _evidence(canonical: bytes) -> tuple[str, str]:
    try:
        body = unseal(canonical).body()
    except EntryError:
        return "", ""
    return (body.capture, body.sha256) if isinstance(body, EvidenceKept) else ("", "")


def erase_aside(session: Session, site_id: UUID, eraser: Eraser, erased: Erased) -> None:
    """Erase in what lies beside the journals: entries that were parked or came early, and plates in shared facts."""
    parked = select(QuarantinedEntry).join(Edge, Edge.id == QuarantinedEntry.edge_id).where(Edge.site_id == site_id)
    early = select(EarlyEntry).join(Edge, Edge.id == EarlyEntry.edge_id).where(Edge.site_id == site_id)
    for kept in (*session.scalars(parked), *session.scalars(early)):
        if gone := _erase_kept(kept, eraser):
            erased.note(Place(kept.edge_id, kept.epoch, kept.seq), gone)
    known = select(SharedFact).where(SharedFact.site_id == site_id, SharedFact.plate != "")
    for fact in session.scalars(known):
        if eraser.tells(fact.plate) or eraser.names(fact.name):
            fact.plate = ""
    session.flush()


def _erase_kept(kept: QuarantinedEntry | EarlyEntry, eraser: Eraser) -> tuple[str, ...]:
    theirs = eraser.theirs(kept.canonical, kept.personal) is not None
    kept.personal, gone = eraser.left(kept.canonical, kept.personal, theirs=theirs)
    return gone


# --- what comes up later ------------------------------------------------------------------------


def erase_arrived(session: Session, site_id: UUID, first: Place, last: int) -> None:
    """Erase in entries that were just stored (from `first` through `last`) whatever names somebody who is erased.

    Within the transaction that stored them: outside it nobody has seen them otherwise.
    """
    whose = session.execute(
        select(Erasure.persons, Erasure.credentials, Erasure.documents).where(Erasure.site_id == site_id)
    ).all()
    if not whose:
        return
    persons, credentials, documents = ([UUID(one) for each in whose for one in each[n]] for n in range(3))
    eraser = Eraser(persons, credentials, documents)
    at = (_row.edge_id == first.edge, _row.epoch == first.epoch, _row.seq.between(first.seq, last))
    erased = Erased(b"")
    rows = session.execute(select(*_WHAT).where(*at)).all()
    # Whose passage it is may stand in an entry that came long before, as of what a guard writes of it afterwards.
    before = not_(and_(_row.epoch == first.epoch, _row.seq >= first.seq))
    known = _of_passages(session, {(row.edge_id, row.passage) for row in rows if row.passage}, before)
    erase_rows(session, eraser, [*rows, *known], erased)
    forget_unseen(session, site_id, erased.plates)
    if erased.entries:
        _forget_plates(session, site_id, [one for each in whose for one in each.credentials])
    row = QuarantinedEntry
    of_batch = (row.edge_id == first.edge, row.epoch == first.epoch, row.seq.between(first.seq, last))
    for parked in session.scalars(select(row).where(*of_batch)):
        _erase_kept(parked, eraser)


def _forget_plates(session: Session, site_id: UUID, credentials: Iterable[str]) -> None:
    names = [f"at:{one}" for one in credentials]
    done = update(SharedFact).where(SharedFact.site_id == site_id, among(session, SharedFact.name, names)).values(plate="")
    session.connection().execute(done)


def is_erased(session: Session, sha256: str) -> bool:
    """Tell whether a picture was erased, and is not to be kept again."""
    return session.get(ErasedPicture, sha256) is not None


def is_erased_meanwhile(session: Session, sha256: str) -> bool:
    """Tell whether a picture of which the file was just written has been erased; if so, that goes with the others that went."""
    erased = session.get(ErasedPicture, sha256)
    if erased is None:
        return False
    erased.is_file_left = True
    return True


# --- counted beforehand -------------------------------------------------------------------------


def count(session: Session, site_id: UUID, persons: Collection[UUID]) -> tuple[int, int]:
    """Return how many entries, and how many pictures, passages of theirs have."""
    passages = select(_row.edge_id, _row.passage).where(_row.site_id == site_id, _row.person_id.in_(list(persons))).distinct()
    found = [
        row.kind for row in _of_passages(session, {(edge, passage) for edge, passage in session.execute(passages) if passage})
    ]
    return len(found), found.count(EvidenceKept.kind)


def texts_read(session: Session, site_id: UUID, persons: Collection[UUID]) -> set[str]:
    """Return the plates and card numbers that decisions on these persons read."""
    query = select(_row.plate, _row.card).where(_row.site_id == site_id, _row.person_id.in_(list(persons))).distinct()
    return {text for pair in session.execute(query) for text in pair if text}
