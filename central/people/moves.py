"""Moves in and out: the residency, the person, and what the person holds, changed as one."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from central.cards.services import cards
from central.errors import RegistryError
from central.people import repository
from central.people.residencies import LivesAs, ResidencyShown, ResidencyWanted, check_order, residencies
from central.people.schemas import PersonShown
from central.people.services import check_namesake, persons
from central.people.tables import Residency
from central.records.repository import get
from central.records.schemas import Line, Moment, Name, Wanted
from central.records.services import Records
from central.records.turns import take_turn
from central.registry import Work
from central.tables import Card, Person, Vehicle
from central.vehicles.services import vehicles

# What living in a unit makes of a person; staff, for one, stay what they are.
CATEGORIES = {"owner": "resident", "tenant": "tenant", "family": "family"}
LIVES_AS: dict[str, LivesAs] = {"resident": "owner", "tenant": "tenant", "family": "family"}
GONE = ("returned", "expired")
# By what is to become of vehicles and cards: their new status, and which of them get it.
CREDENTIALS = {"end": ("revoked", ("active", "frozen")), "freeze": ("frozen", ("active",)), "keep": ("", ())}


class MoveIn(Wanted):
    """Somebody has moved into a unit, now or at `moved_in`."""

    unit: Name
    relation: LivesAs
    moved_in: Moment | None = None
    reason: Line = ""


class MoveOut(Wanted):
    """Somebody has moved out, now or at `moved_out`; `unit` is needed of who lives in several, `slip` numbers the move-out slip.

    `status` and `credentials` say what becomes of the person, and of vehicles and cards: ended, frozen, or kept as they are.
    Who still lives in another unit keeps both.
    """

    reason: Name
    unit: Line = ""
    moved_out: Moment | None = None
    slip: Line = ""
    status: Literal["returned", "frozen", "active"] = "returned"
    credentials: Literal["end", "freeze", "keep"] = "end"


class Left(BaseModel):
    """What somebody who has left still has here: no move ends it by itself."""

    spaces: tuple[UUID, ...] = ()
    parking_permits: tuple[UUID, ...] = ()
    keys: tuple[UUID, ...] = ()
    documents: tuple[UUID, ...] = ()
    visits: tuple[UUID, ...] = ()


class Moved(PersonShown):
    """A person after a move, the residency that began or ended, and which vehicles and cards were changed with it.

    `left`: what the person who has left for good still has: parking spaces, lent keys, papers, visitors to come.
    """

    residency: ResidencyShown
    vehicles: tuple[UUID, ...] = ()
    cards: tuple[UUID, ...] = ()
    left: Left = Left()


def move_in(work: Work, person_id: UUID, wanted: MoveIn, seen: int | None = None) -> Moved:
    """Let a person live in a unit; who had left becomes active again, who was frozen stays so. RegistryError 404, 409, 422."""
    if wanted.moved_in is not None and wanted.moved_in > work.at:
        raise RegistryError("a move in is written down when it has happened", 422, "moved_in")
    work = _because(work, wanted.reason)
    person = get(work, Person, person_id, changing=True)
    persons.check_seen(work, person, seen)
    _note_former_home(work, person, wanted.unit)
    facts = wanted.model_dump() | {"moved_in": wanted.moved_in or work.at}
    begun = residencies.create(work, ResidencyWanted(site=person.site_id, person=person.id, **facts))
    _check_no_namesake(work, person, wanted.unit)
    shown = persons.amend(work, person, partial(_settle, person, begun))
    return Moved(**shown.model_dump(), residency=begun)


def move_out(work: Work, person_id: UUID, wanted: MoveOut, seen: int | None = None) -> Moved:
    """End a residency, and with the last one what the person may do. RegistryError 404, 409, 422."""
    if wanted.moved_out is not None and wanted.moved_out > work.at:
        raise RegistryError("a move out is written down when it has happened", 422, "moved_out")
    work = _because(work, wanted.reason)
    take_turn(work.session, get(work, Person, person_id).site_id)
    held_vehicles = repository.held_by(work.session, Vehicle, person_id)
    held_cards = repository.held_by(work.session, Card, person_id)
    person = get(work, Person, person_id, changing=True)
    persons.check_seen(work, person, seen)
    ended = _end(work, person, wanted)
    left = repository.homes(work.session, person.id)
    if left:
        _check_no_namesake(work, person, left[-1].unit)
        shown = persons.amend(work, person, partial(_settle, person, ResidencyShown.model_validate(left[-1])))
        return Moved(**shown.model_dump(), residency=ended)
    changed_vehicles = _set_aside(work, vehicles, held_vehicles, wanted.credentials)
    changed_cards = _set_aside(work, cards, held_cards, wanted.credentials)
    shown = persons.amend(work, person, partial(setattr, person, "status", wanted.status))
    changed = {"vehicles": changed_vehicles, "cards": changed_cards}
    return Moved(**shown.model_dump(), residency=ended, left=_left(work, person), **changed)


def _left(work: Work, person: Person) -> Left:
    """Look up what a person who has left still has."""
    session = work.session
    return Left(
        spaces=repository.spaces_of(session, person.id),
        documents=repository.documents_of(session, person),
        **repository.left_open(session, person),
    )


def _because(work: Work, reason: str) -> Work:
    """Return the work with the reason for all that it changes; one given beside the request stands where there is none."""
    return replace(work, actor=replace(work.actor, reason=reason or work.actor.reason))


def _settle(person: Person, home: ResidencyShown) -> None:
    person.unit, person.relation = home.unit, home.relation
    if person.category in LIVES_AS:
        person.category = CATEGORIES[home.relation]
    if person.status in GONE:
        person.status = "active"


def _check_no_namesake(work: Work, person: Person, unit: str) -> None:
    """Raise RegistryError 409 where another person of the same name is registered in this unit, and no staff number differs."""
    if not person.staff_number and person.unit != unit:
        key = {"name": person.name, "unit": unit, "namesake": person.namesake, "staff_number": ""}
        check_namesake(work, person.site_id, key, person.id, "unit")


def _note_former_home(work: Work, person: Person, unit: str) -> None:
    """Write down where the person lives by the person's own record, before that names the new unit."""
    if person.unit in ("", unit) or person.category not in LIVES_AS or person.status in GONE:
        return
    if not repository.has_lived_in(work.session, person.id, person.unit):
        residencies.create(work, _unwritten(person))


def _unwritten(person: Person) -> ResidencyWanted:
    relation: Any = person.relation or LIVES_AS.get(person.category, "family")
    return ResidencyWanted(site=person.site_id, person=person.id, unit=person.unit, relation=relation)


def _end(work: Work, person: Person, wanted: MoveOut) -> ResidencyShown:
    """End the residency that is meant; of who was registered before moves were written down, write it down as ended."""
    facts: dict[str, Any] = {"moved_out": wanted.moved_out or work.at, "slip": wanted.slip, "reason": wanted.reason}
    homes = [home for home in repository.homes(work.session, person.id) if wanted.unit in ("", home.unit)]
    if len(homes) > 1:
        raise RegistryError("the person lives in several units: say which", 422, "unit")
    if homes:
        check_order(homes[0].moved_in, facts["moved_out"])
        return residencies.amend(work, homes[0], partial(_set, homes[0], facts))
    if person.unit and wanted.unit in ("", person.unit) and not repository.has_lived_in(work.session, person.id, person.unit):
        return residencies.create(work, _unwritten(person).model_copy(update=facts))
    raise RegistryError("the person does not live there", 409, "unit")


def _set(row: Residency, facts: dict[str, Any]) -> None:
    for name, value in facts.items():
        setattr(row, name, value)


def _set_aside(work: Work, records: Records[Any, Any, Any], held: Sequence[Vehicle | Card], what: str) -> tuple[UUID, ...]:
    """Give those of the vehicles or cards that it concerns their new status; return which."""
    status, concerned = CREDENTIALS[what]
    changed = [row for row in held if row.status in concerned]
    for row in changed:
        if isinstance(row, Card):
            cards.set_aside(work, row, status)
        else:
            records.amend(work, row, partial(setattr, row, "status", status))
    return tuple(row.id for row in changed)
