"""Shapes of cards and codes."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, field_serializer, model_validator

from access.card import CARD_BYTES_MAX, CardNumber
from access.contract.records import Status
from central.records.schemas import Asked, HolderShown, HolderWanted

RawHex = Annotated[str, Field(pattern=rf"^(?:[0-9A-Fa-f]{{2}}){{1,{CARD_BYTES_MAX}}}$")]
Code = Annotated[str, Field(min_length=4, max_length=512)]


def card_number(raw: str, bits: int | None) -> CardNumber:
    """Return the number that hex and length in bits (default: all) stand for; ValueError where they disagree."""
    data = bytes.fromhex(raw)
    return CardNumber(data, 8 * len(data) if bits is None else bits)


class CardWanted(HolderWanted):
    """What may be set of a card: its number as hex, or a code's text; `person` is its holder."""

    raw: RawHex | None = None
    bits: Annotated[int, Field(ge=1, le=8 * CARD_BYTES_MAX)] | None = None
    code: Code | None = None
    person: UUID | None = None

    @model_validator(mode="after")
    def _number_or_code(self) -> Self:
        if (self.raw is None) == (self.code is None):
            raise ValueError("a card has either a number (raw) or a code")
        if self.raw is not None:
            card_number(self.raw, self.bits)
        return self


class CardsAsked(Asked):
    """Which cards are wanted."""

    medium: Literal["card", "code"] | None = None
    tail: Annotated[str, Field(max_length=4)] | None = None
    person_id: UUID | None = None
    status: Status | None = None


class CardShown(HolderShown):
    """A card; of a code only the tail is shown, since whoever has its text can pass."""

    medium: Literal["card", "code"]
    raw: bytes | None
    bits: int | None
    tail: str
    person_id: UUID | None

    @field_serializer("raw")
    def _as_hex(self, raw: bytes | None) -> str | None:
        return None if raw is None else raw.hex().upper()
