"""The event of a workflow that a guard's act stands for, checked as what the office sends is."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, get_type_hints
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import select

from access.workflows.events import Event
from access.workflows.incident import LogEntry
from central.booth.errors import NotTakenError
from central.booth.reading import Act
from central.cards.custody import number_on
from central.places.tables import Post
from central.registry import Work
from central.tables import Card, Gate
from central.vehicles.schemas import ToldPlate
from central.workflows.shapes import body_of

CAPTURE: Final = "capture:"
# Parts of events in which what tells a person stands too.
_PARTS: Final = ("terms", "entry")
# So is the end of a window written that nobody has set.
_NEVER: Final = "0001-"
LINE_MAX: Final = 200
_plate: TypeAdapter[str] = TypeAdapter(ToldPlate)


def event_facts(work: Work, act: Act, declared: type[Event]) -> dict[str, Any]:
    """Return the fields of the event; pydantic.ValidationError for what is none, NotTakenError for what is not the site's."""
    assert act.told is not None, "nonsense is no event"
    names = {each.name for each in dataclasses.fields(declared)}
    facts = {name: value for name, value in {**act.told.values, **act.details}.items() if name in names}
    for part in names.intersection(_PARTS):
        facts[part] = _part(facts.get(part), act, get_type_hints(declared)[part])
    if "reason" in names:
        facts.setdefault("reason", act.told.words)
    if "gate" in names:
        facts["gate"] = gate_slug(work, act)
    if facts.get("only_gate"):
        facts["only_gate"] = gate_slug(work, act)
    if "post" in facts:
        facts["post"] = post_here(work, act, str(facts["post"]))
    if "card" in facts:
        facts["card"] = _card_called(work, str(facts["card"]))
    checked: dict[str, Any] = body_of(declared).model_validate(facts).model_dump(exclude_unset=True)
    if "terms" in checked:
        checked["terms"] = _by_our_clock(checked["terms"], act.at - work.at)
    return checked


def _part(given: Any, act: Act, declared: Any) -> dict[str, Any]:
    assert act.told is not None, "nonsense has no parts"
    names = {each.name for each in dataclasses.fields(declared)}
    if not isinstance(given, Mapping | None):
        raise ValueError("no part of an event")  # noqa: TRY004 # as all that is nonsense
    known = dict(given or {})
    part = {**known, **{name: value for name, value in act.details.items() if name in names}}
    part = {name: value for name, value in part.items() if not str(value).startswith(_NEVER)}
    if declared is LogEntry:
        part.setdefault("text", act.told.words)
        part["pictures"] = (*part.get("pictures", ()), *pictures(act))
    else:
        part = {name: _short(value) for name, value in part.items()}
    if isinstance(part.get("plates"), list):
        part["plates"] = list(_plates(part["plates"]))
    if isinstance(part.get("category"), str):
        part["category"] = {"code": part["category"]}
    return part


def _by_our_clock(terms: dict[str, Any], ahead: timedelta) -> dict[str, Any]:
    """Return terms whose times go with the act's where the gate's clock is ahead of ours: they were reckoned from it."""
    if ahead <= timedelta():
        return terms
    return {name: value - ahead if isinstance(value, datetime) else value for name, value in terms.items()}


def _short(value: Any) -> Any:
    """Return a value with texts as long as the office's own."""
    match value:
        case str():
            return value[:LINE_MAX]
        case Mapping():
            return {name: _short(one) for name, one in value.items()}
        case list():
            return [_short(one) for one in value]
    return value


def _plates(given: Iterable[Any]) -> Iterator[str]:
    """Yield plates in their normal form; what can be none is left out: somebody came in all the same."""
    for one in given:
        with suppress(ValueError):
            yield _plate.validate_python(one)


def pictures(act: Act) -> tuple[str, ...]:
    """Return references to the picture that was taken with an act."""
    return (f"{CAPTURE}{act.told.capture}",) if act.told and act.told.capture else ()


def gate_slug(work: Work, act: Act) -> str:
    """Return the slug of the gate that an act was done at, whatever it says itself."""
    return work.session.get_one(Gate, act.gate).slug


def post_here(work: Work, act: Act, named: str) -> str:
    """Return a post of the site that is named by id or name; where it is none, that of the gate which the act was done at.

    Where that gate has none on record, it is what the guard called it, or as the gate is called.
    """
    rows = work.session.execute(select(Post.id, Post.name, Post.gate_id).where(Post.site_id == work.actor.site)).all()
    if any(named in (str(row.id), row.name) for row in rows):
        return named
    here = next((name for _, name, gate in sorted(rows, key=lambda row: row.name) if gate == act.gate), named)
    return here or work.session.get_one(Gate, act.gate).name


def _card_called(work: Work, named: str) -> str:
    """Return what guards call a card by that is named by its id."""
    try:
        card = work.session.get(Card, UUID(named))
    except ValueError:
        return named
    if card is None or card.site_id != work.actor.site:
        raise NotTakenError("card_unknown")
    return card.printed or number_on(card)
