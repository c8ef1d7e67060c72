"""Vehicles that may carry goods: those that stand at the lanes of this gate, and what is asked of a lane for them."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from edge.desk.booth import Booth
from edge.desk.forms import ACT_EXPIRES_S
from edge.desk.presentation import LaneShown, lanes_shown
from edge.desk.sessions import Session
from edge.messages import GuardReply, GuardRequest

STANDS = frozenset({"waiting", "referred", "denied"})
ASKED_OF_LANES = frozenset({"nothing_carried", "mark_loading", "decide_again"})


@dataclass(frozen=True, slots=True)
class VehicleHere:
    """A vehicle that stands at a lane on its way out; `waits` where the lane's question is what it carries."""

    lane: LaneShown
    plate: str
    colour: str
    subject: str
    passage: str
    waits: bool
    number: str = ""


def vehicles_here(booth: Booth) -> list[VehicleHere]:
    """Return the vehicles at the lanes that lead out, those whose goods are asked about first."""
    found = [vehicle for lane in lanes_shown(booth.config, booth.situation) if (vehicle := _at(lane)) is not None]
    return sorted(found, key=lambda vehicle: not vehicle.waits)


def vehicle_at(booth: Booth, lane: str) -> VehicleHere | None:
    """Return the vehicle that stands at a lane."""
    return next((vehicle for vehicle in vehicles_here(booth) if vehicle.lane.id == lane), None)


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
        )
    )


def _at(lane: LaneShown) -> VehicleHere | None:
    view = lane.view
    if view is None or lane.wired.kind != "vehicle" or view.state not in STANDS:
        return None
    if (view.headed or lane.wired.direction) == "in" or not (view.plate or view.subject):
        return None
    number = str(view.values.get("number", "")) if view.waiting_for_goods else ""
    return VehicleHere(lane, view.plate, view.colour, view.subject, view.passage, view.waiting_for_goods, number)
