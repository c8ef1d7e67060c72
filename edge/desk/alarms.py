"""Routes of the alarms: what they are, since when, and who has seen them."""

from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.acts import AlarmActed
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.recording import record, reply_in_words

router = APIRouter(prefix="/alarms")


@router.get("")
async def alarms(booth: BoothHere, guard: Guard, language: Language, asked: UUID | None = None) -> HTMLResponse:
    """Show the alarms, those that nobody has seen yet first; `asked` is the request whose reply is shown."""
    reply = booth.asks.reply(str(asked)) if asked else None
    said = reply_in_words(booth, reply, language) if reply else ""
    accepted = reply is not None and reply.accepted
    return HTMLResponse(booth.page("alarms", language, guard, said=said, accepted=accepted, request=uuid4()))


@router.post("", dependencies=[OwnForm])
async def acknowledge(
    booth: BoothHere, guard: Guard, request: Annotated[UUID, Form()], alarm: Annotated[str, Form(max_length=100)]
) -> Response:
    """Write down that the guard has seen an alarm; each alarm of one page is a request of its own."""
    own = uuid5(request, alarm)
    await record(booth, guard, own, AlarmActed.kind, alarm, "acknowledge")
    return RedirectResponse(f"/alarms?asked={own}", 303)
