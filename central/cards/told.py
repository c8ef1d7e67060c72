"""What gates are told of a card: the hashes of every form that a reader can deliver, holder and validity."""

from typing import Any, cast
from uuid import UUID

from access.card import CardNumber, card_hash, code_hash
from access.contract.booth_records import CardAtBooth
from access.contract.records import CardRecord
from central.cards.custody import number_on
from central.records.validity import epoch_s
from central.tables import Card, Site

WORD_MAX = 40


def card_record(site: Site, row: Card, person: UUID | None, status: str) -> CardRecord:
    """Return what gates are told of a card that this person holds."""
    return CardRecord(
        id=row.id,
        hashes=_hashes(site, row),
        medium=cast("Any", row.medium),
        tail=row.tail,
        person=person,
        status=cast("Any", status),
        valid_from=epoch_s(row.valid_from),
        valid_until=epoch_s(row.valid_until),
    )


def card_at_booth(row: Card) -> CardAtBooth:
    """Return what booths show of a visitor card."""
    return CardAtBooth(id=row.id, printed=called(row)[:WORD_MAX], state=row.state)


def called(row: Card) -> str:
    """Return what guards call a card by: what stands on it, of a code too."""
    return row.printed or number_on(row)


def _hashes(site: Site, row: Card) -> tuple[str, ...]:
    if row.raw is None or row.bits is None:
        return (code_hash(site.card_key, row.code or "").hex(),)
    return tuple(card_hash(site.card_key, form).hex() for form in CardNumber(row.raw, row.bits).deliverable())
