"""More than one person: first-person-in, the two-person rule, escort."""

from uuid import UUID

from access.case import PASSES, Case, Companion, Verdict
from access.obligations import Obligation
from access.on_record import GUESTS, Person

_AWAITED = {"person_awaited": "await_person", "escort_awaited": "await_escort"}


def two_person(case: Case) -> Verdict:
    """Deny until the first person of the day has come in; deny, and wait, until a second person or an escort is there.

    Who leaves alone is noted, not kept in.
    """
    person = case.person
    if person is None:
        return PASSES
    if case.lane.first_person and case.enters and not person.first_person and not _first_is_in(case):
        return Verdict("first_person_missing", saw={"first_person": False})
    if not case.lane.two_person and not person.escorted:
        return _brings(case)
    others = [who for who in map(_holder, case.companions()) if who and who.id != person.id and _is_complete(who, case)]
    missing = _missing(case, person, others)
    saw = {"others": len(others)}
    if missing and not case.enters:  # nobody is kept inside for want of another
        return Verdict(saw=saw, obligations=(Obligation("note_alone"),))
    due = (Obligation(_AWAITED[missing], {"seconds": case.lane.factor_window_s}),) if missing else ()
    return Verdict(missing, {}, saw, due)


def _missing(case: Case, person: Person, others: list[Person]) -> str:
    """Return the reason where another is missing, else ""; a plate tells of a vehicle, not of who sits in it."""
    if case.lane.two_person and len(_shown_by_persons(case)) < 2:
        return "person_awaited"
    return "escort_awaited" if person.escorted and not any(map(may_escort, others)) else ""


def _holder(other: Companion) -> Person | None:
    return other.credential.person


def _shown_by_persons(case: Case) -> set[UUID]:
    mine = [(case.presented.medium, case.person)]
    every = [*mine, *((other.medium, _holder(other)) for other in case.companions())]
    return {who.id for medium, who in every if who and medium != "plate" and _is_complete(who, case)}


def _is_complete(who: Person, case: Case) -> bool:
    """Tell whether somebody showed both of their own factors where a lane asks for two; a plate may be of their household."""
    if case.lane.factors == "any" or case.credential is None:
        return True
    every = [(case.presented.medium, case.credential), *((one.medium, one.credential) for one in case.companions())]
    theirs = [one for _, one in every if one.person and one.person.id == who.id]
    shown = {medium for medium, one in every if one in theirs or (medium == "plate" and any(map(one.belongs_with, theirs)))}
    return shown >= set(case.lane.factors.split("+"))


def may_escort(person: Person) -> bool:
    """Tell whether somebody may bring guests: nobody's guest, and not to be escorted either."""
    return person.category not in GUESTS and not person.escorted


def accompanying(case: Case) -> tuple[Companion, ...]:
    """Return who moves with the holder: an escort's guests, a guest's escort, the other of two persons."""
    mine = case.person
    if not case.companions.found or mine is None or case.lane.factors != "any":  # two factors are both of one who moves
        return ()
    shown = [(one, one.credential.person) for one in case.companions.found if one.medium != "plate"]
    others = {person.id: (one, person) for one, person in shown if person and person.id != mine.id}.values()
    guests = [one for one, person in others if person.escorted and may_escort(mine)]
    escorts = [one for one, person in others if mine.escorted and may_escort(person)]
    second = [one for one, _ in others if case.lane.two_person]
    return tuple({one.credential.id: one for one in (*guests, *escorts[-1:], *second[-1:])}.values())


def _brings(case: Case) -> Verdict:
    """Note whom an escort brings: the guests who presented before and wait for one."""
    if not case.presented.earlier or case.category in GUESTS:
        return PASSES
    guests = [other for other in case.companions() if other.credential.person and other.credential.person.escorted]
    return Verdict(saw={"guests": len(guests)})


def _first_is_in(case: Case) -> bool:
    """Tell whether a first person came in through this lane today, on the site's calendar."""
    since = case.known.moment(f"first:{case.lane.name_in_facts}")
    zone = case.snapshot.zone
    return since is not None and since.astimezone(zone).date() == case.at.astimezone(zone).date()
