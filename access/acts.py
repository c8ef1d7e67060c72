"""What guards do at the booth with records that go through states of their own, as journal entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from access.entries import Body, personal

# Who has signed in with the sealed code: in place of a badge, which is digits only.
BREAK_GLASS: Final = "break-glass"


@dataclass(frozen=True, slots=True)
class ActedUpon(Body):
    """What a guard did with a record: which one, the event, and what came of it.

    `identity` is the record's id (one that begins here is given a new UUID), `act` the name of the event, `values` its fields but
    for `at` and `by`: those are the entry's time and `guard` (badge) in `role`. What of them tells a person stands in `details`
    instead. `capture` names a picture that was kept with it. `facts` are the changes that it makes in the presence.
    """

    identity: str
    act: str
    guard: str
    request: str
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: tuple[Any, ...] = ()
    role: str = "guard"
    capture: str = ""
    words: str = personal()
    guard_name: str = personal()
    details: Mapping[str, Any] | None = personal(None)


@dataclass(frozen=True, slots=True)
class PassActed(ActedUpon):
    """What was done with a contractor pass at the post; `act` is an event of `access.workflows.contractor_pass`."""

    kind: ClassVar[str] = "pass"


@dataclass(frozen=True, slots=True)
class SlipActed(ActedUpon):
    """What was done with a goods-release slip at the gate; `act` is an event of `access.workflows.release_slip`."""

    kind: ClassVar[str] = "slip"


@dataclass(frozen=True, slots=True)
class ShiftActed(ActedUpon):
    """What was done with a shift at the booth; `act` is an event of `access.workflows.shift`."""

    kind: ClassVar[str] = "shift"


@dataclass(frozen=True, slots=True)
class VisitActed(ActedUpon):
    """What was done with a visit at the gate; `act` is an event of `access.workflows.visit`.

    Of `VisitAsked` the `values` hold `terms` without what tells a person, `details` the rest: name, phone_tail, company, plates.
    """

    kind: ClassVar[str] = "visit"


@dataclass(frozen=True, slots=True)
class IncidentActed(ActedUpon):
    """What was done with an incident at the booth; `act` is an event of `access.workflows.incident`."""

    kind: ClassVar[str] = "incident"


@dataclass(frozen=True, slots=True)
class RoundActed(ActedUpon):
    """A patrol round: `act` is begin (`route`), visit (`code` of the tag) or end (`remark` in `words`)."""

    kind: ClassVar[str] = "round"


@dataclass(frozen=True, slots=True)
class DutyActed(ActedUpon):
    """An entry of the duty log: `act` is note; `values` are post, entry_kind and `corrects` (an id), `words` its text."""

    kind: ClassVar[str] = "duty"


@dataclass(frozen=True, slots=True)
class CountActed(ActedUpon):
    """Somebody passed where no reader is: `values` are what, direction and number (negative: it was counted by mistake)."""

    kind: ClassVar[str] = "count"


@dataclass(frozen=True, slots=True)
class AlarmActed(ActedUpon):
    """An alarm was seen: `act` is acknowledge, `identity` the alarm's code, as it stands on the booth page."""

    kind: ClassVar[str] = "acknowledgement"


@dataclass(frozen=True, slots=True)
class VehicleActed(ActedUpon):
    """A guard checked a vehicle: `identity` is its subject; `act` is mark_loading, or nothing_carried (its exit opens)."""

    kind: ClassVar[str] = "vehicle"


ACTED: Mapping[str, type[ActedUpon]] = {
    body.kind: body
    for body in (
        VisitActed,
        PassActed,
        SlipActed,
        VehicleActed,
        ShiftActed,
        IncidentActed,
        RoundActed,
        DutyActed,
        CountActed,
        AlarmActed,
    )
}
