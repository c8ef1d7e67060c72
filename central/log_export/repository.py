"""SQL of exports of the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from central.actors import Actor
from central.log.tables import LogExport
from central.registry import Work

UNFINISHED = ("queued", "running")


def of_actor(work: Work) -> Sequence[LogExport]:
    """Return the exports of the actor, in the role and for the site that he has now, oldest first."""
    return work.session.scalars(select(LogExport).where(*_own(work.actor)).order_by(LogExport.id)).all()


def one_of_actor(work: Work, export_id: UUID) -> LogExport | None:
    """Return an export of the actor."""
    return work.session.scalars(select(LogExport).where(LogExport.id == export_id, *_own(work.actor))).one_or_none()


def _own(actor: Actor) -> tuple[Any, ...]:
    # What another role sees of it may be less.
    return (
        LogExport.by_id == actor.id,
        LogExport.by_name == actor.name,
        LogExport.by_role == actor.role,
        LogExport.by_site.is_not_distinct_from(actor.site),
    )


def next_unfinished(session: Session) -> LogExport | None:
    """Return what is to be worked on: the oldest that waits, or that was left in the middle."""
    return session.scalars(select(LogExport).where(LogExport.state.in_(UNFINISHED)).order_by(LogExport.id).limit(1)).one_or_none()


def put(session: Session, export_id: UUID, tries: int, values: Mapping[str, Any]) -> bool:
    """Change an export on which this is so-manieth try; False where it is deleted, or another works on it."""
    ours = (LogExport.id == export_id, LogExport.state.in_(UNFINISHED), LogExport.tries == tries)
    changed = update(LogExport).where(*ours).values(dict(values)).returning(LogExport.id)
    return session.scalars(changed, execution_options={"synchronize_session": False}).one_or_none() is not None


def drop(session: Session, export_id: UUID) -> None:
    """Let an export go."""
    session.execute(delete(LogExport).where(LogExport.id == export_id))


def begun_before(session: Session, at: datetime) -> Sequence[UUID]:
    """Return the exports that were asked for before this time."""
    return session.scalars(select(LogExport.id).where(LogExport.created_at < at)).all()


def known(session: Session) -> set[UUID]:
    """Return all exports."""
    return set(session.scalars(select(LogExport.id)))
