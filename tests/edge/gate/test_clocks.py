"""The machine's clocks as they are read: both at one moment, whoever is held up between."""

from edge.gate.clocks import Clocks, GateClock

UTC = 1_800_000_000.0


class HeldUp:
    """A machine that stands still for `pause_s` whenever UTC has just been read, so many times."""

    def __init__(self, pause_s: float, times: int) -> None:
        self.now = 0.0
        self._pause_s = pause_s
        self.times = times

    def monotonic(self) -> float:
        return self.now

    def utc(self) -> float:
        told = UTC + self.now
        if self.times:
            self.times -= 1
            self.now += self._pause_s
        return told


def test_who_is_held_up_between_the_two_clocks_sees_no_jump() -> None:
    machine = HeldUp(pause_s=5.0, times=0)
    clock = GateClock(Clocks(machine.monotonic, machine.utc, lambda: True))
    clock.begin(UTC * 1e6)
    clock.look()
    machine.times = 3
    assert clock.stamp().utc_us == round((UTC + 15) * 1e6)
    assert [change for change in clock.look() if getattr(change, "jump_ms", 0)] == []
    assert clock.told().quality == "trusted"


def test_how_far_the_clock_is_off_is_told_as_long_as_somebody_vouches_for_it() -> None:
    machine = HeldUp(pause_s=0.0, times=0)
    clock = GateClock(Clocks(machine.monotonic, machine.utc, lambda: False))
    assert clock.offset_ms() is None
    clock.compare(-0.21, 0.05)
    assert clock.offset_ms() == -210
