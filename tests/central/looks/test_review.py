"""The leak review: each flag and its threshold, by pure figures."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from central.looks.repository import BigExport, Pace, Watched
from central.looks.review import review
from central.looks.schemas import ReviewShown

UNTIL = datetime(2026, 3, 9, tzinfo=UTC)
SINCE = UNTIL - timedelta(days=7)
# Four in the afternoon in Shanghai, and three at night.
DAY, NIGHT = 8, 19


def pace(name: str, looks: int, day: int, hour: int = DAY, role: str = "auditor", kind: str = "record") -> Pace:
    at = SINCE + timedelta(days=day, hours=hour)
    return Pace(name, role, kind, int(at.timestamp()) // 3600, looks, 0)


def reviewed(*paces: Pace, watched: tuple[Watched, ...] = (), exports: tuple[BigExport, ...] = ()) -> ReviewShown:
    return review(SINCE, UNTIL, ZoneInfo("Asia/Shanghai"), paces, watched, exports)


def flags(shown: ReviewShown) -> list[tuple[str, str]]:
    return [(flag.kind, flag.by_name) for flag in shown.flags]


def test_who_looks_far_more_than_before_is_flagged_with_the_figures() -> None:
    usual = [pace("a", 10, -day) for day in range(1, 29)]
    assert flags(reviewed(*usual, *(pace("a", 30, day) for day in range(7)))) == []
    [flag] = reviewed(*usual, *(pace("a", 31, day) for day in range(7))).flags
    assert (flag.kind, flag.count, flag.expected) == ("own_pace", 217, 10.0)
    assert flag.zh == "每天查看 31.0 次，此前四周每天 10.0 次"


def test_who_looks_far_more_than_peers_is_flagged_where_there_are_some() -> None:
    usual = [pace("a", 40, -day) for day in range(1, 29)]
    much = [pace("a", 40, day) for day in range(7)]
    peers = [pace(name, 5, day) for name in ("b", "c", "d") for day in range(7)]
    assert flags(reviewed(*usual, *much, *peers)) == [("peers", "a")]
    assert flags(reviewed(*usual, *much, *peers[:14])) == []


def test_looks_at_night_are_flagged_by_the_clock_of_the_site_but_for_who_works_then() -> None:
    night = [pace(name, 5, 1, NIGHT, role) for name, role in (("a", "auditor"), ("g", "guard"))]
    assert flags(reviewed(*night)) == [("night", "a")]
    assert flags(reviewed(pace("a", 4, 1, NIGHT), pace("a", 9, 1, DAY))) == []


def test_one_subject_and_big_exports_are_told_with_what_they_are() -> None:
    subject = UUID(int=7)
    shown = reviewed(watched=(Watched("persons", subject, 6, 20),), exports=(BigExport("a", "auditor", "persons", 5000),))
    assert [(flag.kind, flag.subject_kind, flag.subject_id, flag.count) for flag in shown.flags] == [
        ("one_subject", "persons", subject, 6),
        ("big_export", "persons", None, 5000),
    ]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.integers(-28, 6), st.integers(0, 23)), max_size=30))
def test_nothing_is_counted_twice_or_lost(looks: list[tuple[str, int, int, int]]) -> None:
    shown = reviewed(*(pace(name, count, day, hour) for name, count, day, hour in looks))
    assert sum(user.looks for user in shown.users) == sum(count for _, count, day, _ in looks if day >= 0)
    assert all(user.at_night <= user.looks == sum(user.by_kind.values()) for user in shown.users)
