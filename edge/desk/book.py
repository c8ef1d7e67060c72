"""The book of the post: records for the booth as the registry told them, what guards here did with them, who is inside now.

It is read from the courier's rules and the gate's journal, and nobody writes in it: what a guard does goes to the gate
(`edge.desk.recording`), stands in the journal, and is read here again.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError

from access.contract.booth_records import (
    AwayAtBooth,
    CardAtBooth,
    GateAtBooth,
    IncidentAtBooth,
    NoticeAtBooth,
    ParkingAtBooth,
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
from edge.desk.came_in import came_in, since_of
from edge.desk.journal_read import Act, JournalRead, Read
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.living import LivingReader, Version

__all__ = ["Act", "Book", "Pages"]

PERSONS_MAX = 50
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
    GateAtBooth,
    ParkingAtBooth,
    IncidentAtBooth,
    SiteRecord,
    PeerRecord,
    LaneRecord,
    PermitRecord,
    ScheduleRecord,
    SpecialDayRecord,
)
R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pages:
    """The book at one moment: never changed, replaced as a whole.

    `came_in` is when visitors who are inside passed a lane last, as the presence has it (UTC seconds, by visit).
    """

    revision: int = 0
    records: Mapping[type[Record], Mapping[UUID, Any]] = field(default_factory=dict)
    acts: Sequence[Act] = ()
    by_identity: Mapping[str, Sequence[Act]] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    came_in: Mapping[str, float] = field(default_factory=dict)

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
        self._in_use = threading.Lock()  # who waited for a reading may have gone: the thread that reads goes on all the same
        self._journal: JournalRead | None = None
        self._rules: LivingReader | None = None
        self._rules_version: Version = ()
        self._parsed: dict[type[Record], dict[str, Any]] = {}
        self._acts = Read()
        self.pages = Pages()

    async def read(self) -> Pages:
        """Read what is new and return it all; where it cannot be read, what was read last."""
        await self._asked(self._read, None)
        return self.pages

    async def persons_of(self, unit: str) -> list[PersonRecord]:
        """Return who lives or works in a unit, as the gate may know them."""
        nobody: list[PersonRecord] = []
        found = await self._asked(lambda: self._persons_of(unit), nobody)
        return [person for person in found if person.status == "active"]

    async def plates_inside(self) -> dict[str, str]:
        """Return the plates of the vehicles inside, by subject."""
        return await self._asked(lambda: dict(self._of_journal().reader.plates_inside()), {})

    async def vehicles_inside(self) -> list[tuple[str, float]] | None:
        """Return the plates of the vehicles inside, each with since when (UTC seconds, 0: not known); None: it cannot be read."""
        unread: list[tuple[str, Value | None]] | None = None
        found = await self._asked(lambda: list(self._of_journal().reader.vehicles_inside()), unread)
        return None if found is None else [(plate, since_of(value)) for plate, value in found]

    async def _asked(self, ask: Callable[[], T], otherwise: T) -> T:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._answered, ask, otherwise)

    def _answered(self, ask: Callable[[], T], otherwise: T) -> T:
        with self._in_use:
            try:
                return ask()
            except StoreError as error:
                self._log.warning("book_unreadable", error=str(error))
                self._close()
                return otherwise

    def _persons_of(self, unit: str) -> list[PersonRecord]:
        told = self._of_rules().persons_of(unit, PERSONS_MAX)
        return [person for data in told if (person := _record(PersonRecord, data)) is not None]

    def _read(self) -> None:
        pages = self._with_records(self.pages) if self._places.courier.exists() else self.pages
        self.pages = self._with_acts(pages) if self._places.journal.exists() else pages

    def _with_records(self, pages: Pages) -> Pages:
        rules = self._of_rules()
        version = rules.version()
        if version == self._rules_version:
            return pages
        records = {kind: self._records(kind, rules.records(kind.model_fields["kind"].default)) for kind in KINDS}
        self._rules_version = version
        return replace(pages, revision=rules.revision(), records=records)

    def _records(self, kind: type[R], told: Sequence[str]) -> dict[UUID, R]:
        """Return records by id; what was told in the same words before is not parsed again."""
        known = self._parsed.get(kind, {})
        self._parsed[kind] = {data: known.get(data) or _record(kind, data) for data in told}
        return {record.id: record for record in self._parsed[kind].values() if record is not None}

    def _with_acts(self, pages: Pages) -> Pages:
        journal = self._of_journal()
        read = journal.read_on()
        if read is self._acts and pages.records is self.pages.records:
            return pages
        plates = {str(visit.id): visit.plates for visit in pages.all(VisitAtBooth).values()}
        told = came_in(journal.reader, read.facts, plates)
        self._acts = read
        found = Pages(pages.revision, pages.records, read.acts, read.by_identity, read.facts, told)
        is_same = read.acts is pages.acts and read.facts is pages.facts and told == pages.came_in
        return pages if is_same else found

    def _of_journal(self) -> JournalRead:
        if self._journal is None:
            self._journal = JournalRead(self._places.journal, self._utc)
        return self._journal

    def _of_rules(self) -> LivingReader:
        if self._rules is None:
            self._rules = LivingReader(self._places.courier)
        return self._rules

    def _close(self) -> None:
        for reader in (self._journal, self._rules):
            if reader is not None:
                reader.close()
        self._journal, self._rules, self._rules_version = None, None, ()


def _record(kind: type[R], data: str) -> R | None:
    try:
        return kind.model_validate_json(data)
    except ValidationError:  # of another version of this program
        return None
