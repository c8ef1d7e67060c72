"""What a guard does with visits: asked of the workflow first, then written down by the gate, and only then a lane opens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid5

from access.contract.booth_records import CardAtBooth, UnitAtBooth
from access.workflows.events import Event, Who
from access.workflows.refusals import Refusal
from access.workflows.visit import (
    WORKFLOW,
    CardGivenBack,
    CardLent,
    HostAgreed,
    LentCardLost,
    Means,
    Visit,
    VisitAsked,
    VisitorsArrived,
    VisitorsLeft,
    VisitRefused,
)
from edge.booth_messages import GuardReply, GuardRequest
from edge.desk import recording
from edge.desk.booth import Booth
from edge.desk.forms import ACT_EXPIRES_S
from edge.desk.presentation import LaneShown, lane_shown
from edge.desk.sessions import Session
from edge.desk.visitors.forms import Deed, WalkIn, details_of, number, of_request, seen, terms_of, values_of_terms
from edge.desk.visitors.standing import Standing, free_cards

KIND = "visit"
ASKED, LANE = "asked", "lane"  # the requests of a form beside its own
COUNTING = (HostAgreed, VisitorsArrived, VisitorsLeft)
CARD_NOT_IN_STOCK, DENIED = "card_not_in_stock", "denied"  # refusals of this place, beside those of the workflow
LEADER = "shift_leader"


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does it, where and when."""

    booth: Booth
    guard: Session
    at: datetime

    @property
    def by(self) -> Who:
        """The guard as workflows know them."""
        return recording.who(self.guard)

    @property
    def gate(self) -> str:
        """The slug of this gate."""
        return self.booth.config.gate.name


async def register(doing: Doing, form: WalkIn, unit: UnitAtBooth | None) -> GuardReply | Refusal:
    """Take a walk-in down, with the answer of the host where there is one; return what became of it."""
    booth, settings = doing.booth, doing.booth.book.pages.settings
    terms = terms_of(form, settings, unit, doing.at, booth.config.gate.zone)
    asked = VisitAsked(at=doing.at, by=doing.by, terms=terms)
    answer = _answer(doing, form, terms.host)
    visit = WORKFLOW.advance(Visit(), asked)
    checked = visit if isinstance(visit, Refusal) or answer is None else WORKFLOW.advance(visit, answer)
    if isinstance(checked, Refusal):
        return checked
    reply = await recording.record(
        booth,
        doing.guard,
        of_request(form.request, ASKED) if answer else form.request,
        KIND,
        str(form.visit),
        asked,
        values=values_of_terms(terms),
        details=details_of(form),
        after="",
        pressed=form.pressed,
        camera=booth.config.booth.camera if form.photo else "",
        lane=form.lane,
    )
    if answer is None or not reply.accepted:
        return reply
    values = recording.values_of(answer) | ({"before": [0, 0]} if isinstance(answer, HostAgreed) else {})
    spoke = {"answered_by": form.answered_by} if form.answered_by else {}
    after = next((act.entry for act in booth.book.pages.of(str(form.visit))), "")  # nobody else has answered it meanwhile
    return await recording.record(
        *(booth, doing.guard, form.request, KIND, str(form.visit), answer),
        values=values,
        details=spoke,
        after=after,
        lane=form.lane,
    )


def _answer(doing: Doing, form: WalkIn, host: str) -> Event | None:
    if form.do == "refused":
        return VisitRefused(at=doing.at, by=doing.by, reason=" ".join(form.why.split()))
    if form.do != "agreed":
        return None
    people, met = number(form.people) or 1, tuple(form.met or ())
    means = cast("Means", form.means)
    return HostAgreed(at=doing.at, by=doing.by, said_by=host, means=means, gate=doing.gate, people=people, met=met)


async def do(doing: Doing, standing: Standing, act: str, deed: Deed) -> GuardReply | Refusal:
    """Do an act with a visit; return what became of it."""
    if act in LETTING_IN and not may_let_in(standing, doing.guard):
        return Refusal(DENIED)
    event = event_of(doing, standing, act, deed)
    refusal = event if isinstance(event, Refusal) else WORKFLOW.advance(standing.visit, event)
    if isinstance(event, Refusal) or isinstance(refusal, Refusal):
        return _told(standing, doing.booth, cast("Refusal", refusal))
    values = recording.values_of(event)
    if isinstance(event, COUNTING):
        values |= {"before": seen(deed.before)}
    return await recording.record(
        doing.booth,
        doing.guard,
        deed.request,
        KIND,
        standing.identity,
        event,
        values=values,
        details={"answered_by": deed.answered_by} if deed.answered_by and act == "agree" else {},
        after=deed.after,
        pressed=deed.pressed,
        camera=doing.booth.config.booth.camera if deed.photo else "",
        lane=deed.lane,
    )


def may_let_in(standing: Standing, guard: Session) -> bool:
    """Tell whether a guard may let these in: who is on the list of those not to be let in is the shift leader's to decide."""
    return not standing.denied or guard.role == LEADER


def event_of(doing: Doing, standing: Standing, act: str, deed: Deed) -> Event | Refusal:
    """Return the event that an act is, or why it is none."""
    make = ACTS[act]
    people = number(deed.people)
    if people is None:
        return Refusal("party_full", {"party": standing.visit.terms.party, "inside": standing.visit.inside})
    return make(doing, standing, deed, people)


def _arrive(doing: Doing, _standing: Standing, deed: Deed, people: int) -> Event | Refusal:
    return VisitorsArrived(at=doing.at, by=doing.by, gate=doing.gate, people=people, met=tuple(deed.met or ()))


def _agree(doing: Doing, standing: Standing, deed: Deed, people: int) -> Event | Refusal:
    host = standing.visit.terms.host
    means = cast("Means", deed.means or "phone")
    try:
        return HostAgreed(
            at=doing.at, by=doing.by, said_by=host, means=means, gate=doing.gate, people=people, met=tuple(deed.met or ())
        )
    except ValueError:
        return Refusal("not_the_host", {"who": deed.means})


def _refuse(doing: Doing, _standing: Standing, deed: Deed, _people: int) -> Event | Refusal:
    return VisitRefused(at=doing.at, by=doing.by, reason=" ".join(deed.why.split()))


def _leave(doing: Doing, _standing: Standing, _deed: Deed, people: int) -> Event | Refusal:
    return VisitorsLeft(at=doing.at, by=doing.by, gate=doing.gate, people=people)


def _lend(doing: Doing, _standing: Standing, deed: Deed, _people: int) -> Event | Refusal:
    card = card_of(doing.booth, deed.card)
    pages = doing.booth.book.pages
    if card is not None and f"lent:{card.id}" in pages.facts:
        return Refusal("card_lent_already", {"card": card.printed})
    if card is None or card not in free_cards(pages):
        return Refusal(CARD_NOT_IN_STOCK)
    return CardLent(at=doing.at, by=doing.by, card=str(card.id))


def _back(doing: Doing, _standing: Standing, deed: Deed, _people: int) -> Event | Refusal:
    return CardGivenBack(at=doing.at, by=doing.by, card=deed.card)


def _lost(doing: Doing, _standing: Standing, deed: Deed, _people: int) -> Event | Refusal:
    return LentCardLost(at=doing.at, by=doing.by, card=deed.card)


ACTS: Mapping[str, Callable[[Doing, Standing, Deed, int], Event | Refusal]] = {
    "arrive": _arrive,
    "agree": _agree,
    "refuse": _refuse,
    "leave": _leave,
    "lend": _lend,
    "back": _back,
    "lost": _lost,
}
LETTING_IN = ("arrive", "agree")


def card_of(booth: Booth, card: str) -> CardAtBooth | None:
    """Return a visitor card by its id."""
    try:
        return booth.book.pages.find(CardAtBooth, UUID(card))
    except ValueError:
        return None


def _told(standing: Standing, booth: Booth, refusal: Refusal) -> Refusal:
    """Return a refusal with what stands on the card that it names."""
    if "card" not in refusal.values:
        return refusal
    named: Any = refusal.values["card"]
    printed = {card.id: card.printed for card in standing.cards}
    card = card_of(booth, str(named))
    return Refusal(refusal.code, {"card": printed.get(str(named)) or (card.printed if card else named)})


def lane_of(booth: Booth, slug: str) -> LaneShown | None:
    """Return the lane at which somebody stands, None where it is no lane of this gate."""
    return lane_shown(booth.config, booth.situation, slug) if slug else None


def stands_there(lane: LaneShown, passage: str) -> bool:
    """Tell whether who was asked about is still the one who stands at the lane."""
    return not passage or (lane.view is not None and lane.view.passage == passage)


async def open_lane(doing: Doing, request: UUID, lane: LaneShown, passage: str) -> GuardReply:
    """Have the lane open once for the visitor who was written down; a question about them is answered by it."""
    booth, guard = doing.booth, doing.guard
    is_asked = bool(passage) and lane.view is not None and lane.view.state == "referred"
    return await booth.asks.ask(
        GuardRequest(
            request=str(uuid5(request, LANE)),
            act="admit" if is_asked else "open_once",
            lane=lane.id,
            guard=guard.guard,
            guard_name=guard.name,
            reason="visitor",
            words="",
            expires_mono=booth.clock.now() + ACT_EXPIRES_S,
            passage=passage if is_asked else "",
        )
    )
