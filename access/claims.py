"""The home gate's word: where a site is strict, a pass is used at another gate only with the word of the gate that counts it.

A visit or a contractor pass that comes from outside at a gate that is not its home is *claimed*: the gate asks the home gate over
the LAN, which counts the use in its own journal before it says yes. What came of that is a fact of this one presentation,
`claim:<id>`: [yes | no | silent, home edge, why, when]; it stands in no entry but the decision that read it.
"""

from collections.abc import Iterable, Iterator
from typing import Literal
from uuid import UUID

from access.immutable import immutable
from access.on_record import ContractorPass, LaneRules, Visit
from access.passing import Papers
from access.presence import OUTSIDE, Known, Value
from access.snapshot import Snapshot

CLAIM = "claim:"
YES, NO, SILENT = "yes", "no", "silent"
Kind = Literal["visit", "pass"]


@immutable
class Claim:
    """What is asked for of a home gate: one use of a visit, of `allowed` in all, or the duplicate of a contractor pass."""

    kind: Kind
    id: UUID
    person: UUID
    home: UUID | None
    allowed: int = 1
    permit: str = ""

    @property
    def fact(self) -> str:
        """The name of what came of it."""
        return f"{CLAIM}{self.id}"

    @property
    def counted(self) -> str:
        """The name of the fact that it is counted in."""
        return f"uses:{self.id}" if self.kind == "visit" else f"held:{self.id}"


def needs_word(paper: Visit | ContractorPass, direction: str, lane: LaneRules, snapshot: Snapshot) -> bool:
    """Tell whether a pass is used by this passage, and another gate than this one counts it."""
    if not snapshot.is_strict or direction != "in" or lane.outer != OUTSIDE:
        return False
    return lane.gate is None or paper.home != lane.gate


def claims_of(person: UUID, papers: Papers, direction: str, lane: LaneRules, snapshot: Snapshot) -> Iterator[Claim]:
    """Yield what must be claimed for somebody who comes in by these papers."""
    visit, one = papers.visit, papers.contractor_pass
    if visit is not None and needs_word(visit, direction, lane, snapshot):
        yield Claim("visit", visit.id, person, visit.home, visit.uses * visit.party)
    if one is not None and needs_word(one, direction, lane, snapshot):
        yield Claim("pass", one.id, person, one.home, permit=str(one.permit))


def answer(known: Known, identity: UUID) -> tuple[str, str]:
    """Return what a home gate has said of a claim (yes, no, silent; "": it was not asked), and why."""
    match known.value(f"{CLAIM}{identity}"):
        case [str(said), str(), str(why), *_]:
            return said, why
    return "", ""


def is_counted(known: Known, paper: Visit | ContractorPass, direction: str, lane: LaneRules, snapshot: Snapshot) -> bool:
    """Tell whether this very use is counted by its home gate already."""
    return needs_word(paper, direction, lane, snapshot) and answer(known, paper.id)[0] == YES


def counted(known: Known, claims: Iterable[Claim]) -> tuple[tuple[str, int], ...]:
    """Return the facts in which home gates have counted these uses already, and when (UTC us)."""
    return tuple((one.counted, when) for one in claims if (when := _since(known, one.id)) is not None)


def _since(known: Known, identity: UUID) -> int | None:
    match known.value(f"{CLAIM}{identity}"):
        case ["yes", str(), str(), int(at_us)]:
            return at_us
    return None


def told(said: str, home: UUID | None, why: str, at_us: int) -> Value:
    """Return the value of the fact that says what came of a claim."""
    return [said, str(home or ""), why, at_us]
