"""Shapes of cards and codes."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_serializer, model_validator

from access.card import CARD_BYTES_MAX, CardNumber
from access.contract.record_fields import Status
from central.cards.printed import TEXT_MAX, Form
from central.masking.kinds import Personal
from central.records.schemas import Asked, HolderShown, HolderWanted, Line, Moment, Name, Prose, Wanted

RawHex = Annotated[str, Field(pattern=rf"^(?:[0-9A-Fa-f]{{2}}){{1,{CARD_BYTES_MAX}}}$")]
Code = Annotated[str, Field(min_length=4, max_length=512)]
Medium = Literal["card", "code"]
CardKind = Literal["vehicle_card", "lift_card", "housekeeping_card", "resident_card", "staff_card", "visitor_card"]
State = Literal["stock", "issued", "active", "frozen", "lost", "replaced", "returned", "expired", "revoked"]
Strength = Literal["uid", "sector", "desfire_aes", "osdp_secure", "signed", "plain"]
# The first is the weakest: what is taken where nothing is said.
STRENGTHS: dict[Medium, tuple[Strength, ...]] = {
    "card": ("uid", "sector", "desfire_aes", "osdp_secure"),
    "code": ("plain", "signed"),
}
Printed = Annotated[Line, Field(max_length=TEXT_MAX)]
BoundTo = Annotated[Line, Field(max_length=60)]
Floors = Annotated[tuple[Annotated[Name, Field(max_length=20)], ...], Field(max_length=200)]


def card_number(raw: str, bits: int | None) -> CardNumber:
    """Return the number that hex and length in bits (default: all) stand for; ValueError where they disagree."""
    data = bytes.fromhex(raw)
    return CardNumber(data, 8 * len(data) if bits is None else bits)


class CardWanted(HolderWanted):
    """What may be set of a card: its number as hex, or a code's text; `person` is its holder (none: it is in stock).

    `printed` is the number as it stands on the card, `floors` are data for the lift's own controller, `bound_to` is what it was
    given out for (a plate, a space), `deposit` is noted in words. Without `kind` and `strength` they stay as they are.
    """

    raw: RawHex | None = None
    bits: Annotated[int, Field(ge=1, le=8 * CARD_BYTES_MAX)] | None = None
    code: Code | None = None
    person: UUID | None = None
    kind: CardKind | None = None
    strength: Strength | None = None
    printed: Printed = ""
    floors: Floors = ()
    bound_to: BoundTo = ""
    deposit: Prose = ""

    # Whether what is printed may stand for the number.
    reads_printed: ClassVar[bool] = False

    @model_validator(mode="after")
    def _number_or_code(self) -> Self:
        is_printed = self.reads_printed and self.printed != "" and self.code is None
        if (self.raw is None) == (self.code is None) and not (self.raw is None and is_printed):
            raise ValueError("a card has either a number (raw) or a code")
        if self.raw is not None:
            card_number(self.raw, self.bits)
        if self.strength is not None and self.strength not in STRENGTHS["card" if self.code is None else "code"]:
            raise ValueError("a code is signed or plain, and a card neither")
        return self


class CardAtDesk(CardWanted):
    """What may be set of a card at the desk: also by the number `printed` on it alone, read as `form` where that is not clear.

    With a person it is issued and active at once, without it is in stock. Later its status and holder change by its acts only.
    """

    form: Form | None = None
    reads_printed: ClassVar[bool] = True


class CardsAsked(Asked):
    """Which cards are wanted; `number`: in any form in which it may be printed, `expires_before`: the ended ones too."""

    medium: Medium | None = None
    tail: Annotated[str, Field(max_length=4)] | None = None
    person_id: UUID | None = None
    visit_id: UUID | None = None
    status: Status | None = None
    state: State | None = None
    kind: CardKind | None = None
    strength: Strength | None = None
    bound_to: BoundTo | None = None
    replaced_by_id: UUID | None = None
    number: Printed | None = None
    expires_before: Moment | None = None


class CardShown(HolderShown):
    """A card; of a code only the tail is shown, since whoever has its text can pass. Gates are told the `status`.

    `visit_id`: it is lent with this visit, to a visitor who is no person of the site.
    """

    medium: Medium
    raw: Annotated[bytes | None, Personal("card")]
    bits: int | None
    tail: Annotated[str, Personal("card")]
    person_id: UUID | None
    visit_id: UUID | None
    kind: CardKind
    strength: Strength
    printed: Annotated[str, Personal("card")]
    floors: list[str]
    state: State
    bound_to: Annotated[str, Personal("credential")]
    deposit: Annotated[str, Personal("note")]
    replaced_by_id: UUID | None

    @field_serializer("raw")
    def _as_hex(self, raw: bytes | None) -> str | None:
        return None if raw is None else raw.hex().upper()


class ReadingsAsked(BaseModel):
    """The number as it is printed; `site`: where the cards are of (by its setting bytes may be printed the other way round)."""

    model_config = ConfigDict(extra="forbid")

    printed: Annotated[Printed, Field(min_length=1)]
    site: UUID | None = None


class ReadingShown(BaseModel):
    """One meaning of a printed number; `is_meant`: it is taken, or one of several, unless a `form` is named."""

    form: Form
    raw: str
    bits: int
    is_meant: bool


class CountAsked(BaseModel):
    """The site whose cards are counted; without: of all that are seen."""

    model_config = ConfigDict(extra="forbid")

    site: UUID | None = None


class CardsCounted(BaseModel):
    """How many cards of a kind and strength are in a state."""

    model_config = ConfigDict(from_attributes=True)

    kind: CardKind
    strength: Strength
    state: State
    count: int


class LiftAccess(BaseModel):
    """What the lift's controller is to know of a card: its number (hex, and as printed), floors, status and validity."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    raw: Annotated[bytes | None, Personal("card")]
    bits: int | None
    printed: Annotated[str, Personal("card")]
    floors: list[str]
    status: Status
    valid_from: datetime | None
    valid_until: datetime | None

    @field_serializer("raw")
    def _as_hex(self, raw: bytes | None) -> str | None:
        return None if raw is None else raw.hex().upper()


class IssueWanted(Wanted):
    """Give a card from stock to a person of the site; what it is for, the deposit in words, until when (none: no end)."""

    person: UUID | None = None
    bound_to: BoundTo = ""
    deposit: Prose = ""
    valid_until: Moment | None = None


class CardReplaceWanted(Wanted):
    """Give the holder of a lost card another one from stock, on the same terms; without `deposit` the former stays noted."""

    card: UUID
    deposit: Prose | None = None
