"""Entries that tell of guards' acts, and passages that records follow: read and checked as far as that needs no turn."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID, uuid5

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from access.acts import ActedUpon
from access.entries import EntryError
from access.immutable import immutable
from access.sealing import Opened, unseal
from access.workflows.order import END_OF_TIME, SLACK
from central.booth import repository
from central.booth.kinds import PASSAGE
from central.booth.passages import Passed, passed
from central.booth.repository import Entry
from central.booth.tables import BoothCursor, BoothParked
from central.pieces import Epoch, come_up, next_waiting, parked
from central.records.schemas import LATEST_YEAR, Line, Prose
from central.registry import Work
from central.tables import Edge, EdgeHead

ENTRIES_PER_PIECE: Final = 2_000
ACTS_PER_PIECE: Final = 20
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
# No clock is believed beyond this, whatever it says.
_LATEST_US: Final = round(datetime(LATEST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
log = structlog.get_logger("central.booth")


class Told(BaseModel):
    """What an entry says of an act, in the form that acts have."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    identity: Line
    act: Annotated[str, Field(pattern=r"^[A-Za-z_]{1,40}$")]
    guard: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")]
    role: Line
    values: dict[str, Any]
    capture: Annotated[str, Field(pattern=r"^[0-9a-f-]{0,36}$")]
    words: Prose
    details: dict[str, Any] | None


@immutable
class Act:
    """A guard's act; `told` None: what its entry says is none. Of a passage (`passed`): what its record follows."""

    id: UUID
    edge: UUID
    epoch: UUID
    seq: int
    gate: UUID
    kind: str
    at_us: int
    quality: str
    told: Told | None
    passed: Passed | None = None

    @property
    def at(self) -> datetime:
        """When the gate says that it was done."""
        return _BEGINNING + timedelta(microseconds=min(max(self.at_us, 0), _LATEST_US))

    @property
    def at_latest(self) -> datetime:
        """When it was done at the latest, as far as the gate's clock can be believed."""
        return self.at + SLACK[self.quality] if self.quality in ("trusted", "drifting") else END_OF_TIME

    @property
    def record(self) -> UUID | None:
        """The record that it is about, None where that has no id."""
        if self.passed is not None:
            return self.passed.record
        try:
            return UUID(self.told.identity) if self.told else None
        except ValueError:
            return None

    @property
    def details(self) -> Mapping[str, Any]:
        """What of it tells a person."""
        return (self.told.details if self.told else None) or {}


@dataclass(frozen=True, slots=True)
class Piece:
    """Some entries of an epoch behind `after`, `through` which it is followed with them; None: of entries that were parked."""

    site: UUID
    place: Epoch
    acts: Sequence[Act]
    after: int = 0
    through: int | None = None
    parked: Sequence[int] = ()
    again: Sequence[int] = ()


def next_piece(work: Work, passed_over: Collection[Epoch] = (), behind: Epoch | None = None) -> Piece | None:
    """Read what nobody has followed yet; None where there is nothing."""
    session = work.session
    if found := come_up(session, BoothParked, passed_over, ACTS_PER_PIECE):
        epoch, seqs = found
        site = session.get_one(Edge, epoch[0]).site_id
        return Piece(site, epoch, read(epoch, repository.acts_at(session, epoch, seqs)), again=seqs)
    # Of an edge one epoch after the other: the records follow them in their order.
    is_behind = EdgeHead.edge_id > behind[0] if behind else None
    waiting = next_waiting(session, BoothCursor, passed_over, is_behind)
    if waiting is None:
        return None
    epoch, after = (waiting.edge_id, waiting.epoch), waiting.through
    through = min(waiting.acked_through, after + ENTRIES_PER_PIECE)
    rows = repository.acts_between(session, epoch, after, through, ACTS_PER_PIECE)
    through = rows[-1].seq if len(rows) == ACTS_PER_PIECE else through
    return Piece(waiting.site_id, epoch, read(epoch, rows), after, through, parked(session, epoch, after, through))


def read(epoch: Epoch, rows: Sequence[Entry]) -> list[Act]:
    """Return what entries of an epoch tell; one whose bytes are not its own any more tells nothing."""
    return [act for row in rows for act in _acts(epoch, row)]


def _acts(epoch: Epoch, row: Entry) -> Iterator[Act]:
    try:
        opened = unseal(row.canonical, row.personal)
    except EntryError:
        log.warning("an entry of a guard's act cannot be read", entry=str(row.id))
        return
    where = (*epoch, row.seq, row.gate_id, opened.kind, opened.stamp.utc_us, opened.stamp.quality)
    if opened.kind != PASSAGE:
        yield Act(row.id, *where, _told(opened))
        return
    for n, one in enumerate(passed(opened)):
        # Several may pass at once: each is followed by itself.
        yield Act(uuid5(row.id, str(one.record)) if n else row.id, *where, None, one)


def _told(opened: Opened) -> Told | None:
    try:
        body = opened.body()
        return Told.model_validate(_cleaned(body)) if isinstance(body, ActedUpon) else None
    except (EntryError, ValidationError):
        return None


def _cleaned(body: ActedUpon) -> dict[str, Any]:
    return {name: printable(getattr(body, name)) for name in Told.model_fields}


def printable(value: Any) -> Any:
    """Return a value without characters that nobody sees, which the office refuses: what was done is not lost by one."""
    match value:
        case str():
            seen = (each if each.isprintable() or each == "\n" else " " if each.isspace() else "" for each in value)
            return "".join(seen)
        case Mapping():
            return {name: printable(one) for name, one in value.items()}
        case list() | tuple():
            return [printable(one) for one in value]
    return value
