"""How a simulated lane is built: where things lie along the road, what is wired, and the gate.toml that goes with it.

Metres along the way in; the arm is at 0. Loops overlap every vehicle that stands between them, as an installer would lay them.
"""

import random
from dataclasses import dataclass
from typing import Final, Literal

from edge.config import GateConfig

Closing = Literal["barrier", "agent"]
Span = tuple[float, float]

ARRIVAL: Final[Span] = (-4.5, -1.5)
SAFETY: Final[Span] = (-0.6, 1.0)
BEAM: Final[Span] = (-0.2, 0.2)
FAR: Final[Span] = (1.5, 3.5)

BOARD: Final = "io"
CAMERA: Final = "camera-in"
READER: Final = "reader-in"
LANE: Final = "in-1"
OPEN_COIL: Final = 0
CLOSE_COIL: Final = 1
PINS: Final = {
    "open_limit": 0,
    "closed_limit": 1,
    "arrival_loop": 2,
    "safety_loop": 3,
    "far_loop": 4,
    "photocell": 5,
    "safety_check": 6,
    "push_button": 7,
    "fire": 8,
}
SPANS: Final = {"arrival_loop": ARRIVAL, "safety_loop": SAFETY, "far_loop": FAR, "photocell": BEAM}


@dataclass(frozen=True, slots=True)
class Layout:
    """What one lane is made of; times in seconds."""

    closing: Closing
    far_loop: bool
    photocell: bool
    check: bool
    travel_s: float
    close_after_s: float
    no_passage_s: float
    spring: bool  # without power the arm rises by its spring, else it stays

    @property
    def sensors(self) -> tuple[str, ...]:
        """The inputs that tell what stands on the road."""
        more = (("far_loop", self.far_loop), ("photocell", self.photocell))
        return ("arrival_loop", "safety_loop", *(name for name, there in more if there))


def drawn(chance: random.Random, closing: Closing) -> Layout:
    """Draw a lane as one of many installers would build it."""
    return Layout(
        closing,
        far_loop=chance.random() < 0.5,
        photocell=chance.random() < 0.6,
        check=chance.random() < 0.5,
        travel_s=chance.uniform(2.0, 5.0),
        close_after_s=chance.uniform(0.8, 3.0),
        no_passage_s=chance.uniform(25.0, 40.0),
        spring=chance.random() < 0.5,
    )


def gate_config(layout: Layout) -> GateConfig:
    """Return the configuration that an installer would write for it."""
    barrier: dict[str, object] = {
        "device": BOARD,
        "open": {"coil": OPEN_COIL, "pulse_ms": 500, "by": "board"},
        "closing": layout.closing,
        "open_limit": {"input": PINS["open_limit"]},
        "closed_limit": {"input": PINS["closed_limit"]},
        "push_button": {"input": PINS["push_button"]},
        **{name: {"input": PINS[name]} for name in layout.sensors},
    }
    if layout.check:
        barrier["safety_loop"] = {"input": PINS["safety_loop"], "check": PINS["safety_check"]}
    if layout.closing == "agent":
        barrier["close"] = {"coil": CLOSE_COIL, "pulse_ms": 500, "by": "board"}
    lane = {"id": LANE, "kind": "vehicle", "direction": "in", "readers": [READER], "cameras": [CAMERA], "evacuation": "open"}
    return GateConfig.model_validate(
        {
            "gate": {"site": "lakeside", "name": "east", "evacuation": {"device": BOARD, "input": PINS["fire"]}},
            "device": [
                {"id": READER, "protocol": "em4100", "url": "serial:///dev/reader"},
                {"id": CAMERA, "protocol": "video", "url": "rtsp://camera/stream1"},
                {"id": BOARD, "protocol": "modbus-rtu", "url": "serial:///dev/io", "inputs": len(PINS)},
            ],
            "lane": [{**lane, "barrier": barrier}],
        }
    )
