"""How a contractor pass stands now: as the registry told it, what guards did since, where its duplicate hangs. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from access.contract.booth_records import GateAtBooth, PassAtBooth
from access.contract.records import LaneRecord, PeerRecord, PermitRecord, ScheduleRecord, SpecialDayRecord
from access.on_disk import schedule_of
from access.on_record import PERMIT_IN_FORCE
from access.presence import Value
from access.schedule import Schedule
from access.workflows.contractor_pass import (
    DUPLICATE,
    ORIGINAL,
    WORKFLOW,
    ContractorPass,
    DuplicateBroughtBack,
    PassConfiscated,
    PassLost,
    ViolationReported,
    WorkerEntered,
    WorkerLeft,
    part_code,
)
from access.workflows.events import NEVER, Event, Who
from access.workflows.pass_terms import PassTerms
from access.workflows.refusals import Refusal
from edge.config import GateConfig
from edge.desk.book import Act, Pages
from edge.desk.folding import event_of
from edge.desk.heading import gate_id

# What guards do with a pass besides handing its duplicate in and out: that is in the presence.
_LIFE = frozenset(event.__name__ for event in (PassLost, PassConfiscated, ViolationReported))
UNLIMITED = 10_000
COUNT_LASTS = timedelta(seconds=30)
_NO_HOURS = Schedule("", ())


@dataclass(frozen=True, slots=True)
class Hanging:
    """Where a duplicate hangs, by the presence: since when (epoch seconds), at this post or not, and where its holder left.

    `left` is "" while the holder is inside, here where they left by this post, else elsewhere. `lane` is that of the post where
    it hangs, `left_by` that which the holder left by, as facts name them.
    """

    since: int
    is_here: bool
    left: str = ""
    lane: str = ""
    left_by: str = ""


@dataclass(frozen=True, slots=True)
class PassNow:
    """A pass as a guard sees it; `record` is where its machine stands.

    `late` says why its holder should not be inside any more: validity, permit or hours ("": they may be).
    """

    told: PassAtBooth
    record: ContractorPass
    hanging: Hanging | None
    late: str
    newest: str

    @property
    def id(self) -> UUID:
        """The record's id."""
        return self.told.id

    @property
    def is_inside(self) -> bool:
        """Whether its holder is inside."""
        return self.record.is_inside

    @property
    def is_on_board(self) -> bool:
        """Whether its duplicate hangs on the board of this post."""
        return self.hanging is not None and self.hanging.is_here

    @property
    def is_overdue(self) -> bool:
        """Whether its holder is inside and should have left."""
        return self.is_inside and bool(self.late)


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call about workers who should have left, and about how many."""

    firm: str
    responsible: str
    phone: str
    number: int


@dataclass(frozen=True, slots=True)
class Count:
    """What came of the last count of the board: when it ended, how many should have hung there, and how many did."""

    at: datetime
    expected: int
    found: int


@dataclass(frozen=True)
class Board:
    """All passes at one moment, as they are seen at one post; `post` is what this one is called, `elsewhere` one of no name."""

    pages: Pages
    post: str
    elsewhere: str
    lanes: frozenset[str]
    zone: ZoneInfo
    at: datetime

    # --- what is known -----------------------------------------------------------------------------

    @cached_property
    def passes(self) -> Mapping[UUID, PassNow]:
        """The passes, by id."""
        return {identity: self._now(told) for identity, told in self.pages.all(PassAtBooth).items()}

    def find(self, identity: UUID) -> PassNow | None:
        """Return one pass."""
        told = self.pages.find(PassAtBooth, identity)
        return self._now(told) if told else None

    @cached_property
    def _hanging(self) -> Mapping[UUID, Hanging]:
        """Where duplicates hang, of passes that are out of their holders' hands."""
        names = (name.partition(":") for name in self.pages.facts)
        named = {identity for family, _, identity in names if family in ("held", "transfer")}
        places = ((_uuid(identity), hanging_of(identity, self.pages.facts, self.lanes)) for identity in named)
        return {identity: place for identity, place in places if identity and place}

    @cached_property
    def _out_of_hand(self) -> list[PassNow]:
        found = (self.find(identity) for identity in self._hanging)
        return [one for one in found if one is not None]

    @cached_property
    def holes(self) -> list[PassNow]:
        """The passes whose duplicates hang here: overdue ones first, then who is inside, longest first, then in transfer."""
        here = [one for one in self._out_of_hand if one.is_on_board]
        return sorted(here, key=lambda one: (not one.is_overdue, not one.is_inside, _since(one), one.told.number))

    @property
    def inside(self) -> list[PassNow]:
        """Those of the passes on this board whose holders are inside."""
        return [one for one in self.holes if one.is_inside]

    @cached_property
    def calls(self) -> list[Call]:
        """Whom to call, each responsible person once, about whom of the board is overdue."""
        overdue = Counter((one.told.firm, one.told.responsible, one.told.phone) for one in self.holes if one.is_overdue)
        return [Call(*whom, number) for whom, number in overdue.items()]

    @cached_property
    def to_fetch(self) -> list[PassNow]:
        """The passes whose holders left by this post while the duplicate hangs at another."""
        gone = [one for one in self._out_of_hand if one.hanging and not one.is_on_board and one.hanging.left == "here"]
        return sorted(gone, key=lambda one: (_since(one), one.told.number))

    @cached_property
    def strangers(self) -> list[Hanging]:
        """Where duplicates hang here of passes that the registry does not tell of, oldest first."""
        known = self.pages.all(PassAtBooth)
        here = [place for identity, place in self._hanging.items() if place.is_here and identity not in known]
        return sorted(here, key=lambda place: place.since)

    @cached_property
    def last_count(self) -> Count | None:
        """The last count of the board, None where none is remembered."""
        counted = [act for act in self.pages.of_kind("pass") if act.name == "DuplicateCounted"]
        if not counted:
            return None
        at = counted[-1].at
        one = [act for act in counted if act.guard == counted[-1].guard and at - act.at < COUNT_LASTS]
        expected, found = (sum(act.values.get(what) is True for act in one) for what in ("expected", "found"))
        return Count(at, expected, found)

    def places_left(self, told: PassAtBooth) -> int:
        """Return how many more workers a permit lets in."""
        permit = self._permit(told)
        most = permit.workers_max if permit else told.workers_max
        if most is None:
            return UNLIMITED
        mark = f"permit:{told.permit}"
        held = ((_uuid(name[5:]), value) for name, value in self.pages.facts.items() if name.startswith("held:"))
        inside = [identity for identity, value in held if mark in _parts(value) or self._is_of(identity, told.permit)]
        return max(0, most - len(inside))

    def in_hours(self, told: PassAtBooth) -> bool:
        """Tell whether these are the working hours of a pass: without a schedule always, by one that is not known never."""
        schedule = self._schedule(told)
        return schedule is None or schedule.allows(self.at, self.zone, self._special_days)

    def hours(self, told: PassAtBooth) -> str:
        """Return the name of the working hours, "" where there are none."""
        schedule = self._schedule(told)
        return schedule.name if schedule else ""

    def _schedule(self, told: PassAtBooth) -> Schedule | None:
        if told.schedule is None:
            return None
        found = self.pages.find(ScheduleRecord, told.schedule)
        return schedule_of(found.model_dump(mode="json")) if found else _NO_HOURS

    @cached_property
    def _special_days(self) -> dict[date, int]:
        return {date.fromisoformat(day.date): day.counts_as for day in self.pages.all(SpecialDayRecord).values()}

    def _permit(self, told: PassAtBooth) -> PermitRecord | None:
        return self.pages.find(PermitRecord, told.permit)

    def permit_state(self, told: PassAtBooth) -> str:
        """Return the state of the permit of a pass by now."""
        permit = self._permit(told)
        state = permit.status if permit else told.permit_state
        is_over = permit is not None and self.at.timestamp() >= permit.valid_until
        return "expired" if is_over and state in PERMIT_IN_FORCE else state

    def _is_of(self, identity: UUID | None, permit: UUID) -> bool:
        told = self.pages.find(PassAtBooth, identity) if identity else None
        return told is not None and told.permit == permit

    def day(self, seconds: int) -> str:
        """Return a moment (epoch seconds) as the site's calendar and clock have it."""
        return _moment(seconds).astimezone(self.zone).strftime("%Y-%m-%d %H:%M")

    # --- how a pass stands -------------------------------------------------------------------------

    def _now(self, told: PassAtBooth) -> PassNow:
        identity = str(told.id)
        hanging = hanging_of(identity, self.pages.facts, self.lanes)
        record = folded(told, self.pages.of(identity), self.at)
        permit = self._permit(told)
        if permit and permit.violation and permit.violation not in record.violations:
            record = replace(record, violations=(*record.violations, permit.violation))
        if hanging is not None:
            record = replace(
                record,
                held_at=self._name(hanging.lane),
                left_by=self._name(hanging.left_by) if hanging.left else "",
                entered_at=datetime.fromtimestamp(hanging.since, UTC),
            )
        return PassNow(told, record, hanging, self._late(told), self.pages.newest(identity))

    def _name(self, lane: str) -> str:
        """Return what the post of a lane is called; no other is called as this one, by which somebody could leave it."""
        if lane in self.lanes:
            return self.post
        named = self._posts.get(lane, "")
        return self.elsewhere if named in ("", self.post) else named

    @cached_property
    def _posts(self) -> Mapping[str, str]:
        """What the post of each lane of the site is called: as its gate, where that has not just one."""
        gates = self.pages.all(GateAtBooth).values()
        return {str(lane): gate.posts[0] if len(gate.posts) == 1 else gate.name for gate in gates for lane in gate.lanes}

    def _late(self, told: PassAtBooth) -> str:
        if self.at.timestamp() >= told.valid_until:
            return "validity"
        if self.permit_state(told) not in PERMIT_IN_FORCE:
            return "permit"
        return "" if self.in_hours(told) else "hours"

    # --- what a guard may do -----------------------------------------------------------------------

    def entering(self, now: PassNow, by: Who, original: str, duplicate: str) -> WorkerEntered:
        """Return the entry of a holder whose parts read so, with what is known here."""
        permit = self._permit(now.told)
        return WorkerEntered(
            at=self.at,
            by=by,
            post=self.post,
            original=original,
            duplicate=duplicate,
            permit_state=self.permit_state(now.told),
            permit_units=permit.units if permit else now.told.units,
            places_left=self.places_left(now.told),
            in_hours=self.in_hours(now.told),
        )

    def may_enter(self, now: PassNow, by: Who) -> Refusal | None:
        """Return why the holder may not come in though both parts are there, None where they may."""
        parts = (part_code(now.told.number, mark) for mark in (ORIGINAL, DUPLICATE))
        return self.refusal(now, self.entering(now, by, *parts))

    def leaving(self, by: Who) -> WorkerLeft:
        """Return the departure of a holder by this post."""
        return WorkerLeft(at=self.at, by=by, post=self.post)

    def refusal(self, now: PassNow, event: Event) -> Refusal | None:
        """Return why something may not be done with a pass, None where it may."""
        after = WORKFLOW.advance(now.record, event)
        return after if isinstance(after, Refusal) else None

    def possible(self, now: PassNow, by: Who) -> frozenset[str]:
        """Return the names of what may be done with a pass now."""
        asked: Iterable[tuple[str, Event]] = (
            ("leave", self.leaving(by)),
            ("back", DuplicateBroughtBack(at=self.at, by=by)),
            ("lost", PassLost(at=self.at, by=by)),
            ("confiscate", PassConfiscated(at=self.at, by=by, reason="?")),
            ("violation", ViolationReported(at=self.at, by=by, what="?")),
        )
        return frozenset(name for name, event in asked if self.refusal(now, event) is None)


def board_of(config: GateConfig, pages: Pages, utc: float, elsewhere: str) -> Board:
    """Return the passes as they are seen at the post of a gate."""
    names = (peer.name for peer in pages.all(PeerRecord).values() if peer.slug == config.gate.name)
    post = config.booth.post or next(names, config.gate.name)
    return Board(pages, post, elsewhere, own_lanes(config, pages), ZoneInfo(config.gate.zone), datetime.fromtimestamp(utc, UTC))


def own_lanes(config: GateConfig, pages: Pages) -> frozenset[str]:
    """Return the lanes of a gate as facts name them: by their ids, by their slugs where there are no rules."""
    gate = gate_id(config, pages)
    lanes = {str(lane.id) for lane in pages.all(LaneRecord).values() if gate is None or lane.gate in (gate, None)}
    return frozenset(lanes | {lane.id for lane in config.lane})


def hanging_of(identity: str, facts: Mapping[str, Value], lanes: frozenset[str]) -> Hanging | None:
    """Return where the duplicate of a pass hangs, None where its holder has it; `lanes` are this post's, as facts name them."""
    match facts.get(f"held:{identity}"):
        case [str(lane), int(since), *_]:
            return Hanging(since, lane in lanes, lane=lane)
    match facts.get(f"transfer:{identity}"):
        case [str(lane), int(since), str(left), *_]:
            return Hanging(since, lane in lanes, "here" if left in lanes else "elsewhere", lane, left)
    return None


def folded(told: PassAtBooth, acts: Iterable[Act], at: datetime) -> ContractorPass:
    """Return where a pass stands by the registry's record and what was done here since; what was refused counts for nothing."""
    record = ContractorPass(
        state=told.state,
        terms=PassTerms(
            number=told.number,
            permit=str(told.permit),
            firm=told.firm,
            responsible=told.responsible,
            trade=told.trade,
            units=told.units,
            valid_from=_moment(told.valid_from),
            valid_until=_moment(told.valid_until),
            schedule=str(told.schedule or ""),
            leaves_anywhere=told.leaves_anywhere,
        ),
        violations=told.violations,
    )
    for act in acts:
        event = event_of(WORKFLOW, act) if act.name in _LIFE and act.at.timestamp() > told.changed_at else None
        if event is None or _is_known(record, event):
            continue
        after = WORKFLOW.advance(WORKFLOW.ripened(record, event.at), event)
        record = record if isinstance(after, Refusal) else after
    return WORKFLOW.ripened(record, at)


def numbered(passes: Iterable[PassAtBooth], text: str) -> tuple[PassAtBooth | None, str]:
    """Return the pass that a number, or what one of its parts bears, means, and which part that is ("": neither)."""
    wanted = text.strip().casefold()
    for one in passes:
        if wanted == one.number.casefold():
            return one, ""
        for mark in (ORIGINAL, DUPLICATE):
            if wanted == part_code(one.number, mark).casefold():
                return one, mark
    return None, ""


def finder(text: str) -> Callable[[PassNow], bool]:
    """Return what tells of a pass whether it is meant by a number, a name, initials, the end of a telephone, a firm or a unit."""
    wanted = " ".join(text.casefold().split())

    def fits(one: PassNow) -> bool:
        told = one.told
        parts = (told.number, told.name, told.firm, *told.units)
        initials = told.initials.replace(" ", "")
        is_initials = initials.startswith(wanted.replace(" ", ""))
        return any(wanted in part.casefold() for part in parts) or is_initials or wanted == told.phone_tail

    return fits if wanted else lambda _one: False


def _is_known(record: ContractorPass, event: Event) -> bool:
    return isinstance(event, ViolationReported) and event.what in record.violations


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _since(one: PassNow) -> int:
    return one.hanging.since if one.hanging else 0


def _parts(value: Value) -> list[Any]:
    return value[2:] if isinstance(value, list) else []


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return NEVER
