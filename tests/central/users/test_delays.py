from central.users.delays import DELAY_S_MAX, FREE_TRIES, NAMES_MAX, Delays


def test_the_delay_grows_and_is_forgotten() -> None:
    delays, now, waits = Delays(), 0.0, []
    for _ in range(16):
        delays.failed("li", now)
        waits.append(delays.wait_s("li", now))
        now += waits[-1]
    assert waits[: FREE_TRIES + 4] == [0.0] * FREE_TRIES + [2.0, 4.0, 8.0, 16.0]
    assert max(waits) == DELAY_S_MAX
    assert delays.wait_s("wang", now) == 0
    delays.succeeded("li")
    assert delays.wait_s("li", now) == 0


def test_it_is_bounded() -> None:
    delays = Delays()
    for n in range(NAMES_MAX + 10):
        delays.failed(str(n), 0.0)
    assert len(delays._names) == NAMES_MAX
    delays.failed("li", 0.0)
    for _ in range(FREE_TRIES):
        delays.failed("li", 0.0)
    for n in range(NAMES_MAX + 10):
        delays.failed(f"later {n}", 0.0)
    assert delays.wait_s("li", 0.0) > 0, "other names do not wash it away"


def test_a_try_counts_until_it_succeeds() -> None:
    delays = Delays()
    assert [delays.begin("li", 0.0) for _ in range(FREE_TRIES + 2)] == [0.0] * (FREE_TRIES + 1) + [2.0]
    assert delays.begin("li", 2.0) == 0
    delays.succeeded("li")
    assert delays.begin("li", 2.0) == 0
