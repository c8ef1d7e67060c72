"""Decide again: what a journal entry recorded, asked anew under the rules of then or under others."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from access.case import GUARD, Companion, Earlier, Presented
from access.codes import is_slip, known_by_code, read_back
from access.decision import Decision, as_doubted, decide, decide_on, is_doubted
from access.entries import Decided
from access.immutable import immutable
from access.on_record import LaneRules
from access.peers import AsSaid
from access.plate import kind_of
from access.presence import Presence
from access.reasons import GATES_OWN
from access.rules.rescue import RESCUE_KINDS
from access.sealing import Opened
from access.snapshot import Snapshot

# Whom no draft may newly turn away: all who live here, and who comes in an emergency.
PROTECTED = ("resident", "tenant", "family", "emergency", "officer")
# Of a number that is gone: a blocked card, or the plate that was read before a card.
OF_NUMBERS = frozenset({"blocked", "near_blocked", "goods_check", "goods_slip", "goods_slip_early", "code_other_plate"})


@immutable
class Unjudged:
    """Why a decision cannot be made again: gates_own (no rule made it), erased, no_lane, later_version."""

    why: str


def again(entry: Opened, body: Decided, snapshot: Snapshot, presence: Presence) -> Decision | Unjudged:
    """Make the decision of an entry again under `snapshot`; `presence` is the sum of the entries before it.

    What the decision read of the presence then stands, whatever the sum says: other gates and the registry had told it more.
    """
    lane = snapshot.lanes.get(entry.lane)
    if body.reason in GATES_OWN or body.medium not in ("plate", "card", "code"):
        return Unjudged("gates_own")
    if lane is None:
        return Unjudged("no_lane")
    then = _as_read(presence, body.presence)
    at = datetime.fromtimestamp(body.at_us / 1e6, UTC)
    own = _again(entry, body, lane, snapshot, then, at)
    if not body.heard or isinstance(own, Unjudged) or not is_doubted(own, body.direction):
        return own
    said = _as_said(then, body.heard)
    theirs = _again(entry, body, lane, snapshot, said.presence, at)
    return theirs if isinstance(theirs, Unjudged) else as_doubted(own, theirs, then, said, snapshot, at)


def _again(
    entry: Opened, body: Decided, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime
) -> Decision | Unjudged:
    """Make it again by one presence: what the gate knew, or what was so as its neighbours said."""
    if "text" in entry.erased:
        return _of_erased(body, lane, snapshot, presence, at)
    return decide(_presented(body, body.text), lane, snapshot, presence, at)


def _as_said(presence: Presence, heard: Iterable[Any]) -> AsSaid:
    """Return what was so by the neighbours' word, of all that was read of it."""
    facts = presence.facts
    said: dict[str, tuple[UUID, int]] = {}
    for name, value, edge, heard_us in heard:
        facts = facts.without(name) if value is None else facts.with_value(name, value)
        said[name] = UUID(edge), heard_us
    return AsSaid(Presence(facts, presence.plates), said)


def class_of(body: Decided, before: Decided | Decision, after: Decision) -> str:
    """Name the class of who was decided on: the holder's category; without a holder, emergency by the kind of plate."""
    if category := _category(before) or body.category or _category(after):
        return category
    return "emergency" if body.medium == "plate" and kind_of(body.text) in RESCUE_KINDS else "unknown"


def _category(made: Decided | Decision) -> str:
    """Return the category of the holder, of the first where there are several."""
    if isinstance(made, Decided):
        return made.category
    return next((one.person.category for one in made.match.exact if one.person), "")


def _of_erased(body: Decided, lane: LaneRules, snapshot: Snapshot, presence: Presence, at: datetime) -> Decision | Unjudged:
    """Decide by the ids that remain where the text is gone, and by what a signed pass said."""
    code = read_back(body.code)
    credential = snapshot.credential_of(UUID(body.credential)) if body.credential and not is_slip(code) else None
    if (credential is None and code is None) or (body.reason in OF_NUMBERS and body.medium != "plate"):
        return Unjudged("erased")
    shown = _presented(body, credential.shown if credential and body.medium == "plate" else "")
    if vehicle := snapshot.credential_of(UUID(body.vehicle)) if body.vehicle else None:
        plate = Presented("plate", vehicle.shown, vehicle.shown, body.direction)
        shown = replace(shown, earlier=(Earlier(plate, at),))
    companions = tuple(_companions(body.companions, snapshot))
    return decide_on(shown, credential, companions, lane, snapshot, presence, at, is_inexact=body.reason == "inexact_ok")


def _as_read(presence: Presence, reads: Mapping[str, Any]) -> Presence:
    """Return the presence with what was read of it; nothing has moved, so the plates inside stay."""
    facts = presence.facts
    for name, value in reads.items():
        facts = facts.without(name) if value is None else facts.with_value(name, value)
    return Presence(facts, presence.plates)


def _presented(body: Decided, text: str) -> Presented:
    code = read_back(body.code, text)
    text = code.name if code else text
    return Presented(
        body.medium,
        text,
        text,
        body.direction,
        body.bits,
        body.confidence,
        tuple(body.characters),
        body.colour,
        body.vehicle_class,
        tuple(_earlier(one, body.direction) for one in body.earlier),
        code,
        by_guard=body.device == GUARD,
    )


def _earlier(recorded: list[Any], direction: str) -> Earlier:
    at_us, medium, raw, text, bits, confidence, characters, colour, vehicle_class, *code = recorded
    said = read_back(code[0] if code else (), text)
    presented = Presented(medium, raw, text, direction, bits, confidence, tuple(characters), colour, vehicle_class, code=said)
    return Earlier(presented, datetime.fromtimestamp(at_us / 1e6, UTC))


def _companions(recorded: tuple[Any, ...], snapshot: Snapshot) -> Iterator[Companion]:
    for medium, identity, at_us, *kept in recorded:
        code = read_back(kept[0] if kept else ())
        credential = snapshot.credential_of(UUID(identity))
        if credential is None and code and code.says and str(code.says.id) == identity:
            credential = known_by_code(code.says).credential
        if credential is not None:
            yield Companion(medium, credential, datetime.fromtimestamp(at_us / 1e6, UTC), code=code)
