"""What a search of the log means in SQL: ranges of indexes, newest first, paged by (time, id), never by offset.

Each filter names one or more columns and the values that fit. The most telling one leads: for each of its values the newest
entries are read from an index, a page of them, whatever else they must fit; of those the newest are kept. So no search reads more
than a page for each value, but where what else is asked for is rare.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import nlargest, nsmallest
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Tuple,
    Uuid,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from central.errors import RegistryError
from central.log import plates
from central.log.cards import card_forms
from central.log.patterns import Pattern, pattern_of
from central.log.schemas import Search
from central.people.tables import Company
from central.registry import Work
from central.tables import LOGGED, JournalEntry, Person, Picture, Site
from central.workflows.tables import WorkflowKey, WorkflowRecord

PERSONS_MAX: Final = 200
RECORDS_MAX: Final = 200
# Of more plates than these it is quicker to look through the newest entries: many of them fit.
PLATES_MAX: Final = 500
# SQLite is asked for each of so many values by itself; of more, their entries are sorted.
ONE_BY_ONE_MAX: Final = 60
_row = JournalEntry
# The workflows whose numbers people have in their hands.
_NUMBERED: Final = ("visit", "contractor_pass", "release_slip", "permit")
# What workflows call a company.
_FIRMS: Final = ("firm", "company")
_KINDS: Final = ("guard", "lane", "observation", "pass", "slip", "visit", "vehicle")
Key = tuple[int, UUID]
Conditions = tuple[ColumnElement[bool], ...]
# As it stands in the indexes.
# Of no type: SQLite has no booleans, and to "... = 1" no index answers.
_LOGGED: Final[ColumnElement[Any]] = literal_column(LOGGED)


class Values(NamedTuple):
    """What a column may be."""

    column: InstrumentedAttribute[Any]
    values: Sequence[Any]


# Ways to fit, one of which is enough.
Ways = Sequence[Values]


def find(work: Work, wanted: Search, limit: int) -> list[Key]:
    """Return time and id of up to `limit` entries: the newest below `older`, or those directly above `newer`."""
    filters = list(_filters(work, wanted))
    ways, *others = filters
    conditions = (*_conditions(work, wanted), *(_any_of(each) for each in others))
    upwards = wanted.newer is not None
    found: set[Key] = set()
    for values in ways:
        found.update(_newest(work, values, conditions, limit, upwards=upwards))
    return nsmallest(limit, found) if upwards else nlargest(limit, found)


def _any_of(ways: Ways) -> ColumnElement[bool]:
    return or_(*(way.column == way.values[0] if len(way.values) == 1 else way.column.in_(way.values) for way in ways))


# --- filters, the most telling first --------------------------------------------------------------


def _filters(work: Work, wanted: Search) -> Iterator[Ways]:
    if wanted.number:
        yield [Values(_row.record_id, _records_numbered(work, wanted.number))]
    if wanted.card:
        forms = card_forms(wanted.card)
        yield [Values(_row.card, sorted(forms.whole)), Values(_row.card_low, sorted(forms.low))]
    if wanted.plate and (known := _known_plates(work, wanted)) is not None:
        yield [Values(_row.plate, known)]
    if wanted.person:
        yield [Values(_row.person_id, _persons(work, wanted.person))]
    if wanted.unit:
        yield _of_unit(work, wanted.unit.strip())
    if wanted.company:
        yield _of_company(work, wanted.company.strip())
    if wanted.guard:
        yield [Values(_row.guard, [wanted.guard.strip()])]
    if wanted.lane:
        yield [Values(_row.lane_id, wanted.lane)]
    if wanted.gate:
        yield [Values(_row.gate_id, wanted.gate)]
    yield [Values(_row.site_id, sites_in_sight(work, wanted.site))]


def sites_in_sight(work: Work, site: UUID | None) -> Sequence[UUID]:
    """Return the sites to search: the one that is named, if the actor sees it; else the actor's, or all."""
    one = site or work.actor.site
    if one is None:
        return work.session.scalars(select(Site.id)).all()
    return [one] if work.actor.sees(one) else []


def _pattern(wanted: Search) -> Pattern:
    return pattern_of(wanted.plate, wanted.plate_match, alike=wanted.alike)


def _known_plates(work: Work, wanted: Search) -> Sequence[str] | None:
    pattern = _pattern(wanted)
    if pattern.exact is not None:
        return [pattern.exact]
    return plates.fitting(work.session, sites_in_sight(work, wanted.site), pattern, PLATES_MAX)


def _persons(work: Work, typed: str) -> Sequence[UUID]:
    """Find by id, by part of the name, or by unit; RegistryError 422 where so many fit that some would be left out unseen."""
    try:
        return [UUID(typed)]
    except ValueError:
        named = or_(Person.name.contains(typed.strip(), autoescape=True), Person.unit == typed.strip())
        return _people(work, named, "person")


def _people(work: Work, which: ColumnElement[bool], field: str) -> Sequence[UUID]:
    query = select(Person.id).where(which, Person.site_id.in_(sites_in_sight(work, None))).limit(PERSONS_MAX + 1)
    found = work.session.scalars(query).all()
    if len(found) > PERSONS_MAX:
        raise RegistryError("more than {most} persons fit: type more of the name", 422, field, most=PERSONS_MAX)
    return found


def _of_unit(work: Work, unit: str) -> Ways:
    """Find by who lives or works there, and by visits, passes and slips of the unit."""
    people = _people(work, Person.unit == unit, "unit")
    return [Values(_row.person_id, people), Values(_row.record_id, _records_keyed(work, ["unit"], [unit]))]


def _of_company(work: Work, typed: str) -> Ways:
    """Find by the staff of companies whose name has this in it, and by what names the firm."""
    query = select(Company.id, Company.name).where(
        Company.name.contains(typed, autoescape=True), Company.site_id.in_(sites_in_sight(work, None))
    )
    companies = work.session.execute(query.limit(PERSONS_MAX)).all()
    people = _people(work, Person.company_id.in_([one.id for one in companies]), "company")
    names = [typed, *(one.name for one in companies)]
    return [Values(_row.person_id, people), Values(_row.record_id, _records_keyed(work, _FIRMS, names))]


def _records_keyed(work: Work, names: Sequence[str], values: Sequence[str]) -> Sequence[UUID]:
    sites = sites_in_sight(work, None)
    query = select(WorkflowKey.record_id).where(
        WorkflowKey.site_id.in_(sites), WorkflowKey.name.in_(names), WorkflowKey.value.in_(values)
    )
    return work.session.scalars(query.order_by(WorkflowKey.record_id.desc()).limit(RECORDS_MAX)).all()


def _records_numbered(work: Work, number: str) -> Sequence[UUID]:
    row = WorkflowRecord
    of = (row.site_id.in_(sites_in_sight(work, None)), row.workflow.in_(_NUMBERED), row.number == number.strip())
    return work.session.scalars(select(row.id).where(*of).limit(RECORDS_MAX)).all()


# --- what else must fit ---------------------------------------------------------------------------


def _conditions(work: Work, wanted: Search) -> Conditions:
    return (_LOGGED, *_time(wanted), *_sort(wanted), *_further(work, wanted))


def _time(wanted: Search) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield _row.at_us >= round(wanted.since.timestamp() * 1_000_000)
    if wanted.until is not None:
        yield _row.at_us < round(wanted.until.timestamp() * 1_000_000)
    position = tuple_(_row.at_us, _row.id)
    if wanted.newer is not None:
        yield position > _cursor(wanted.newer)
    elif wanted.older is not None:
        yield position < _cursor(wanted.older)


def _sort(wanted: Search) -> Iterator[ColumnElement[bool]]:
    if wanted.outcome in _KINDS:
        yield _row.kind == wanted.outcome
    elif wanted.outcome is not None:
        yield _row.outcome == wanted.outcome
    elif not wanted.reason and not wanted.guard:
        yield _row.kind != "guard"  # what a guard did shows in the decision that it led to
    if wanted.reason:
        yield _row.reason == wanted.reason
    if wanted.category:
        yield _row.category == wanted.category


def _further(work: Work, wanted: Search) -> Iterator[ColumnElement[bool]]:
    if wanted.plate and _pattern(wanted).exact is None:
        yield plates.fits(work.session, _row.plate, _pattern(wanted))
    if wanted.evidence is not None:
        kept = exists().where(Picture.edge_id == _row.edge_id, Picture.capture == _row.capture)
        yield kept if wanted.evidence == "with" else _row.capture.is_not(None) & ~kept


def _cursor(cursor: str) -> Tuple:
    at_us, _, entry_id = cursor.partition("-")
    return tuple_(literal(int(at_us)), literal(UUID(entry_id), Uuid()))


# --- the newest of several values -----------------------------------------------------------------


def _newest(work: Work, way: Values, conditions: Conditions, limit: int, *, upwards: bool) -> Iterable[Key]:
    if not way.values:
        return []
    order = (_row.at_us, _row.id) if upwards else (_row.at_us.desc(), _row.id.desc())
    base: Any = select(_row.at_us, _row.id).where(*conditions).order_by(*order).limit(limit)
    if len(way.values) == 1:
        query = base.where(way.column == way.values[0])
    elif work.session.get_bind().dialect.name == "postgresql":
        query = _each(base, way)
    elif len(way.values) <= ONE_BY_ONE_MAX:
        query = _one_by_one(base, way.column, way.values)
    else:
        query = base.where(way.column.in_(way.values))
    return [(at_us, identity) for at_us, identity in work.session.execute(query)]


def _each(base: Any, way: Values) -> Any:
    """PostgreSQL would else walk through all entries by time, and compare."""
    values = literal(list(way.values), ARRAY(way.column.type))
    wanted = func.unnest(values).table_valued(column("value", way.column.type), name="wanted").render_derived()
    newest = base.where(way.column == wanted.c.value).lateral("newest")
    return select(newest.c.at_us, newest.c.id).select_from(wanted).join(newest, true())


def _one_by_one(base: Any, leading: InstrumentedAttribute[Any], values: Collection[Any]) -> Any:
    each = [base.where(leading == value).subquery() for value in values]
    return union_all(*(select(one.c.at_us, one.c.id) for one in each))
