"""What was scanned at the booth, as far as it is a visitor's: a signed visit code, or a visitor card."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from access.contract.booth_records import CardAtBooth, VisitAtBooth
from access.passes import SKEW_S, TURN_S, Pass, Shown, gate_tag, is_signed
from access.snapshot import Snapshot, SnapshotError
from access.workflows.visit import Visit, VisitTerms
from edge.desk.book import Pages
from edge.desk.booth import Booth
from edge.desk.visitors import finding
from edge.desk.visitors.standing import NO_CATEGORY, Standing
from edge.store.rules import map_snapshot

TURNS_OLD_MAX = 2
OTHER_GATE = "other_gate"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a text turned out to be: a visit, a card, a visit of which only its code is known, or why nothing (a `fault`)."""

    fault: str = ""
    visit: str = ""
    card: CardAtBooth | None = None
    alone: Standing | None = None


async def scanned(booth: Booth, text: str) -> Scanned:
    """Return what was scanned; nothing is written down."""
    text, pages = text.strip(), booth.book.pages
    if is_signed(text):
        return await _signed(booth, pages, text)
    found = finding.card(pages.all(CardAtBooth).values(), text)
    if found is None:
        return Scanned("not_ours")
    match pages.facts.get(f"lent:{found.id}"):
        case [str(visit), *_]:
            return Scanned(visit=visit, card=found)
    of_office = (visit for visit in pages.all(VisitAtBooth).values() if any(card.card == found.id for card in visit.lent))
    return Scanned(visit=next((str(visit.id) for visit in of_office), ""), card=found)


async def _signed(booth: Booth, pages: Pages, text: str) -> Scanned:
    path = booth.situation.gate.snapshot_path if booth.situation.gate else ""
    now = datetime.fromtimestamp(booth.clock.utc(), UTC)
    try:
        return await asyncio.to_thread(_read, Path(path), pages, text, now) if path else Scanned("no_rules")
    except (OSError, SnapshotError):
        return Scanned("no_rules")


def _read(path: Path, pages: Pages, text: str, now: datetime) -> Scanned:
    rules = map_snapshot(path)
    code = rules.shown_code(text, now)
    says = code.says
    if says is None:
        return Scanned(f"code_{code.fault}")
    if says.kind != "visit":
        return Scanned(says.kind)
    if fault := _objection(code, says, now):
        return Scanned(fault)
    if says.id in pages.all(VisitAtBooth):
        return Scanned(visit=str(says.id))
    if rules.blocked_hash(rules.code_hash(code.name)) or rules.code(code.name):
        return Scanned("code_gone")
    return Scanned(visit=str(says.id), alone=of_code(says, pages, is_here=_is_here(rules, says)))


def _objection(code: Shown, says: Pass, now: datetime) -> str:
    """Return why a code of ours is not one that may be shown so: a picture of a code that turns."""
    at_s = int(now.timestamp()) // TURN_S * TURN_S
    is_stale = code.turned == 0 or abs(at_s - code.turned) > TURNS_OLD_MAX * TURN_S
    return "code_stale" if says.turns and is_stale else ""


def _is_here(rules: Snapshot, says: Pass) -> bool:
    return not says.gates or any(lane.gate and gate_tag(lane.gate) in says.gates for lane in rules.lanes.values())


def of_code(says: Pass, pages: Pages, *, is_here: bool) -> Standing:
    """Return the visit that a code speaks of where the registry has told no more of it."""
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
