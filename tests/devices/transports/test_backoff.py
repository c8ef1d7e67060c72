from random import Random

from devices.transports.backoff import Backoff


def test_the_bound_doubles_to_the_ceiling_and_begins_anew() -> None:
    backoff = Backoff(floor_s=0.2, ceiling_s=4.5, chance=lambda _low, high: high)
    assert [backoff.next_s() for _ in range(6)] == [0.4, 0.8, 1.6, 3.2, 4.5, 4.5]
    backoff.reset()
    assert backoff.next_s() == 0.4


def test_a_try_never_waits_less_than_the_floor_nor_more_than_the_ceiling() -> None:
    backoff = Backoff(chance=Random(7).uniform)
    assert all(0.2 <= backoff.next_s() <= 4.5 for _ in range(1000))
