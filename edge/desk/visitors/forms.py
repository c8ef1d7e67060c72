"""What the forms of visitors send, and what is missing in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from fastapi import Form
from pydantic import TypeAdapter

from access.contract.booth_records import SettingsAtBooth, UnitAtBooth
from access.plate import normalise
from access.workflows.visit import MEANS, PARTY_MAX, VisitTerms
from edge.desk.visitors import words
from edge.desk.visitors.standing import category_of

TEXT_MAX = 80
PLATE_MIN, PLATE_MAX = 2, 12
TAIL = 4
# For how long a walk-in may stay, in minutes; 0: until the day is over, and not less than two hours.
STAYS = (30, 120, 240, 0)
STAY_USUAL, STAY_LEAST = 120, 120

Text = Annotated[str, Form(max_length=TEXT_MAX)]
Many = Annotated[list[str] | None, Form(max_length=50)]
Request = Annotated[UUID, Form()]


@dataclass(frozen=True, slots=True)
class WalkIn:
    """Somebody who stands at the gate unannounced, as the guard took them down.

    `visit` is the id that the visit will have, `to` the unit or department they want to, `do` what the guard pressed.
    """

    request: Request
    visit: Request
    category: Text = ""
    to: Text = ""
    name: Text = ""
    phone_tail: Text = ""
    company: Text = ""
    purpose: Text = ""
    plate: Text = ""
    people: Text = "1"
    stay: Text = str(STAY_USUAL)
    means: Text = ""
    answered_by: Text = ""
    met: Many = None
    photo: Text = ""
    lane: Text = ""
    passage: Text = ""
    opens: Text = ""
    do: Text = ""
    pick: Text = ""
    why: Annotated[str, Form(max_length=200)] = ""
    pressed: Annotated[float, Form()] = 0.0

    @property
    def wanted(self) -> str:
        """The unit or department, as it was picked or typed last."""
        return " ".join((self.pick or self.to).split())

    def answer(self, request: UUID) -> "Deed":
        """Return the host's answer in it, as the form of a visit that waits for one sends it."""
        return Deed(
            request,
            people=self.people,
            met=self.met,
            means=self.means,
            answered_by=self.answered_by,
            why=self.why,
            lane=self.lane,
            passage=self.passage,
            opens=self.opens,
        )

    @property
    def plates(self) -> tuple[str, ...]:
        """The plate in its normal form, as far as there is one."""
        return (plate,) if (plate := normalise(self.plate)) else ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What a guard does with a visit: `after` and `before` are what the page had seen of it; `code` a signed code alone."""

    request: Request
    after: Text = ""
    before: Text = ""
    people: Text = "1"
    met: Many = None
    means: Text = ""
    answered_by: Text = ""
    card: Text = ""
    lane: Text = ""
    passage: Text = ""
    opens: Text = ""
    photo: Text = ""
    why: Annotated[str, Form(max_length=200)] = ""
    code: Annotated[str, Form(max_length=2000)] = ""
    pressed: Annotated[float, Form()] = 0.0


def number(text: str, most: int = PARTY_MAX) -> int | None:
    """Return a count of people, None where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and 1 <= int(text) <= most else None


def seen(before: str) -> list[int]:
    """Return how many had been let in and were inside as the page saw it; nothing where it does not say."""
    parts = before.split(",")
    return [int(part) for part in parts] if all(part.isdecimal() for part in parts) else []


def of_request(request: UUID, what: str) -> UUID:
    """Return the id of one of several requests that a form makes."""
    return uuid5(request, what)


def faults_of(form: WalkIn, settings: SettingsAtBooth | None) -> dict[str, str]:
    """Return what is missing of a walk-in, by field: words, not translated."""
    found: dict[str, str] = {}
    category = category_of(settings, form.category)
    if not form.category:
        found["category"] = words.CATEGORY_MISSING
    if not form.wanted:
        found["to"] = words.UNIT_MISSING
    if number(form.people) is None:
        found["people"] = words.PEOPLE_WRONG
    if form.plates and not PLATE_MIN <= len(form.plates[0]) <= PLATE_MAX:
        found["plate"] = words.PLATE_WRONG
    if form.phone_tail and not (form.phone_tail.isascii() and form.phone_tail.isdecimal() and len(form.phone_tail) == TAIL):
        found["phone_tail"] = words.TAIL_WRONG
    if form.do == "agreed" and form.means not in MEANS:
        found["means"] = words.MEANS_MISSING
    if form.do == "agreed" and form.category and set(category.obligations) - set(form.met or ()):
        found["met"] = words.OBLIGATIONS_OPEN
    if form.do == "refused" and not form.why.strip():
        found["why"] = words.WHY_MISSING
    return found


def terms_of(form: WalkIn, settings: SettingsAtBooth | None, unit: UnitAtBooth | None, now: datetime, zone: str) -> VisitTerms:
    """Return what a walk-in asks for, without what tells a person; the unit or department answers, whoever speaks for it."""
    wanted = unit.label if unit else form.wanted
    minutes = settings.host_answer_minutes if settings else 10
    return VisitTerms(
        category=category_of(settings, form.category),
        host=wanted,
        host_name=wanted,
        unit=unit.label if unit else "",
        party=number(form.people) or 1,
        valid_from=now,
        valid_until=now + _stay(form.stay, settings, now, zone),
        answer_by=now + timedelta(minutes=minutes),
    )


def _stay(stay: str, settings: SettingsAtBooth | None, now: datetime, zone: str) -> timedelta:
    minutes = int(stay) if stay in map(str, STAYS) else STAY_USUAL
    if not minutes:
        minutes = max(round((day_end(now, zone) - now).total_seconds() / 60), STAY_LEAST)
    return min(timedelta(minutes=minutes), timedelta(hours=settings.visit_hours_max if settings else 72))


def day_end(now: datetime, zone: str) -> datetime:
    """Return when the day is over on the clock of the site."""
    local = now.astimezone(ZoneInfo(zone))
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def details_of(form: WalkIn) -> dict[str, Any]:
    """Return what tells who a walk-in is; of one that gave no name there is none."""
    texts = {name: " ".join(getattr(form, name).split()) for name in ("name", "phone_tail", "company", "purpose", "answered_by")}
    return {name: text for name, text in texts.items() if text} | ({"plates": list(form.plates)} if form.plates else {})


_TERMS: TypeAdapter[VisitTerms] = TypeAdapter(VisitTerms)


def values_of_terms(terms: VisitTerms) -> dict[str, Any]:
    """Return what an entry keeps of what a walk-in asks for."""
    return {"terms": _TERMS.dump_python(terms, mode="json")}
