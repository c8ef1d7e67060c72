"""The way of a remote command: issued, claimed by one edge within ten seconds, ended by what the gate did."""

from datetime import datetime, timedelta
from uuid import UUID

from access.contract import commands as contract
from access.contract.commands import COMMAND_LASTS_S, COMMANDS_WAITING_MAX, CommandResult
from central.audit import services as audit
from central.commands import repository
from central.commands.schemas import CommandsAsked, CommandShown, CommandWanted, State
from central.errors import RegistryError
from central.records.repository import check_in_sight, get
from central.records.schemas import Page
from central.registry import PUBLISHED, Work
from central.sync_tables import RemoteCommand
from central.tables import Edge, Gate, Lane

LASTS = timedelta(seconds=COMMAND_LASTS_S)


def topic(gate_id: UUID) -> tuple[str, UUID]:
    """Name what polls for a gate's commands wait for."""
    return "commands", gate_id


def issue(work: Work, lane_id: UUID, wanted: CommandWanted, issuer: str) -> CommandShown:
    """Ask something of a lane; RegistryError 404, 409 where too many commands wait for its gate already."""
    lane = get(work, Lane, lane_id)
    if len(repository.waiting(work.session, lane.gate_id, work.at, COMMANDS_WAITING_MAX)) == COMMANDS_WAITING_MAX:
        raise RegistryError("the gate does not answer, and enough commands wait for it: call the booth", 409, "lane")
    row = RemoteCommand(
        id=work.new_id(),
        site_id=lane.site_id,
        gate_id=lane.gate_id,
        lane_id=lane.id,
        issuer=issuer,
        issuer_name=issuer,
        issued_at=work.at,
        expires_at=work.at + LASTS,
        refusal="",
        **wanted.model_dump(),
    )
    work.session.add(row)
    facts = {"gate_id": str(lane.gate_id), "lane_id": str(lane.id), **wanted.model_dump(mode="json")}
    audit.note(work, row.__tablename__, row.id, row.site_id, "issued", version=1, after=facts, reason=wanted.reason)
    work.session.info.setdefault(PUBLISHED, set()).add(topic(lane.gate_id))
    return shown(row, work.at)


def waiting(work: Work, gate_id: UUID) -> tuple[UUID, ...]:
    """Return the commands that wait for a gate, oldest first."""
    return tuple(repository.waiting(work.session, gate_id, work.at, COMMANDS_WAITING_MAX))


def claim(work: Work, edge: Edge, command_id: UUID, claimed_by: UUID) -> contract.RemoteCommand:
    """Give a command to this claim alone, also when it asks again; RegistryError 404, 409 claimed by another, 410 too late."""
    row = _of_gate(work, edge, command_id)
    left_ms = (row.expires_at - work.at) // timedelta(milliseconds=1)
    if left_ms <= 0 or work.at < row.issued_at:  # a clock that was put back makes nothing fresh
        raise RegistryError("this command has expired", 410, "command")
    if row.claimed_by not in (None, claimed_by):
        raise RegistryError("this command was given to another claim", 409, "command")
    row.claimed_by, row.claimed_at = claimed_by, row.claimed_at or work.at
    return contract.RemoteCommand.model_validate(
        {
            "command": row.id,
            "lane": get(work, Lane, row.lane_id).slug,
            "left_ms": left_ms,
            **{name: getattr(row, name) for name in ("act", "issuer", "issuer_name", "reason", "words", "minutes", "choice")},
        }
    )


def end(work: Work, edge: Edge, result: CommandResult) -> None:
    """Note what became of a command; the first word counts. RegistryError 404, 409 where nobody has claimed it."""
    row = _of_gate(work, edge, result.command)
    if row.claimed_at is None:
        raise RegistryError("this command was not claimed", 409, "command")
    if row.ended_at is None:
        row.ended_at, row.accepted, row.refusal = work.at, result.accepted, result.refusal


def _of_gate(work: Work, edge: Edge, command_id: UUID) -> RemoteCommand:
    row = repository.locked(work.session, command_id)
    if row is None or row.gate_id != edge.gate_id:
        raise RegistryError("there is no such command for this gate", 404, "command")
    return row


def show(work: Work, command_id: UUID) -> CommandShown:
    """Show one command; RegistryError 404."""
    return shown(get(work, RemoteCommand, command_id), work.at)


def page(work: Work, asked: CommandsAsked) -> Page[CommandShown]:
    """Show one page of the commands, newest first; RegistryError 422 for a gate or lane that the actor does not see."""
    check_in_sight(work, Gate, asked.gate, "gate")
    check_in_sight(work, Lane, asked.lane, "lane")
    rows = repository.page(work, asked)
    items = [shown(row, work.at) for row in rows[: asked.limit]]
    return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def shown(row: RemoteCommand, at: datetime) -> CommandShown:
    """Return a command as the office sees it at a moment."""
    fields = {name: getattr(row, name) for name in CommandShown.model_fields if name != "state"}
    return CommandShown(**fields, state=_state(row, at))


def _state(row: RemoteCommand, at: datetime) -> State:
    if row.ended_at is not None:
        return "done" if row.accepted else "expired" if row.refusal == "expired" else "refused"
    if row.claimed_at is not None:
        return "claimed"
    return "waiting" if at < row.expires_at else "expired"
