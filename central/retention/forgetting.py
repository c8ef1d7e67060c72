"""What goes of the journals in its time: whole entries, and before them who it was; a stretch of one epoch at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from access.chain import genesis
from access.entries import EpochBegan, GapDeclared
from central.journal import repository as journal
from central.log.plates import forget_unseen
from central.registry import Work
from central.retention import ranges
from central.retention.holds import Held, Stood
from central.retention.noting import note
from central.retention.tables import ForgottenRange, RetentionMark, RetentionRun
from central.tables import Edge, EdgeHead, JournalEntry, QuarantinedEntry

OfJournals = Literal["events", "identity"]
# Rows of one transaction: some hundredths of a second, for which nobody else waits long.
CHUNK: Final = 1000
NOTHING: Final[dict[str, Any]] = {"personal": b"", **dict.fromkeys(("plate", "card", "card_low", "person_id"))}
# What these say concerns other epochs too.
OF_EPOCHS: Final = (EpochBegan.kind, GapDeclared.kind)
_row: Final = JournalEntry
_COLUMNS: Final = (
    _row.seq, _row.received_at, _row.chain_hash, _row.kind, _row.at_us, _row.passage, _row.plate, _row.person_id, _row.record_id,
)  # fmt: skip


class Epoch(NamedTuple):
    """An epoch of a gate."""

    edge: UUID
    id: UUID


class Kept(NamedTuple):
    """A stored entry, as far as it matters here; `kind` is empty of a parked one."""

    seq: int
    received_at: datetime
    chain_hash: bytes
    kind: str
    stood: Stood


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn at the journals: by which key it is declared, for which run, what is held, and how many rows may go."""

    key: Ed25519PrivateKey
    run: RetentionRun
    held: Held
    most: int


def epochs(session: Session, site_id: UUID) -> Sequence[Epoch]:
    """Return the epochs of a site."""
    query = select(EdgeHead.edge_id, EdgeHead.epoch).join(Edge, Edge.id == EdgeHead.edge_id).where(Edge.site_id == site_id)
    return [Epoch(*each) for each in session.execute(query.order_by(EdgeHead.edge_id, EdgeHead.epoch))]


def step(work: Work, turn: Turn, what: OfJournals, epoch: Epoch, before: datetime) -> tuple[int, bool]:
    """Take one stretch of an epoch; returns how many rows went, and whether there may be more behind it."""
    mark = _mark(work.session, turn.run.site_id, what, epoch)
    limit = min(CHUNK, turn.most)
    rows = stretch(work.session, epoch, mark.through, limit)
    if not rows:
        return 0, False
    going = [row for row in rows if row.received_at < before and not turn.held.holds(row.stood)]
    count = 0
    for run_of in _runs(going):
        count += _forget(work.session, turn, epoch, run_of) if what == "events" else _blank(work.session, turn, epoch, run_of)
    if count:
        forget_unseen(work.session, turn.run.site_id, {row.stood.plate for row in going if row.stood.plate})
    young = next((row.seq for row in rows if row.received_at >= before), None)
    mark.through = rows[-1].seq if young is None else young - 1
    work.session.flush()
    return count, young is None and len(rows) == limit


def stretch(session: Session, epoch: Epoch, after: int, limit: int) -> list[Kept]:
    """Return the next entries of an epoch, parked ones too."""
    where = (_row.edge_id == epoch.edge, _row.epoch == epoch.id, _row.seq > after)
    rows = session.execute(select(*_COLUMNS).where(*where).order_by(_row.seq).limit(limit))
    found = [_kept(epoch.edge, row) for row in rows]
    aside = QuarantinedEntry
    parked = select(aside.seq, aside.received_at, aside.chain_hash).where(
        aside.edge_id == epoch.edge, aside.epoch == epoch.id, aside.seq > after
    )
    for seq, received_at, chain_hash in session.execute(parked.order_by(aside.seq).limit(limit)):
        # Of what cannot be read nobody knows when it was: the time that it came must do.
        at_us = round(received_at.timestamp() * 1e6)
        found.append(Kept(seq, received_at, chain_hash, "", Stood(epoch.edge, at_us, None, None, None, None)))
    return sorted(found)[:limit]


def _kept(edge: UUID, row: Any) -> Kept:
    seq, received_at, chain_hash, kind, *stood = row
    return Kept(seq, received_at, chain_hash, kind, Stood(edge, *stood))


def _runs(rows: Iterable[Kept]) -> Iterator[list[Kept]]:
    """Yield those that follow one another without a hole."""
    run: list[Kept] = []
    for row in rows:
        if run and row.seq != run[-1].seq + 1:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _mark(session: Session, site_id: UUID, what: str, epoch: Epoch) -> RetentionMark:
    row = session.get(RetentionMark, (site_id, what, epoch.edge, epoch.id))
    if row is None:
        row = RetentionMark(site_id=site_id, what=what, edge_id=epoch.edge, epoch=epoch.id, through=0)
        session.add(row)
    return row


def _within(table: Any, epoch: Epoch, first: int, last: int) -> tuple[ColumnElement[bool], ...]:
    return table.edge_id == epoch.edge, table.epoch == epoch.id, table.seq.between(first, last)


# --- whole entries ------------------------------------------------------------------------------


def _forget(session: Session, turn: Turn, epoch: Epoch, rows: list[Kept]) -> int:
    first, last = rows[0].seq, rows[-1].seq
    told = []
    if any(row.kind in OF_EPOCHS for row in rows):
        said = select(_row.canonical).where(*_within(_row, epoch, first, last), _row.kind.in_(OF_EPOCHS)).order_by(_row.seq)
        told = [canonical.hex() for canonical in session.scalars(said)]
    declare(session, turn, epoch, (first, last), rows[-1].chain_hash, told)
    for table in (_row, QuarantinedEntry):
        session.connection().execute(delete(table).where(*_within(table, epoch, first, last)))
    note(turn.run, "events", len(rows), f"{epoch.edge}/{epoch.id}/{first}-{last} {rows[-1].chain_hash.hex()}")
    return len(rows)


def declare(session: Session, turn: Turn, epoch: Epoch, span: tuple[int, int], head: bytes, told: Sequence[str]) -> None:
    """Declare entries forgotten; what follows a range of the same run becomes part of it."""
    first, last = span
    former = ranges.covering(session, epoch.edge, epoch.id, first - 1)
    if former is not None and former.run_id == turn.run.id:
        former.last, former.head, former.told = last, head, [*former.told, *told]
        ranges.sign(former, turn.key)
    else:
        follows = hash_before(session, epoch, first)
        row = ForgottenRange(edge_id=epoch.edge, epoch=epoch.id, first=first, last=last, follows=follows, head=head)
        row.told, row.run_id = list(told), turn.run.id
        ranges.sign(row, turn.key)
        session.add(row)
    session.flush()


def hash_before(session: Session, epoch: Epoch, seq: int) -> bytes:
    """Return the chain hash that an entry follows; nothing where what is before it is missing."""
    if seq == 1:
        return genesis(epoch.edge, epoch.id)
    return journal.chain_hash(session, epoch.edge, epoch.id, seq - 1) or b""


# --- who it was ---------------------------------------------------------------------------------


def _blank(session: Session, turn: Turn, epoch: Epoch, rows: list[Kept]) -> int:
    first, last = rows[0].seq, rows[-1].seq
    said = or_(func.length(_row.personal) > 0, _row.plate.is_not(None), _row.card.is_not(None), _row.person_id.is_not(None))
    blanked = update(_row).where(*_within(_row, epoch, first, last), said).values(NOTHING)
    count: int = session.connection().execute(blanked).rowcount
    aside = QuarantinedEntry
    parked = update(aside).where(*_within(aside, epoch, first, last), func.length(aside.personal) > 0).values(personal=b"")
    count += session.connection().execute(parked).rowcount
    if count:
        span = {"edge": str(epoch.edge), "epoch": str(epoch.id), "first": first, "last": last, "entries": count}
        ends = {"follows": hash_before(session, epoch, first).hex(), "head": rows[-1].chain_hash.hex()}
        turn.run.spans = _joined(turn.run.spans, span | ends)
        note(turn.run, "identity", count, f"{epoch.edge}/{epoch.id}/{first}-{last} {count}")
    return count


def _joined(spans: list[Any], span: dict[str, Any]) -> list[Any]:
    """Return the stretches with one more, which may go on from the last."""
    last = spans[-1] if spans else {}
    if (last.get("edge"), last.get("epoch"), last.get("last")) == (span["edge"], span["epoch"], span["first"] - 1):
        joined = last | {"last": span["last"], "head": span["head"], "entries": last["entries"] + span["entries"]}
        return [*spans[:-1], joined]
    return [*spans, span]
