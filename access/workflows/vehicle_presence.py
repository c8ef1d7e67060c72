"""Whether a vehicle is inside: from passages only, set right by a person with a reason; and whether its load must be checked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from access.workflows.events import NEVER, Event, Fact, Reasoned
from access.workflows.machine import NEW, Record, Workflow, go, no
from access.workflows.refusals import Finding, Refusal


@dataclass(frozen=True, slots=True)
class VehiclePresence(Record):
    """One plate or card; `since` is when it came or went, `loading` says why its exit waits for a check of its load."""

    credential: str = ""
    since: datetime = NEVER
    loading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleEntered(Event):
    """It passed a lane inwards."""

    credential: str
    lane: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleExited(Event):
    """It passed a lane outwards."""

    credential: str
    lane: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleSetInside(Reasoned):
    """Guard or office says that it is inside, with a reason."""

    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleSetOutside(Reasoned):
    """Guard or office says that it is outside, with a reason."""

    credential: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingMarked(Event):
    """It loads: marked at entry, by its class, by the guard, or because a slip names its plate."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadCleared(Event):
    """The exit need not wait any more: by a trip on `slip`, or the guard saw that nothing is carried (empty)."""

    slip: str = ""


def _is_unloaded(presence: VehiclePresence, _event: VehicleExited) -> Refusal | None:
    return Refusal("load_unchecked", {"why": presence.loading}) if presence.loading else None


def _enter(presence: VehiclePresence, event: VehicleEntered | VehicleSetInside) -> VehiclePresence:
    return replace(presence, state="inside", credential=event.credential, since=event.at)


def _exit(presence: VehiclePresence, event: VehicleExited | VehicleSetOutside) -> VehiclePresence:
    return replace(presence, state="outside", credential=event.credential, since=event.at, loading="")


def _mark(presence: VehiclePresence, event: LoadingMarked) -> VehiclePresence:
    return replace(presence, loading=event.why)


def _clear(presence: VehiclePresence, _event: LoadCleared) -> VehiclePresence:
    return replace(presence, loading="")


WORKFLOW = Workflow(
    name="vehicle_presence",
    blank=VehiclePresence(),
    moves={
        NEW: {
            VehicleEntered: go("inside"),
            VehicleExited: no("exit_without_entry"),
            VehicleSetInside: go("inside"),
            VehicleSetOutside: go("outside"),
        },
        "inside": {
            VehicleEntered: no("entry_while_inside"),
            VehicleExited: go("outside", _is_unloaded),
            VehicleSetOutside: go("outside"),
            LoadingMarked: go(),
            LoadCleared: go(),
        },
        "outside": {
            VehicleEntered: go("inside"),
            VehicleExited: no("exit_without_entry"),
            VehicleSetInside: go("inside"),
        },
    },
    writes={
        VehicleEntered: _enter,
        VehicleExited: _exit,
        VehicleSetInside: _enter,
        VehicleSetOutside: _exit,
        LoadingMarked: _mark,
        LoadCleared: _clear,
    },
    happens=frozenset({VehicleEntered, VehicleExited}),
    findings={
        (VehicleEntered, "entry_while_inside"): "entry_while_inside",
        (VehicleExited, "exit_without_entry"): "exit_without_entry",
        (VehicleExited, "load_unchecked"): "load_unchecked",
    },
)


def advance(presence: VehiclePresence, event: Event) -> VehiclePresence | Refusal:
    """Return the presence after `event`, or what the guard must be asked first."""
    return WORKFLOW.advance(presence, event)


def reconcile(facts: Iterable[Fact]) -> tuple[VehiclePresence, tuple[Finding, ...]]:
    """Return the presence that the passages at all gates come to, and what was impossible among them."""
    return WORKFLOW.reconcile(facts)


def unseen(presences: Iterable[VehiclePresence], at: datetime, days: int) -> list[VehiclePresence]:
    """Return the vehicles inside that nobody saw pass for `days`, longest first: the nightly list."""
    before = at - timedelta(days=days)
    silent = (presence for presence in presences if presence.state == "inside" and presence.since <= before)
    return sorted(silent, key=lambda presence: (presence.since, presence.credential))
