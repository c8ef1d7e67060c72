"""Reveals: masked values in full, for a purpose, written down in the same transaction before they are told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from central.actors import REGISTRY
from central.errors import RegistryError
from central.flows import FLOWS
from central.kinds import KINDS
from central.log import services as log
from central.log.schemas import EntryShown
from central.looks import repository
from central.looks.schemas import ENTRIES, Revealed, RevealWanted
from central.looks.services import US, At, at_record, looked
from central.masking.kinds import Personal, Sight
from central.masking.walk import personal_values
from central.records.offers import OFFERS
from central.registry import Work
from central.users.rights import RIGHTS, Area

# How many reveals one user has in how long: a look at each of a day's open questions, not at everybody.
PACE: Final = ((timedelta(minutes=10), 30), (timedelta(days=1), 200))
Found = dict[str, tuple[Personal, Any]]


def reveal(work: Work, wanted: RevealWanted) -> Revealed:
    """Tell the fields that are wanted in full; RegistryError 403, 404, 422, and 429 where it was done too often."""
    _check_right(work, wanted.kind)
    _check_pace(work)
    # The registry sees all of what the actor's site has.
    whole = replace(work, actor=replace(work.actor, role=REGISTRY.role))
    found, at = _entry(whole, wanted.id) if wanted.kind == ENTRIES else _record(whole, wanted.kind, wanted.id)
    sight = Sight(work.actor.role)
    for field in wanted.fields:
        if field not in found:
            raise RegistryError("nothing is masked in {name} of this", 422, "fields", name=field)
        if sight.level(found[field][0]) not in ("full", "reveal"):
            raise RegistryError("the role {role} may not do this", 403, "fields", role=work.actor.role)
    look = looked(work, "reveal", at, fields=wanted.fields, purpose=wanted.purpose)
    return Revealed(id=look, at=work.at, values={field: to_jsonable_python(found[field][1]) for field in wanted.fields})


def _check_right(work: Work, kind: str) -> None:
    """Raise RegistryError 422 for no such kind, 403 for one whose records the actor may not read."""
    area: Area | None = "log" if kind == ENTRIES else OFFERS[kind].area if kind in OFFERS else None
    if area is None:
        raise RegistryError("there is no such kind of record", 422, "kind")
    if work.actor.role not in RIGHTS[area].read:
        raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)


def _check_pace(work: Work) -> None:
    longest = max(span for span, _ in PACE)
    times = repository.reveals_since(work, str(work.actor.person or work.actor.name), work.at - longest)
    now_us = int(work.at.timestamp() * US)
    for span, most in PACE:
        span_us = int(span.total_seconds() * US)
        recent = [at for at in times if at > now_us - span_us]
        if len(recent) >= most:
            wait_s = max(1, -(-(recent[-most] + span_us - now_us) // US))
            raise RegistryError("asked too often: wait a little", 429, retry_after_s=wait_s)


def _record(whole: Work, kind: str, record_id: UUID) -> tuple[Found, At]:
    known: tuple[Any, ...] = (*KINDS, *FLOWS)
    kept = next((each for each in known if each.kind == kind), None)
    if kept is None:
        raise RegistryError("there is no such kind of record", 422, "kind")
    shown = kept.get(whole, record_id)
    found = {path: (mark, _as_shown(shown, path, value)) for path, mark, value in personal_values(shown)}
    return found, at_record(kind, shown)


def _entry(whole: Work, entry_id: UUID) -> tuple[Found, At]:
    shown = log.show_entry(whole, entry_id)
    found = {path: (mark, value) for path, mark, value in personal_values(shown)}
    # What was written down of an entry names people and plates alike.
    found |= {name: (Personal("name"), value) for name, value in _told(shown)}
    plate = shown.row.credential if shown.row.medium == "plate" else ""
    return found, At(ENTRIES, entry_id, shown.row.site, shown.row.person, plate)


def _told(shown: EntryShown) -> Iterator[tuple[str, Any]]:
    yield "sentence", shown.row.sentence
    yield "fields", shown.fields


def _as_shown(shown: BaseModel, path: str, value: Any) -> Any:
    """Return bytes as the shape writes them, all others as they are."""
    if not isinstance(value, bytes):
        return value
    written: Any = shown.model_dump(mode="json")
    for name in path.split("."):
        written = written[name]
    return written
