"""The next piece of the journals, read and noted: everything that needs no turn to write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice, pairwise
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, or_

from access.entries import EntryError
from access.sealing import Opened, unseal
from central.ledger import repository, single
from central.ledger.findings import Finding
from central.ledger.marks import ACTED, CLOCK_OFF_US, END_US, SECOND_US, LaneFacts, Mark, Spot, mark, marks_of
from central.ledger.tables import ConflictCursor, ConflictParked
from central.ledger.withdrawn import withdrawn_before
from central.pieces import Epoch, StoppedError, come_up, next_waiting, parked
from central.registry import Work
from central.tables import Edge, EdgeHead

ENTRIES_PER_PIECE: Final = 100
# Of the others only the time is looked at.
TELLING: Final = ACTED | {"decision", "command", "passage", "facts", "lane", "observation", "clock", "gap"}


@dataclass
class Piece:
    """Some entries of an epoch, as far as they say anything to the ledger.

    `through`: how far the epoch is looked through with it; None where it is of entries that were parked before (`again`).
    """

    site: UUID
    edge: UUID
    epoch: UUID
    after: int
    through: int | None
    parked: Sequence[int] = ()
    again: Sequence[int] = ()
    marks: list[Mark] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)

    @property
    def place(self) -> Epoch:
        """Of which epoch they are."""
        return self.edge, self.epoch


def next_piece(
    work: Work,
    passed_over: Collection[Epoch] = (),
    behind: Epoch | None = None,
    limit: int = ENTRIES_PER_PIECE,
) -> Piece | None:
    """Read what nobody has looked through yet, of the epoch (with its edge) `behind` this one; of none that is `passed_over`.

    None where there is nothing.
    """
    if again := come_up(work.session, ConflictParked, passed_over, limit):
        (edge, epoch), seqs = again
        site = work.session.get_one(Edge, edge).site_id
        piece = Piece(site, edge, epoch, 0, None, again=seqs)
        _note(work, piece, repository.entries_at(work.session, edge, epoch, seqs))
        return piece
    waiting = next_waiting(work.session, ConflictCursor, passed_over, _is_behind(*behind) if behind else None)
    if waiting is None:
        return None
    rows = repository.entries(work.session, waiting.edge_id, waiting.epoch, waiting.through, limit)
    # Behind the last of them only parked entries can be, or a gap.
    through = rows[-1].seq if len(rows) == limit else waiting.acked_through
    held = parked(work.session, (waiting.edge_id, waiting.epoch), waiting.through, through)
    piece = Piece(waiting.site_id, waiting.edge_id, waiting.epoch, waiting.through, through, parked=held)
    before = repository.entries_at(work.session, waiting.edge_id, waiting.epoch, [waiting.through])
    _note(work, piece, rows, before[0] if before else None)
    return piece


def _is_behind(edge: UUID, epoch: UUID) -> ColumnElement[bool]:
    head = EdgeHead
    return or_(head.edge_id > edge, and_(head.edge_id == edge, head.epoch > epoch))


def _note(work: Work, piece: Piece, rows: Sequence[Row[Any]], before: Row[Any] | None = None) -> None:
    """Note what entries say. Raises StoppedError."""
    try:
        _note_all(work, piece, rows, before)
    except Exception as error:
        raise StoppedError(piece.place) from error


def _note_all(work: Work, piece: Piece, rows: Sequence[Row[Any]], before: Row[Any] | None) -> None:
    lanes = repository.lanes(work.session, piece.site)
    grants: list[tuple[Opened, Spot]] = []
    for row in rows:
        if row.kind not in TELLING or (row.kind == "decision" and row.outcome != "grant"):
            continue
        opened = _opened(row)
        if opened is None:
            continue
        spot = _spot(row, lanes)
        piece.marks += marks_of(opened, spot)
        if row.kind == "decision":
            grants.append((opened, spot))
        elif row.kind == "clock" and (judged := single.clock_judged(opened, spot)):
            piece.found.append(judged)
    piece.marks += _clock_marks(piece, [before, *rows] if before else rows, lanes)
    withdrawn = withdrawn_before(work.session, piece.site, (opened for opened, _ in grants))
    admitted = (single.admitted(opened, spot, withdrawn.get(opened.id, ())) for opened, spot in grants)
    piece.found += [one for one in admitted if one is not None]


def _clock_marks(piece: Piece, rows: Sequence[Row[Any]], lanes: Mapping[UUID, LaneFacts]) -> Iterator[Mark]:
    """Yield the first entry of a time later than it came in at, and the first of a time before that of the entry ahead of it."""
    ahead = ((row, by_us) for row in rows if row.seq > piece.after and (by_us := _by_ahead(row)) > CLOCK_OFF_US)
    back = ((row, by_us) for one, row in pairwise(rows) if (by_us := one.at_us - row.at_us) > CLOCK_OFF_US)
    for fault, found in (("ahead", ahead), ("back", back)):
        noted = (_clock_mark(row, lanes, fault, by_us) for row, by_us in found)
        # A floor only says "not before".
        yield from islice((one for one in noted if one and (fault == "ahead" or one.latest_us != END_US)), 1)


def _clock_mark(row: Row[Any], lanes: Mapping[UUID, LaneFacts], fault: str, by_us: int) -> Mark | None:
    opened = _opened(row)
    what = {"fault": fault, "by_us": by_us}
    return mark(opened, _spot(row, lanes), f"clock:{opened.edge}:{opened.epoch}", what=what) if opened else None


def _by_ahead(row: Row[Any]) -> int:
    return int(row.at_us) - _us(row.received_at)


def _opened(row: Row[Any]) -> Opened | None:
    """Read an entry without what is personal in it."""
    try:
        return unseal(row.canonical)
    except EntryError:
        return None


def _spot(row: Row[Any], lanes: Mapping[UUID, LaneFacts]) -> Spot:
    return Spot(row.gate_id, row.lane_id, lanes.get(row.lane_id, LaneFacts()))


def _us(at: datetime) -> int:
    return round(at.timestamp() * SECOND_US)
