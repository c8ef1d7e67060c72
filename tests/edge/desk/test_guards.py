import pytest

from edge.desk.guards import BADGES_REMEMBERED_MAX, DELAY_MAX_S, Delays
from edge.desk.sessions import SESSION_S, SESSIONS_MAX, Sessions


@pytest.mark.parametrize(
    ("failures", "wait_s"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2), (5, 4), (8, 32), (9, DELAY_MAX_S), (500, DELAY_MAX_S)]
)
def test_the_delay_grows_with_wrong_pins_and_has_an_end(failures: int, wait_s: float) -> None:
    delays = Delays()
    for _ in range(failures):
        delays.failed("1001", now=100.0)
    assert delays.wait_s("1001", now=100.0) == wait_s
    assert delays.wait_s("1001", now=100.0 + DELAY_MAX_S) == 0
    assert delays.wait_s("1002", now=100.0) == 0
    delays.passed("1001")
    assert delays.wait_s("1001", now=100.0) == 0


def test_a_flood_of_badges_is_not_remembered_for_ever() -> None:
    delays = Delays()
    for badge in range(BADGES_REMEMBERED_MAX * 2):
        for _ in range(3):
            delays.failed(str(badge), now=1.0)
    assert delays.wait_s("0", now=1.0) == 0
    assert delays.wait_s(str(BADGES_REMEMBERED_MAX * 2 - 1), now=1.0) == 1


def counting_sessions() -> Sessions:
    numbers = iter(range(1, 10_000))
    return Sessions(lambda size: next(numbers).to_bytes(size, "big"))


def test_a_session_ends_after_twelve_hours() -> None:
    sessions = counting_sessions()
    cookie = sessions.begin("g1", "1001", "张*", now=0.0).cookie
    assert sessions.find(cookie, now=SESSION_S - 1) is not None
    assert sessions.find(cookie, now=SESSION_S) is None
    assert sessions.find("", now=0.0) is None


def test_beyond_the_limit_the_oldest_session_ends() -> None:
    sessions = counting_sessions()
    cookies = [sessions.begin("g1", "1001", "张*", now=0.0).cookie for _ in range(SESSIONS_MAX + 1)]
    assert sessions.find(cookies[0], now=1.0) is None
    assert sessions.find(cookies[1], now=1.0) is not None


def test_a_token_belongs_to_one_cookie() -> None:
    sessions = counting_sessions()
    one, other = sessions.cookie(), sessions.cookie()
    assert sessions.fits(one, sessions.token(one))
    for token in ("", "é", sessions.token(other), sessions.token(one)[:-1]):
        assert not sessions.fits(one, token)
