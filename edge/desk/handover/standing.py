"""Shifts as they stand at this gate: what the roster says, and what was done with them here. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from access.contract.booth_records import ShiftAtBooth
from access.workflows.shift import WORKFLOW, GuardSignedIn, Shift
from edge.desk.book import Act, Pages
from edge.desk.folding import folded

KIND = WORKFLOW.name
TAKEN_EARLY_S = 3600.0
SERVED = frozenset({"on_duty", "handing_over", "handed_over"})
# Where the office has ended a shift, its word counts.
ENDED = frozenset({"countersigned", "cancelled"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A shift of the roster as it stands here; `began` is when its guard took it, None where nobody did here."""

    id: str
    record: ShiftAtBooth
    shift: Shift
    acts: tuple[Act, ...]

    @property
    def began(self) -> datetime | None:
        """When its guard signed in for it."""
        return next((act.at for act in self.acts if act.name == GuardSignedIn.__name__), None)

    def signer_of(self, event: str) -> str:
        """Return who did what was written here last under this name, "" for nobody."""
        return next((act.guard_name or act.guard for act in reversed(self.acts) if act.name == event), "")

    def signed_at(self, event: str) -> datetime | None:
        """Return when an event of this name was written here last."""
        return next((act.at for act in reversed(self.acts) if act.name == event), None)


def standing(pages: Pages, record: ShiftAtBooth) -> Standing:
    """Return a shift as it stands: told whole by the acts here, where there are any; where the office ended it, that counts."""
    acts = tuple(act for act in pages.of(str(record.id)) if act.kind == KIND)
    shift = folded(WORKFLOW, _planned(record, "planned" if acts else record.state), acts)
    if record.state in ENDED and shift.state != record.state:
        shift = replace(shift, state=record.state)
    return Standing(str(record.id), record, shift, acts)


def to_take(pages: Pages, badge: str, utc: float) -> list[Standing]:
    """Return the shifts that a guard may take now, the one that begins first before the others."""
    mine = (record for record in _records(pages) if record.guard == badge)
    near = [record for record in mine if record.begins - TAKEN_EARLY_S <= utc < record.ends]
    return [known for record in near if (known := standing(pages, record)).shift.state == "planned"]


def served_here(pages: Pages, badge: str) -> list[Standing]:
    """Return the shifts that wait for somebody here: served or being handed over, by what was done here or by this guard."""
    found = (standing(pages, record) for record in _records(pages))
    return [one for one in found if one.shift.state in SERVED and (one.acts or one.record.guard == badge)]


def ended_here(pages: Pages) -> list[Standing]:
    """Return the shifts whose handover was made here and is over, newest first."""
    found = (standing(pages, record) for record in _records(pages))
    return [one for one in found if one.shift.state in ENDED and one.shift.items][::-1]


def find(pages: Pages, identity: str) -> Standing | None:
    """Return a shift by its id."""
    record = next((record for record in pages.all(ShiftAtBooth).values() if str(record.id) == identity), None)
    return standing(pages, record) if record else None


def _records(pages: Pages) -> Iterable[ShiftAtBooth]:
    return sorted(pages.all(ShiftAtBooth).values(), key=lambda record: (record.begins, record.number))


def _planned(record: ShiftAtBooth, state: str) -> Shift:
    return Shift(
        state=state,
        post=record.post,
        guard=record.guard,
        day=record.day,
        name=record.name,
        begins=datetime.fromtimestamp(record.begins, UTC),
        ends=datetime.fromtimestamp(record.ends, UTC),
    )
