"""Cards at the desk: enrolled by what is printed on them, and moved by the acts of their workflow, one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import select
from typing_extensions import override

from access.workflows.card import (
    WORKFLOW,
    CardActivated,
    CardFrozen,
    CardIssued,
    CardLost,
    CardRenewed,
    CardReplaced,
    CardRestocked,
    CardReturned,
    CardRevoked,
    CardThawed,
    Holding,
)
from access.workflows.events import Event
from central.cards import custody, repository
from central.cards.printed import number_meant, readings
from central.cards.schemas import (
    CardAtDesk,
    CardReplaceWanted,
    CardsCounted,
    CardShown,
    CardWanted,
    IssueWanted,
    LiftAccess,
    ReadingsAsked,
    ReadingShown,
)
from central.cards.services import Cards
from central.errors import RegistryError
from central.places.settings import settings_of
from central.records.repository import get, of_site, page
from central.records.repository import site as seen_site
from central.records.schemas import Asked, Page
from central.registry import Work
from central.tables import Card, Person, Site
from central.workflows.services import Act
from central.workflows.shapes import event_of

ISSUE: Final = Act("issue", CardIssued, by_hand=True)
REPLACE: Final = Act("replace", CardReplaced, by_hand=True)
ACTS: Final = (
    ISSUE,
    Act("activate", CardActivated),
    Act("freeze", CardFrozen),
    Act("thaw", CardThawed),
    Act("renew", CardRenewed),
    Act("lost", CardLost),
    REPLACE,
    Act("return", CardReturned),
    Act("revoke", CardRevoked),
    Act("restock", CardRestocked),
)
_PATHS: Mapping[type[Event], str] = {act.event: act.path for act in ACTS}


class CardsAtDesk(Cards):
    """Cards as the office enrols and changes them one by one: status and holder change by acts, never unsaid."""

    wanted: type[CardWanted] = CardAtDesk

    @override
    def create(self, work: Work, wanted: CardWanted, record_id: UUID | None = None, version: int = 1) -> CardShown:
        return super().create(work, _by_number(work, wanted), record_id, version)

    @override
    def change(self, work: Work, record_id: UUID, wanted: CardWanted, seen: int | None = None) -> CardShown:
        """Change what is printed, strength, floors, validity; RegistryError 404, and 409 naming the act that is needed."""
        row = get(work, Card, record_id, changing=True)
        stands = {"person": row.person_id, "status": row.status}
        unsaid = {name: value for name, value in stands.items() if name not in wanted.model_fields_set}
        return super().change(work, record_id, _by_number(work, wanted).model_copy(update=unsaid), seen)

    @override
    def fill(self, work: Work, site: Site, row: Card, wanted: CardWanted) -> None:
        if row.state:
            if wanted.person is not None:
                of_site(work.session, Person, wanted.person, site.id, "person")
            _check_custody(work, row, wanted)
        super().fill(work, site, row, wanted)

    # --- acts -------------------------------------------------------------------------------------

    def act(self, work: Work, record_id: UUID, act: Act, facts: Mapping[str, Any], seen: int | None = None) -> CardShown:
        """Do an act on a card; RegistryError 404, and 409 where it is refused or is not as it was `seen` (None: any)."""
        row = get(work, Card, record_id, changing=True)
        self.check_seen(work, row, seen)
        if act.event is CardReturned:
            custody.check_not_lent(work, row, "state")
        return self._moved(work, row, event_of(act.event, facts, work.at, work.actor.who))

    def issue(self, work: Work, record_id: UUID, wanted: IssueWanted, seen: int | None = None) -> CardShown:
        """Give a card to a person of the site; RegistryError 404, 422, and 409, naming both where it is somebody else's."""
        row = get(work, Card, record_id, changing=True)
        self.check_seen(work, row, seen)
        if wanted.person is not None:
            of_site(work.session, Person, wanted.person, row.site_id, "person")
            custody.check_free(work, row, wanted.person)
        holding = Holding(str(wanted.person or ""), wanted.bound_to, wanted.deposit, wanted.valid_until)
        return self._moved(work, row, CardIssued(at=work.at, by=work.actor.who, holding=holding))

    def replace(self, work: Work, record_id: UUID, wanted: CardReplaceWanted, seen: int | None = None) -> CardShown:
        """Give the holder of a lost card another one from stock; RegistryError 404, 409 and 422."""
        row = get(work, Card, record_id, changing=True)
        self.check_seen(work, row, seen)
        if row.visit_id is not None:
            raise custody.of_visit(work, row, row.visit_id, "state")
        other = of_site(work.session, Card, wanted.card, row.site_id, "card")
        holding = custody.custody_of(row).holding or Holding("")
        if wanted.deposit is not None:
            holding = replace(holding, deposit=wanted.deposit)
        replaced = CardReplaced(at=work.at, by=work.actor.who, number=custody.number_on(other))
        self._moved(work, row, replaced, other.id)
        if other.state != "stock":
            facts = {"code": "not_now", "state": other.state}
            raise RegistryError("only a card from stock can replace another", 409, "card", facts)
        self._moved(work, other, CardIssued(at=work.at, by=work.actor.who, holding=holding), floors=other.floors or row.floors)
        return self.show(work, row)

    def _moved(
        self, work: Work, row: Card, event: Event, replaced_by: UUID | None = None, floors: Sequence[str] | None = None
    ) -> CardShown:
        # The floors are the holder's: another card takes them over, and none goes back to stock with them.
        kept = () if isinstance(event, CardRestocked) else floors

        def do() -> None:
            custody.happen(work, row, (event,))
            row.replaced_by_id = replaced_by or row.replaced_by_id
            row.floors = row.floors if kept is None else list(kept)

        reason = getattr(event, "reason", "") or work.actor.reason
        work = replace(work, actor=replace(work.actor, reason=reason))
        return self.amend(work, row, do, type(event).__name__)

    # --- looked up --------------------------------------------------------------------------------

    def lift_access(self, work: Work, asked: Asked) -> Page[LiftAccess]:
        """Return the cards that open floors of a lift, for its own controller."""
        rows = page(work, select(Card).where(repository.has_floors()), Card, asked)
        items = [LiftAccess.model_validate(row) for row in rows[: asked.limit]]
        return Page(items=items, more=items[-1].id if len(rows) > asked.limit else None)


def readings_of(work: Work, asked: ReadingsAsked) -> list[ReadingShown]:
    """Return what a printed number can mean; RegistryError 422 for another's site."""
    is_reversed = asked.site is not None and settings_of(work.session, seen_site(work, asked.site).id).card_bytes_reversed
    return [
        ReadingShown(
            form=cast("Any", each.form), raw=each.number.raw.hex().upper(), bits=each.number.bits, is_meant=each.is_meant
        )
        for each in readings(asked.printed, is_reversed=is_reversed)
    ]


def counted(work: Work, site_id: UUID | None) -> Sequence[CardsCounted]:
    """Count the cards in sight by kind, strength and state; RegistryError 422 for another's site."""
    if site_id is not None:
        seen_site(work, site_id)
    return [CardsCounted.model_validate(row) for row in repository.counted(work, site_id)]


def _by_number(work: Work, wanted: CardWanted) -> CardWanted:
    """Return what is wanted with the number that is meant by what is printed; RegistryError 422 where that is not clear."""
    if wanted.raw is not None or wanted.code is not None:
        return wanted
    assert isinstance(wanted, CardAtDesk)
    is_reversed = settings_of(work.session, seen_site(work, wanted.site).id).card_bytes_reversed
    number = number_meant(wanted.printed, wanted.form, is_reversed=is_reversed)
    return wanted.model_copy(update={"raw": number.raw.hex().upper(), "bits": number.bits})


def _check_custody(work: Work, row: Card, wanted: CardWanted) -> None:
    """Raise RegistryError 409 naming the act by which a card comes to be as is wanted."""
    if wanted.person != row.person_id or wanted.status != row.status:
        first = next(iter(custody.steps(work, row, wanted)), CardRevoked)
        field = "status" if wanted.person == row.person_id else "person"
        raise _by_act(_PATHS[first], field)
    until = row.valid_until
    if until and wanted.valid_until and wanted.valid_until > until and CardRenewed in WORKFLOW.moves[row.state]:
        raise _by_act("renew", "valid_until")


def _by_act(act: str, field: str) -> RegistryError:
    return RegistryError("a card's holder, status and end change by its acts: use {act}", 409, field, {"act": act}, act=act)


cards_at_desk = CardsAtDesk()
