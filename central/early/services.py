"""Keeping alarms that came before their turn, and showing those whose turn has not come."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from access.contract.alarms import EarlyAlarm, EarlyAlarms
from access.entries import AlarmRaised, EntryError
from access.sealing import Opened, unseal
from central.early.schemas import EarlyAlarmShown
from central.errors import RegistryError
from central.records.repository import in_sight
from central.registry import Work
from central.sync_tables import EarlyEntry
from central.tables import Edge, EdgeHead

KEPT_MAX = 1_000  # of one edge; more alarms than that are no news
SHOWN_MAX = 200
IS_LOST: Final = exists().where(
    EdgeHead.edge_id == EarlyEntry.edge_id, EdgeHead.epoch == EarlyEntry.epoch, EdgeHead.ends_seq < EarlyEntry.seq
)
"""Its epoch has ended before it: the journal will never bring it."""


def take_early(work: Work, edge: Edge, sent: EarlyAlarms) -> int:
    """Keep what the journal has not brought yet, and is an alarm; return how many. RegistryError 403."""
    if sent.edge != edge.id:
        raise RegistryError("these alarms are another edge's", 403, "edge")
    _forget_arrived(work.session, edge)
    room = KEPT_MAX - _count_to_come(work.session, edge)
    kept = 0
    for alarm in sent.alarms:
        if kept < room and _is_alarm(edge, alarm) and not _is_here(work.session, edge, alarm):
            work.session.add(
                EarlyEntry(
                    edge_id=edge.id,
                    epoch=alarm.epoch,
                    seq=alarm.seq,
                    canonical=alarm.canonical,
                    personal=alarm.personal,
                    received_at=work.at,
                )
            )
            kept += 1
    return kept


def early_alarms(work: Work) -> list[EarlyAlarmShown]:
    """Return the alarms whose turn in the journal has not come, newest first."""
    query = (
        select(EarlyEntry, Edge)
        .join(Edge, Edge.id == EarlyEntry.edge_id)
        .outerjoin(EdgeHead, (EdgeHead.edge_id == EarlyEntry.edge_id) & (EdgeHead.epoch == EarlyEntry.epoch))
        .where(in_sight(work, Edge.site_id), or_(EdgeHead.acked_through.is_(None), EdgeHead.acked_through < EarlyEntry.seq))
        .order_by(EarlyEntry.received_at.desc())
        .limit(SHOWN_MAX)
    )
    return list(_shown(work.session, query))


def _shown(session: Session, query: Select[EarlyEntry, Edge]) -> Iterator[EarlyAlarmShown]:
    for row, edge in session.execute(query):
        opened = unseal(row.canonical, row.personal)
        body = opened.body()
        assert isinstance(body, AlarmRaised), "nothing else is kept"
        yield EarlyAlarmShown(
            id=opened.id,
            site=edge.site_id,
            gate=edge.gate_id,
            edge=edge.id,
            lane=opened.lane,
            passage=opened.passage,
            what=body.what,
            detail=body.detail,
            at_us=opened.stamp.utc_us,
            received_at=row.received_at,
        )


def _is_alarm(edge: Edge, alarm: EarlyAlarm) -> bool:
    """Tell whether the bytes are an alarm of this edge at the place that is said; what is none comes with the journal."""
    try:
        opened: Opened = unseal(alarm.canonical, alarm.personal)
        is_alarm = isinstance(opened.body(), AlarmRaised)
    except EntryError:
        return False
    return is_alarm and (opened.edge, opened.epoch, opened.seq) == (edge.id, alarm.epoch, alarm.seq)


def _is_here(session: Session, edge: Edge, alarm: EarlyAlarm) -> bool:
    stored = session.get(EdgeHead, (edge.id, alarm.epoch))
    arrived = stored is not None and stored.acked_through >= alarm.seq
    return arrived or session.get(EarlyEntry, (edge.id, alarm.epoch, alarm.seq)) is not None


def _count_to_come(session: Session, edge: Edge) -> int:
    """Count those that the journal may still bring: what an epoch has lost at its end takes no room."""
    query = select(func.count()).select_from(EarlyEntry).where(EarlyEntry.edge_id == edge.id, ~IS_LOST)
    return session.scalars(query).one()


def _forget_arrived(session: Session, edge: Edge) -> None:
    """Let go of what the journal has come to since."""
    arrived = (
        select(EdgeHead.epoch)
        .where(EdgeHead.edge_id == edge.id, EdgeHead.epoch == EarlyEntry.epoch, EdgeHead.acked_through >= EarlyEntry.seq)
        .exists()
    )
    session.execute(
        delete(EarlyEntry).where(EarlyEntry.edge_id == edge.id, arrived), execution_options={"synchronize_session": False}
    )
