"""Routes of cards and codes, of the acts by which they change hands, and of parking permits."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from access.workflows.words import EVENTS
from central.cards import custody, desk, parking
from central.cards.desk import ACTS, cards_at_desk
from central.cards.schemas import (
    CardReplaceWanted,
    CardsAsked,
    CardsCounted,
    CardShown,
    CountAsked,
    IssueWanted,
    LiftAccess,
    ReadingsAsked,
    ReadingShown,
)
from central.records.desk import ADesk, AWritingDesk, SeenIfGiven
from central.records.openapi import READS, WRITES
from central.records.routes import record_routes
from central.records.schemas import AskedQuery, Page
from central.users.access import allow
from central.users.rights import Area
from central.workflows.schemas import EventsAsked, EventShown
from central.workflows.services import Act
from central.workflows.shapes import body_of

AREA: Area = "cards"
# What stands at an address of its own comes before what is found by an id.
_cards = APIRouter(prefix="/cards", tags=[AREA], dependencies=[Depends(allow(AREA))])
_of_card = APIRouter(prefix="/cards/{record_id}", tags=[AREA], dependencies=[Depends(allow(AREA))])


@_cards.get("/readings", responses=READS, operation_id="read_card_number", summary="Tell what a printed number can mean.")
def read_number(here: ADesk, asked: Annotated[ReadingsAsked, Query()]) -> list[ReadingShown]:
    """Tell what the number printed on a card can mean, by the conventions in which such numbers are printed."""
    with here.reading() as work:
        return desk.readings_of(work, asked)


@_cards.get("/counts", responses=READS, operation_id="count_cards", summary="Count cards by kind, strength and state.")
def count(here: ADesk, asked: Annotated[CountAsked, Query()]) -> Sequence[CardsCounted]:
    """Count cards by kind, strength and state."""
    with here.reading() as work:
        return desk.counted(work, asked.site)


@_cards.get("/lift-access", responses=READS, operation_id="list_lift_access", summary="List which card opens which floors.")
def lift_access(here: ADesk, asked: AskedQuery) -> Page[LiftAccess]:
    """List the cards that open floors of a lift, for the lift's own controller."""
    with here.reading() as work:
        return cards_at_desk.lift_access(work, asked)


@_of_card.get("/events", responses=READS, operation_id="events_of_card", summary="List what happened to a card.")
def events(here: ADesk, record_id: UUID, asked: Annotated[EventsAsked, Query()]) -> Page[EventShown]:
    """List who had a card and what happened to it, oldest first; of a card that is deleted too."""
    with here.reading() as work:
        return custody.events(work, record_id, asked)


def _act(act: Act) -> Callable[..., Any]:
    body: Any = body_of(act.event)

    def with_body(here: AWritingDesk, record_id: UUID, wanted: BaseModel, seen: SeenIfGiven = None) -> Response:
        return here.change(lambda work: cards_at_desk.act(work, record_id, act, wanted.model_dump(), seen))

    def without(here: AWritingDesk, record_id: UUID, seen: SeenIfGiven = None) -> Response:
        return here.change(lambda work: cards_at_desk.act(work, record_id, act, {}, seen))

    if not body.model_fields:
        return without
    with_body.__annotations__["wanted"] = body
    return with_body


def _issue(here: AWritingDesk, record_id: UUID, wanted: IssueWanted, seen: SeenIfGiven = None) -> Response:
    return here.change(lambda work: cards_at_desk.issue(work, record_id, wanted, seen))


def _replace(here: AWritingDesk, record_id: UUID, wanted: CardReplaceWanted, seen: SeenIfGiven = None) -> Response:
    return here.change(lambda work: cards_at_desk.replace(work, record_id, wanted, seen))


_BY_HAND: dict[str, Callable[..., Any]] = {"issue": _issue, "replace": _replace}

for _each in ACTS:
    _of_card.add_api_route(
        f"/{_each.path}",
        _BY_HAND.get(_each.path) or _act(_each),
        methods=["POST"],
        response_model=CardShown,
        responses=WRITES,
        summary=f"Card: {EVENTS[_each.event.__name__][1]}.",
        description=_each.event.__doc__,
        operation_id=f"{_each.path}_card",
    )

router = APIRouter()
router.include_router(_cards)
router.include_router(record_routes(cards_at_desk, AREA, one="card", asked=CardsAsked))
router.include_router(_of_card)
router.include_router(parking.router)
