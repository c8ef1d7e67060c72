"""Cards and codes, and the keyed hashes by which gates know them."""

from collections.abc import Sequence
from functools import partial
from typing import Final
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import object_session
from typing_extensions import override

from access.card import CardNumber
from access.contract.records import AnyRecord
from access.workflows.card import (
    WORKFLOW,
    CardActivated,
    CardExpired,
    CardFrozen,
    CardIssued,
    CardLost,
    CardReturned,
    CardRevoked,
    Holding,
)
from access.workflows.events import Reasoned
from central.access_rules.audience import Audience, of_credential
from central.cards import custody, repository
from central.cards.printed import forms_of, readings
from central.cards.schemas import STRENGTHS, CardsAsked, CardShown, CardWanted, card_number
from central.cards.told import card_at_booth, card_record
from central.places.at_booth import VISITOR_CARD, tell_settings
from central.records.repository import get, of_site
from central.records.repository import site as site_of
from central.records.schemas import Asked
from central.records.services import Records
from central.records.validity import check_order
from central.registry import Work
from central.tables import Card, Person, Site
from central.visits.telling import lent_card
from central.workflows.clock import each_apart
from central.workflows.tables import WorkflowRecord

TAIL_LENGTH = 4
KINDS_BY_CATEGORY = {"staff": "staff_card", "visitor": VISITOR_CARD}
# A card became a visitor card, or ceased to be one: booths are still to be told whether the site has any.
VISITOR_CARDS_MOVED = "visitor cards moved"
_SET_ASIDE: Final[dict[str, type[Reasoned]]] = {"revoked": CardRevoked, "frozen": CardFrozen}


class Cards(Records[Card, CardWanted, CardShown]):
    """Cards and codes; one number is one card of a site, and has one holder at a time.

    Put (by seeds and imports) with another status or holder, a card is moved there by the acts of its workflow.
    """

    table = Card
    wanted = CardWanted
    shown = CardShown
    taken = "another card of the site has this number"

    @override
    def fill(self, work: Work, site: Site, row: Card, wanted: CardWanted) -> None:
        """Set all of a card; the holder must be of the site, and nobody else may hold it.

        One that is lent keeps its number and what is printed on it: the visit knows it by these.
        """
        person = None if wanted.person is None else of_site(work.session, Person, wanted.person, site.id, "person")
        check_order(wanted)
        if row.visit_id is not None:
            self._check_name_stays(work, row, wanted)
        row.code = wanted.code
        if wanted.raw is None:
            row.medium, row.raw, row.bits = "code", None, None
            row.tail = (wanted.code or "")[-TAIL_LENGTH:]
        else:
            number = card_number(wanted.raw, wanted.bits)
            row.medium, row.raw, row.bits = "card", number.raw, number.bits
            row.tail = printed_tail(number)
        strengths = STRENGTHS["code" if wanted.raw is None else "card"]
        row.strength = wanted.strength or (row.strength if row.strength in strengths else strengths[0])
        kind = wanted.kind or row.kind or KINDS_BY_CATEGORY.get(person.category if person else "", "resident_card")
        if kind != row.kind and VISITOR_CARD in (kind, row.kind):
            work.session.info[VISITOR_CARDS_MOVED] = True
        row.kind = kind
        row.printed, row.floors = wanted.printed, list(wanted.floors)
        custody.settle(work, row, wanted)

    def _check_name_stays(self, work: Work, row: Card, wanted: CardWanted) -> None:
        called = {"printed": wanted.printed, **self.key(wanted)}
        if changed := [name for name, value in called.items() if value != getattr(row, name)]:
            custody.check_not_lent(work, row, changed[0])

    @override
    def key(self, wanted: CardWanted) -> dict[str, object]:
        if wanted.raw is None:
            return {"code": wanted.code}
        number = card_number(wanted.raw, wanted.bits)
        return {"raw": number.raw, "bits": number.bits}

    @override
    def narrowed(self, query: Select[Card], asked: Asked) -> Select[Card]:
        assert isinstance(asked, CardsAsked)
        if asked.number is not None:
            query = query.where(repository.has_number(asked.number, forms_of(readings(asked.number))))
        if asked.expires_before is not None:
            query = query.where(Card.valid_until < asked.expires_before)
        return super().narrowed(query, asked.model_copy(update={"number": None, "expires_before": None}))

    @override
    def audience(self, work: Work, row: Card) -> Audience:
        return of_credential(work.session, row.status, row.person_id)

    @override
    def rules(self, site: Site, row: Card) -> Sequence[AnyRecord]:
        """Tell hashes, holder and validity; of a card that is lent, the visitor."""
        if row.visit_id is not None:
            session = object_session(row)
            assert session is not None, "only what is kept is told"
            return (lent_card(session, site, row, session.get_one(WorkflowRecord, row.visit_id)),)
        return (card_record(site, row, row.person_id, row.status),)

    @override
    def at_booths(self, work: Work, site: Site, row: Card) -> Sequence[AnyRecord]:
        """Show visitor cards, which guards lend by what stands on them."""
        return (card_at_booth(row),) if row.kind == VISITOR_CARD else ()

    @override
    def followed(self, work: Work, site: Site, row: Card) -> None:
        """Tell booths whether the site has visitor cards at all, where that may be otherwise now."""
        if work.session.info.pop(VISITOR_CARDS_MOVED, False):
            tell_settings(work, site)

    @override
    def delete(self, work: Work, record_id: UUID, seen: int | None = None) -> None:
        row = get(work, Card, record_id)
        kind, site = row.kind, site_of(work, row.site_id)
        super().delete(work, record_id, seen)
        if kind == VISITOR_CARD:
            tell_settings(work, site)

    def lend(self, work: Work, row: Card, visit: WorkflowRecord) -> None:
        """Lend a card from stock, locked by the caller, with a visit; it may be used at once."""
        by, holding = work.actor.who, Holding(f"{custody.WITH_VISIT}{visit.id}", visit.number)
        events = (CardIssued(at=work.at, by=by, holding=holding), CardActivated(at=work.at, by=by))
        self.amend(work, row, partial(custody.happen, work, row, events), CardIssued.__name__)

    def take_back(self, work: Work, row: Card) -> None:
        """Put a card that was lent with a visit, locked by the caller, back into stock; one revoked or frozen stays out.

        Into stock without its floors: they were this visitor's.
        """

        def do() -> None:
            custody.happen(work, row, custody.way_back(row, work.at, work.actor.who))
            row.floors = [] if row.state == "stock" else row.floors

        self.amend(work, row, do, CardReturned.__name__)

    def lose(self, work: Work, row: Card) -> None:
        """Let a card that was lent with a visit, locked by the caller, be lost, unless it is in nobody's hands any more."""
        if CardLost in WORKFLOW.moves[row.state]:
            events = (CardLost(at=work.at, by=work.actor.who),)
            self.amend(work, row, partial(custody.happen, work, row, events), CardLost.__name__)

    def set_aside(self, work: Work, row: Card, status: str) -> None:
        """Revoke or freeze a card, locked by the caller, whose holder leaves; one whose time has ended meanwhile stays so."""

        def do() -> None:
            custody.happen(work, row, ())
            if act in WORKFLOW.moves[row.state]:
                custody.happen(work, row, (act(at=work.at, by=work.actor.who, reason=work.actor.reason),))

        act = _SET_ASIDE[status]
        self.amend(work, row, do, act.__name__)

    def is_due(self, work: Work) -> bool:
        """Tell whether the time of a card has ended."""
        return repository.is_due(work.session, work.at)

    def ripen(self, work: Work) -> int:
        """Let cards expire whose time has ended; returns how many those were, not more than one turn's."""

        def move(row: Card) -> None:
            self.amend(work, row, partial(custody.happen, work, row, ()), CardExpired.__name__)

        return each_apart(work, self.kind, repository.due(work.session, work.at), move)


def printed_tail(number: CardNumber) -> str:
    """Return the last characters of what is printed on such a card."""
    printed = number.printed()
    return (printed.get("10") or printed.get("8") or printed["hex"])[-TAIL_LENGTH:]


cards = Cards()
