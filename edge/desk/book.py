"""The book of the post: records for the booth as the registry told them, what guards here did with them, who is inside now.

It is read from the courier's rules and the gate's journal, and nobody writes in it: what a guard does goes to the gate
(`edge.desk.recording`), stands in the journal, and is read here again.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from access.contract.booth_records import (
    AwayAtBooth,
    CardAtBooth,
    NoticeAtBooth,
    PassAtBooth,
    RouteAtBooth,
    SettingsAtBooth,
    ShiftAtBooth,
    SlipAtBooth,
    UnitAtBooth,
    VisitAtBooth,
)
from access.contract.record_fields import Record
from access.contract.records import (
    LaneRecord,
    PeerRecord,
    PermitRecord,
    PersonRecord,
    ScheduleRecord,
    SiteRecord,
    SpecialDayRecord,
)
from access.presence import Value
from edge.places import Places
from edge.store.acts import ActsReader, StoredAct
from edge.store.errors import StoreError
from edge.store.living import LivingReader

DAYS_BACK = 35
ACTS_MAX = 50_000
READ_ANEW_S = 3600.0  # also what was erased meanwhile is forgotten then
PERSONS_MAX = 50
FAMILIES = ("held", "transfer", "party", "uses", "released", "lent", "loading", "cleared")
KINDS: tuple[type[Record], ...] = (
    VisitAtBooth,
    PassAtBooth,
    SlipAtBooth,
    ShiftAtBooth,
    SettingsAtBooth,
    UnitAtBooth,
    CardAtBooth,
    NoticeAtBooth,
    AwayAtBooth,
    RouteAtBooth,
    SiteRecord,
    PeerRecord,
    LaneRecord,
    PermitRecord,
    ScheduleRecord,
    SpecialDayRecord,
)
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Act:
    """What a guard did with a record: see `access.acts.ActedUpon`; `entry` is the entry's id (hex)."""

    entry: str
    kind: str
    identity: str
    name: str
    at: datetime
    guard: str
    guard_name: str
    role: str
    lane: str
    values: Mapping[str, Any]
    details: Mapping[str, Any]
    words: str
    capture: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The book at one moment: never changed, replaced as a whole."""

    revision: int = 0
    records: Mapping[type[Record], Mapping[UUID, Any]] = field(default_factory=dict)
    acts: Sequence[Act] = ()
    by_identity: Mapping[str, Sequence[Act]] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)

    def all(self, kind: type[R]) -> Mapping[UUID, R]:
        """Return the records of a kind by id."""
        return self.records.get(kind, {})

    def find(self, kind: type[R], identity: UUID) -> R | None:
        """Return a record of a kind."""
        return self.all(kind).get(identity)

    @property
    def settings(self) -> SettingsAtBooth | None:
        """What the site has set of the work at its posts."""
        return next(iter(self.all(SettingsAtBooth).values()), None)

    def of(self, identity: str) -> Sequence[Act]:
        """Return what was done here with a record, oldest first."""
        return self.by_identity.get(identity, ())

    def of_kind(self, kind: str) -> Sequence[Act]:
        """Return what was done here with records of a kind (`pass`, `visit`, ...), oldest first."""
        return [act for act in self.acts if act.kind == kind]

    def newest(self, identity: str) -> str:
        """Return the id of the newest entry about a record, "" where there is none: what `RecordAct.after` wants."""
        acts = self.of(identity)
        return acts[-1].entry if acts else ""


class Book:
    """Reads in a thread of the pool, one at a time; `pages` is what was read last."""

    def __init__(self, places: Places, log: Any, utc: Callable[[], float] = time.time) -> None:
        self._places = places
        self._log = log
        self._utc = utc
        self._one_at_a_time = asyncio.Lock()
        self._journal: ActsReader | None = None
        self._rules: LivingReader | None = None
        self._version: tuple[Any, ...] = ()
        self._through = 0
        self._read_at = 0.0
        self.pages = Pages()

    async def read(self) -> Pages:
        """Read what is new and return it all; where it cannot be read, what was read last."""
        async with self._one_at_a_time:
            try:
                self.pages = await asyncio.to_thread(self._read)
            except StoreError as error:
                self._log.warning("book_unreadable", error=str(error))
                self._close()
        return self.pages

    async def persons_of(self, unit: str) -> list[PersonRecord]:
        """Return who lives or works in a unit, as the gate may know them."""
        async with self._one_at_a_time:
            try:
                found = await asyncio.to_thread(self._persons_of, unit)
            except StoreError as error:
                self._log.warning("book_unreadable", error=str(error))
                return []
        return [person for person in found if person.status == "active"]

    async def plates_inside(self) -> dict[str, str]:
        """Return the plates of the vehicles inside, by subject."""
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(lambda: self._of_journal().plates_inside())
            except StoreError:
                return {}

    async def vehicles_inside(self) -> list[tuple[str, float]]:
        """Return the plates of the vehicles inside, each with since when (UTC seconds, 0: not known)."""
        async with self._one_at_a_time:
            try:
                found = await asyncio.to_thread(lambda: self._of_journal().vehicles_inside())
            except StoreError as error:
                self._log.warning("book_unreadable", error=str(error))
                return []
        return [(plate, since_of(value)) for plate, value in found]

    def _persons_of(self, unit: str) -> list[PersonRecord]:
        return [PersonRecord.model_validate_json(data) for data in self._of_rules().persons_of(unit, PERSONS_MAX)]

    def _read(self) -> Pages:
        if self._utc() - self._read_at > READ_ANEW_S:
            self._close()
            self._read_at = self._utc()
            self.pages = Pages()
        pages = self._with_records(self.pages) if self._places.courier.exists() else self.pages
        return self._with_acts(pages) if self._places.journal.exists() else pages

    def _with_records(self, pages: Pages) -> Pages:
        rules = self._of_rules()
        revision = rules.revision()
        if revision == pages.revision:
            return pages
        records = {kind: _by_id(kind, rules.records(kind.model_fields["kind"].default)) for kind in KINDS}
        return Pages(revision, records, pages.acts, pages.by_identity, pages.facts)

    def _with_acts(self, pages: Pages) -> Pages:
        journal = self._of_journal()
        version = journal.version()
        if version == self._version:
            return pages
        if not self._version or self._version[:2] != version[:2] or journal.newest() < self._through:
            since = self._utc() - timedelta(days=DAYS_BACK).total_seconds()
            self._through, pages = journal.since(round(since * 1_000_000), ACTS_MAX), Pages(pages.revision, pages.records)
        acts = list(pages.acts)
        for stored in journal.after(self._through, ACTS_MAX):
            acts.append(_act(stored))
            self._through = stored.rowid
        by_identity: dict[str, list[Act]] = defaultdict(list)
        for act in acts:
            by_identity[act.identity].append(act)
        self._version = version
        return Pages(pages.revision, pages.records, acts, dict(by_identity), journal.facts(FAMILIES))

    def _of_journal(self) -> ActsReader:
        if self._journal is None:
            self._journal = ActsReader(self._places.journal)
        return self._journal

    def _of_rules(self) -> LivingReader:
        if self._rules is None:
            self._rules = LivingReader(self._places.courier)
        return self._rules

    def _close(self) -> None:
        for reader in (self._journal, self._rules):
            if reader is not None:
                reader.close()
        self._journal = self._rules = None
        self._version = ()


def since_of(value: Value | None) -> float:
    """Return since when somebody is where a fact says they are (UTC seconds, 0: it does not say)."""
    since = value[1] if isinstance(value, list) and len(value) > 1 else 0
    return float(since) if isinstance(since, int | float) else 0.0


def _by_id(kind: type[R], told: Sequence[str]) -> dict[UUID, R]:
    found: dict[UUID, R] = {}
    for data in told:
        try:
            record = kind.model_validate_json(data)
        except ValidationError:  # of another version of this program
            continue
        found[record.id] = record
    return found


def _act(stored: StoredAct) -> Act:
    entry, body = stored.entry, stored.body
    return Act(
        entry=entry.id.hex,
        kind=body.kind,
        identity=body.identity,
        name=body.act,
        at=datetime.fromtimestamp(entry.stamp.utc_us / 1_000_000, UTC),
        guard=body.guard,
        guard_name=body.guard_name,
        role=body.role,
        lane=entry.lane,
        values=body.values,
        details=body.details or {},
        words=body.words,
        capture=body.capture,
    )
