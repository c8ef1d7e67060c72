"""Card readers that publish JSON over MQTT; the payload is our own and is documented in docs/devices/mqtt-card-reader.md."""

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from devices.errors import FrameError
from devices.readers.presence import Presence
from devices.readings import CardRead, Reading, WireCounters

PAYLOAD_BYTES_MAX: Final = 4096
IDS_REMEMBERED: Final = 1000
CLOCK_TOLERANCE: Final = timedelta(seconds=10)


class CardMessage(BaseModel):
    """One card held up once, as the reader published it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: Literal[1]
    id: Annotated[str, Field(min_length=1, max_length=64)]
    card: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){1,16}$")]
    bits: Annotated[int, Field(ge=1, le=128)]
    at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _card_has_its_bits(self) -> Self:
        if len(self.card) != 2 * ((self.bits + 7) // 8) or int(self.card, 16).bit_length() > self.bits:
            raise ValueError("card and bits disagree")
        return self

    def reading(self) -> CardRead:
        """Return the card as a reading."""
        return CardRead(bytes.fromhex(self.card), self.bits)


def encode(message: CardMessage) -> bytes:
    """Return the payload that a reader publishes."""
    return message.model_dump_json(exclude_none=True).encode()


def parse(payload: bytes, *, retained: bool) -> CardMessage:
    """Check one payload; `FrameError` says what was wrong with it in words that do not repeat it."""
    if retained:
        raise FrameError("retained message", payload)
    if len(payload) > PAYLOAD_BYTES_MAX:
        raise FrameError("payload too large", payload)
    try:
        return CardMessage.model_validate_json(payload)
    except ValidationError as error:
        raise FrameError(_what_is_wrong(error), payload) from error


def decode(payload: bytes, *, retained: bool) -> CardRead:
    """Return the card in one payload; `FrameError` where there is none."""
    return parse(payload, retained=retained).reading()


def _what_is_wrong(error: ValidationError) -> str:
    """Name the first fault, and its key only where that is one of ours: the rest is the stranger's text."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if fault["type"] == "extra_forbidden":
        return "unknown key"
    where = ".".join(str(part) for part in fault["loc"])
    words = {"json_invalid": "not JSON", "missing": "missing", "value_error": "card and bits disagree"}
    what = words.get(fault["type"], "bad value")
    return f"{what}: {where}" if where else what


class CardJson:
    """Messages of one reader: retained, repeated and late ones open nothing."""

    def __init__(self, *, absent_after_s: float = 3.0) -> None:
        self.counters = WireCounters()
        self._presence = Presence(absent_after_s)
        self._ids: dict[str, None] = {}  # in order of arrival

    def feed_message(self, payload: bytes, *, retained: bool, now: float, at: datetime | None = None) -> list[Reading]:
        """Yield the card of a good message; with `at` (aware UTC) given, a message off by more than 10 s is refused."""
        self.counters.bytes_in += len(payload)
        try:
            message = parse(payload, retained=retained)
            _check_time(message, at)
        except FrameError as error:
            self.counters.reject(error.what)
            return []
        card = message.reading()
        known = self._is_known(message.id)
        if known or not self._presence.begins(_key(card), now):
            self.counters.repeats += 1
            return []
        self.counters.frames += 1
        return [card]

    def _is_known(self, message_id: str) -> bool:
        """Remember the last thousand ids: QoS 1 may deliver twice."""
        if message_id in self._ids:
            return True
        self._ids[message_id] = None
        if len(self._ids) > IDS_REMEMBERED:
            del self._ids[next(iter(self._ids))]
        return False


def _key(card: CardRead) -> bytes:
    """Tell cards apart by bytes and length: the same bytes of another length are another card."""
    return bytes([card.bits]) + card.raw


def _check_time(message: CardMessage, at: datetime | None) -> None:
    if at is None or message.at is None:
        return
    if message.at < at - CLOCK_TOLERANCE:
        raise FrameError("stale message")
    if message.at > at + CLOCK_TOLERANCE:
        raise FrameError("message from the future")
