"""Routes of shifts and of the roster that plans them."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, create_model

from access.workflows.events import Event
from access.workflows.shift import HandoverBegun, ItemChecked, ShiftCancelled, ShiftPlanned
from access.workflows.words import EVENTS
from central.duty import rosters
from central.duty.shift_schemas import (
    ItemCheckedWanted,
    OnBehalf,
    ReplanWanted,
    RosterShown,
    RosterWanted,
    ShiftsAsked,
    ShiftShown,
)
from central.duty.shifts import shifts
from central.records.desk import AWritingDesk, SeenIfGiven
from central.records.openapi import CREATES, WRITES
from central.users.access import allow
from central.workflows.routes import flow_routes
from central.workflows.services import Act
from central.workflows.shapes import body_of

router: APIRouter = flow_routes(shifts, "duty", (), one="shift", asked=ShiftsAsked)
roster_router = APIRouter(tags=["duty"], dependencies=[Depends(allow("duty"))])


def _body(act: Act) -> type[BaseModel]:
    """Return the body of an act: what the event holds, and on whose behalf it is done; the sheet is the registry's own."""
    own: Mapping[type[Event], type[BaseModel]]
    own = {ShiftPlanned: ReplanWanted, HandoverBegun: OnBehalf, ItemChecked: ItemCheckedWanted}
    if act.event in own:
        return own[act.event]
    body = body_of(act.event)
    if act.event is ShiftCancelled:
        return body
    name = body.__name__.replace("Wanted", "ByGuardWanted")
    made: type[BaseModel] = create_model(name, __base__=(OnBehalf, body), __doc__=act.event.__doc__, __module__=__name__)
    return made


def _route(act: Act) -> Callable[..., Any]:
    body: Any = _body(act)

    def with_body(desk: AWritingDesk, record_id: UUID, wanted: BaseModel, seen: SeenIfGiven = None) -> Response:
        return desk.change(lambda work: shifts.act(work, record_id, act, wanted.model_dump(), seen))

    def maybe_without(desk: AWritingDesk, record_id: UUID, wanted: BaseModel | None = None, seen: SeenIfGiven = None) -> Response:
        facts = wanted.model_dump() if wanted else {}
        return desk.change(lambda work: shifts.act(work, record_id, act, facts, seen))

    if any(field.is_required() for field in body.model_fields.values()):
        with_body.__annotations__["wanted"] = body
        return with_body
    maybe_without.__annotations__["wanted"] = body | None
    return maybe_without


for _each in shifts.acts:
    router.add_api_route(
        f"/{{record_id}}/{_each.path}",
        _route(_each),
        methods=["POST"],
        response_model=ShiftShown,
        responses=WRITES,
        summary=f"Shift: {EVENTS[_each.event.__name__][1]}.",
        description=_each.event.__doc__,
        operation_id=f"{_each.path.replace('-', '_')}_shift",
    )


@roster_router.post(
    "/rosters/plan",
    status_code=201,
    response_model=RosterShown,
    responses={**CREATES, 200: {"description": "A dry run: nothing was planned", "model": RosterShown}},
    operation_id="plan_roster",
)
def plan_roster(desk: AWritingDesk, wanted: RosterWanted) -> Response:
    """Plan the shifts of several days and posts, all or none; on a dry run show what would be planned and what conflicts."""
    return desk.change(lambda work: rosters.plan(work, wanted), 200 if wanted.dry_run else 201)
