"""Shifts as they stand at this gate: what the roster says, and what was done with them here. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from access.contract.booth_records import ShiftAtBooth
from access.workflows.shift import (
    WORKFLOW,
    GuardSigned,
    GuardSignedIn,
    HandoverBegun,
    LeaderSignedFor,
    ReliefSigned,
    Shift,
    ShiftCountersigned,
)
from edge.desk.book import Act, Pages
from edge.desk.folding import folded

KIND = WORKFLOW.name
TAKEN_EARLY_S = 3600.0
SERVED = frozenset({"on_duty", "handing_over", "handed_over"})
# Where the office has ended a shift, its word counts.
ENDED = frozenset({"countersigned", "cancelled"})
_BEGINNINGS: Mapping[str, str] = {GuardSignedIn.__name__: "planned", HandoverBegun.__name__: "on_duty"}
_SIGNING: Mapping[str, str] = {"guard": GuardSigned.__name__, "relief": ReliefSigned.__name__}


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

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is handed over at another post: this one does not know the sheet."""
        return self.shift.state in ("handing_over", "handed_over") and not self.shift.items

    def signature(self, party: str) -> Act | None:
        """Return the act by which guard, relief or leader has signed, or the leader in their place; None where none holds."""
        if party == "leader":
            holds = self.shift.state == "countersigned"
            return self._last(lambda act: act.name == ShiftCountersigned.__name__) if holds else None
        holds = bool(self.shift.signed_by if party == "guard" else self.shift.relief)
        return self._last(lambda act: _signs(act, party)) if holds else None

    def _last(self, wanted: Callable[[Act], bool]) -> Act | None:
        return next((act for act in reversed(self.acts) if wanted(act)), None)


def standing(pages: Pages, record: ShiftAtBooth) -> Standing:
    """Return a shift as it stands: told whole by the acts here, where there are any; where the office ended it, that counts."""
    acts = tuple(act for act in pages.of(str(record.id)) if act.kind == KIND)
    shift = folded(WORKFLOW, _planned(record, _before(acts) or record.state), acts)
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


def _before(acts: Sequence[Act]) -> str:
    """Return the state in which a shift was when the first of these acts was done, "" where they do not tell it.

    It may have been taken at another post, or before this box had its journal.
    """
    first = next((act.name for act in acts if act.name in _BEGINNINGS), "")
    return _BEGINNINGS.get(first, "")


def _signs(act: Act, party: str) -> bool:
    return act.name == _SIGNING.get(party) or (act.name == LeaderSignedFor.__name__ and act.values.get("absent") == party)


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
