"""Cards and codes, and the keyed hashes by which gates know them."""

from collections.abc import Sequence

from typing_extensions import override

from access.card import CardNumber, card_hash, code_hash
from access.contract.records import AnyRecord, CardRecord
from central.access_rules.audience import Audience, of_credential
from central.cards.schemas import CardShown, CardWanted, card_number
from central.records.repository import of_site
from central.records.services import Records
from central.records.validity import epoch_s, fill_validity
from central.registry import Work
from central.tables import Card, Person, Site

TAIL_LENGTH = 4


class Cards(Records[Card, CardWanted, CardShown]):
    """Cards and codes; one number is one card of a site."""

    table = Card
    wanted = CardWanted
    shown = CardShown
    taken = "another card of the site has this number"

    @override
    def fill(self, work: Work, site: Site, row: Card, wanted: CardWanted) -> None:
        """Set all of a card; the holder must be of the site."""
        if wanted.person is not None:
            of_site(work.session, Person, wanted.person, site.id, "person")
        fill_validity(row, wanted)
        row.person_id, row.code = wanted.person, wanted.code
        if wanted.raw is None:
            row.medium, row.raw, row.bits = "code", None, None
            row.tail = (wanted.code or "")[-TAIL_LENGTH:]
        else:
            number = card_number(wanted.raw, wanted.bits)
            row.medium, row.raw, row.bits = "card", number.raw, number.bits
            row.tail = printed_tail(number)

    @override
    def key(self, wanted: CardWanted) -> dict[str, object]:
        if wanted.raw is None:
            return {"code": wanted.code}
        number = card_number(wanted.raw, wanted.bits)
        return {"raw": number.raw, "bits": number.bits}

    @override
    def audience(self, work: Work, row: Card) -> Audience:
        return of_credential(work.session, row.status, row.person_id)

    @override
    def rules(self, site: Site, row: Card) -> Sequence[AnyRecord]:
        """Tell the hashes of every form that a reader can deliver, holder and validity."""
        shown = CardShown.model_validate(row)
        return (
            CardRecord(
                id=shown.id,
                hashes=_hashes(site, row),
                medium=shown.medium,
                tail=shown.tail,
                person=shown.person_id,
                status=shown.status,
                valid_from=epoch_s(shown.valid_from),
                valid_until=epoch_s(shown.valid_until),
            ),
        )


def printed_tail(number: CardNumber) -> str:
    """Return the last characters of what is printed on such a card."""
    printed = number.printed()
    return (printed.get("10") or printed.get("8") or printed["hex"])[-TAIL_LENGTH:]


def _hashes(site: Site, row: Card) -> tuple[str, ...]:
    if row.raw is None or row.bits is None:
        return (code_hash(site.card_key, row.code or "").hex(),)
    return tuple(card_hash(site.card_key, form).hex() for form in CardNumber(row.raw, row.bits).deliverable())


cards = Cards()
