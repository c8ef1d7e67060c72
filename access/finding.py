"""What a presentation means at a lane: what is on record, what is inside, and what the lane opens on though it is inexact."""

from collections.abc import Callable
from dataclasses import replace

from access.case import Presented
from access.matching import Candidate, Match, PlateReading, favoured, match, rank, with_holders
from access.on_record import Credential, LaneRules
from access.presence import Known
from access.snapshot import Snapshot


def find(presented: Presented, lane: LaneRules, snapshot: Snapshot, known: Known) -> tuple[Match, Candidate | None]:
    """Return the match, and the candidate that was taken for the plate (None: none was, as by default)."""
    if presented.medium != "plate":
        return match(presented.medium, presented.raw, presented.text, presented.bits, snapshot), None
    found = match(
        presented.medium,
        presented.raw,
        presented.text,
        presented.bits,
        snapshot,
        confidence=presented.confidence,
        characters=presented.characters,
        colour=presented.colour,
        vehicle_class=presented.vehicle_class,
        direction=presented.direction,
        inside=_inside(known),
        unregistered=lambda: guests(presented, snapshot, known),
    )
    taken = _taken(presented, lane, found)
    return (replace(found, exact=(taken.credential,), candidates=()), taken) if taken else (found, None)


def _inside(known: Known) -> Callable[[Credential], bool | None]:
    def inside(credential: Credential) -> bool | None:
        where = known.whereabouts(str(credential.id))
        return None if where is None else bool(where.zone)

    return inside


def guests(presented: Presented, snapshot: Snapshot, known: Known) -> tuple[Credential, ...]:
    """Return the unregistered vehicles inside that a plate at the exit may be."""
    if presented.direction != "out":
        return ()
    alike = ((subject, plate) for subject, plate, _ in known.inside_alike(presented.text))
    guests = ((plate, snapshot.pseudonym(plate)) for subject, plate in alike if subject == str(snapshot.pseudonym(plate)))
    return tuple(Credential(name, "plate", plate, "active", "", None, None, None) for plate, name in guests)


def nearest(presented: Presented, snapshot: Snapshot, known: Known) -> tuple[Candidate, ...]:
    """Return who is inside, on record or not, that a plate at the exit may be instead of the one it equals; likeliest first."""
    if presented.medium != "plate" or presented.direction != "out":
        return ()
    inside = _inside(known)
    registered = (other for other in snapshot.neighbours(presented.text) if inside(other))
    read = PlateReading(presented.text, presented.characters, presented.colour, presented.vehicle_class, presented.direction)
    return with_holders(rank(read, (*registered, *guests(presented, snapshot, known)), inside), snapshot)


def _taken(presented: Presented, lane: LaneRules, found: Match) -> Candidate | None:
    """Return the one candidate that an exit opens on, where the site wants that for its holder's category.

    Never one that is not in use: what the plate really was is no reason to send away whoever is there.
    """
    if found.exact or not lane.inexact or presented.direction != "out" or found.near_block or found.block:
        return None
    candidate = favoured(found.candidates, presented.characters)
    if candidate is None or candidate.credential.person is None:
        return None
    person = candidate.credential.person
    in_use = candidate.credential.status == person.status == "active"
    return candidate if in_use and person.category in lane.inexact else None
