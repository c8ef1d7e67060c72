"""A shift and its handover: a sheet on which nothing is skipped, open items that the leader decides, three signatures."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from access.workflows.events import ITEMS_MAX, Event, Fact, Reasoned
from access.workflows.guards import by_leader
from access.workflows.machine import NEW, Record, Workflow, go
from access.workflows.refusals import Finding, Refusal

# What every handover sheet asks for; a site adds its own items behind.
SHEET = (
    "refers",
    "incidents",
    "duplicates",
    "visitor_cards",
    "slips",
    "keys",
    "notes",
    "devices",
    "unsynced",
    "equipment",
)
RELIEF: Literal["relief"] = "relief"
GUARD: Literal["guard"] = "guard"
Absent = Literal["guard", "relief"]


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One item of the sheet: what was found (None: not looked at yet), and the word on a difference from what the system expects.

    `expected` empty: the system knows nothing of it, and the guard writes what is there.
    """

    code: str
    expected: str
    found: str | None = None
    word: str = ""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """What the relief refused, or the relief that did not come: open until the leader decides."""

    code: str
    reason: str
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """Guard or relief could not sign: which of them, why, and the leader who signed in that place."""

    absent: Absent
    reason: str
    leader: str


@dataclass(frozen=True, slots=True)
class Shift(Record):
    """A shift at one post: the shift called `name` of that day (YYYY-MM-DD), where the roster says so.

    `post` is what the post was called when it was planned, `post_id` its id where it is on record. `signed_by` and `relief` are
    who signed the handover, empty until they did; `absences` says for whom of them the leader signed.
    """

    post: str = ""
    post_id: str = ""
    guard: str = ""
    day: str = ""
    name: str = ""
    begins: datetime | None = None
    ends: datetime | None = None
    items: tuple[SheetItem, ...] = ()
    open_items: tuple[OpenItem, ...] = ()
    signed_by: str = ""
    relief: str = ""
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPlanned(Event):
    """The roster names a guard for a post."""

    post: str
    guard: str
    post_id: str = ""
    day: str = ""
    name: str = ""
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCancelled(Reasoned):
    """The roster was wrong: nobody is to serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSignedIn(Event):
    """The guard took the post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverBegun(Event):
    """The system made the sheet."""

    items: tuple[SheetItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChecked(Event):
    """An item of the sheet was looked at; `expected`: what the system expected by then (None: what the sheet says)."""

    code: str
    found: str
    word: str = ""
    expected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRefused(Reasoned):
    """The relief does not take an item over."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefMissed(Reasoned):
    """The relief did not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderDecided(Event):
    """The leader decided an open item."""

    code: str
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSigned(Event):
    """The guard who goes signed the sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefSigned(Event):
    """The guard who comes signed the sheet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderSignedFor(Reasoned):
    """The leader signed in the place of a guard or relief who is not there to sign."""

    absent: Absent


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftCountersigned(Event):
    """The leader countersigned."""


# --- guards ---------------------------------------------------------------------------------------


def _rostered(shift: Shift, event: GuardSignedIn | GuardSigned) -> Refusal | None:
    return None if event.by.id == shift.guard else Refusal("not_rostered", {"who": shift.guard})


def _rostered_or_leader(shift: Shift, event: HandoverBegun | ReliefMissed) -> Refusal | None:
    is_theirs = event.by.id == shift.guard or event.by.role == "shift_leader"
    return None if is_theirs else Refusal("not_rostered", {"who": shift.guard})


def _whole_sheet(_shift: Shift, event: HandoverBegun) -> Refusal | None:
    missing = tuple(code for code in SHEET if code not in {item.code for item in event.items})
    return Refusal("sheet_incomplete", {"missing": missing}) if missing else None


def _on_sheet(shift: Shift, event: ItemChecked | ItemRefused) -> Refusal | None:
    return None if _item(shift, event.code) else Refusal("item_unknown", {"item": event.code})


def _difference_explained(shift: Shift, event: ItemChecked) -> Refusal | None:
    item = _item(shift, event.code)
    if item is None or event.word.strip():
        return None
    expected = _expected(item, event)
    is_right = event.found == expected if expected else event.found.strip() != ""
    return None if is_right else Refusal("difference_unexplained", {"item": event.code})


def _not_open_yet(shift: Shift, event: ItemRefused | ReliefMissed) -> Refusal | None:
    code = _code(event)
    if code in undecided(shift):
        return Refusal("item_open", {"item": code})
    return Refusal("too_many_items", {"limit": ITEMS_MAX}) if len(shift.open_items) >= ITEMS_MAX else None


def _is_open(shift: Shift, event: LeaderDecided) -> Refusal | None:
    return None if event.code in undecided(shift) else Refusal("item_not_open", {"item": event.code})


def _all_checked(shift: Shift, _event: Event) -> Refusal | None:
    left = tuple(item.code for item in shift.items if item.found is None)
    return Refusal("items_unchecked", {"missing": left}) if left else None


def _all_decided(shift: Shift, _event: Event) -> Refusal | None:
    left = undecided(shift)
    return Refusal("items_undecided", {"missing": left}) if left else None


def _another(shift: Shift, event: ReliefSigned) -> Refusal | None:
    return Refusal("signs_twice") if event.by.id == shift.guard else None


def _for_somebody_else(shift: Shift, event: LeaderSignedFor) -> Refusal | None:
    if event.by.id == shift.guard:
        return Refusal("signs_twice")
    return Refusal("signed_already") if (shift.relief if event.absent == RELIEF else shift.signed_by) else None


def _third(shift: Shift, event: ShiftCountersigned) -> Refusal | None:
    """Ask for somebody else than who served and who took over; where only the relief was absent, nobody took over.

    Who signed for both is one person so far: another must see it.
    """
    took_over = "" if _is_absent(shift, RELIEF) and not _is_absent(shift, "guard") else shift.relief
    return Refusal("signs_twice") if event.by.id in {shift.guard, took_over} else None


def _is_absent(shift: Shift, which: Absent) -> bool:
    return any(absence.absent == which for absence in shift.absences)


def _code(event: ItemRefused | ReliefMissed) -> str:
    return event.code if isinstance(event, ItemRefused) else RELIEF


def _expected(item: SheetItem, event: ItemChecked) -> str:
    return item.expected if event.expected is None else event.expected


def _item(shift: Shift, code: str) -> SheetItem | None:
    return next((item for item in shift.items if item.code == code), None)


# --- what an event writes -------------------------------------------------------------------------


def _plan(shift: Shift, event: ShiftPlanned) -> Shift:
    post = replace(shift, post=event.post, post_id=event.post_id)
    return replace(post, guard=event.guard, day=event.day, name=event.name, begins=event.begins, ends=event.ends)


def _begin(shift: Shift, event: HandoverBegun) -> Shift:
    return replace(shift, items=event.items)


def _check(shift: Shift, event: ItemChecked) -> Shift:
    """Enter what was found; a sheet that changes must be signed again."""
    items = tuple(
        replace(item, expected=_expected(item, event), found=event.found, word=event.word) if item.code == event.code else item
        for item in shift.items
    )
    return _unsigned(replace(shift, items=items))


def _open(shift: Shift, event: ItemRefused | ReliefMissed) -> Shift:
    return _unsigned(replace(shift, open_items=(*shift.open_items, OpenItem(_code(event), event.reason))))


def _decide(shift: Shift, event: LeaderDecided) -> Shift:
    decided = (
        replace(item, decision=event.decision) if item.code == event.code and not item.decision else item
        for item in shift.open_items
    )
    return replace(shift, open_items=tuple(decided))


def _sign(shift: Shift, event: GuardSigned) -> Shift:
    return _handed_over(replace(_present(shift, GUARD), signed_by=event.by.id))


def _sign_as_relief(shift: Shift, event: ReliefSigned) -> Shift:
    return _handed_over(replace(_present(shift, RELIEF), relief=event.by.id))


def _sign_for(shift: Shift, event: LeaderSignedFor) -> Shift:
    leader = event.by.id
    noted = replace(shift, absences=(*shift.absences, Absence(event.absent, event.reason, leader)))
    return _handed_over(replace(noted, relief=leader) if event.absent == RELIEF else replace(noted, signed_by=leader))


def _present(shift: Shift, which: Absent) -> Shift:
    """Take back that somebody was absent, who came and signs after all."""
    return replace(shift, absences=tuple(absence for absence in shift.absences if absence.absent != which))


def _unsigned(shift: Shift) -> Shift:
    return replace(shift, signed_by="", relief="", absences=())


def _handed_over(shift: Shift) -> Shift:
    return replace(shift, state="handed_over" if shift.signed_by and shift.relief else "handing_over")


WORKFLOW = Workflow(
    name="shift",
    blank=Shift(),
    moves={
        NEW: {ShiftPlanned: go("planned")},
        "planned": {
            ShiftPlanned: go("planned"),
            GuardSignedIn: go("on_duty", _rostered),
            ShiftCancelled: go("cancelled"),
        },
        "on_duty": {HandoverBegun: go("handing_over", _rostered_or_leader, _whole_sheet)},
        "handing_over": {
            ItemChecked: go(_on_sheet, _difference_explained),
            ItemRefused: go(_on_sheet, _not_open_yet),
            ReliefMissed: go(_rostered_or_leader, _not_open_yet),
            LeaderDecided: go(by_leader, _is_open),
            GuardSigned: go("handing_over", "handed_over", _rostered, _all_checked, _all_decided),
            ReliefSigned: go("handing_over", "handed_over", _another, _all_checked, _all_decided),
            LeaderSignedFor: go("handing_over", "handed_over", by_leader, _for_somebody_else, _all_checked, _all_decided),
        },
        "handed_over": {ShiftCountersigned: go("countersigned", by_leader, _third)},
        "countersigned": {},
        "cancelled": {},
    },
    writes={
        ShiftPlanned: _plan,
        HandoverBegun: _begin,
        ItemChecked: _check,
        ItemRefused: _open,
        ReliefMissed: _open,
        LeaderDecided: _decide,
        GuardSigned: _sign,
        ReliefSigned: _sign_as_relief,
        LeaderSignedFor: _sign_for,
    },
)


def advance(shift: Shift, event: Event) -> Shift | Refusal:
    """Return the shift after `event`, or why it may not be."""
    return WORKFLOW.advance(shift, event)


def reconcile(facts: Iterable[Fact]) -> tuple[Shift, tuple[Finding, ...]]:
    """Return the shift that the facts of post and office come to, and what was wrong among them."""
    return WORKFLOW.reconcile(facts)


def undecided(shift: Shift) -> tuple[str, ...]:
    """Return the open items that wait for the leader."""
    return tuple(item.code for item in shift.open_items if not item.decision)
