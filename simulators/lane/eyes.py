"""What the camera reads at the lane: late, doubtful, twice, sometimes nothing; and the card that a driver holds out."""

import random
from typing import Final

from devices.readings import PlateRead
from edge.gate.events import CardPresented, PlatePresented
from simulators.lane.estate import card_of
from simulators.lane.layout import CAMERA, READER
from simulators.lane.vehicles import Vehicle

READS_FROM: Final = -5.0
MISSES: Final = 0.03
MISREADS: Final = 0.03
READS_TWICE: Final = 0.2
VOTED_S: Final = (0.2, 0.8)
WAYS_TO_MISREAD: Final = {"A": "4", "B": "8", "C": "G", "E": "F", "H": "M", "0": "D", "1": "L", "5": "S", "8": "B"}

Due = tuple[float, PlatePresented]


class Eyes:
    """Turns the vehicle at the head of the lane into readings, each with the time at which it arrives."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def sees(self, vehicle: Vehicle, now: float) -> list[Due]:
        """Return what is read of a vehicle that has come near."""
        if self._chance.random() < MISSES:
            return []
        due = [self._plate(vehicle, now, sure=self._chance.random() >= MISREADS)]
        if self._chance.random() < READS_TWICE:
            due.append(self._plate(vehicle, now + 0.7, sure=True))
        return due

    def looks(self, vehicle: Vehicle, now: float) -> list[Due]:
        """Return what is read when the gate asks for it."""
        if self._chance.random() < MISSES:
            return []
        return [self._plate(vehicle, now + 0.2, sure=True)]

    def _plate(self, vehicle: Vehicle, now: float, *, sure: bool) -> Due:
        text = vehicle.plate if sure else self._misread(vehicle.plate)
        confidence = 0.98 if sure else 0.6
        at = now + self._chance.uniform(*VOTED_S)
        read = PlateRead(text, text, confidence, "blue", capture_id=f"c-{vehicle.number}")
        return at, PlatePresented(CAMERA, read, now)

    def _misread(self, plate: str) -> str:
        at = self._chance.randrange(2, len(plate))
        return plate[:at] + WAYS_TO_MISREAD.get(plate[at], plate[at]) + plate[at + 1 :]


def card_shown(vehicle: Vehicle, now: float) -> CardPresented:
    """Return what the reader makes of the card that its driver holds out."""
    raw = card_of(vehicle.number)
    return CardPresented(READER, raw, 8 * len(raw), now)
