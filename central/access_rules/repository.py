"""SQL of the rules stream."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, delete, exists, func, literal, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from access.card import CardNumber
from central.records.many import insert_many
from central.tables import Card, Grant, GrantLane, Lane, Person, PersonLevel, RuleChange, RuleMark, Site, Vehicle

# SQLite bounds the parameters of one query; PostgreSQL is given one array, and may look through a whole table for each.
KEYS_PER_QUERY, KEYS_PER_ARRAY = 400, 20_000
# Records that booths show and no decision reads: what they said before is kept no longer.
AT_BOOTHS = "booth_"
# Of a longer card readers deliver so many bytes.
PARTS_DELIVERED = (3, 4)


@dataclass(frozen=True)
class Change:
    """What is to hold of a rule record; no data: it is gone."""

    kind: str
    record_id: UUID
    audience: str
    data: str | None


def revision(session: Session, site_id: UUID) -> int:
    """Return the revision that the site's rules are at."""
    return session.scalars(select(Site.revision).where(Site.id == site_id)).one()


def next_revision(session: Session, site: Site) -> int:
    """Count the site's revision up and return it; on PostgreSQL the row's lock puts publishers in line."""
    counted = update(Site).where(Site.id == site.id).values(revision=Site.revision + 1).returning(Site.revision)
    return session.scalars(counted, execution_options={"synchronize_session": False}).one()


def mark(session: Session, site_id: UUID, revision: int) -> str:
    """Return what stands for all changes up to a revision; empty where that was not kept."""
    found = session.get(RuleMark, (site_id, revision))
    return "" if found is None else found.mark


def append(
    session: Session, site_id: UUID, revision: int, changes: Sequence[Change], fresh: Collection[tuple[str, UUID]] = ()
) -> None:
    """Add changes that begin at a revision; what held of the same records until now ends there; of `fresh` ones nothing did.

    What booths alone were shown is gone then: all gates are told of it, so that nobody asks which of them knew it.
    """
    by_kind: dict[str, list[UUID]] = {}
    for change in changes:
        if (change.kind, change.record_id) not in fresh:
            by_kind.setdefault(change.kind, []).append(change.record_id)
    for kind, record_ids in by_kind.items():
        for some in _in_pieces(session, record_ids):
            those = _living_of(session, site_id, kind, some)
            ending = update(RuleChange).where(those).values(to_revision=revision)
            statement = delete(RuleChange).where(those) if kind.startswith(AT_BOOTHS) else ending
            session.execute(statement, execution_options={"synchronize_session": False})
    rows = [{"site_id": site_id, "from_revision": revision, "to_revision": None, **vars(change)} for change in changes]
    insert_many(session, RuleChange, rows)


def living(session: Session, site_id: UUID, kind: str, record_ids: Sequence[UUID]) -> Iterator[Change]:
    """Yield what holds now of these records and is not gone."""
    asked = select(RuleChange.kind, RuleChange.record_id, RuleChange.audience, RuleChange.data)
    for some in _in_pieces(session, record_ids):
        query = asked.where(_living_of(session, site_id, kind, some), RuleChange.data.is_not(None))
        for row in session.execute(query):
            yield Change(*row)


def gates_opened(session: Session, levels: Sequence[UUID]) -> Sequence[UUID | None]:
    """Return the gates whose lanes these levels open; None for a grant that opens every lane of the site."""
    opened = and_(GrantLane.level_id == Grant.level_id, GrantLane.position == Grant.position)
    query = select(Lane.gate_id).select_from(Grant).outerjoin(GrantLane, opened).outerjoin(Lane, Lane.id == GrantLane.lane_id)
    return session.scalars(query.where(Grant.level_id.in_(levels)).distinct()).all()


def holds_one(levels: Collection[UUID]) -> ColumnElement[bool]:
    """Return the condition that a person holds one of these levels."""
    return Person.id.in_(select(PersonLevel.person_id).where(PersonLevel.level_id.in_(levels)))


def levels_of(session: Session, whose: ColumnElement[bool]) -> Iterator[tuple[UUID, str, UUID | None]]:
    """Yield id, status and level of each person of whom the condition holds: once for each level, or without one."""
    query = select(Person.id, Person.status, PersonLevel.level_id).outerjoin(Person.held).where(whose)
    yield from session.execute(query)


def credentials_of(session: Session, whose: ColumnElement[bool]) -> Iterator[tuple[str, UUID, str, UUID]]:
    """Yield kind, id, status and holder of each vehicle and card of the persons of whom the condition holds."""
    for kind, table in (("vehicle", Vehicle), ("card", Card)):
        query = select(table.id, table.status, Person.id).join(Person, Person.id == table.person_id).where(whose)
        for identity, status, person_id in session.execute(query):
            yield kind, identity, status, person_id


def is_of_card(raw: InstrumentedAttribute[bytes | None], number: CardNumber) -> ColumnElement[bool]:
    """Return the condition that the raw bytes of a card are this number's, or of a form in which one of both is delivered."""
    whole = raw.in_([form.raw for form in number.deliverable()])
    size = len(number.raw)
    if size not in PARTS_DELIVERED:
        return whole
    low = func.substr(raw, func.length(raw) - size + 1)
    return or_(whole, and_(func.length(raw) > size, low.in_([number.raw, number.raw[::-1]])))


def changes(
    session: Session,
    site_id: UUID,
    gate_id: UUID,
    *,
    since: int | None,
    until: int,
    after: tuple[str, UUID] | None,
    limit: int,
) -> Sequence[tuple[RuleChange, bool]]:
    """Return what holds at `until`, by kind and id, and whether the gate is to know it.

    With `since` None: all that it is to know. Else what began after `since`; what it is not to know only if it knew it then.
    """
    known = _told_to(RuleChange, gate_id)
    query = select(RuleChange, known).where(
        RuleChange.site_id == site_id,
        RuleChange.from_revision <= until,
        or_(RuleChange.to_revision.is_(None), RuleChange.to_revision > until),
    )
    if since is None:
        query = query.where(RuleChange.data.is_not(None), known)
    else:
        query = query.where(RuleChange.from_revision > since, or_(known, _was_told(gate_id, since)))
    if after is not None:
        kind, record_id = after
        query = query.where(or_(RuleChange.kind > kind, and_(RuleChange.kind == kind, RuleChange.record_id > record_id)))
    rows = session.execute(query.order_by(RuleChange.kind, RuleChange.record_id).limit(limit))
    return [(row, bool(to_know)) for row, to_know in rows]


def _told_to(change: type[RuleChange], gate_id: UUID) -> ColumnElement[bool]:
    return or_(change.audience == "*", change.audience.contains(gate_id.hex))


def _was_told(gate_id: UUID, since: int) -> ColumnElement[bool]:
    """Tell whether the gate knew the record of this row at `since`."""
    former = aliased(RuleChange)
    return exists().where(
        former.site_id == RuleChange.site_id,
        former.kind == RuleChange.kind,
        former.record_id == RuleChange.record_id,
        former.from_revision <= since,
        or_(former.to_revision.is_(None), former.to_revision > since),
        former.data.is_not(None),
        _told_to(former, gate_id),
    )


def _in_pieces(session: Session, record_ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    size = KEYS_PER_QUERY if session.get_bind().dialect.name == "sqlite" else KEYS_PER_ARRAY
    return (record_ids[at : at + size] for at in range(0, len(record_ids), size))


def _living_of(session: Session, site_id: UUID, kind: str, record_ids: Sequence[UUID]) -> ColumnElement[bool]:
    """Return the condition that a change is of one of these records, and holds now."""
    if session.get_bind().dialect.name == "sqlite":
        return and_(_living(site_id), RuleChange.kind == kind, RuleChange.record_id.in_(record_ids))
    # Joined by all of the key: by the id alone PostgreSQL may compare each of them with each change of the site, as it takes
    # those to be hardly any until it counts them again.
    keys = select(literal(site_id), literal(kind), func.unnest(literal(record_ids, ARRAY(Uuid))))
    return and_(tuple_(RuleChange.site_id, RuleChange.kind, RuleChange.record_id).in_(keys), RuleChange.to_revision.is_(None))


def _living(site_id: UUID) -> ColumnElement[bool]:
    return and_(RuleChange.site_id == site_id, RuleChange.to_revision.is_(None))
