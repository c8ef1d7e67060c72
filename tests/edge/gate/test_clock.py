"""What time it is, by a clock that jumps, was never set, or is lied to."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.entries import AlarmRaised, Body, ClockJudged
from edge.gate.clock import DAY_S, JUMP_S, RELEASED_S, SETTLE_S, ClockJudge, Told

NOON = 1_790_000_000.0
HOUR, YEAR = 3600.0, 365 * DAY_S


@dataclass
class Machine:
    """A machine whose clock can be set wrong: `off` is what it is off by, `synchronised` what its kernel says."""

    written: float | None = NOON
    off: float = 0.0
    synchronised: bool = False
    now: float = 100.0
    said: list[Body] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.judge = ClockJudge(self.now, self.utc, self.written)

    @property
    def truth(self) -> float:
        return NOON + self.now - 100.0

    @property
    def utc(self) -> float:
        return self.truth + self.off

    def wait(self, seconds: float) -> Told:
        """Let time go by, with a look every half minute as the program's ticks would; return the time that is told."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + 30.0, until)
            self.said += self.judge.look(self.now, self.utc, synchronised=self.synchronised)
        return self.judge.tell(self.now, self.utc)

    def compare(self, within_s: float = 0.1, registry_off: float = 0.0) -> None:
        self.judge.compare(self.off - registry_off, within_s, self.now, self.utc)

    def judged(self) -> list[str]:
        return [body.quality for body in self.said if isinstance(body, ClockJudged)]

    def alarms(self) -> list[str]:
        return [body.what for body in self.said if isinstance(body, AlarmRaised)]


def test_a_clock_is_trusted_while_somebody_vouches_for_it() -> None:
    machine = Machine()
    assert machine.wait(60).quality == "drifting"
    machine.compare()
    assert machine.judge.offset_s(machine.now) == 0
    assert machine.wait(DAY_S - 120).quality == "trusted"
    assert machine.wait(240).quality == "drifting"
    assert machine.judge.offset_s(machine.now) is None
    machine.synchronised = True
    assert machine.wait(60).quality == "trusted"
    assert machine.judged() == ["drifting", "trusted", "drifting", "trusted"]
    assert machine.judge.alarms == frozenset()


@pytest.mark.parametrize("off", [-HOUR, -YEAR, HOUR, 10 * YEAR])
def test_a_trusted_clock_that_jumps_is_not_followed_until_the_registry_agrees(off: float) -> None:
    machine = Machine()
    machine.compare()
    machine.wait(60)
    machine.off = off
    told = machine.wait(60)
    assert told.at == pytest.approx(machine.truth)
    assert told.quality == ("floor" if off < 0 else "drifting")
    assert not machine.judge.may_expire(machine.now)
    assert [body.jump_ms for body in machine.said if isinstance(body, ClockJudged)][-1] == off * 1000
    assert "clock_off" in machine.alarms(), "the registry's word, and the monotonic clock since, tell that it is off"
    machine.compare()
    assert "clock_off" in machine.judge.alarms
    machine.off = 0.0
    machine.wait(30)
    machine.compare()
    assert machine.wait(30) == Told(machine.truth, "trusted")
    assert machine.judge.alarms == frozenset()


def test_a_machine_that_wakes_in_1970_goes_on_from_what_is_written_and_is_corrected() -> None:
    machine = Machine(off=-NOON)
    told = machine.wait(60)
    assert told.at == pytest.approx(machine.truth)
    assert told.quality == "floor"
    assert machine.alarms() == ["clock_behind"]
    machine.off = 0.0
    machine.compare()
    assert machine.wait(30) == Told(machine.truth, "trusted")


def test_a_new_store_begins_no_earlier_than_the_program_was_written() -> None:
    machine = Machine(written=None, off=-NOON)
    assert machine.wait(60).at >= RELEASED_S
    machine.off, machine.synchronised = 0.0, True
    machine.wait(DAY_S + 60)
    assert machine.wait(SETTLE_S + 60) == Told(machine.truth, "trusted")


def test_a_synchronised_kernel_confirms_a_small_jump_in_minutes_and_a_large_one_in_a_day() -> None:
    machine = Machine(synchronised=True)
    machine.wait(60)
    machine.off = HOUR
    assert machine.wait(SETTLE_S - 60).quality == "drifting"
    assert machine.wait(120) == Told(machine.utc, "trusted")
    machine.off = 2 * DAY_S
    assert machine.wait(DAY_S - 120).quality == "drifting"
    assert machine.wait(240) == Told(machine.utc, "trusted")


def test_the_registry_wins_over_who_synchronises_the_kernel() -> None:
    machine = Machine(synchronised=True)
    machine.compare()
    assert machine.wait(60).quality == "trusted"
    machine.off = 8.0  # slewed or stepped, and the kernel says all is well
    machine.wait(60)
    machine.compare()
    assert machine.wait(2 * SETTLE_S).quality == "drifting"
    assert machine.alarms() == ["clock_off"]


def test_a_machine_found_a_week_later_deletes_nothing_before_somebody_vouches_for_its_clock() -> None:
    machine = Machine(off=7 * DAY_S, synchronised=True)
    machine.wait(SETTLE_S * 2)
    assert not machine.judge.may_expire(machine.now)
    machine.compare(registry_off=7 * DAY_S)
    assert machine.judge.may_expire(machine.now)
    assert machine.wait(1) == Told(machine.utc, "trusted")


def test_a_comparison_counts_only_as_far_as_it_is_exact() -> None:
    machine = Machine(off=9.0)
    machine.compare(within_s=4.5)
    assert machine.wait(1).quality == "trusted"


offs = st.one_of(st.floats(-10 * YEAR, -60.0), st.just(0.0), st.floats(60.0, 10 * YEAR))
steps = st.lists(st.tuples(st.floats(0.1, HOUR), st.one_of(st.none(), offs), st.booleans()), max_size=8)


@given(steps)
def test_without_anybody_who_vouches_time_never_goes_back(run: list[tuple[float, float | None, bool]]) -> None:
    machine = Machine()
    before = machine.wait(1).at
    for seconds, off, _ in run:
        machine.off = machine.off if off is None else off
        after = machine.wait(seconds).at
        assert after - before >= seconds - JUMP_S
        assert not machine.judge.may_expire(machine.now)
        before = after


@given(steps)
def test_a_clock_that_was_trusted_tells_the_truth_whatever_is_done_to_it(run: list[tuple[float, float | None, bool]]) -> None:
    machine = Machine()
    machine.compare()
    for seconds, off, compared in run:
        machine.off = machine.off if off is None else off
        told = machine.wait(seconds)
        assert told.at == pytest.approx(machine.truth, abs=JUMP_S)
        if compared:
            machine.compare()


def test_what_the_registry_said_counts_for_a_day_after_a_jump_too() -> None:
    machine = Machine(synchronised=True)
    machine.compare()
    machine.wait(60)
    machine.off = HOUR
    assert machine.wait(DAY_S - 120).quality == "drifting"
    assert machine.wait(240) == Told(machine.utc, "trusted")
