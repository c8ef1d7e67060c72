from collections.abc import Callable

import pytest

from devices.barriers.modbus_rtu import write_coil
from devices.transports.pulses import PULSES_MAX, Clear, Pulse, PulseQueue, is_clear

Told = list[tuple[int, str]]


def opening(told: Told, coil: int = 0, against: int | None = 1) -> Pulse:
    return Pulse(write_coil(1, coil, on=True), 0.5, _noted(told, coil), 10.0, against=against)


def closing(told: Told, coil: int = 1, against: int | None = 0) -> Pulse:
    return Pulse(write_coil(1, coil, on=True), 0.5, _noted(told, coil), 10.0, clear=((3, False),), against=against)


def _noted(told: Told, coil: int) -> Callable[[bool, str, float], None]:
    return lambda ok, error, sent_at: told.append((coil, error))


def test_openings_go_first_and_each_sort_in_its_order() -> None:
    told: Told = []
    queue = PulseQueue()
    for pulse in (closing(told, 3, 2), opening(told, 4, 5), closing(told, 7, 6), opening(told, 0, 1)):
        queue.put(pulse)
    taken = [pulse.coil for pulse in (queue.get(0.0) for _ in range(4)) if pulse]
    assert taken == [4, 0, 3, 7]
    assert told == []


def test_an_opening_takes_back_the_closing_of_its_own_arm_alone() -> None:
    told: Told = []
    queue = PulseQueue()
    for pulse in (closing(told), closing(told, 3, 2), opening(told)):
        queue.put(pulse)
    assert told == [(1, "an opening came first")]
    assert queue.opens_against(1)
    assert not queue.opens_against(3)
    assert [pulse.coil for pulse in (queue.get(0.0), queue.get(0.0)) if pulse] == [0, 3]


def test_too_many_closings_leave_room_for_openings() -> None:
    told: Told = []
    queue = PulseQueue()
    for _ in range(PULSES_MAX + 1):
        queue.put(closing(told, 3, 2))
    assert told == [(3, "too many commands are waiting")]
    queue.put(opening(told))
    assert told == [(3, "too many commands are waiting")]


def test_an_opening_that_finds_no_room_still_takes_back_the_closing() -> None:
    told: Told = []
    queue = PulseQueue()
    queue.put(closing(told))
    for _ in range(PULSES_MAX + 1):
        queue.put(opening(told, 4, 5))
    told.clear()
    queue.put(opening(told))
    assert told == [(0, "too many commands are waiting"), (1, "an opening came first")]


def test_waking_returns_once_with_nothing() -> None:
    queue = PulseQueue()
    queue.wake()
    assert queue.get(10.0) is None
    assert queue.get(0.0) is None


def test_all_are_refused_at_once() -> None:
    told: Told = []
    queue = PulseQueue()
    queue.put(closing(told, 3, 2))
    queue.put(opening(told))
    queue.refuse_all("the board was lost")
    assert told == [(0, "the board was lost"), (3, "the board was lost")]
    assert queue.get(0.0) is None


@pytest.mark.parametrize(
    ("states", "clear", "yes"),
    [
        ((False, True), ((0, False), (1, True)), True),
        ((False, False), ((0, False), (1, True)), False),
        ((False,), ((1, False),), False),
        ((), ((0, False),), False),
        ((False,), (), False),
    ],
)
def test_the_way_is_clear_only_where_every_input_says_so(states: tuple[bool, ...], clear: Clear, yes: bool) -> None:
    assert is_clear(states, clear) is yes
