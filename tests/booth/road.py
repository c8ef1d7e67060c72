"""What stands before the lanes: vehicles on the loops with a plate before the camera, and people who hold something up."""

from access.plate import normalise
from simulators.demo.wiring import Wiring
from simulators.estate import Plate
from simulators.traffic.lanes import VehicleWires
from simulators.traffic.stage import Stage
from tests.waiting import wait_until

IN, OUT, DOOR = "in-1", "out-1", "door-1"
APPROACH_S = 0.3
CROSSING_S = 0.25  # a vehicle is so long on a loop: the gate asks its inputs ten times a second and more


class Road:
    """The far side of the gate's wires: whoever comes is seen by the real devices' protocols, and moves when an arm does."""

    def __init__(self, wiring: Wiring) -> None:
        self._lanes: dict[str, VehicleWires] = {IN: wiring.entry(), OUT: wiring.exit()}
        self.door = wiring.pedestrian()
        self._stage = Stage()

    def comes(self, lane: str, plate: Plate | None) -> None:
        """A vehicle rolls onto the arrival loop; None: one without a plate."""
        wires = self._lanes[lane]
        if plate is not None:
            wires.camera.show(plate.text, plate.colour, approach_s=APPROACH_S)
        wires.board.apply(lambda now: wires.arm.occupy_arrival(now, on=True))

    def shows(self, lane: str, card: bytes) -> None:
        """The driver holds a card up."""
        self._lanes[lane].show_card(card)

    def goes(self, lane: str) -> None:
        """The vehicle rolls back from the closed arm."""
        wires = self._lanes[lane]
        wires.camera.clear()
        wires.board.apply(lambda now: wires.arm.occupy_arrival(now, on=False))

    def is_up(self, lane: str) -> bool:
        """Whether the arm is all the way up."""
        wires = self._lanes[lane]
        return wires.board.apply(wires.arm.position) >= 1

    def drives_through(self, lane: str) -> None:
        """Wait for the arm, and drive over both loops."""
        wires = self._lanes[lane]
        wait_until(lambda: self.is_up(lane), what=f"the arm of {lane} to be up")
        wires.board.apply(lambda now: wires.arm.occupy_safety(now, on=True))
        wires.camera.clear()
        self._stage.pause(CROSSING_S)
        wires.board.apply(lambda now: wires.arm.occupy_arrival(now, on=False))
        self._stage.pause(CROSSING_S)
        wires.board.apply(lambda now: wires.arm.occupy_safety(now, on=False))

    def is_shut(self, lane: str) -> bool:
        """Whether the arm is down again."""
        wires = self._lanes[lane]
        return wires.board.apply(wires.arm.position) <= 0


def dotted(plate: Plate) -> str:
    """Return a plate as pages show it."""
    text = normalise(plate.text)
    return f"{text[:2]}·{text[2:]}"
