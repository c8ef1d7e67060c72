"""What goes wrong at a lane, and what people do to it besides driving: each with a beginning and an end."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from simulators.lane.agent import Agent
from simulators.lane.arm import Drive
from simulators.lane.board import Board
from simulators.lane.detectors import Detector
from simulators.lane.layout import Layout


class Site(Protocol):
    """What a fault can lay hands on."""

    now: float
    layout: Layout
    drive: Drive
    board: Board
    agent: Agent
    detectors: dict[str, Detector]
    forced: dict[str, bool]
    """Inputs that say this whatever is true."""

    def press(self, act: str, minutes: int = 0) -> None:
        """Let a guard press a button on the page."""


Act = Callable[[Site], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: how it begins and ends, how long it lasts (s), and at which lanes it can be survived at all."""

    begin: Act
    end: Act
    lasts: tuple[float, float]
    where: Callable[[Layout], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a plan."""

    name: str
    begins: float
    ends: float


def _over(_site: Site) -> None:
    """End by itself."""


def _stick(name: str, *, says: bool | None) -> Act:
    def act(site: Site) -> None:
        if name in site.detectors:
            site.detectors[name].stuck = says

    return act


def _chatter(name: str, *, on: bool) -> Act:
    def act(site: Site) -> None:
        if name in site.detectors:
            site.detectors[name].chatters = on

    return act


def _fail(*, on: bool) -> Act:
    def act(site: Site) -> None:
        site.detectors["safety_loop"].failed = on

    return act


def _force(name: str, *, says: bool) -> Act:
    def act(site: Site) -> None:
        site.forced[name] = says

    return act


def _release(name: str) -> Act:
    def act(site: Site) -> None:
        site.forced.pop(name, None)

    return act


def _press(act_name: str, minutes: int = 0) -> Act:
    return lambda site: site.press(act_name, minutes)


def _mute(*, on: bool) -> Act:
    def act(site: Site) -> None:
        site.board.is_mute = on

    return act


def _delay(seconds: float) -> Act:
    def act(site: Site) -> None:
        site.board.delay_max_s = seconds

    return act


def _weld(*, on: bool) -> Act:
    def act(site: Site) -> None:
        site.board.is_welded = on

    return act


def _deafen(*, on: bool) -> Act:
    def act(site: Site) -> None:
        site.drive.deaf = on

    return act


def _cut_power(site: Site) -> None:
    site.drive.powered = False


def _fail_store(*, on: bool) -> Act:
    def act(site: Site) -> None:
        site.agent.store_fails = on

    return act


def _second_eye(layout: Layout) -> bool:
    return layout.photocell


def _closes_itself(layout: Layout) -> bool:
    return layout.closing == "barrier"


SHORT: Final = (0.2, 5.0)
LONG: Final = (10.0, 120.0)

KINDS: Final[Mapping[str, Kind]] = {
    "arrival stuck on": Kind(_stick("arrival_loop", says=True), _stick("arrival_loop", says=None), (10.0, 500.0)),
    "arrival stuck off": Kind(_stick("arrival_loop", says=False), _stick("arrival_loop", says=None), LONG, _closes_itself),
    "safety stuck on": Kind(_stick("safety_loop", says=True), _stick("safety_loop", says=None), (10.0, 500.0)),
    "safety stuck off": Kind(_stick("safety_loop", says=False), _stick("safety_loop", says=None), LONG, _second_eye),
    "beam stuck on": Kind(_stick("photocell", says=True), _stick("photocell", says=None), LONG, _second_eye),
    "safety chatters": Kind(_chatter("safety_loop", on=True), _chatter("safety_loop", on=False), SHORT),
    "arrival chatters": Kind(_chatter("arrival_loop", on=True), _chatter("arrival_loop", on=False), (0.2, 20.0)),
    "safety failed": Kind(_fail(on=True), _fail(on=False), LONG, lambda layout: layout.check),
    "up limit dead": Kind(_force("open_limit", says=False), _release("open_limit"), LONG),
    "up limit stuck": Kind(_force("open_limit", says=True), _release("open_limit"), LONG),
    "down limit dead": Kind(_force("closed_limit", says=False), _release("closed_limit"), LONG),
    "down limit stuck": Kind(_force("closed_limit", says=True), _release("closed_limit"), LONG),
    "board lost": Kind(lambda site: site.board.lose(), lambda site: site.board.find(), (0.1, 30.0)),
    "echo lost": Kind(_mute(on=True), _mute(on=False), LONG),
    "line is slow": Kind(_delay(6.0), _delay(0.3), LONG),
    "relay welded": Kind(_weld(on=True), _weld(on=False), LONG),
    "open wire off": Kind(_deafen(on=True), _deafen(on=False), LONG),
    "gate restarted": Kind(lambda site: site.agent.restart(site.now), _over, SHORT),
    "power failed": Kind(_cut_power, lambda site: site.drive.restore(site.now), (0.5, 90.0)),
    "remote used": Kind(lambda site: site.drive.open(site.now), _over, SHORT),
    "button pressed": Kind(_force("push_button", says=True), _release("push_button"), (0.2, 2.0)),
    "button stuck": Kind(_force("push_button", says=True), _release("push_button"), LONG),
    "fire alarm": Kind(_force("fire", says=True), _release("fire"), LONG),
    "store fails": Kind(_fail_store(on=True), _fail_store(on=False), LONG),
    "guard opens": Kind(_press("open_once"), _over, SHORT),
    "guard holds open": Kind(_press("hold_open", 2), _over, SHORT),
    "guard holds open, resumes": Kind(_press("hold_open", 10), _press("resume"), LONG),
    "guard lets a convoy in": Kind(_press("convoy", 2), _press("resume"), LONG),
    "guard holds closed": Kind(_press("hold_closed"), _press("resume"), LONG),
    "guard closes the lane": Kind(_press("out_of_service"), _press("resume"), LONG),
    "guard evacuates": Kind(_press("evacuate"), _press("end_evacuation"), LONG),
}
NEED_EVERY_EYE: Final = frozenset({"safety stuck off", "safety failed", "beam stuck on"})
"""Those that leave one detector alone to see who is under the arm: it must then see all of everybody."""


def planned(layout: Layout, chance: random.Random, until: float) -> list[Fault]:
    """Plan one to four faults of different kinds, one after another or over each other."""
    names = [name for name, kind in KINDS.items() if kind.where(layout)]
    faults = []
    for name in chance.sample(names, chance.randint(1, 4)):
        begins = chance.uniform(0.0, until)
        faults.append(Fault(name, begins, begins + chance.uniform(*KINDS[name].lasts)))
    return faults
