"""The show on a site: its traffic, and the account of what happened."""

import time
from types import TracebackType
from typing import Any, Final, Self

from simulators.demo.ledgers import Ledgers, read_ledgers
from simulators.demo.programs import ProgramError
from simulators.demo.registry import visiting
from simulators.demo.report import Run, entries_since, make_report, unclosed
from simulators.demo.site import DemoSite
from simulators.demo.waiting import within
from simulators.demo.wiring import LANE_DOOR, LANE_IN, LANE_OUT
from simulators.estate import Lane
from simulators.traffic.booth_pages import BoothPages
from simulators.traffic.guard import SimulatedGuard
from simulators.traffic.lanes import Actor, PedestrianLane, VehicleLane
from simulators.traffic.plan import LanePlan
from simulators.traffic.stage import Stage
from simulators.traffic.truth import Truth

ARRIVALS_END_WITHIN_S: Final = 90.0
SETTLED_WITHIN_S: Final = 45.0
CAMERAS: Final = {"camera-in": LANE_IN.slug, "camera-out": LANE_OUT.slug}
WIRES: Final = ("reader-in", "reader-out", "reader-door", "scanner-door", "camera-in", "camera-out", "io")


class Show:
    """Traffic on every lane from entering the `with` block on; leaving it breaks off what has not been ended."""

    def __init__(self, site: DemoSite, seed: int, pace: float = 1.0) -> None:
        self._site = site
        self._stage = Stage()
        self._truth = Truth()
        self._guard = SimulatedGuard(site.estate.guards[1], BoothPages(site.booth_url))
        self._actors = self._cast(seed, pace)

    def _cast(self, seed: int, pace: float) -> list[Actor]:
        stage, truth, guard, wiring = self._stage, self._truth, self._guard, self._site.wiring

        def plan(lane: Lane) -> LanePlan:
            return LanePlan(lane, self._site.estate, seed, pace)

        return [
            VehicleLane(LANE_IN, plan(LANE_IN), stage, truth, wiring.entry(), guard),
            VehicleLane(LANE_OUT, plan(LANE_OUT), stage, truth, wiring.exit(), guard),
            PedestrianLane(LANE_DOOR, plan(LANE_DOOR), stage, truth, wiring.pedestrian(), self._site.host.invite),
        ]

    def __enter__(self) -> Self:
        self._began, self._began_utc = time.monotonic(), time.time()
        self._guard.start()
        for actor in self._actors:
            actor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stage.drop()
        self._guard.stop()

    def go_on(self, seconds: float) -> None:
        """Look on for so long. Raises ProgramError where something ends that should go on."""
        within(self._never, seconds)

    def _never(self) -> bool:
        self._site.check()
        for actor in self._actors:
            if not actor.is_acting:
                raise ProgramError(f"the traffic at {actor.lane.slug} has broken off")
        return False

    def account(self) -> dict[str, Any]:
        """Let the arrivals at hand end, wait until nothing is open and all is at the registry, and return the figures."""
        lasted_s = time.monotonic() - self._began
        self._stage.closing.set()
        deadline = time.monotonic() + ARRIVALS_END_WITHIN_S
        late = [actor.lane.slug for actor in self._actors if not actor.join(deadline - time.monotonic())]
        if late:
            raise ProgramError(f"the traffic at {', '.join(late)} did not come to an end")
        within(self._is_settled, SETTLED_WITHIN_S)
        return make_report(self._ledgers(), self._run(lasted_s))

    def _is_settled(self) -> bool:
        ledgers = self._ledgers()
        return not ledgers.lost and not unclosed(entries_since(ledgers, self._began_utc))

    def _ledgers(self) -> Ledgers:
        database = visiting(self._site.places.registry)
        try:
            return read_ledgers(self._site.places.edge.journal, database)
        finally:
            database.close()

    def _run(self, lasted_s: float) -> Run:
        wiring = self._site.wiring
        return Run(
            began_utc=self._began_utc,
            lasted_s=lasted_s,
            visits=self._truth.visits(),
            cameras=CAMERAS,
            touched=wiring.arm_in.touched + wiring.arm_out.touched,
            wires=self._wires(),
        )

    def _wires(self) -> dict[str, dict[str, Any]]:
        """Return of each device what the gate has counted and what was shown to it."""
        rows = self._site.pages.devices(self._site.guard)
        sent = {**self._site.wiring.sent, "io": len(self._site.wiring.board.frames)}
        return {
            device: {"frames": row.frames, "rejected": row.refused, "why": row.why, **_shown(sent.get(device))}
            for device, row in rows.items()
            if device in WIRES
        }


def _shown(count: int | None) -> dict[str, int]:
    return {} if count is None else {"sent": count}
