"""What can happen to a gate, as moves of a random walk: each is one thing that people, wires or fate do."""

import itertools
import random
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from devices.readings import PlateRead
from edge.booth_messages import LaneView
from edge.config import LaneSection
from edge.gate.actions import CloseBarrier, OpenBarrier
from edge.gate.events import CardPresented, CodePresented, CommandSent, InputsChanged, PlatePresented, SnapshotInstalled
from tests.edge.gate import playbook as plays
from tests.edge.gate.lane_watch import SEEING
from tests.edge.gate.layouts import BOARD, MODES, Layout
from tests.edge.gate.oracle import PropertyError
from tests.edge.gate.walks import Walk

CARDS = (plays.LIS_CARD, plays.WANGS_CARD, plays.LOST_CARD, plays.STRANGERS_CARD)
PLATES = (plays.LIS_PLATE, plays.LIS_PLATE_MISREAD, plays.STRANGERS_PLATE)
BUTTONS = ("push_button", "remote", "exit_button")
ACTS = (
    *("open_once", "admit", "refuse", "passed", "hold_open", "convoy", "hold_closed", "out_of_service"),
    *("resume", "direct", "evacuate", "end_evacuation", "dance"),
    *("open_once", "open_once", "admit", "resume", "resume", "end_evacuation"),
)
LOOKS = ("correct", "correct", "decide_again", "undo", "undo", "nothing_carried", "mark_loading", "refuse", "hold_closed")
THROUGH_A_DOOR = [{"closed_limit": False, "passage_signal": True}, {"closed_limit": True, "passage_signal": False}]
OVER_THE_LOOPS = [
    {"arrival_loop": True},
    {"safety_loop": True, "photocell": True},
    {"arrival_loop": False},
    {"far_loop": True},
    {"safety_loop": False, "photocell": False},
    {"far_loop": False},
]
MIRRORED = {"arrival_loop": "far_loop", "far_loop": "arrival_loop"}
T = TypeVar("T")


class Chance(Protocol):
    """As much of `random.Random` as a walk needs."""

    def random(self) -> float: ...

    def choice(self, options: "tuple[T, ...]", /) -> T: ...


Move = Callable[[Walk, Chance], None]


def a_lane(walk: Walk, chance: Chance) -> LaneSection:
    return chance.choice(walk.layout.config.lane)


def uniform(chance: Chance, low: float, high: float) -> float:
    return low + chance.random() * (high - low)


def time_passes(walk: Walk, chance: Chance) -> None:
    walk.wait(chance.choice((0.05, 0.4, 1.0, 2.5, 2.5, 3.5, 7.0, 11.0, 25.0, 50.0)))


def long_time_passes(walk: Walk, chance: Chance) -> None:
    walk.wait(chance.choice((130.0, 310.0, 400.0, 700.0)))


def an_input_changes(walk: Walk, chance: Chance) -> None:
    lane = a_lane(walk, chance)
    names = tuple(name for name in lane.barrier.pins if name not in BUTTONS)
    if names:
        name = chance.choice(names)
        walk.set(lane.id, **{name: not walk.levels[lane.id, name]})


def the_arm_is_somewhere(walk: Walk, chance: Chance) -> None:
    walk.arm(a_lane(walk, chance).id, chance.choice(("up", "moving", "down", "both")))


def the_arm_falls(walk: Walk, chance: Chance) -> None:
    lane = a_lane(walk, chance)
    walk.arm(lane.id, "moving")
    walk.wait(uniform(chance, 0.1, 2.0))
    if chance.random() < 0.5:
        walk.arm(lane.id, "down")


def the_arm_obeys(walk: Walk, chance: Chance) -> None:
    """Answer the newest command of a lane and move its arm as it was told."""
    obey(walk, a_lane(walk, chance), chance)


def obey(walk: Walk, lane: LaneSection, chance: Chance) -> None:
    last = walk.last.get(lane.id)
    if last is None:
        return
    if last.command in walk.pending:
        walk.answer(last.command)
    ends = "up" if isinstance(last, OpenBarrier) else "down"
    if lane.kind == "vehicle":
        walk.arm(lane.id, "moving")
        walk.wait(uniform(chance, 0.5, 2.0))
        walk.arm(lane.id, ends)


def nobody_is_there(walk: Walk, chance: Chance) -> None:
    walk.set(a_lane(walk, chance).id, **dict.fromkeys(SEEING, False))


def somebody_goes_through(walk: Walk, chance: Chance) -> None:
    go_through(walk, a_lane(walk, chance), chance)


def go_through(walk: Walk, lane: LaneSection, chance: Chance) -> None:
    """Drive over the loops in their order, or open the door and shut it."""
    if lane.kind == "pedestrian":
        steps = THROUGH_A_DOOR
    elif lane.direction == "both" and chance.random() < 0.4:
        steps = [{MIRRORED.get(name, name): level for name, level in levels.items()} for levels in OVER_THE_LOOPS]
    else:
        steps = OVER_THE_LOOPS
    for levels in steps:
        walk.set(lane.id, **levels)
        walk.wait(uniform(chance, 0.3, 1.5))


def somebody_is_served(walk: Walk, chance: Chance) -> None:
    """Arrive, present a card, be let in, and drive through; nothing goes wrong for once, unless the lane wants it so."""
    lane = a_lane(walk, chance)
    present_card(walk, lane, chance.choice(CARDS[:2]), 0.0)
    obey(walk, lane, chance)
    go_through(walk, lane, chance)
    if chance.random() < 0.5:
        go_through(walk, lane, chance)  # and another one behind, on the same grant
    walk.wait(chance.choice((0.5, 2.5, 4.0)))
    if isinstance(walk.last.get(lane.id), CloseBarrier):
        obey(walk, lane, chance)


def somebody_stands_in_the_way(walk: Walk, chance: Chance) -> None:
    """Step under the arm again and again as it comes down."""
    lane = a_lane(walk, chance)
    for _ in range(chance.choice((1, 2, 5))):
        if walk.levels.get((lane.id, "open_limit")):
            walk.wait(uniform(chance, 2.0, 3.0))
            walk.set(lane.id, safety_loop=True, photocell=True)
            walk.wait(uniform(chance, 0.5, 2.0))
            walk.set(lane.id, safety_loop=False, photocell=False)


def a_detector_chatters(walk: Walk, chance: Chance) -> None:
    lane = a_lane(walk, chance)
    names = tuple(name for name in SEEING if name in lane.barrier.pins)
    if not names:
        return
    name = chance.choice(names)
    for level in (True, False) * chance.choice((4, 7, 9)):
        walk.set(lane.id, **{name: level})
        walk.wait(0.15)


def a_contact_breaks(walk: Walk, chance: Chance) -> None:
    lane = a_lane(walk, chance)
    checked = tuple(name for name, pin in lane.barrier.pins.items() if pin.check is not None)
    if checked:
        walk.broken ^= {(lane.id, chance.choice(checked))}
        walk.board()


def the_board_says_too_little(walk: Walk, _chance: Chance) -> None:
    if walk.is_board_up:
        walk.feed(InputsChanged(BOARD, (False,)))


def the_board_is_lost(walk: Walk, chance: Chance) -> None:
    walk.board_goes()
    if chance.random() < 0.7:
        walk.wait(uniform(chance, 0.0, 5.0))
        the_board_comes(walk, chance)


def the_board_comes(walk: Walk, _chance: Chance) -> None:
    if not walk.is_board_up:
        walk.board_comes()


def present_card(walk: Walk, lane: LaneSection, number: bytes, ago_s: float) -> None:
    walk.feed(CardPresented(lane.readers[0], number, 8 * len(number), walk.now - ago_s))


def a_card_is_presented(walk: Walk, chance: Chance) -> None:
    lane, number = a_lane(walk, chance), chance.choice(CARDS)
    ago_s = chance.choice((0.0, 0.0, 0.0, 2.0, 60.0))
    walk.feed(CardPresented(chance.choice(lane.readers), number, 8 * len(number), walk.now - ago_s))


def a_code_is_presented(walk: Walk, chance: Chance) -> None:
    lane = a_lane(walk, chance)
    text = chance.choice((plays.LIS_CODE, "nonsense"))
    walk.feed(CodePresented(chance.choice(lane.readers), text, walk.now - chance.choice((0.0, 0.0, 60.0))))


def a_plate_is_read(walk: Walk, chance: Chance) -> None:
    lane, text = a_lane(walk, chance), chance.choice(PLATES)
    read = PlateRead(text, text, chance.choice((0.3, 0.99, 0.99)), "blue", capture_id=f"capture {text}")
    walk.feed(PlatePresented(lane.cameras[0], read, walk.now - chance.choice((0.0, 0.0, 2.0, 30.0))))


def a_guard_acts(walk: Walk, chance: Chance) -> None:
    lane, act = (
        a_lane(walk, chance),
        chance.choice((*ACTS, "open_once", "open_once", "admit", "resume", "resume", "end_evacuation")),
    )
    shown = {view.lane: view for view in walk.gate.lane_views()}[lane.id]
    passage = shown.passage if chance.random() < 0.9 else "somebody else's"
    walk.press(
        act,
        lane.id,
        late=chance.random() < 0.15,
        passage=passage,
        minutes=chance.choice((0, 1, 10, 60)),
        second=chance.choice(("", "g-1", "g-2")),
        choice=chance.choice(("", "in", "out")) if act == "direct" else "",
    )


def a_guard_looks_closer(walk: Walk, chance: Chance) -> None:
    """Correct a plate, ask the rules once more, look at the goods, or take back what was done a moment ago."""
    lane, act = a_lane(walk, chance), chance.choice(LOOKS)
    shown = {view.lane: view for view in walk.gate.lane_views()}[lane.id]
    passage = shown.passage if chance.random() < 0.9 else "somebody else's"
    walk.press(act, lane.id, late=chance.random() < 0.1, passage=passage, choice=_chosen(act, shown, chance))
    if act in ("refuse", "hold_closed") and chance.random() < 0.7:
        walk.wait(chance.choice((0.5, 2.0, 6.0)))
        walk.press("undo", lane.id)


def _chosen(act: str, shown: LaneView, chance: Chance) -> str:
    if act == "correct":
        return chance.choice((*PLATES, "粤b·8d2z5", "?", ""))
    if act in ("nothing_carried", "mark_loading"):
        return chance.choice((shown.subject, shown.subject, "somebody else"))
    return ""


def a_press_comes_again(walk: Walk, chance: Chance) -> None:
    if walk.requests:
        walk.feed(chance.choice(tuple(walk.requests[-20:])))


def a_button_is_pressed(walk: Walk, chance: Chance) -> None:
    lane = a_lane(walk, chance)
    names = tuple(name for name in BUTTONS if name in lane.barrier.pins)
    if names:
        name = chance.choice(names)
        walk.set(lane.id, **{name: True})
        if chance.random() < 0.7:
            walk.wait(uniform(chance, 0.1, 1.5))
            walk.set(lane.id, **{name: False})


def a_command_ends(walk: Walk, chance: Chance) -> None:
    if walk.pending:
        walk.answer(chance.choice(tuple(walk.pending)), chance.choice(("", "", "no echo")))


def an_outcome_comes_again(walk: Walk, chance: Chance) -> None:
    if walk.done:
        walk.feed(CommandSent(chance.choice(tuple(walk.done)), ok=False, error="no echo", sent=walk.now))


def the_store_fails_or_not(walk: Walk, chance: Chance) -> None:
    walk.can_write = not walk.can_write or chance.random() < 0.3


def the_office_sets_the_lane(walk: Walk, chance: Chance) -> None:
    walk.revision, walk.mode = walk.revision + 1, chance.choice((*MODES, "normal", "normal"))
    walk.feed(SnapshotInstalled(walk.layout.rules(walk.revision, walk.mode), "00"))


def old_rules_come_again(walk: Walk, chance: Chance) -> None:
    if walk.revision > 1:
        walk.feed(SnapshotInstalled(walk.layout.rules(walk.revision - 1, chance.choice(MODES)), "00"))


def fire_breaks_out_or_is_over(walk: Walk, chance: Chance) -> None:
    walk.is_fire = not walk.is_fire
    walk.board()
    if not walk.is_fire and chance.random() < 0.7:
        walk.press("end_evacuation", "")


def the_program_starts_again(walk: Walk, chance: Chance) -> None:
    walk.restart()


MOVES: Mapping[Move, int] = {
    time_passes: 12,
    long_time_passes: 1,
    an_input_changes: 10,
    the_arm_is_somewhere: 4,
    the_arm_falls: 4,
    the_arm_obeys: 8,
    nobody_is_there: 3,
    somebody_goes_through: 4,
    somebody_is_served: 8,
    somebody_stands_in_the_way: 2,
    a_detector_chatters: 1,
    a_contact_breaks: 2,
    the_board_says_too_little: 1,
    the_board_is_lost: 1,
    the_board_comes: 3,
    a_card_is_presented: 6,
    a_code_is_presented: 1,
    a_plate_is_read: 4,
    a_guard_acts: 5,
    a_press_comes_again: 1,
    a_button_is_pressed: 2,
    a_command_ends: 5,
    an_outcome_comes_again: 1,
    the_store_fails_or_not: 1,
    the_office_sets_the_lane: 1,
    old_rules_come_again: 1,
    fire_breaks_out_or_is_over: 1,
    the_program_starts_again: 1,
}
ALL_MOVES: tuple[Move, ...] = tuple(itertools.chain.from_iterable([move] * weight for move, weight in MOVES.items()))
LOOKING_CLOSER: tuple[Move, ...] = (*ALL_MOVES, *[a_guard_looks_closer] * 15, *[a_plate_is_read] * 10)


def stroll(layout: Layout, seed: int, steps: int, moves: tuple[Move, ...] = ALL_MOVES) -> Walk:
    """Walk so many random steps and come to rest. Raises `PropertyError`."""
    chance = random.Random(seed)
    walk = Walk(layout)
    for _ in range(steps):
        step(walk, chance.choice(moves), chance)
    walk.come_to_rest()
    return walk


def step(walk: Walk, move: Move, chance: Chance) -> None:
    """Make one move, a moment after the one before."""
    walk.wait(uniform(chance, 0.0, 0.3))
    walk.told.append(move.__name__)
    move(walk, chance)


def drive_behind_one_grant(layout: Layout, chance: Chance) -> None:
    """Let one in by card and others follow under the arm; only one may have passed on it. Raises `PropertyError`."""
    walk, lane = Walk(layout), layout.config.lane[0]
    others = chance.choice((1, 2, 3))
    walk.set(lane.id, arrival_loop=True)
    present_card(walk, lane, CARDS[0], 0.0)
    obey(walk, lane, chance)
    for _ in range(1 + others):
        go_through(walk, lane, chance)
    results = walk.oracle.results
    if results["passed"] != 1 or sum(results[how] for how in ("tailgated", "unauthorised", "crashed")) != others:
        raise PropertyError("one grant", f"{others} behind one grant ended as {dict(results)}")
    walk.arm(lane.id, "down")
    walk.come_to_rest()
