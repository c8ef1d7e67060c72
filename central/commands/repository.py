"""SQL of remote commands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.records.repository import in_sight
from central.registry import Work
from central.sync_tables import RemoteCommand


def waiting(session: Session, gate_id: UUID, at: datetime, limit: int) -> Sequence[UUID]:
    """Return the commands that wait for a gate, oldest first."""
    query = (
        select(RemoteCommand.id)
        .where(RemoteCommand.gate_id == gate_id, RemoteCommand.expires_at > at, RemoteCommand.claimed_at.is_(None))
        .order_by(RemoteCommand.expires_at, RemoteCommand.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def locked(session: Session, command_id: UUID) -> RemoteCommand | None:
    """Return a command; its lock puts claims of it in line."""
    return session.scalars(select(RemoteCommand).where(RemoteCommand.id == command_id).with_for_update()).one_or_none()


def newest(work: Work, lane_id: UUID | None, limit: int) -> Sequence[RemoteCommand]:
    """Return the newest commands, of one lane or of all."""
    query = select(RemoteCommand).where(in_sight(work, RemoteCommand.site_id)).order_by(RemoteCommand.id.desc()).limit(limit)
    return work.session.scalars(query if lane_id is None else query.where(RemoteCommand.lane_id == lane_id)).all()
