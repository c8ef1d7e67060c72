"""Vehicles that may carry goods: those that stand at the lanes of this gate, and what is asked of a lane for them."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from edge.booth_messages import GuardReply, GuardRequest
from edge.desk.booth import Booth
from edge.desk.forms import ACT_EXPIRES_S
from edge.desk.presentation import LaneShown, lanes_shown
from edge.desk.sessions import Session

STANDS = frozenset({"waiting", "referred", "denied"})
ASKED_OF_LANES = frozenset({"nothing_carried", "mark_loading", "decide_again"})


@dataclass(frozen=True, slots=True)
class VehicleHere:
    """A vehicle that stands at a lane on its way out; `waits` where the lane's question is what it carries.

    `is_asked`: the lane waits for the guard's answer, so that the rules can be asked again.
    """

    lane: LaneShown
    plate: str
    colour: str
    subject: str
    passage: str
    waits: bool
    is_asked: bool
    number: str = ""

    @property
    def name(self) -> str:
        """What forms call it: the lane, and which passage it is there, for another may stand there when they are sent."""
        return f"{self.lane.id} {self.passage}"


def vehicles_here(booth: Booth) -> list[VehicleHere]:
    """Return the vehicles at the lanes that lead out, those whose goods are asked about first."""
    found = [vehicle for lane in lanes_shown(booth.config, booth.situation) if (vehicle := _at(lane)) is not None]
    return sorted(found, key=lambda vehicle: not vehicle.waits)


def exits(booth: Booth) -> list[LaneShown]:
    """Return the lanes for vehicles that lead out now."""
    lanes = lanes_shown(booth.config, booth.situation)
    return [lane for lane in lanes if lane.wired.kind == "vehicle" and _heading(lane) != "in"]


def vehicle_named(booth: Booth, name: str) -> VehicleHere | None:
    """Return the vehicle that a form has named, None where it stands there no more."""
    return next((vehicle for vehicle in vehicles_here(booth) if vehicle.name == name), None)


def vehicle_with(booth: Booth, plate: str) -> VehicleHere | None:
    """Return the vehicle with this plate (normal form), if it stands at a lane."""
    return next((vehicle for vehicle in vehicles_here(booth) if plate and vehicle.plate == plate), None)


async def ask_lane(booth: Booth, guard: Session, vehicle: VehicleHere, act: str, request: UUID, pressed: float) -> GuardReply:
    """Have a lane do something about the vehicle that stands there: one of ASKED_OF_LANES."""
    now = booth.clock.now()
    return await booth.asks.ask(
        GuardRequest(
            request=str(uuid5(request, act)),
            act=act,
            lane=vehicle.lane.id,
            guard=guard.guard,
            guard_name=guard.name,
            reason="looked",
            words="",
            expires_mono=(pressed if 0 < pressed <= now else now) + ACT_EXPIRES_S,
            passage=vehicle.passage,
            choice="" if act == "decide_again" else vehicle.subject,
            badge=guard.badge,
            role=guard.role,
        )
    )


def _heading(lane: LaneShown) -> str:
    return (lane.view.headed if lane.view else "") or lane.wired.direction


def _at(lane: LaneShown) -> VehicleHere | None:
    view = lane.view
    if view is None or lane.wired.kind != "vehicle" or view.state not in STANDS:
        return None
    if _heading(lane) == "in" or not (view.plate or view.subject):
        return None
    number = str(view.values.get("number", "")) if view.waiting_for_goods else ""
    return VehicleHere(
        lane, view.plate, view.colour, view.subject, view.passage, view.waiting_for_goods, view.state == "referred", number
    )
