"""The routes that every workflow has: list, show, events, history, details, one to open it and one for each act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from access.workflows.events import Event
from access.workflows.words import EVENTS
from central.audit.schemas import AuditShown, HistoryQuery
from central.records.desk import ADesk, AWritingDesk, Seen, SeenIfGiven
from central.records.offers import OFFERS, Offer
from central.records.openapi import CREATES, READS, WRITES
from central.records.schemas import Page
from central.users.access import allow
from central.users.rights import Area
from central.workflows.schemas import EventsAsked, EventShown, FlowAsked, Opening
from central.workflows.services import Act, Flow
from central.workflows.shapes import body_of


@dataclass(frozen=True, slots=True)
class Opens:
    """A way to open a record: at `path` (empty: the list itself), by this event, made of what is wanted by `facts`."""

    event: type[Event]
    wanted: type[Opening]
    facts: Callable[[Any], Mapping[str, Any]]
    path: str = ""


# By kind the way in which the office opens a record of it, for those who work with all kinds alike, as files do. Filled as
# the routes are made.
OPENINGS: dict[str, Opens] = {}


def flow_routes(
    flow: Flow[Any], area: Area, opens: tuple[Opens, ...], *, one: str, many: str = "", asked: type[FlowAsked] = FlowAsked
) -> APIRouter:
    """Return the routes of one workflow, called `one` and (by default with an s) `many` in the documents."""
    many = many or f"{one}s"
    OFFERS[flow.kind] = Offer(area, asked)
    if opens:
        OPENINGS[flow.kind] = opens[0]
    router = APIRouter(prefix=f"/{many.replace(' ', '-')}", tags=[area], dependencies=[Depends(allow(area))])
    name = one.replace(" ", "_").replace("-", "_")
    _add_reading(router, flow, asked, one, many)
    for opening in opens:
        label = opening.path.strip("/").replace("-", "_")
        router.add_api_route(
            opening.path,
            _open(flow, opening),
            methods=["POST"],
            status_code=201,
            response_model=flow.shown,
            responses=CREATES,
            summary=f"Open a {one}: {EVENTS[opening.event.__name__][1]}.",
            description=opening.wanted.__doc__,
            operation_id=f"open_{name}{label and '_' + label}",
        )
    for act in (each for each in flow.acts if not each.by_hand):
        router.add_api_route(
            f"/{{record_id}}/{act.path}",
            _act(flow, act),
            methods=["POST"],
            response_model=flow.shown,
            responses=WRITES,
            summary=f"{one.capitalize()}: {EVENTS[act.event.__name__][1]}.",
            description=act.event.__doc__,
            operation_id=f"{act.path.replace('-', '_')}_{name}",
        )
    return router


def _add_reading(router: APIRouter, flow: Flow[Any], asked: type[FlowAsked], one: str, many: str) -> None:
    name, names = (words.replace(" ", "_").replace("-", "_") for words in (one, many))
    shown: Any = flow.shown

    def page(desk: ADesk, asked: Any) -> Any:
        with desk.reading() as work:
            return flow.page(work, asked)

    def get(desk: ADesk, record_id: UUID) -> Response:
        return desk.show(lambda work: flow.get(work, record_id), flow.kind)

    def events(desk: ADesk, record_id: UUID, asked: Annotated[EventsAsked, Query()]) -> Page[EventShown]:
        with desk.reading() as work:
            return flow.events(work, record_id, asked)

    def history(desk: ADesk, record_id: UUID, asked: HistoryQuery) -> Page[AuditShown]:
        with desk.reading() as work:
            return flow.history(work, record_id, asked)

    def details(desk: AWritingDesk, record_id: UUID, wanted: Any, seen: Seen) -> Response:
        return desk.change(lambda work: flow.change_details(work, record_id, wanted, seen))

    page.__annotations__["asked"] = Annotated[asked, Query()]
    details.__annotations__["wanted"] = flow.details
    for method, path, act, model, verb, words in (
        ("GET", "", page, Page[shown], f"list_{names}", f"List {many}, oldest first."),
        ("GET", "/{record_id}", get, shown, f"get_{name}", f"Show one {one}."),
        ("GET", "/{record_id}/events", events, Page[EventShown], f"events_of_{name}", f"List what happened to a {one}."),
        (
            "GET",
            "/{record_id}/history",
            history,
            Page[AuditShown],
            f"history_of_{name}",
            f"List the changes of a {one}.",
        ),
        ("PUT", "/{record_id}/details", details, shown, f"change_details_of_{name}", f"Change the notes on a {one}."),
    ):
        if method == "PUT" and not flow.details.model_fields:
            continue
        router.add_api_route(
            path,
            act,
            methods=[method],
            response_model=model,
            responses=READS if method == "GET" else WRITES,
            summary=words,
            description=words,
            operation_id=verb,
        )


def _open(flow: Flow[Any], opening: Opens) -> Callable[..., Any]:
    def act(desk: AWritingDesk, wanted: Any) -> Response:
        return desk.change(lambda work: flow.open(work, opening.event, wanted, opening.facts(wanted)), 201)

    act.__annotations__["wanted"] = opening.wanted
    return act


def _act(flow: Flow[Any], act: Act) -> Callable[..., Any]:
    body: Any = body_of(act.event)

    def with_body(desk: AWritingDesk, record_id: UUID, wanted: BaseModel, seen: SeenIfGiven = None) -> Response:
        return desk.change(lambda work: flow.act(work, record_id, act, wanted.model_dump(), seen))

    def without(desk: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
        return desk.change(lambda work: flow.act(work, record_id, act, {}, seen))

    if not body.model_fields:
        return without
    with_body.__annotations__["wanted"] = body
    return with_body
