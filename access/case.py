"""What a rule is given and what it answers."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from access.immutable import immutable
from access.matching import Candidate, Match, doubtful
from access.obligations import Obligation
from access.on_record import Credential, LaneRules, Person
from access.passes import SKEW_S, Shown
from access.passing import Papers
from access.presence import Known
from access.snapshot import Snapshot

LAST_SHOWN = datetime(9999, 12, 30, tzinfo=UTC)  # no clock of the world shows a later moment in a year of five digits
GUARD = "guard"  # what stands for the device where a guard has read the plate
_SKEW, _NO_SKEW = timedelta(seconds=SKEW_S), timedelta(0)


NOTHING: Mapping[str, Any] = MappingProxyType({})


@immutable
class Presented:
    """A credential at a lane: medium card, code, plate or none; `raw` as delivered, `text` its normal form; going in or out.

    `characters` are the reader's scores of each character (empty: it gives none); colour and class are as seen, or "".
    `earlier` is what was presented at this lane shortly before: every plate that was read of the same vehicle, whatever came of
    it, and the credentials that await a second one. `code` is what a signed pass says: its text is then the name of it.
    `by_guard`: it is a plate as a guard reads it, which lets in nobody but who is on record by exactly that one.
    """

    medium: str
    raw: str
    text: str
    direction: str
    bits: int = 0
    confidence: float = 1.0
    characters: tuple[float, ...] = ()
    colour: str = ""
    vehicle_class: str = ""
    earlier: tuple["Earlier", ...] = ()
    code: Shown | None = None
    by_guard: bool = False

    @property
    def is_sure(self) -> bool:
        """Tell whether it was read surely: no character of a plate is doubtful that separates it from another plausible one."""
        return self.medium != "plate" or doubtful(self.text, self.characters, self.confidence) is None

    @property
    def plates(self) -> tuple["Presented", ...]:
        """Return the plates that were read of who stands here, the last one last: a card does not undo what its plate said."""
        if not self.earlier:  # as almost always
            return (self,) if self.medium == "plate" else ()
        return tuple(one for one in (*(earlier.presented for earlier in self.earlier), self) if one.medium == "plate")


@immutable
class Earlier:
    """What was presented shortly before, and when."""

    presented: Presented
    at: datetime


@immutable
class Companion:
    """A credential that was presented shortly before and passed every rule but those that ask for a second one.

    `obligations` are those of its passage, as far as they are known; `code` is what it said, if it was a signed pass.
    """

    medium: str
    credential: Credential
    at: datetime
    obligations: tuple[Obligation, ...] = ()
    code: Shown | None = None


class Companions(Protocol):
    """Gives the companions to a rule that asks; `found` are those that it gave."""

    @property
    def found(self) -> tuple[Companion, ...]:
        """Return what was given so far."""

    def __call__(self) -> tuple[Companion, ...]:
        """Look for them."""


@immutable
class Case:
    """All that the rules look at. `subject` names who or what moves (`mover`), in the presence; "" where nobody can tell.

    `credential` is the one that was found, None where there is none or several; `person` is its holder.
    `vehicle` is the registered one that stands here, as far as one is: behind a card or code that of the plate read before it.
    `beside` is that vehicle where its plate was surely read and it is another's than who moves: it passes too.
    `adopted` is the candidate that stands in `match` for the plate that was read, where the lane opens on a doubtful look-alike.
    """

    presented: Presented
    lane: LaneRules
    snapshot: Snapshot
    known: Known
    at: datetime
    match: Match
    credential: Credential | None
    person: Person | None
    adopted: Candidate | None
    vehicle: Credential | None
    mover: Credential | None
    beside: Credential | None
    subject: str
    papers: Papers
    companions: Companions

    @property
    def category(self) -> str:
        """Return the category of the holder, or "" where there is none."""
        return self.person.category if self.person else ""

    @property
    def vehicle_class(self) -> str:
        """Return the class of the vehicle: as registered, else as seen, else ""; with a card as seen with the plate before it."""
        if self.vehicle:
            return self.vehicle.vehicle_class
        return self.presented.vehicle_class or (self.plates[-1].vehicle_class if self.plates else "")

    @property
    def plates(self) -> tuple[Presented, ...]:
        """Return the plates that were read of who stands here."""
        return self.presented.plates

    @property
    def skew(self) -> timedelta:
        """Return how far windows may be off: who signed a pass, and tells of it, has another clock than the gate."""
        return _SKEW if self.presented.code else _NO_SKEW

    @property
    def enters(self) -> bool:
        """Tell whether it goes in."""
        return self.presented.direction == "in"

    def local(self, moment: datetime) -> str:
        """Return a moment on the site's clock, to the minute; the last day that there is, a day early."""
        return min(moment, LAST_SHOWN).astimezone(self.snapshot.zone).strftime("%Y-%m-%d %H:%M")


class Verdict(NamedTuple):
    """What one rule concluded: a reason (which has its outcome), or nothing (`reason` empty: the next rule is asked).

    Obligations of a rule that lets pass hold when the passage is granted; those of a rule that concludes hold at once.
    """

    reason: str = ""
    values: Mapping[str, Any] = NOTHING
    saw: Mapping[str, Any] = NOTHING
    obligations: tuple[Obligation, ...] = ()
    candidates: tuple[Candidate, ...] = ()


PASSES = Verdict()  # of a rule that has nothing to say
Rule = Callable[[Case], Verdict]
