"""From what is wanted of records to what gates would be told; and the same done in earnest, and taken back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from central.access_rules import audience, stream
from central.access_rules.direct import writing_rules
from central.access_rules.services import blocks, levels, schedules, special_days
from central.access_rules.stream import Gathered
from central.errors import RegistryError
from central.places.services import zones
from central.records.offers import OFFERS
from central.records.repository import of_site
from central.records.schemas import OfSiteShown, OfSiteWanted
from central.records.services import Records
from central.registry import Work
from central.rules_changes.draft import Draft
from central.rules_changes.schemas import RecordChange, RecordChangeWanted
from central.sites.services import lanes
from central.spaces.services import quotas
from central.tables import Site
from central.users.rights import RIGHTS, Right

DRAFTED: Mapping[str, Records[Any, Any, Any]] = {
    records.kind: records for records in (schedules, special_days, levels, zones, quotas, lanes, blocks)
}
OF_THE_RECORD = frozenset({"", "id", "If-Match"})


@dataclass(frozen=True, slots=True)
class Drafted:
    """The records of a draft as they are and as they are to be, and what gates would be told."""

    changes: Sequence[RecordChange]
    draft: Draft


def drafted(work: Work, site: Site, wanted: Sequence[RecordChangeWanted], known: frozenset[UUID] = frozenset()) -> Drafted:
    """Return what a draft is, by doing it and taking it back; `known`: ids that it has given to new records before.

    RequestValidationError and RegistryError 422 and 409 name the change that cannot be, and its field; 403 one that is of an area
    that the author may not write in.
    """
    twice = {one.id for one in wanted if one.id is not None}
    if len(twice) < sum(one.id is not None for one in wanted):
        raise RegistryError("the draft changes one record twice", 422, "changes")
    with stream.gathering(work.session) as gathered, writing_rules(work.session), work.session.begin_nested() as tried:
        changes = [_drafted(work, site, index, one, known) for index, one in enumerate(wanted)]
        tried.rollback()
    audience.levels_changed(work.session)
    draft = _draft(gathered)
    if not (draft.records or draft.gone):
        raise RegistryError("gates would hear nothing of this draft: there is nothing to try or to publish", 422, "changes")
    return Drafted(changes, draft)


def done(work: Work, site: Site, changes: Sequence[RecordChange]) -> tuple[Sequence[RecordChange], int]:
    """Do what is drafted, told to gates as one revision; returns the changes as published, and the revision (0: no news).

    RegistryError 409 with the difference where a record is not as it was.
    """
    with stream.gathering(work.session) as gathered, writing_rules(work.session):
        published = [_done(work, index, change) for index, change in enumerate(changes)]
    before, after = tuple(gathered.before.values()), tuple(gathered.after.values())
    revision = stream.publish(work.session, site, before=before, after=after, depending=gathered.depending)
    return published, revision


def may_see(role: str, kind: str) -> bool:
    """Tell whether this role may read records of this kind where they lie, and so in a draft."""
    return role in _right(kind).read


def undoing(changes: Sequence[RecordChange]) -> Sequence[RecordChange]:
    """Return the changes that bring back what published ones have replaced: the last first."""
    return [
        change.model_copy(
            update={
                "version": 0 if change.wanted is None else change.published,
                "wanted": change.replaces,
                "replaces": change.wanted,
            }
        )
        for change in reversed(changes)
    ]


def _drafted(work: Work, site: Site, index: int, one: RecordChangeWanted, known: frozenset[UUID]) -> RecordChange:
    records = DRAFTED[one.kind]
    if work.actor.role not in _right(one.kind).write or not work.actor.reaches(OFFERS[one.kind].area, writes=True):
        raise RegistryError("the role {role} may not do this", 403, f"changes.{index}.kind", role=work.actor.role)
    form = None if one.wanted is None else _form(records, site, index, one.wanted)
    with _named(index, {404: 422}):
        if form is not None and form.site != site.id:
            raise RegistryError("a record cannot move to another site", 422, "site")
        if one.id is None or (one.id in known and form is not None):
            version, replaces = 0, None
        else:
            row = of_site(work.session, records.table, one.id, site.id, "id")
            version, replaces = row.version, _form_of(records, records.show(work, row))
        wanted = None if form is None else form.model_dump(mode="json")
        change = RecordChange(kind=one.kind, id=one.id or work.new_id(), version=version, wanted=wanted, replaces=replaces)
        _do(work, change)
    return change


def _right(kind: str) -> Right:
    return RIGHTS[OFFERS[kind].area]


def _done(work: Work, index: int, change: RecordChange) -> RecordChange:
    # What the draft refers to may have gone since: that is no fault of who publishes it.
    with _named(index, {404: 409, 422: 409}):
        return change.model_copy(update={"published": _do(work, change)})


def _do(work: Work, change: RecordChange) -> int:
    """Make one record what is wanted; returns the version that it gets."""
    records = DRAFTED[change.kind]
    if change.wanted is None:
        records.delete(work, change.id, change.version)
        return change.version + 1
    wanted = records.wanted.model_validate(change.wanted)
    if change.version:
        return int(records.change(work, change.id, wanted, change.version).version)
    # One that comes back goes on counting: nobody takes it for what it was before.
    return int(records.create(work, wanted, change.id, change.published + 1).version)


def _form(records: Records[Any, Any, Any], site: Site, index: int, wanted: Mapping[str, Any]) -> OfSiteWanted:
    try:
        form: OfSiteWanted = records.wanted.model_validate({"site": site.id, **wanted})
    except ValidationError as error:
        place = ("body", "changes", index, "wanted")
        faults = [{**fault, "loc": (*place, *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error
    return form


def _form_of(records: Records[Any, Any, Any], shown: OfSiteShown) -> dict[str, Any]:
    """Return what would make a record what is shown; a reference is called `zone` when it is wanted and `zone_id` when shown."""
    facts = shown.model_dump(mode="json")
    return {name: facts[name] if name in facts else facts[f"{name}_id"] for name in records.wanted.model_fields}


def _draft(gathered: Gathered) -> Draft:
    before = {key: record for key, (record, _) in gathered.before.items()}
    records = tuple(record for key, (record, _) in gathered.after.items() if before.get(key) != record)
    return Draft(records, frozenset(before.keys() - gathered.after.keys()))


@contextmanager
def _named(index: int, instead: Mapping[int, int]) -> Iterator[None]:
    """Let a refusal name the change that it is about, and have the status that it has for who sends the draft."""
    try:
        yield
    except RegistryError as error:
        inner = "" if error.field in OF_THE_RECORD else f".wanted.{error.field}"
        error.field = f"changes.{index}{inner}"
        error.status_code = instead.get(error.status_code, error.status_code)
        raise
