"""Keeping alarms that came before their turn, and showing those whose turn has not come."""

from typing import Final

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.orm import Session

from access.contract.alarms import EarlyAlarm, EarlyAlarms
from access.entries import AlarmRaised, EntryError
from access.sealing import Opened, unseal
from central.early.schemas import EarlyAlarmShown
from central.errors import RegistryError
from central.journal.pages import NewestAsked, moment_text, newest_first
from central.records.schemas import PlacedPage
from central.registry import Work
from central.sync_tables import EarlyEntry
from central.tables import Edge, EdgeHead

KEPT_MAX = 1_000  # of one edge; more alarms than that are no news
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


def page(work: Work, asked: NewestAsked) -> PlacedPage[EarlyAlarmShown]:
    """Show one page of the alarms whose turn in the journal has not come, newest first.

    RegistryError 422 for a gate or edge beyond the actor's bounds.
    """
    early = EarlyEntry
    query = (
        select(early, Edge)
        .join(Edge, Edge.id == early.edge_id)
        .outerjoin(EdgeHead, (EdgeHead.edge_id == early.edge_id) & (EdgeHead.epoch == early.epoch))
        .where(or_(EdgeHead.acked_through.is_(None), EdgeHead.acked_through < early.seq))
    )
    query = newest_first(work, query, asked, early.received_at, (early.edge_id, early.epoch, early.seq))
    rows = work.session.execute(query).all()
    items = [_shown(row, edge) for row, edge in rows[: asked.limit]]
    return PlacedPage(items=items, more=_place(rows[asked.limit - 1][0]) if len(rows) > asked.limit else None)


def _place(row: EarlyEntry) -> str:
    return moment_text(row.received_at, row.edge_id, row.epoch, row.seq)


def _shown(row: EarlyEntry, edge: Edge) -> EarlyAlarmShown:
    opened = unseal(row.canonical, row.personal)
    body = opened.body()
    assert isinstance(body, AlarmRaised), "nothing else is kept"
    return EarlyAlarmShown(
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
