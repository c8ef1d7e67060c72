"""The growing delay: pure, and as the database keeps it for all workers."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from central.config import Settings
from central.errors import RegistryError
from central.registry import Registry
from central.retention.services import let_go
from central.users import tries
from central.users.delays import OF_NAME, OF_PLACE, Failures, Pace, failed, wait_s
from central.users.tables import WrongPasswords

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_the_delay_grows() -> None:
    failures, now, waits = None, NOON, []
    for _ in range(16):
        failures = failed(failures, OF_NAME, now)
        waits.append(wait_s(failures, OF_NAME, now))
        now += timedelta(seconds=waits[-1])
    assert waits[: OF_NAME.free + 4] == [0.0] * OF_NAME.free + [2.0, 4.0, 8.0, 16.0]
    assert max(waits) == OF_NAME.delay_max.total_seconds()


@given(
    pace=st.sampled_from([OF_NAME, OF_PLACE]),
    gaps=st.lists(st.integers(-(10**9), 10**9), max_size=40),
    asked=st.integers(-(10**9), 10**9),
)
def test_nobody_is_locked_out_for_good(pace: Pace, gaps: list[int], asked: int) -> None:
    """However often somebody failed, and however the clock was set: nobody waits longer than the longest delay."""
    failures: Failures | None = None
    now = NOON
    for gap in gaps:
        now += timedelta(seconds=gap % 10**6)
        failures = failed(failures, pace, now)
    if failures is not None:
        assert 0 <= wait_s(failures, pace, NOON + timedelta(seconds=asked)) <= pace.delay_max.total_seconds()
        assert wait_s(failures, pace, now + pace.delay_max) == 0


def refused(registry: Registry, name: str, origin: str = "10.0.0.7") -> int:
    """Try once; returns for how many seconds there is no try, 0 where this was one."""
    try:
        tries.begin(registry, tries.of_name(origin, name))
    except RegistryError as error:
        return int(error.retry_after_s)
    return 0


@pytest.fixture
def other(registry: Registry, database_url: str, tmp_path: Path) -> Registry:
    """Give another worker on the same database, with the same keys."""
    return replace(registry, database=Registry.open(Settings(tmp_path / "data", database_url), visiting=True).database)


def test_all_workers_know_of_wrong_passwords(registry: Registry, other: Registry) -> None:
    at = NOON
    one, two = (replace(each, calendar=lambda: at) for each in (registry, other))
    with closing(other.database):
        assert [refused(each, "li") for each in (one, two, one, two, one)] == [0, 0, 0, 0, 2]
        assert refused(two, "li") == 2
        assert (refused(two, "wang"), refused(two, "li", "10.0.0.8")) == (0, 0), "another name, another place"
        at += timedelta(seconds=2)
        assert refused(two, "li") == 0
        tries.succeeded(one, tries.of_name("10.0.0.7", "li"))
        assert refused(two, "li") == 0


def test_a_place_where_many_names_are_tried_waits_too(registry: Registry) -> None:
    at = NOON
    registry = replace(registry, calendar=lambda: at)
    assert [refused(registry, f"name {n}") for n in range(OF_PLACE.free + 2)] == [0] * (OF_PLACE.free + 1) + [2]
    assert refused(registry, "name 1", "10.0.0.8") == 0, "from elsewhere nobody waits"
    assert refused(registry, "somebody", "2001:db8::1") == refused(registry, "somebody", "2001:db8::2") == 0
    at += timedelta(seconds=2)
    assert refused(registry, "li") == 0
    tries.succeeded(registry, tries.of_name("10.0.0.7", "li"))
    assert refused(registry, "li") == 0, "who knew the password does not wait for those who did not"
    with registry.read() as work:
        assert "name" not in str(work.session.execute(select(WrongPasswords.who)).all()), "a name may be a password"
    at += timedelta(days=2)
    let_go(registry, timedelta(days=90))
    with registry.read() as work:
        assert work.session.scalar(select(func.count()).select_from(WrongPasswords)) == 0
