"""Routes of the alarms: what they are, since when, and who has seen them."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID, uuid4, uuid5

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from access.acts import AlarmActed
from edge.desk.booth import Booth
from edge.desk.doors import BoothHere, Guard, Language, OwnForm
from edge.desk.recording import record, reply_in_words

LISTED_MAX = 200

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
    booth: BoothHere,
    guard: Guard,
    request: Annotated[UUID, Form()],
    alarm: Annotated[str, Form(max_length=100)] = "",
    every: Annotated[str, Form(max_length=100)] = "",
    listed: Annotated[list[str] | None, Form(max_length=LISTED_MAX)] = None,
) -> Response:
    """Write down that the guard has seen an alarm, or `every` one of a kind that the page had `listed`.

    Each alarm of one page is a request and an entry of its own; what came since the page was made is not among them.
    """
    own = request
    for seen in _of_kind(booth, every, listed or []) if every else [alarm]:
        own = uuid5(request, seen)
        reply = await record(booth, guard, own, AlarmActed.kind, seen, "acknowledge")
        if not reply.accepted and reply.refusal != "no_such_alarm":
            break  # the others would fare no better, and a guard does not wait for each
    return RedirectResponse("/alarms" if own == request else f"/alarms?asked={own}", 303)


def _of_kind(booth: Booth, code: str, listed: Sequence[str]) -> list[str]:
    known = booth.situation.gate.alarms if booth.situation.gate else ()
    return [one.id for one in known if one.code == code and one.id in listed]
