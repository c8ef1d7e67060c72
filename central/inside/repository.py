"""SQL of who is inside: the facts that hold, and what is on record of whom they are about."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Row, Select, Text, and_, case, cast, func, literal_column, or_, select
from sqlalchemy.orm import Session

from access.sharing import SET
from central.edges.trust import ACTIVE
from central.errors import RegistryError
from central.inside.present import FAMILIES, Word
from central.people.tables import Company
from central.records.many import among
from central.sync_tables import SharedFact
from central.tables import LOGGED, Edge, Gate, JournalEntry, Person, Vehicle, Zone
from central.workflows.tables import WorkflowRecord

INSIDE_MAX: Final = 20_000
KEYS_PER_QUERY: Final = 500
IS_LOGGED: Final = literal_column(LOGGED, Boolean())
Place = tuple[UUID, UUID, int]
AnyRow = Row[*tuple[Any, ...]]


def words_inside(session: Session, sites: Collection[UUID]) -> list[Word]:
    """Return all words on those facts of which the last may say that somebody is inside; RegistryError 422 for too many."""
    row = SharedFact
    value = cast(row.value, Text)
    ended = or_(value.is_(None), value.startswith('["",'))
    of_sites = (row.site_id.in_(sites), row.how == SET, or_(*(_of_family(family) for family in FAMILIES)))
    ended_us, inside_us = (func.max(case((which, row.at_us))) for which in (ended, ~ended))
    holds = (inside_us.is_not(None), or_(ended_us.is_(None), inside_us >= ended_us))
    names = select(row.site_id, row.name).where(*of_sites).group_by(row.site_id, row.name).having(*holds).subquery()
    columns = (row.site_id, row.edge_id, row.epoch, row.seq, row.name, row.value, row.plate, row.at_us)
    query = select(*columns).join(names, and_(names.c.site_id == row.site_id, names.c.name == row.name))
    most = INSIDE_MAX * 4
    found = session.execute(query.where(row.how == SET).limit(most + 1)).all()
    if len(found) > most:
        raise RegistryError("more than {most} are inside: ask for one site", 422, "site", most=INSIDE_MAX)
    return [Word(*one) for one in found]


def _of_family(family: str) -> ColumnElement[bool]:
    return and_(SharedFact.name >= f"{family}:", SharedFact.name < f"{family};")


class Came(NamedTuple):
    """What the log has of how somebody came in: the entry that moved them, and the decision on whom it was."""

    entry: AnyRow
    decision: AnyRow | None


_ENTRY: Final = (
    JournalEntry.edge_id,
    JournalEntry.epoch,
    JournalEntry.seq,
    JournalEntry.id,
    JournalEntry.gate_id,
    JournalEntry.lane_id,
    JournalEntry.kind,
    JournalEntry.passage,
    JournalEntry.medium,
    JournalEntry.category,
    JournalEntry.plate,
    JournalEntry.person_id,
    JournalEntry.record_id,
)


def came_by(session: Session, places: Iterable[Place]) -> dict[Place, Came]:
    """Return how they came in of whom these places in journals tell; what is not kept any more is left out."""
    epochs: dict[tuple[UUID, UUID], set[int]] = {}
    for edge, epoch, seq in places:
        epochs.setdefault((edge, epoch), set()).add(seq)
    entries: list[AnyRow] = []
    for (edge, epoch), seqs in epochs.items():
        of_epoch = select(*_ENTRY).where(JournalEntry.edge_id == edge, JournalEntry.epoch == epoch)
        entries += _each(session, of_epoch, JournalEntry.seq, seqs)
    edges = {entry.edge_id for entry in entries}
    passages = {entry.passage for entry in entries if entry.passage is not None}
    of_edges = select(*_ENTRY).where(JournalEntry.edge_id.in_(edges), JournalEntry.kind == "decision")
    decisions: dict[tuple[UUID, str], AnyRow] = {}
    for one in sorted(_each(session, of_edges, JournalEntry.passage, passages), key=lambda one: one.seq):
        key = (one.edge_id, one.passage)
        if key not in decisions or one.plate or one.person_id or not decisions[key].medium:
            decisions[key] = one
    return {
        (entry.edge_id, entry.epoch, entry.seq): Came(entry, decisions.get((entry.edge_id, entry.passage or "")))
        for entry in entries
    }


def decisions(session: Session, ids: Collection[UUID]) -> dict[UUID, JournalEntry]:
    """Return whole entries by their ids."""
    return {entry.id: entry for part in _parts(ids) for entry in session.scalars(_with(session, JournalEntry, part))}


def records(session: Session, ids: Collection[UUID]) -> dict[UUID, WorkflowRecord]:
    """Return records of workflows by their ids."""
    return {one.id: one for part in _parts(ids) for one in session.scalars(_with(session, WorkflowRecord, part))}


def vehicles(session: Session, ids: Collection[UUID]) -> dict[UUID, AnyRow]:
    """Return what is asked of registered vehicles, by their ids."""
    query = select(Vehicle.id, Vehicle.site_id, Vehicle.plate, Vehicle.person_id, Vehicle.valid_until)
    return {one.id: one for one in _each(session, query, Vehicle.id, ids)}


def persons(session: Session, ids: Collection[UUID]) -> dict[UUID, AnyRow]:
    """Return what is asked of persons, by their ids."""
    query = select(
        Person.id, Person.site_id, Person.name, Person.unit, Person.category, Person.valid_until, Company.name.label("company")
    ).outerjoin(Company, Company.id == Person.company_id)
    return {one.id: one for one in _each(session, query, Person.id, ids)}


def zones(session: Session, sites: Collection[UUID]) -> dict[str, str]:
    """Return the names of zones as the presence calls them."""
    return {str(one.id): one.name for one in session.execute(select(Zone.id, Zone.name).where(Zone.site_id.in_(sites)))}


def gates(session: Session, sites: Collection[UUID]) -> Sequence[AnyRow]:
    """Return the gates of sites with when the registry last heard of a box of theirs; of those alone that have one."""
    seen = func.max(Edge.last_seen_at).label("last_seen_at")
    query = select(Gate.id, Gate.site_id, Gate.name, seen).join(Edge, and_(Edge.gate_id == Gate.id, Edge.status == ACTIVE))
    query = query.where(Gate.site_id.in_(sites)).group_by(Gate.id, Gate.site_id, Gate.name)
    return session.execute(query.order_by(Gate.site_id, Gate.name)).all()


def newest(session: Session, gate: UUID) -> int | None:
    """Return the time (UTC us) of the newest entry of a gate's log that has come."""
    query = select(JournalEntry.at_us).where(JournalEntry.gate_id == gate, IS_LOGGED)
    return session.scalars(query.order_by(JournalEntry.at_us.desc(), JournalEntry.id.desc()).limit(1)).first()


def _with(session: Session, table: Any, ids: Sequence[UUID]) -> Any:
    return select(table).where(among(session, table.id, ids))


def _each(session: Session, query: Select[*tuple[Any, ...]], column: Any, values: Collection[Any]) -> Iterator[AnyRow]:
    for part in _parts(values):
        yield from session.execute(query.where(among(session, column, part)))


def _parts(values: Collection[Any]) -> Iterator[Sequence[Any]]:
    known = list(values)
    return (known[at : at + KEYS_PER_QUERY] for at in range(0, len(known), KEYS_PER_QUERY))
