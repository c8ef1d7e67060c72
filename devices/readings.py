"""What codecs yield: frozen facts about what a device said. No time of day: the shell that received the bytes stamps them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CardRead:
    """One card presented once. `raw` is the number as the reader sent it, most significant byte first; `bits` its length."""

    raw: bytes
    bits: int

    @property
    def text(self) -> str:
        """The raw number as hex, for logs and enrolment screens."""
        return self.raw.hex().upper()


@dataclass(frozen=True, slots=True)
class CodeRead:
    """One decoded QR or bar code: its text exactly as scanned, without the line end."""

    text: str


@dataclass(frozen=True, slots=True)
class PlateRead:
    """One plate seen in one picture (or voted from several).

    `raw` is the reader's own text, `text` its normal form (`access.plate`); `confidence` 0..1; `characters` the probability of
    each character of `text`; `corners` the plate's four corners in pixels, clockwise from top left; `arrival` the reader's own
    id of this arrival, for deduplication; `capture_id` names the picture that `eyes` keeps for this read; `vehicle_class` is car,
    large, motorcycle, tricycle or bicycle where the reader tells it.
    """

    raw: str
    text: str
    confidence: float
    colour: str = ""
    kind: str = ""
    characters: tuple[float, ...] = ()
    corners: tuple[tuple[float, float], ...] = ()
    arrival: str = ""
    capture_id: str = ""
    vehicle_class: str = ""


@dataclass(frozen=True, slots=True)
class InputsRead:
    """State of a board's discrete inputs, in order; True is active as wired."""

    states: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class OutputsRead:
    """State of a board's relays, in order; True is energised."""

    states: tuple[bool, ...]


Reading = CardRead | CodeRead | PlateRead | InputsRead | OutputsRead


@dataclass(slots=True)
class WireCounters:
    """What a wire has carried since start; shown on the health page, never reset."""

    bytes_in: int = 0
    frames: int = 0
    rejected: int = 0
    repeats: int = 0
    reopened: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str) -> None:
        """Count one refused frame under its reason (at most 50 different reasons are kept apart)."""
        self.rejected += 1
        key = reason if reason in self.reasons or len(self.reasons) < 50 else "other"
        self.reasons[key] = self.reasons.get(key, 0) + 1
