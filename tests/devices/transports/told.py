"""What a transport told its owner, kept for a test to look at."""

from dataclasses import dataclass, field
from queue import SimpleQueue

from devices.readings import Reading

TIMEOUT_S = 10


@dataclass
class Told:
    """Readings and states as they came from the transport's thread."""

    readings: SimpleQueue[tuple[Reading, float]] = field(default_factory=SimpleQueue)
    states: SimpleQueue[tuple[bool, str]] = field(default_factory=SimpleQueue)

    def emit(self, reading: Reading, received_at: float) -> None:
        self.readings.put((reading, received_at))

    def state(self, up: bool, why: str) -> None:
        self.states.put((up, why))

    def next_reading(self) -> Reading:
        return self.readings.get(timeout=TIMEOUT_S)[0]

    def next_state(self) -> tuple[bool, str]:
        return self.states.get(timeout=TIMEOUT_S)
