"""What a safeguard lets out, and what becomes of a lane that would have done what must never be done, or that trips."""

import itertools
from dataclasses import replace
from uuid import UUID

import pytest

from access.entries import Commanded, Draft
from edge.gate.actions import Action, Append, CloseBarrier, OpenBarrier
from edge.gate.inputs import Inputs, clear_pins
from edge.gate.lane import Lane
from edge.gate.passage import Moment
from edge.gate.phases import Phase, Timer
from edge.gate.safeguard import Safeguard
from edge.gate.state import LaneState
from tests.edge.gate.conftest import Play
from tests.edge.gate.layouts import LAYOUTS
from tests.edge.gate.playbook import LIS_CARD, VEHICLE, answered, card, guard, restart, sees, settings, shows, wait
from tests.edge.gate.scenes import arrive, asked, decided, driven_through, granted
from tests.edge.gate.wiring import AGENT, OUT

NOW = 100.0
CLEAR = Inputs(open_limit=True, closed_limit=False, safety_loop=False, arrival_loop=False)


@pytest.fixture
def lane() -> LaneState:
    """A lane that we close, whose arm is up, and where nobody is."""
    numbers = itertools.count(1)
    state = Lane(LAYOUTS["closed by us"].config.lane[0], lambda size: next(numbers).to_bytes(size, "big")).state
    state.read = state.inputs = CLEAR
    state.is_read, state.phase = True, Phase.CLOSING
    state.timers.set(Timer.ARM, NOW + 45)
    return state


def opening(command: str = "c-1", *, cause: str = "cause", expires: float = NOW + 3) -> list[Action]:
    announced = Draft(UUID(int=1), Commanded("io", "open", cause, command), "lane-0")
    return [Append(announced), OpenBarrier("lane-0", "", "io", 0, 500, command, expires)]


def closing(lane: LaneState, command: str = "c-1") -> list[Action]:
    announced = Draft(UUID(int=1), Commanded("io", "close", "cause", command), "lane-0")
    clear = clear_pins(lane.config.barrier)
    return [Append(announced), CloseBarrier("lane-0", "", "io", 1, 500, command, NOW + 0.5, clear)]


def judged(lane: LaneState, actions: list[Action], now: float = NOW) -> list[str]:
    return [what for _, what in Safeguard().violations(lane, actions, now)]


def test_what_is_right_passes(lane: LaneState) -> None:
    assert judged(lane, opening()) == []
    assert judged(lane, closing(lane)) == []


@pytest.mark.parametrize("seen", ["arrival_loop", "safety_loop"])
@pytest.mark.parametrize("level", [True, None])
def test_nothing_closes_where_somebody_is_or_may_be(lane: LaneState, seen: str, level: bool | None) -> None:
    lane.read = replace(CLEAR, **{seen: level})
    assert judged(lane, closing(lane)) == ["closed_onto_somebody"]


def test_nothing_closes_on_the_word_of_a_detector_that_is_ill(lane: LaneState) -> None:
    lane.detectors.ill["safety_loop"] = "blind"
    assert judged(lane, closing(lane)) == ["closed_blindly"]


def test_nothing_closes_where_the_barrier_does(lane: LaneState) -> None:
    lane.config = LAYOUTS["plain"].config.lane[0]
    assert judged(lane, closing(lane)) == ["closed_for_the_barrier"]


def test_nothing_moves_before_the_inputs_are_read(lane: LaneState) -> None:
    lane.is_read = False
    assert judged(lane, opening()) == ["moved_before_inputs"]
    lane.is_read, lane.phase = True, Phase.UNKNOWN
    assert judged(lane, opening()) == ["moved_before_inputs"]


def test_nothing_moves_without_a_written_cause(lane: LaneState) -> None:
    assert judged(lane, opening()[1:]) == ["moved_without_cause"]
    assert judged(lane, opening(cause="")) == ["moved_without_cause"]
    assert judged(lane, opening()[::-1]) == ["moved_without_cause"], "written after it"


@pytest.mark.parametrize("expires", [NOW, NOW - 1, NOW + 3.1])
def test_no_command_lives_on(lane: LaneState, expires: float) -> None:
    assert judged(lane, opening(expires=expires)) == ["moved_late"]


def test_no_command_is_sent_twice(lane: LaneState) -> None:
    safeguard = Safeguard()
    assert safeguard.violations(lane, opening(), NOW) == []
    assert [what for _, what in safeguard.violations(lane, opening(), NOW)] == ["moved_twice"]


@pytest.mark.parametrize(("layout", "most"), [("closed by us", 10), ("door", 100)])
def test_no_lane_is_told_too_often_in_ten_seconds(lane: LaneState, layout: str, most: int) -> None:
    safeguard = Safeguard()
    lane.config = LAYOUTS[layout].config.lane[0]
    for number in range(most):
        assert safeguard.violations(lane, opening(f"c-{number}"), NOW) == []
    assert [what for _, what in safeguard.violations(lane, opening("one more"), NOW)] == ["moved_too_often"]
    assert safeguard.violations(lane, opening("later", expires=NOW + 13), NOW + 10) == []


def test_an_arm_that_stays_up_has_a_deadline_or_a_reason(lane: LaneState) -> None:
    lane.timers.cancel(*Timer)
    assert judged(lane, []) == ["open_without_reason"]
    lane.open_because = "obstructed"
    assert judged(lane, []) == []


# --- a lane that is broken ------------------------------------------------------------------------


def test_a_close_onto_somebody_is_withheld_and_the_lane_goes_out_of_service(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.gate.opening.is_clear", lambda _: True)
    playbook = driven_through(play(**AGENT)) >> wait(1)
    assert playbook
    playbook.lane.state.read = replace(playbook.lane.state.read, safety_loop=True)
    playbook >> wait(1) << "write alarm safety_violated" << "write lane out_of_service gate"
    assert playbook >> shows(mode="out_of_service", sign="out_of_service")
    asked(playbook, guard("resume")) << "write lane normal guard"
    assert playbook >> shows(mode="normal")


def test_a_lane_that_its_safeguard_took_out_of_service_is_so_after_a_restart_too(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    playbook = arrive(play())
    with monkeypatch.context() as broken:
        broken.setattr(Safeguard, "_wrong", lambda *_: "moved_without_cause")
        decided(playbook >> card(LIS_CARD), "grant", "access_ok")
        assert playbook << "write alarm safety_violated" << "write lane out_of_service gate" << "-> opening"
    playbook >> restart() << "write lane out_of_service restart" << "look camera-in" << "-> waiting"
    assert playbook >> shows(mode="out_of_service", sign="out_of_service")
    asked(playbook, guard("resume")) << "write lane normal guard"
    assert playbook >> restart() << "look camera-in" << "-> waiting" >> shows(mode="normal")


def tripping(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def trip(*_: object) -> list[Action]:
        raise ValueError(step)

    monkeypatch.setattr(Lane, step, trip)


def test_a_lane_that_trips_raises_an_alarm_and_the_others_go_on(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = play(settings(VEHICLE + OUT))
    healthy = Lane.inputs_changed

    def trips(lane: Lane, states: tuple[bool, ...], moment: Moment) -> list[Action]:
        if lane.config.id == "in-1":
            raise ValueError
        return healthy(lane, states, moment)

    monkeypatch.setattr(Lane, "inputs_changed", trips)
    playbook >> sees(out_arrival=True) << "write alarm event_failed" << "out-1 -> waiting"
    assert playbook
    assert [failure.splitlines()[-1] for failure in playbook.gate.failures] == ["ValueError"]


def test_a_lane_that_trips_three_times_in_ten_minutes_goes_out_of_service(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = play()
    tripping("present", monkeypatch)
    playbook >> card(LIS_CARD) << "write alarm event_failed" >> wait(400)
    playbook >> card(LIS_CARD) << "write alarm event_failed" >> wait(300)
    playbook >> card(LIS_CARD) << "write alarm event_failed" >> shows(mode="normal")
    playbook >> card(LIS_CARD) << "write alarm event_failed" << "write alarm safety_violated"
    playbook << "write lane out_of_service gate" >> shows(mode="out_of_service", state="out_of_service")
    assert asked(playbook, guard("resume")) << "write lane normal guard"


def test_a_passage_under_way_ends_with_what_its_lane_trips_over(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = granted(play() >> card(LIS_CARD))
    assert playbook
    tripping("command_ended", monkeypatch)
    assert playbook >> answered() << "write alarm event_failed" << "write passage unfinished" << "-> idle"


def test_a_deadline_that_trips_does_not_come_again_and_again(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = arrive(play())
    assert playbook
    tripping("_believe", monkeypatch)
    for _ in range(20):
        deadline = playbook.gate.next_deadline()
        if deadline is None:
            break
        assert deadline > playbook.now, "a deadline that has come stands still"
        playbook.now = deadline
        playbook.gate.handle_timer(playbook.now, playbook.at)
    assert playbook.now > 1300, "its loop was never judged"


def test_what_was_written_of_a_step_that_tripped_is_undone(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    playbook = play()
    before = playbook.gate.presence

    def half_done(_lane: Lane, _presentation: object, moment: Moment) -> list[Action]:
        moment.presence = moment.presence.after([("set", "uses:1", 1)])
        raise ValueError

    monkeypatch.setattr(Lane, "present", half_done)
    assert playbook >> card(LIS_CARD) << "write alarm event_failed"
    assert playbook.gate.presence.facts == before.facts
