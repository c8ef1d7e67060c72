"""Shapes of retention: profiles, holds, runs and their proofs, the clock."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from central.records.schemas import Asked, Line, Moment, Name, OfSiteShown, Shown, VersionedShown, Wanted
from central.retention.profiles import ProfileName

DaysKept = Annotated[int, Field(ge=1, le=3650)]


class DaysWanted(Wanted):
    """For how many days each class is kept; null: for ever.

    `events`: the entries themselves. `identity`: names, plates, card numbers and persons in them. `pictures`: of passages.
    `fragments`: what is kept of ID numbers and documents, and applicants. `audit`: before, after and reason of changes.
    """

    events: DaysKept | None = None
    identity: DaysKept | None = None
    pictures: DaysKept | None = None
    fragments: DaysKept | None = None
    audit: DaysKept | None = None


class RetentionWanted(Wanted):
    """A ready profile (`cn`, `eu`), `keep` for everything, or `own` with its own days."""

    profile: ProfileName
    days: DaysWanted | None = None


class RetentionShown(VersionedShown):
    """What a site keeps how long; its `id` is the site's. Version 0: nobody has chosen yet, and everything is kept."""

    profile: ProfileName
    days: DaysWanted


class ReadyShown(Wanted):
    """A ready profile."""

    profile: Literal["cn", "eu"]
    days: DaysWanted


class BoundsShown(Wanted):
    """The fewest and the most days of a class."""

    what: str
    least: int
    most: int


class ProfilesShown(Wanted):
    """The profiles that are ready, and the bounds of a site's own."""

    ready: list[ReadyShown]
    bounds: list[BoundsShown]


class DueShown(Wanted):
    """How much of each class is past its time now and would go, and how much of it a hold keeps; of the journal entries."""

    site: UUID
    at: datetime
    fault: str
    events: int
    identity: int
    pictures: int
    fragments: int
    audit: int
    held: int


HoldKind = Literal["time", "person", "plate", "passage", "record"]


class HoldWanted(Wanted):
    """Something of a site is to be kept, for this `reason`, which is shown to whom a deletion is refused and names nobody.

    `what`: `time` (from `from_at` to `to_at`), or `person`, `plate`, `passage` or `record` (a visit, pass or slip) by `subject`:
    its id, plate or name. `edge`: the gate whose passage it is, where several have one of the name.
    """

    site: UUID
    what: HoldKind
    subject: Line = ""
    edge: UUID | None = None
    from_at: Moment | None = None
    to_at: Moment | None = None
    reason: Name
    holds_until: Moment | None = None


class HoldEnded(Wanted):
    """Why a hold ends."""

    reason: Name


class HoldShown(OfSiteShown):
    """A legal hold, and who ended it and why, if somebody has."""

    model_config = ConfigDict(from_attributes=True)

    what: HoldKind
    subject: str
    edge_id: UUID | None
    from_at: datetime | None
    to_at: datetime | None
    reason: str
    holds_until: datetime | None
    by_name: str
    by_role: str
    created_at: datetime
    ended_at: datetime | None
    ended_by: str
    ended_why: str


class HoldsAsked(Asked):
    """Which holds are wanted; `ended`: those that are over too."""

    ended: bool = False


RunState = Literal["running", "done", "capped", "interrupted"]


class RunShown(Shown):
    """A run of the deletion job at a site: what went, and the proof of it (a JSON text) with the registry's signature (hex).

    `faults`: what is wrong with the proof; nothing, unless somebody changed it or what it tells of.
    """

    site_id: UUID
    state: RunState
    started_at: datetime
    ended_at: datetime | None
    by_name: str
    counts: dict[str, int]
    digest: str
    proof: str
    signature: str
    faults: list[str]


class RunsAsked(Asked):
    """Which runs are wanted."""

    state: RunState | None = None


class ClockShown(Wanted):
    """The time that it is, and that was noted last; `fault` (ahead, back, set) while nothing goes because of it."""

    at: datetime
    noted_at: datetime | None
    fault: str
    fault_at: datetime | None


class ClockWanted(Wanted):
    """Somebody has compared the clock with another, and says so."""

    reason: Name
