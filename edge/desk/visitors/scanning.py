"""Whose visit a signed code or a visitor card means; of a visit of which no more is known than its code, what that says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from access.contract.booth_records import VisitAtBooth
from access.passes import SKEW_S, TURN_S, Pass, Shown, gate_tag
from access.snapshot import Snapshot
from access.workflows.visit import Visit, VisitTerms
from edge.desk.book import Pages
from edge.desk.visitors.standing import NO_CATEGORY, Standing, free_cards

TURNS_OLD_MAX = 2
OTHER_GATE = "other_gate"
STALE, GONE = "stale", "gone"


@dataclass(frozen=True, slots=True)
class ByCode:
    """What a genuine code of a visit comes to: why nobody comes in by it (`fault`), or the visit where it stands `alone`."""

    fault: str = ""
    alone: Standing | None = None


def by_code(rules: Snapshot, code: Shown, says: Pass, pages: Pages, now: datetime) -> ByCode:
    """Return what a genuine code of a visit comes to; nothing is written down. Pure."""
    if _is_old_picture(code, says, now):
        return ByCode(STALE)
    if says.id in pages.all(VisitAtBooth):
        return ByCode()
    if rules.blocked_hash(rules.code_hash(code.name)) or rules.code(code.name):
        return ByCode(GONE)
    return ByCode(alone=_alone(says, pages, is_here=_is_here(rules, says)))


def lent_with(pages: Pages, card: UUID) -> str:
    """Return the id of the visit that a visitor card is lent with, "" where it is with none."""
    match pages.facts.get(f"lent:{card}"):
        case [str(visit), *_]:
            return visit
    if any(one.id == card for one in free_cards(pages)):
        return ""  # given back here, and the registry has not followed yet
    of_office = (visit for visit in pages.all(VisitAtBooth).values() if any(lent.card == card for lent in visit.lent))
    return next((str(visit.id) for visit in of_office), "")


def _is_old_picture(code: Shown, says: Pass, now: datetime) -> bool:
    at_s = int(now.timestamp()) // TURN_S * TURN_S
    return says.turns and (code.turned == 0 or abs(at_s - code.turned) > TURNS_OLD_MAX * TURN_S)


def _is_here(rules: Snapshot, says: Pass) -> bool:
    return not says.gates or any(lane.gate and gate_tag(lane.gate) in says.gates for lane in rules.lanes.values())


def _alone(says: Pass, pages: Pages, *, is_here: bool) -> Standing:
    window = [datetime.fromtimestamp(seconds, UTC) for seconds in (says.valid_from - SKEW_S, says.valid_until + SKEW_S)]
    identity = str(says.id)
    uses, party = (max(0, found if isinstance(found := pages.facts.get(f"{name}:{identity}"), int) else 0) for name in _COUNTS)
    terms = VisitTerms(
        category=NO_CATEGORY,
        party=says.party,
        uses=says.uses,
        gates=() if is_here else (OTHER_GATE,),
        valid_from=window[0],
        valid_until=window[1],
    )
    state = "in" if party else "out" if uses else "approved"
    visit = Visit(state, terms, max(uses, party), party)
    return Standing(identity, visit, before=(uses, party), newest=pages.newest(identity))


_COUNTS = ("uses", "party")
