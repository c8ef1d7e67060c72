"""SQL of remote commands."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from central.commands.schemas import CommandsAsked, State
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


def page(work: Work, asked: CommandsAsked) -> Sequence[RemoteCommand]:
    """Return up to one more than `asked.limit` commands, newest first, behind `asked.after`."""
    row = RemoteCommand
    query = select(row).where(in_sight(work, row.site_id)).order_by(row.id.desc()).limit(asked.limit + 1)
    if asked.after is not None:
        query = query.where(row.id < asked.after)
    given = {"site_id": asked.site, "gate_id": asked.gate, "lane_id": asked.lane, "act": asked.act, "issuer_name": asked.by}
    query = query.filter_by(**{name: value for name, value in given.items() if value is not None})
    if asked.since is not None:
        query = query.where(row.issued_at >= asked.since)
    if asked.until is not None:
        query = query.where(row.issued_at < asked.until)
    return work.session.scalars(query if asked.state is None else query.where(_is_in(asked.state, work.at))).all()


def _is_in(state: State, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a command is in a state at a moment, as `services.shown` tells it."""
    row = RemoteCommand
    is_untouched = and_(row.ended_at.is_(None), row.claimed_at.is_(None))
    is_declined = and_(row.ended_at.is_not(None), row.accepted.is_not(True))
    conditions: dict[State, ColumnElement[bool]] = {
        "waiting": and_(is_untouched, row.expires_at > at),
        "claimed": and_(row.ended_at.is_(None), row.claimed_at.is_not(None)),
        "done": and_(row.ended_at.is_not(None), row.accepted.is_(True)),
        "refused": and_(is_declined, row.refusal != "expired"),
        "expired": or_(and_(is_declined, row.refusal == "expired"), and_(is_untouched, row.expires_at <= at)),
    }
    return conditions[state]
