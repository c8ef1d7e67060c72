"""What a passage changes in the presence: who is where, what is used up, what lies at the post."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from access.codes import VISIT, is_alone, is_slip, known_by_code
from access.immutable import immutable
from access.on_record import ContractorPass, Credential, LaneRules, Person, Visit
from access.passes import Pass, Shown, gate_tag
from access.presence import OUTSIDE, Change, Presence, counted_in
from access.snapshot import Snapshot

VISITING, WORKING = "visitor", "contractor"
SMALL = frozenset({"motorcycle", "tricycle", "bicycle"})  # take no parking space

Fact = Callable[[str], object]  # gives the value of a fact of the presence by its name, None where it is not known


@immutable
class Passing:
    """Who or what would move at a lane, by the names that the presence uses; "" where there is none of a kind."""

    subject: str
    direction: str
    lane: str
    origin: str
    destination: str
    vehicle: bool = False
    quota: str = ""
    visit: str = ""
    contractor_pass: str = ""
    permit: str = ""
    first: bool = False
    nameless: bool = False  # on nobody's record
    vehicle_id: str = ""  # of a registered vehicle
    holder: str = ""  # whose that is
    by_card: bool = False  # a vehicle of which nobody knows more than whose card was shown
    claimed: tuple[tuple[str, int], ...] = ()  # facts in which home gates have counted this use, and when (`access.claims`)
    own_lanes: frozenset[str] = frozenset()  # of this gate: what hangs at any other lane hangs at another post (none: not known)


def nothing_known(_name: str) -> None:
    """Know no fact."""


def zones(lane: LaneRules, direction: str) -> tuple[str, str]:
    """Return (origin, destination) of a passage, as the presence calls them."""
    return (lane.outer, lane.inner) if direction == "in" else (lane.inner, lane.outer)


def subject_of(credential: Credential | None, plate: str, snapshot: Snapshot) -> str:
    """Name who moves: a registered vehicle, the holder of a card or code, the pseudonym of an unregistered plate, or ""."""
    if credential is not None and credential.medium == "plate":
        return str(credential.id)
    if credential is not None:
        return str(credential.person.id) if credential.person else ""
    return str(snapshot.pseudonym(plate)) if plate else ""


def chosen_visit(
    visits: Sequence[Visit], lane: LaneRules, direction: str, at: datetime, fact: Fact = nothing_known
) -> Visit | None:
    """Return the visit that fits best: on the way out one whose party is inside, on the way in one that is not used up.

    Approved, for this lane, in its window; else the next to come, on the way out the last.
    """

    def count(name: str) -> int:
        return found if isinstance(found := fact(name), int) else 0

    def fitness(visit: Visit) -> tuple[bool, bool, bool, bool, bool, bool, float]:
        inside = count(f"party:{visit.id}")
        is_free = direction == "in" and inside < visit.party and count(f"uses:{visit.id}") < visit.uses * visit.party
        return (
            direction == "out" and inside > 0,
            visit.window.holds(at),
            visit.status == "approved",
            not visit.lanes or lane.id in visit.lanes,
            is_free,
            *_near(visit, direction, at),
        )

    return max(visits, key=fitness) if len(visits) > 1 else next(iter(visits), None)


def chosen_pass(
    passes: Sequence[ContractorPass], direction: str, at: datetime, fact: Fact = nothing_known
) -> ContractorPass | None:
    """Return the pass that fits best: on the way out the one whose duplicate is held; in its window and active.

    Else the next to come, on the way out the last that was.
    """

    def fitness(one: ContractorPass) -> tuple[bool, bool, bool, bool, float]:
        is_held = direction == "out" and fact(f"held:{one.id}") is not None
        return is_held, one.window.holds(at), one.status == "active", *_near(one, direction, at)

    return max(passes, key=fitness) if len(passes) > 1 else next(iter(passes), None)


def _near(one: Visit | ContractorPass, direction: str, at: datetime) -> tuple[bool, float]:
    """Order by time: who comes in is about what begins next, who goes out about what began last."""
    since = one.window.valid_from
    coming = since is not None and at < since
    seconds = since.timestamp() if since else 0.0
    return coming is (direction == "in"), -seconds if coming else seconds


@immutable
class Papers:
    """The visits and the contractor passes of a holder, and of each kind the one that this passage is about.

    `by_code`: of the visit no more is known than what its code says.
    """

    visits: tuple[Visit, ...] = ()
    passes: tuple[ContractorPass, ...] = ()
    visit: Visit | None = None
    contractor_pass: ContractorPass | None = None
    by_code: bool = False


NO_PAPERS = Papers()


def papers_of(
    credential: Credential | None,
    direction: str,
    lane: LaneRules,
    snapshot: Snapshot,
    at: datetime,
    fact: Fact = nothing_known,
    code: Shown | None = None,
) -> Papers:
    """Return by what the holder of a credential comes in: who has levels, and is no visitor or contractor, goes by those.

    Who shows a signed `code` comes in by what that one is of.
    """
    person = credential.person if credential else None
    if credential and person and code and not is_slip(code):
        return _papers_of_code(credential, person, code, lane, snapshot)
    if person is None or (person.levels and person.category not in (VISITING, WORKING)):
        return NO_PAPERS
    visits = snapshot.visits(person.id) if person.category == VISITING or not person.levels else ()
    passes = snapshot.passes(person.id) if person.category == WORKING or not person.levels else ()
    visit, contractor_pass = chosen_visit(visits, lane, direction, at, fact), chosen_pass(passes, direction, at, fact)
    return Papers(visits, passes, visit, contractor_pass)


def _papers_of_code(credential: Credential, person: Person, code: Shown, lane: LaneRules, snapshot: Snapshot) -> Papers:
    visits, passes = snapshot.visits(person.id), snapshot.passes(person.id)
    if code.says is None:
        return Papers(visits, passes)
    if code.says.kind != VISIT:
        return Papers(visits, passes, None, next((one for one in passes if one.id == code.says.id), None))
    found = next((one for one in visits if one.id == code.says.id), None)
    if found is None and is_alone(credential, code):
        alone = replace(known_by_code(code.says).visit, home=_first_gate(code.says, lane, snapshot))
        return Papers((*visits, alone), passes, alone, by_code=True)
    return Papers(visits, passes, found)


def _first_gate(says: Pass, lane: LaneRules, snapshot: Snapshot) -> UUID | None:
    """Return the first gate that a code names, which counts its uses; None where it names none, or one that is not known here."""
    known = (lane.gate, *(peer.gate for peer in snapshot.peers.values()))
    return next((gate for gate in known if gate and says.gates and gate_tag(gate) == says.gates[0]), None)


@immutable
class Standing:
    """Who stands at a lane: the registered vehicle, as far as one is, and who moves, by credential and by name in the presence.

    Behind a card or code the vehicle is that of the plate that was read before. It moves if it is the holder's own, or of their
    unit; else the holder does, and the vehicle beside them.
    """

    vehicle: Credential | None
    mover: Credential | None
    subject: str


def standing(
    credential: Credential | None,
    plate: str,
    before: str,
    direction: str,
    lane: LaneRules,
    snapshot: Snapshot,
    fact: Fact = nothing_known,
) -> Standing:
    """Return who stands there with a credential, or a `plate` that is not on record; `before` is the plate read before a card."""
    vehicle = credential if credential and credential.medium == "plate" else None
    if vehicle is None and before:
        registered = snapshot.plate(before)
        vehicle = registered[0] if len(registered) == 1 else None
    mover = vehicle if vehicle and credential and (vehicle is credential or vehicle.belongs_with(credential)) else credential
    subject = subject_of(mover, plate, snapshot)
    if mover and mover.medium == "plate" and mover.person and zones(lane, direction)[0] != OUTSIDE:
        holder = str(mover.person.id)
        if _zone_in(fact(f"at:{subject}")) in (None, OUTSIDE) and fact(f"car:{holder}") is not None:
            subject = holder  # it came in by a card, and no plate was read
    return Standing(vehicle, mover, subject)


def takes_room(lane: LaneRules, vehicle_class: str) -> bool:
    """Tell whether a vehicle of this class ("" where nobody knows) that passes this lane takes a parking space."""
    return lane.kind == "vehicle" and vehicle_class not in SMALL


def passing(
    subject: str,
    mover: Credential | None,
    direction: str,
    lane: LaneRules,
    papers: Papers,
    *,
    holder: Person | None = None,
    as_vehicle: bool,
    claimed: tuple[tuple[str, int], ...] = (),
    own_lanes: frozenset[str] = frozenset(),
) -> Passing:
    """Return what a passage would change: who moves, with the papers they come in by, in a vehicle that takes room or not.

    `holder` is who showed a credential, where it is another than who holds what moves; `own_lanes` are those of this gate.
    What is counted for the site (visits, parties, duplicates) is counted on the way onto it and off it, not between its zones.
    """
    origin, destination = zones(lane, direction)
    person = mover.person if mover else None
    counted = papers if OUTSIDE in (origin, destination) else NO_PAPERS
    contractor_pass = counted.contractor_pass
    return Passing(
        subject,
        direction,
        lane.name_in_facts,
        origin,
        destination,
        as_vehicle,
        _name(person.quota if person and as_vehicle else None),
        _name(counted.visit.id if counted.visit else None),
        _name(contractor_pass.id if contractor_pass else None),
        _name(contractor_pass.permit if contractor_pass else None),
        any(one.first_person for one in (holder, person) if one),
        mover is None,
        str(mover.id) if mover and mover.medium == "plate" else "",
        str(person.id) if mover and mover.medium == "plate" and person else "",
        as_vehicle and mover is not None and mover.medium != "plate",
        claimed,
        own_lanes,
    )


def _name(identity: UUID | None) -> str:
    return str(identity) if identity else ""


def on_grant(who: Passing) -> tuple[Change, ...]:
    """Return what a grant uses up, to be recorded before anything opens; not what a home gate has counted already."""
    uses = f"uses:{who.visit}"
    if not who.visit or who.direction != "in" or uses in dict(who.claimed):
        return ()
    return (("add", uses, 1),)


def on_return(who: Passing) -> tuple[tuple[Any, ...], ...]:
    """Return what is given back where nobody passed on a grant: changes as entries hold them, with times of their own maybe."""
    uses = (("add", f"uses:{who.visit}", -1),) if who.visit and who.direction == "in" else ()
    return (*uses, *given_back((name, at_us) for name, at_us in who.claimed if not name.startswith("uses:")))


def given_back(claimed: Iterable[tuple[str, int]]) -> tuple[tuple[Any, ...], ...]:
    """Return what undoes uses that home gates have counted, each at its time (UTC us), whatever this gate's clock says."""
    return tuple(("add", name, -1) if name.startswith("uses:") else ("drop", name, None, at_us + 1) for name, at_us in claimed)


def on_passage(who: Passing, presence: Presence, at: datetime) -> tuple[Change, ...]:
    """Return what changes as they pass; whoever is on record as being there already is not counted a second time.

    Nobody is counted out of where nobody is counted: of who came in unseen nothing was added that could be taken away, and whom
    one without a name was taken for on the way out is not counted out again.
    """
    changes = tuple(change for change in _as_they_pass(who, presence, at) if not _takes_from_nothing(change, presence))
    return (*changes, *_counted_out_before(changes, presence))


def _takes_from_nothing(change: Change, presence: Presence) -> bool:
    how, name, by = change
    return how == "add" and isinstance(by, int) and by < 0 and _number(presence, name) <= 0


def _counted_out_before(changes: Iterable[Change], presence: Presence) -> Iterable[Change]:
    for _, name, value in changes:
        now = counted_in(name, value)
        for one in counted_in(name, presence.facts.get(name)):
            if one not in now and _number(presence, one) <= 0:
                yield "add", one, 1


def _number(presence: Presence, name: str) -> int:
    found = presence.facts.get(name, 0)
    return found if isinstance(found, int) else 0


def _as_they_pass(who: Passing, presence: Presence, at: datetime) -> Iterable[Change]:
    since, is_known = int(at.timestamp()), f"at:{who.subject}" in presence.facts
    if who.subject:
        yield from _moving(who, presence, since)
    elif who.vehicle:
        yield from _counted_by_lane(who)
    if who.direction == "out" and who.nameless and not is_known:  # who came in by another name than they leave by
        yield "set", f"left:{who.origin}", since
    yield from _entering(who, presence, since) if who.direction == "in" else _leaving(who, presence, since)


def _moving(who: Passing, presence: Presence, since: int) -> Iterable[Change]:
    """Say where they are now, and what they count in there: by their own name, or with the car of whoever showed a card."""
    at, car = f"at:{who.subject}", f"car:{who.subject}"
    here: list[Any] = [who.destination, since]
    counts = _counts_in(who, who.destination)
    has_car = car in presence.facts
    if not (who.vehicle and (who.by_card or has_car)):
        yield "set", at, [*here, *counts]
        yield from _taken_over(who, at, presence)
        return
    yield "set", at, here
    yield from _taken_over(who, car, presence)
    if who.destination == OUTSIDE:
        yield "drop", car, None  # also where none is known: who left has the last word
    elif has_car or who.origin == OUTSIDE:
        yield "set", car, [*here, *counts]
    else:  # it may have come in by its plate, and is counted out by that
        yield from _counted_by_lane(who)


def _counts_in(who: Passing, zone: str) -> Iterable[str]:
    """Name what counts who is in a zone: the zone and the household's spaces a vehicle, its holder's a registered one."""
    if zone == OUTSIDE:
        return
    if who.vehicle:
        yield f"zone:{zone}"
    if who.quota:
        yield f"quota:{who.quota}"
    if who.holder and who.subject == who.vehicle_id:
        yield f"drove:{who.holder}"


def _taken_over(who: Passing, name: str, presence: Presence) -> Iterable[Change]:
    """Take away what was added for somebody before it was said with where they are what they count in."""
    before, zone = presence.facts.get(name), _zone_in(presence.facts.get(f"at:{who.subject}"))
    if before is not None and zone is not None and not counted_in(name, before):
        yield from (("add", counted, -1) for counted in _counts_in(who, zone))


def _counted_by_lane(who: Passing) -> Iterable[Change]:
    """Count what has no name of its own by the lane that it passes."""
    yield from (("add", f"zone:{zone}", by) for zone, by in ((who.destination, 1), (who.origin, -1)) if zone != OUTSIDE)


def _entering(who: Passing, presence: Presence, since: int) -> Iterable[Change]:
    if who.visit:
        party = f"party:{who.visit}"
        yield "set", party, max(0, _number(presence, party)) + 1
    if who.contractor_pass and f"held:{who.contractor_pass}" not in presence.facts:
        yield "set", f"held:{who.contractor_pass}", [who.lane, since, f"permit:{who.permit}"]
    if who.contractor_pass and f"transfer:{who.contractor_pass}" in presence.facts:  # it came back with its holder
        yield "drop", f"transfer:{who.contractor_pass}", None
    if who.first:
        yield "set", f"first:{who.lane}", since


def _leaving(who: Passing, presence: Presence, since: int) -> Iterable[Change]:
    if who.visit:
        party = f"party:{who.visit}"
        left = _number(presence, party) - 1
        yield ("set", party, left) if left > 0 else ("drop", party, None)  # also where nobody is known, as above
    if who.contractor_pass:
        held = f"held:{who.contractor_pass}"
        yield "drop", held, None
        if held in presence.facts and not counted_in(held, presence.facts[held]):  # of before it was said with it
            yield "add", f"permit:{who.permit}", -1
        if (lane := lane_held_at(presence.facts.get(held))) and hangs_elsewhere(lane, who.own_lanes):
            yield "set", f"transfer:{who.contractor_pass}", [lane, since, who.lane]
    names = dict.fromkeys(filter(None, (who.subject, who.vehicle_id))) if who.destination == OUTSIDE else ()  # for the trip
    for name in (f"{mark}:{name}" for mark in ("loading", "cleared") for name in names):
        if name in presence.facts:
            yield "drop", name, None


def lane_held_at(held: object) -> str:
    """Return the lane that a fact `held:` tells of, "" where it tells of none."""
    match held:
        case [str(lane), int(), *_]:
            return lane
    return ""


def hangs_elsewhere(lane: str, own_lanes: frozenset[str]) -> bool:
    """Tell whether a duplicate that was handed in at this lane hangs at another gate's post: where ours are known, surely."""
    return bool(own_lanes) and lane not in own_lanes


def _zone_in(where: object) -> str | None:
    """Return the zone that a fact `at:` tells of, None where there is no such fact: nobody has seen who it is about."""
    match where:
        case [str(zone), int(), *_]:
            return zone
    return None
