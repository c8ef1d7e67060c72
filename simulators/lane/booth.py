"""The guard of a simulated lane: answers what the gate refers, and sees after a lane that says it needs somebody."""

import random
from typing import Final

from edge.booth_messages import GuardRequest, LaneView
from simulators.lane.layout import LANE
from simulators.lane.road import Road

ANSWERS_S: Final = (2.0, 15.0)
LOOKS_EVERY_S: Final = 30.0
PRESS_LIVES_S: Final = 10.0
TURNS_AWAY: Final = 0.3
CLOSED_MODES: Final = frozenset({"held_closed", "out_of_service"})


class Booth:
    """A guard at the page; each press is an event for the gate at a time."""

    def __init__(self, chance: random.Random) -> None:
        self.looks_at = LOOKS_EVERY_S
        self._chance = chance
        self._presses = 0
        self._answered: set[tuple[str, float]] = set()
        self._bad_looks = 0
        self._resumed = 0  # how often, with the arm up all the while

    def press(self, act: str, now: float, *, minutes: int = 0, passage: str = "") -> GuardRequest:
        """Return the request of one press; acts of the whole gate name no lane."""
        self._presses += 1
        lane = "" if act in ("evacuate", "end_evacuation") else LANE
        request, expires = f"r-{self._presses}", now + PRESS_LIVES_S
        return GuardRequest(
            request, act, lane, "g-1", "张*", "delivery", "", expires, passage, minutes=minutes, second="g-2", second_name="王*"
        )

    def answers(self, view: LaneView, road: Road, now: float) -> tuple[float, GuardRequest] | None:
        """Answer a question of the gate, once: lets in who is at home here, and most of the others."""
        question = (view.passage, view.since_mono)
        if view.state != "referred" or question in self._answered:
            return None
        self._answered.add(question)
        at = now + self._chance.uniform(*ANSWERS_S)
        head = road.head()
        turned_away = head is not None and head.ticket == "stranger" and self._chance.random() < TURNS_AWAY
        act = "refuse" if turned_away else "admit"
        return at, self.press("passed" if view.reason == "not_confirmed" else act, at, passage=view.passage)

    def looks_after(self, view: LaneView, road: Road, now: float) -> tuple[GuardRequest | None, bool]:
        """Look at the lane; returns what is pressed, and whether the arm is closed at the barrier's own control."""
        self.looks_at = now + LOOKS_EVERY_S
        needs = view.state == "fault" or bool(reason_named(view))
        self._bad_looks = self._bad_looks + 1 if needs else 0
        in_the_way = bool(road.vehicles) and view.mode not in CLOSED_MODES
        if self._bad_looks < 2 or in_the_way:
            return None, False
        act = "end_evacuation" if view.mode == "evacuation" else "resume"
        self._resumed = self._resumed + 1 if view.arm != "down" else 0
        return self.press(act, now), self._resumed > 2 and view.arm != "down" and not road.vehicles


def reason_named(view: LaneView) -> str:
    """Return what the lane itself says keeps it from its work ("": nothing)."""
    if view.mode != "normal":
        return view.mode
    ill = ", ".join(f"{name} {why}" for name, why in view.ill.items())
    return ill or ("" if view.open_because == "vehicle_waiting" else view.open_because)
