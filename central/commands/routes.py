"""Remote commands: for the office, and for the gates that carry them out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from access.contract.commands import CommandResult, CommandsWaiting, RemoteCommand
from central.commands import services
from central.commands.schemas import CommandShown, CommandsQuery, CommandWanted
from central.edges.polls import WAIT_S_MAX, ThePolls
from central.edges.requests import Signature, Signed, read_message
from central.edges.services import authenticate
from central.errors import RegistryError
from central.records.desk import ADesk, AWritingDesk
from central.records.openapi import CREATES, READS
from central.records.schemas import Page
from central.registry import TheRegistry
from central.users.access import allow

router = APIRouter(tags=["commands"], dependencies=[Depends(allow("commands"))])
edge_router = APIRouter(tags=["commands"])


@router.post(
    "/lanes/{lane_id}/commands", operation_id="issue_command", responses=CREATES, status_code=201, response_model=CommandShown
)
def issue(desk: AWritingDesk, lane_id: UUID, wanted: CommandWanted) -> Response:
    """Ask something of a lane from afar; it is done within ten seconds, or not at all."""
    return desk.change(lambda work: services.issue(work, lane_id, wanted, desk.visitor.name), 201)


@router.get("/commands/{command_id}", operation_id="get_command", responses=READS)
def get_command(desk: ADesk, command_id: UUID) -> CommandShown:
    """Show what became of a command."""
    with desk.reading() as work:
        return services.show(work, command_id)


@router.get("/commands", operation_id="list_commands", responses=READS)
def list_commands(desk: ADesk, asked: CommandsQuery) -> Page[CommandShown]:
    """List commands, newest first."""
    with desk.reading() as work:
        return services.page(work, asked)


@edge_router.get("/commands", operation_id="list_waiting_commands")
async def waiting(
    registry: TheRegistry,
    signed: Signed,
    signature: Signature,
    polls: ThePolls,
    request: Request,
    wait: Annotated[int, Query(ge=0, le=WAIT_S_MAX)] = 0,
) -> CommandsWaiting:
    """Tell which commands wait for the gate; with `wait`, hold the answer back until one does."""

    def gate_of() -> UUID:
        with registry.write() as work:
            return authenticate(work, signed, signature).gate_id

    def ids() -> tuple[UUID, ...]:
        with registry.read() as work:
            return services.waiting(work, gate_id)

    gate_id = await run_in_threadpool(gate_of)
    await polls.wait(request, signed.edge, services.topic(gate_id), lambda work: bool(services.waiting(work, gate_id)), wait)
    return CommandsWaiting(commands=await run_in_threadpool(ids))


@edge_router.post("/commands/{command_id}/claim", operation_id="claim_command")
def claim(registry: TheRegistry, signed: Signed, signature: Signature, command_id: UUID, by: UUID) -> RemoteCommand:
    """Give a command to the claim `by`, and to no other."""
    with registry.write() as work:
        return services.claim(work, authenticate(work, signed, signature), command_id, by)


@edge_router.post("/commands/{command_id}/result", operation_id="end_command", status_code=204)
def end(registry: TheRegistry, signed: Signed, signature: Signature, command_id: UUID) -> None:
    """Take what became of a command (JSON)."""
    with registry.write() as work:
        edge = authenticate(work, signed, signature)
        services.end(work, edge, _result(signed.body, command_id))


def _result(body: bytes, command_id: UUID) -> CommandResult:
    result = read_message(CommandResult, body, "result")
    if result.command != command_id:
        raise RegistryError("the result is of another command", 422, "command")
    return result
