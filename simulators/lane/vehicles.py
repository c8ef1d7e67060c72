"""Vehicles and who drives them: bodies that take up road, and what each driver means to do. Metres, seconds."""

import math
import random
from dataclasses import dataclass
from typing import Final, Literal

from simulators.lane.layout import FAR, SAFETY, Span

Manner = Literal[
    "goes", "stands_under", "backs_out", "gives_up", "takes_grant_and_leaves", "tailgates", "wrong_way", "crashes", "beside"
]
Ticket = Literal["plate", "card", "stranger"]

ENTERS_AT: Final = -22.0
LEAVES_AT: Final = 9.0  # with its tail
STOP_LINE: Final = -1.2
WRONG_STOP_LINE: Final = -SAFETY[1] - 0.4  # along its own way
NOSE_LINE: Final = -0.25  # further than this nobody stops before the arm
UP_ENOUGH: Final = 0.95  # drivers do not start under an arm that is still rising
TURNS_OFF_S: Final = 1.5
BACKS_AT: Final = 1.2  # m/s
EDGE: Final = 0.03


@dataclass(slots=True)
class Vehicle:
    """One vehicle; `front` is where its nose is along its own way. `metal` are the parts (m behind the nose) that loops see."""

    number: int
    plate: str
    ticket: Ticket
    manner: Manner
    length: float
    roof: float
    cruise: float
    brake: float
    reaction: float
    metal: tuple[Span, ...]
    patience: float
    pause: float
    front: float = ENTERS_AT
    speed: float = 0.0
    wrong_way: bool = False
    beside: "Vehicle | None" = None
    going: bool = False
    backing: bool = False
    paused_until: float = -math.inf
    head_since: float = math.inf
    go_at: float = math.inf
    gone_at: float = math.inf
    glimpsed: bool = False
    read: bool = False
    let_in_at: float = math.inf
    crashed: bool = False

    @property
    def body(self) -> Span:
        """The stretch of road that it stands on."""
        return (-self.front, self.length - self.front) if self.wrong_way else (self.front - self.length, self.front)

    def covers(self, span: Span) -> bool:
        """Tell whether any of its body is over a stretch of road."""
        low, high = self.body
        return low < span[1] and high > span[0]

    def shows(self, span: Span) -> bool:
        """Tell whether a loop there sees it."""
        if not self.covers(span):
            return False
        if self.wrong_way:
            return any(a - self.front < span[1] and b - self.front > span[0] for a, b in self.metal)
        return any(self.front - b < span[1] and self.front - a > span[0] for a, b in self.metal)

    @property
    def stopping(self) -> float:
        """How far it goes on when it brakes now."""
        return self.speed * self.speed / (2 * self.brake)

    def drive(self, limit: float, seconds: float) -> None:
        """Drive on, never further than `limit` if brakes allow it."""
        room = limit - self.front
        if room <= EDGE and self.speed == 0.0:
            return
        wanted = min(self.cruise, math.sqrt(2 * self.brake * room)) if room > 0 else 0.0
        self.speed = max(min(wanted, self.speed + 1.8 * seconds), self.speed - 1.3 * self.brake * seconds, 0.0)
        if self.speed < 0.05 and room <= 2 * EDGE:
            self.speed = 0.0
        self.front += self.speed * seconds


def drawn(number: int, plate: str, ticket: Ticket, manner: Manner, chance: random.Random, *, badly_seen: bool) -> Vehicle:
    """Draw a vehicle: a two-wheeler, a car, a lorry or one with a trailer; `badly_seen`: loops may miss parts of it."""
    kind = chance.choices(("two-wheeler", "car", "lorry", "trailer"), (12, 70, 12, 6))[0]
    length, roof, cruise, brake = {
        "two-wheeler": (chance.uniform(1.8, 2.2), 0.5, 3.0, 3.5),
        "car": (chance.uniform(3.6, 5.4), 0.5, 2.8, 3.0),
        "lorry": (chance.uniform(6.0, 12.0), 0.65, 2.0, 2.5),
        "trailer": (chance.uniform(12.0, 18.0), 0.65, 1.8, 2.5),
    }[kind]
    slow = 0.35 if chance.random() < 0.15 else chance.uniform(0.7, 1.0)
    return Vehicle(
        number,
        plate,
        ticket,
        manner,
        length,
        roof,
        cruise * slow,
        brake,
        chance.uniform(0.2, 0.4),
        _metal(kind, length, badly_seen=badly_seen),
        patience=chance.uniform(60.0, 120.0),
        pause=chance.uniform(3.0, 45.0),
    )


def _metal(kind: str, length: float, *, badly_seen: bool) -> tuple[Span, ...]:
    if not badly_seen or kind == "car":
        return ((0.0, length),)
    if kind == "two-wheeler":
        return ((0.5, length - 0.4),)
    axles = (0.0, 2.5), (length - 3.5, length)
    return ((0.0, length),) if length < 8 else axles


def beyond(vehicle: Vehicle) -> bool:
    """Tell whether it has gone through and is clear of the loop under the arm."""
    return vehicle.front - vehicle.length > (-SAFETY[0] if vehicle.wrong_way else SAFETY[1])


def leaves(vehicle: Vehicle) -> bool:
    """Tell whether it is out of the picture."""
    tail = vehicle.front - vehicle.length
    return tail > LEAVES_AT or (vehicle.backing and vehicle.front < ENTERS_AT / 2 and tail < ENTERS_AT / 2)


WRONG_WAY_ENTERS_AT: Final = -FAR[1] - 1.0
