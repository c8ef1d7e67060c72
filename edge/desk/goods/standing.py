"""How a goods-release slip stands: as the registry told it, with what guards here did since and all gates let out. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from access.acting.goods import THOUSANDTHS
from access.acts import SlipActed
from access.contract.booth_records import SlipAtBooth
from access.presence import Value
from access.workflows.events import Event
from access.workflows.refusals import Refusal
from access.workflows.release_slip import (
    LINES_MAX,
    RIGHTS,
    WORKFLOW,
    Released,
    ReleaseSlip,
    SlipApprovedAtNight,
    SlipDrafted,
    SlipLine,
    SlipTerms,
    Trip,
    TripReleased,
)
from edge.desk import folding
from edge.desk.book import Pages
from edge.desk.journal_read import Act
from edge.desk.visitors.standing import masked

_TERMS = TypeAdapter(SlipTerms)
# Goods may still go out on these, once the slip is approved.
RUNNING = frozenset({"approved", "presented", "partly_released", "released"})


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line: how much was asked, went out and is left; `picture` is the capture of the newest picture taken of it here."""

    number: int
    item: str
    unit: str
    remark: str
    asked: Decimal
    released: Decimal
    picture: str = ""
    pictured_at: datetime | None = None

    @property
    def left(self) -> Decimal:
        """What may still go out, never less than nothing."""
        return max(Decimal(), self.asked - self.released)

    @property
    def is_whole(self) -> bool:
        """Whether it is counted in whole pieces."""
        return self.asked == self.asked.to_integral_value()


@dataclass(frozen=True, slots=True)
class TripHere:
    """A trip that was let out at this gate."""

    at: datetime
    guard: str
    carrier: str
    plate: str
    released: tuple[Released, ...]
    capture: str


@dataclass(frozen=True, slots=True)
class Bar:
    """How far a slip has gone: lines that are all out, and pieces (of lines counted in whole ones)."""

    lines: int
    lines_all: int
    pieces: int
    pieces_all: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A slip as a guard sees it; `record` is where its machine stands, with all that went out anywhere.

    `known` is registry, night (begun at this gate) or code (nothing but what its code says). `reason` is why a leader approved it
    here at night. `vehicles` are the tags of plates of a slip that is known by its code, `digest` (hex) that of its lines.
    """

    id: UUID
    record: ReleaseSlip
    lines: tuple[LineNow, ...] = ()
    trips: tuple[TripHere, ...] = ()
    known: str = "registry"
    unit: str = ""
    phone_tail: str = ""
    reason: str = ""
    mismatch: str = ""
    valid_from: datetime | None = None
    replaced_by: str = ""
    newest: str = ""
    vehicles: tuple[str, ...] = ()
    digest: str = ""

    @property
    def number(self) -> str:
        """What it is called: a slip that began here has no number yet."""
        return self.record.terms.number or f"N-{self.id.hex[-4:].upper()}"

    @property
    def bar(self) -> Bar:
        """How far it has gone."""
        whole = [line for line in self.lines if line.is_whole]
        done = sum(not line.left for line in self.lines)
        out = sum(int(min(line.released, line.asked)) for line in whole)
        return Bar(done, len(self.lines), out, sum(int(line.asked) for line in whole))

    @property
    def elsewhere(self) -> bool:
        """Whether something went out that is in no trip of this gate."""
        here = _sums(part for trip in self.trips for part in trip.released)
        return any(line.released > here.get(line.number, 0) for line in self.lines)

    def item(self, number: int) -> str:
        """Return what a line is about."""
        return next((line.item for line in self.lines if line.number == number), str(number))

    def early(self, at: datetime) -> bool:
        """Tell whether its time has not come."""
        return self.valid_from is not None and at < self.valid_from

    @property
    def group(self) -> str:
        """In which list a guard looks for it: today, partly, held, collect, night (not approved), or none."""
        state = self.record.state
        if state in ("draft", "submitted"):
            return "night"
        if state == "partly_released":
            return "collect" if self.record.forgotten else "partly"
        if state in ("approved", "presented"):
            return "today"
        if state == "held":
            return "held"
        was_approved = state == "released" or bool(self.record.approved_by)  # else there is no paper
        is_over = state in ("released", "cancelled", "expired", "corrected")
        return "collect" if is_over and was_approved and not self.record.collected_by else ""


def standing_of(identity: UUID, pages: Pages, at: datetime) -> Standing | None:
    """Return how a slip stands at a time, None where neither the registry nor this gate knows it."""
    told, acts = pages.find(SlipAtBooth, identity), pages.of(str(identity))
    acts = [act for act in acts if act.kind == SlipActed.kind]
    if told is not None:
        later = [act for act in acts if act.at.timestamp() > told.changed_at]
        begun = Standing(
            identity,
            _told_record(told),
            unit=told.unit,
            phone_tail=told.phone_tail,
            valid_from=datetime.fromtimestamp(told.valid_from, UTC),
            replaced_by=told.replaced_by,
        )
        office = {line.number: line.released for line in told.lines}
        return _standing(begun, office, later, acts, pages.facts, at)
    said = next((act for act in reversed(acts) if "code" in act.values), None)
    drafted = next((act for act in acts if act.name == "SlipDrafted"), None)
    if said is None and drafted is None:
        return None
    here = _by_code(identity, said) if said else _by_night(identity, acts[0])
    return _standing(here, {}, acts, acts, pages.facts, at) if here else None


def all_standing(pages: Pages, at: datetime) -> list[Standing]:
    """Return all slips that this gate knows of: what ends first on top."""
    here = (UUID(act.identity) for act in pages.of_kind(SlipActed.kind) if _is_id(act.identity))
    known = dict.fromkeys((*pages.all(SlipAtBooth), *here))
    found = filter(None, (standing_of(identity, pages, at) for identity in known))
    return sorted(found, key=lambda slip: (slip.record.terms.valid_until, slip.number))


def alone(identity: UUID, terms: SlipTerms, **more: Any) -> Standing:
    """Return a slip of which nothing is known but its code: approved, and nothing has gone out on it here."""
    return _seen(Standing(identity, ReleaseSlip(state="approved", terms=terms), known="code", **more))


def withdrawn(slip: Standing) -> Standing:
    """Return a slip whose code was taken back: nothing more goes out on it, as on one that was cancelled."""
    is_over = slip.record.state not in (*RUNNING, "held")
    return slip if is_over else replace(slip, record=replace(slip.record, state="cancelled"))


def event_of(act: Act) -> Event | None:
    """Return the event that an act was, None where it is none of this machine, or its details have been erased.

    Who takes goods out is masked, as in all that pages show.
    """
    if act.name == SlipDrafted.__name__:
        told = {**act.values.get("terms", {}), **act.details}
        terms = {name: value for name, value in told.items() if name in SlipTerms.__dataclass_fields__}
        terms["applicant"] = masked(str(terms.get("applicant", "")))  # as the registry will tell it
        act = replace(act, values={"terms": terms}, details={})
    return folding.event_of(WORKFLOW, act)


def quantity_of(text: str, line: LineNow) -> Decimal | None:
    """Return what a field says of a line, None where it is no quantity up to what is left."""
    try:
        said = Decimal(text.strip().replace(",", ".") or "0")
    except ArithmeticError:
        return None
    fits = said.is_finite() and 0 <= said <= line.left and said * THOUSANDTHS == int(said * THOUSANDTHS)
    return said if fits else None


def _told_record(told: SlipAtBooth) -> ReleaseSlip:
    lines = tuple(SlipLine(line.number, line.item, _of(line.asked), line.unit, line.remark) for line in told.lines[:LINES_MAX])
    terms = SlipTerms(
        told.number,
        told.right if told.right in RIGHTS else "owner",
        told.applicant,
        lines=tuple({line.number: line for line in lines}.values()),
        plates=told.plates,
        valid_until=datetime.fromtimestamp(told.valid_until, UTC),
        replaces=told.replaces,
    )
    return ReleaseSlip(
        state=told.state if told.state in WORKFLOW.states else "approved",
        terms=terms,
        drafted_by=told.drafted_by,
        approved_by=told.approved_by,
        at_night=told.at_night,
        only_gate=told.only_gate,
        replaced_by=told.replaced_by,
    )


def _by_code(identity: UUID, act: Act) -> Standing | None:
    """Return a slip as an entry kept what its code said, None where that is of another version."""
    try:
        said = act.values["code"]
        terms = _TERMS.validate_python(said["terms"])
        since, vehicles = datetime.fromtimestamp(said["valid_from"], UTC), tuple(said["vehicles"])
        digest = str(said.get("digest", ""))
    except (ValidationError, LookupError, TypeError, ValueError):
        return None
    return alone(identity, terms, unit=act.details.get("unit", ""), valid_from=since, vehicles=vehicles, digest=digest)


def _by_night(identity: UUID, first: Act) -> Standing:
    details = first.details
    return Standing(
        identity,
        WORKFLOW.blank,
        known="night",
        unit=details.get("unit", ""),
        phone_tail=details.get("phone_tail", ""),
        valid_from=first.at,
    )


def _standing(
    begun: Standing,
    office: Mapping[int, int],
    later: Sequence[Act],
    acts: Sequence[Act],
    facts: Mapping[str, Value],
    at: datetime,
) -> Standing:
    """Return it after what was done later, with all that went out; `acts` are those of before, too."""
    events = [event for act in later if (event := event_of(act)) is not None]
    numbers = {line.number for line in begun.record.terms.lines} | {
        line.number for event in events if isinstance(event, SlipDrafted) for line in event.terms.lines
    }
    out = {number: _of(office.get(number, 0) + _count(facts, begun.id, number)) for number in numbers}
    record = _folded(begun.record, events, out, at)
    said = next((act.details.get("reason", "") for act in reversed(acts) if act.name == SlipApprovedAtNight.__name__), "")
    return _seen(
        replace(
            begun,
            record=record,
            trips=tuple(trip for act in acts if (trip := _trip(act)) is not None),
            mismatch=next((act.details.get("what", "") for act in reversed(acts) if act.name == "MismatchFound"), ""),
            reason=said,
            newest=acts[-1].entry if acts else "",
        ),
        acts,
    )


def _seen(slip: Standing, acts: Sequence[Act] = ()) -> Standing:
    """Return it with its lines as a page shows them."""
    pictures = {act.values["line"]: act for act in acts if act.capture and "line" in act.values}
    lines = [
        LineNow(
            line.number,
            line.item,
            line.unit,
            line.remark,
            line.asked,
            slip.record.released(line.number),
            pictures[line.number].capture if line.number in pictures else "",
            pictures[line.number].at if line.number in pictures else None,
        )
        for line in slip.record.terms.lines
    ]
    return replace(slip, lines=tuple(lines))


def _folded(record: ReleaseSlip, events: Iterable[Event], out: Mapping[int, Decimal], at: datetime) -> ReleaseSlip:
    """Return the record after events, those that its machine refuses left out; `out` is what went out in the end.

    What went out elsewhere is taken as before: so no trip here is more than what is left, and none is counted twice.
    """
    events = list(events)
    here = _sums(part for event in events if isinstance(event, TripReleased) for part in event.released)
    record = replace(record, trips=_as_trips({line: total - here.get(line, Decimal()) for line, total in out.items()}))
    for event in events:
        record = WORKFLOW.ripened(record, event.at)
        after = WORKFLOW.advance(record, event)
        record = record if isinstance(after, Refusal) else after
    record = replace(record, trips=_as_trips(out))
    if record.trips and record.state in RUNNING:
        is_left = any(rest > 0 for rest in record.left().values())
        record = replace(record, state="partly_released" if is_left else "released")
    return WORKFLOW.ripened(record, at)


def _as_trips(out: Mapping[int, Decimal]) -> tuple[Trip, ...]:
    gone = tuple(Released(line, total) for line, total in sorted(out.items()) if total > 0)
    return (Trip(datetime.fromtimestamp(0, UTC), "", "", "", "", gone),) if gone else ()


def _sums(parts: Iterable[Released]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for part in parts:
        sums[part.line] = sums.get(part.line, Decimal()) + part.quantity
    return sums


def _trip(act: Act) -> TripHere | None:
    event = event_of(act)
    if not isinstance(event, TripReleased):
        return None
    return TripHere(act.at, act.guard_name, event.carrier, event.plate, event.released, act.capture)


def _of(thousandths: int) -> Decimal:
    return Decimal(thousandths) / THOUSANDTHS


def _count(facts: Mapping[str, Value], slip: UUID, line: int) -> int:
    found = facts.get(f"released:{slip}:{line}", 0)
    return max(0, found) if isinstance(found, int) else 0


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
