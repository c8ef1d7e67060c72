"""SQL of edges, their streams and enrolment tokens."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Executable, Select, String, bindparam, cast, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from central.edges.schemas import EdgeEventsAsked, EdgesAsked
from central.sync_tables import EdgeEvent, EdgeHealth, RemoteCommand
from central.tables import Edge, EdgeStream, EnrolmentToken, Lane, Site


def token(session: Session, token_hash: bytes) -> EnrolmentToken | None:
    """Return an enrolment token by its hash; the row is locked, so that it is used once."""
    query = select(EnrolmentToken).where(EnrolmentToken.token_hash == token_hash).with_for_update()
    return session.scalars(query).one_or_none()


# To write it with each batch would cost more than it tells.
SEEN_AGAIN: Final = timedelta(seconds=10)


class Speaker(NamedTuple):
    """What is asked of an edge with every batch that it sends, and its site's zone; `lanes` of its gate: slug and id, as text."""

    id: UUID
    site_id: UUID
    gate_id: UUID
    status: str
    public_key: bytes
    lanes: str
    zone: str

    def lane_ids(self) -> dict[str, UUID]:
        """Return the ids of the gate's lanes by slug and by id."""
        pairs = [pair.partition(" ")[::2] for pair in self.lanes.splitlines()]
        return {name: UUID(lane) for slug, lane in pairs for name in (slug, str(UUID(lane)))}


def speaker(session: Session, edge_id: UUID) -> Speaker | None:
    """Return an edge as it stands now."""
    row = session.connection().execute(_SPEAKER, {"edge": edge_id}).one_or_none()
    return None if row is None else Speaker._make(row)


def locked_speaker(session: Session, edge_id: UUID, at: datetime) -> Speaker:
    """Return an edge that is here, and note now and then that it was seen; its lock puts the requests of one edge in line."""
    connection = session.connection()
    *spoken, seen = connection.execute(_LOCKED, {"edge": edge_id}).one()
    if seen is None or not timedelta() <= at - seen < SEEN_AGAIN:
        connection.execute(_SEEN, {"edge": edge_id, "at": at})
    return Speaker._make(spoken)


_LANES: Final = (
    select(func.coalesce(func.aggregate_strings(Lane.slug + " " + cast(Lane.id, String), "\n"), ""))
    .where(Lane.gate_id == Edge.gate_id)
    .correlate(Edge)
    .scalar_subquery()
)
_ZONE: Final = select(Site.zone).where(Site.id == Edge.site_id).correlate(Edge).scalar_subquery()
_SPOKEN: Final = (Edge.id, Edge.site_id, Edge.gate_id, Edge.status, Edge.public_key, _LANES, _ZONE)
_SPEAKER: Final = select(*_SPOKEN).where(Edge.id == bindparam("edge"))
_LOCKED: Final = _SPEAKER.add_columns(Edge.last_seen_at).with_for_update(of=Edge)
_SEEN: Final = update(Edge).where(Edge.id == bindparam("edge")).values(last_seen_at=bindparam("at"))


def locked_edge(session: Session, edge_id: UUID) -> Edge | None:
    """Return an edge; its lock puts the requests of one edge in line."""
    return session.scalars(select(Edge).where(Edge.id == edge_id).with_for_update()).one_or_none()


def known_edge(session: Session, edge_id: UUID) -> Edge:
    """Return an edge that has proved who it is, as it stands now."""
    return session.get_one(Edge, edge_id)


def edges_with_key(session: Session, public_key: bytes) -> Sequence[Edge]:
    """Return the edges that were enrolled with this key."""
    return session.scalars(select(Edge).where(Edge.public_key == public_key)).all()


def edges_of_gate(session: Session, gate_id: UUID) -> Sequence[Edge]:
    """Return all edges that a gate has had."""
    return session.scalars(select(Edge).where(Edge.gate_id == gate_id)).all()


def place_of(session: Session, edge_id: UUID) -> tuple[UUID, UUID] | None:
    """Return site and gate of an edge, which never change."""
    found = session.execute(select(Edge.site_id, Edge.gate_id).where(Edge.id == edge_id)).one_or_none()
    return None if found is None else (found.site_id, found.gate_id)


def locked_edges_of_gate(session: Session, gate_id: UUID) -> Sequence[Edge]:
    """Return all edges that a gate has had, locked in one order: whoever changes several takes them before anything else.

    Ingest locks its edge and then the site's row: who held that and waited for an edge would wait for ever.
    """
    return session.scalars(select(Edge).where(Edge.gate_id == gate_id).order_by(Edge.id).with_for_update()).all()


def edges(session: Session, site_id: UUID | None) -> Sequence[Edge]:
    """Return the edges of a site, or all, oldest first."""
    query = select(Edge).order_by(Edge.id)
    return session.scalars(query if site_id is None else query.where(Edge.site_id == site_id)).all()


def narrowed(asked: EdgesAsked) -> Select[Edge]:
    """Return the query of a list of edges, narrowed by what was asked."""
    given = {"gate_id": asked.gate, "name": asked.name, "status": asked.status}
    query = select(Edge).filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.silent_since is not None:
        query = query.where(or_(Edge.last_seen_at.is_(None), Edge.last_seen_at < asked.silent_since))
    return query


def health(session: Session, edge_id: UUID) -> EdgeHealth | None:
    """Return what an edge said last of how it is."""
    return session.get(EdgeHealth, edge_id)


def events(session: Session, edge_id: UUID, asked: EdgeEventsAsked) -> Sequence[EdgeEvent]:
    """Return up to one more than `asked.limit` of what became of an edge, newest first: ids sort by their time."""
    query = select(EdgeEvent).where(EdgeEvent.edge_id == edge_id).order_by(EdgeEvent.id.desc()).limit(asked.limit + 1)
    if asked.after is not None:
        query = query.where(EdgeEvent.id < asked.after)
    given = {"what": asked.what, "by": asked.by}
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.since is not None:
        query = query.where(EdgeEvent.at >= asked.since)
    return session.scalars(query if asked.until is None else query.where(EdgeEvent.at < asked.until)).all()


def last_event(session: Session, edge_id: UUID, what: str) -> EdgeEvent | None:
    """Return the newest event of this kind."""
    query = select(EdgeEvent).where(EdgeEvent.edge_id == edge_id, EdgeEvent.what == what)
    return session.scalars(query.order_by(EdgeEvent.at.desc(), EdgeEvent.id.desc()).limit(1)).first()


def has_event(session: Session, edge_id: UUID, what: str, beginning: str) -> bool:
    """Tell whether there is an event of this kind whose words begin so."""
    query = select(EdgeEvent.id).where(EdgeEvent.edge_id == edge_id, EdgeEvent.what == what)
    return session.scalars(query.where(EdgeEvent.words.startswith(beginning)).limit(1)).first() is not None


def sites_as_followed(session: Session) -> Sequence[tuple[UUID, int, int]]:
    """Return of each site its id, the revision of its rules and the cursor of its facts."""
    rows = session.execute(select(Site.id, Site.revision, Site.facts_cursor))
    return [(site, revision, cursor) for site, revision, cursor in rows]


def statuses(session: Session) -> Sequence[tuple[UUID, str]]:
    """Return the status of each edge."""
    return [(edge, status) for edge, status in session.execute(select(Edge.id, Edge.status))]


def last_commands(session: Session, at: datetime) -> Sequence[tuple[UUID, datetime]]:
    """Return when the last of the commands was issued that a gate can still claim, by the gate."""
    query = select(RemoteCommand.gate_id, func.max(RemoteCommand.issued_at)).where(RemoteCommand.expires_at > at)
    return [(gate, issued) for gate, issued in session.execute(query.group_by(RemoteCommand.gate_id))]


def advance(session: Session, edge_id: UUID, stream: str, sequence: int) -> int | None:
    """Note the number of a request; returns the last one of the stream where it is not before this one, and notes nothing."""
    connection = session.connection()
    place = {"edge_id": edge_id, "stream": stream}
    advanced = connection.execute(_advance_in(connection.dialect.name), {**place, "sequence": sequence})
    if advanced.scalar_one_or_none() is not None:
        return None
    last: int = connection.execute(_LAST, place).scalar_one()
    return last


_LAST: Final = select(EdgeStream.sequence).where(
    EdgeStream.edge_id == bindparam("edge_id"), EdgeStream.stream == bindparam("stream")
)


@cache
def _advance_in(dialect: str) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(EdgeStream)
    later = statement.excluded.sequence
    return statement.on_conflict_do_update(
        index_elements=["edge_id", "stream"], set_={"sequence": later}, where=EdgeStream.sequence < later
    ).returning(EdgeStream.sequence)
