"""Identifiers: sortable by time, drawn from given chance."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.identifiers import is_slug, uuid7

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=10, max_size=10))
def test_a_uuid7_says_its_version_and_sorts_by_time(one: bytes, other: bytes) -> None:
    earlier, later = uuid7(AT, one), uuid7(AT + timedelta(milliseconds=1), other)
    assert (earlier.version, earlier.variant) == (7, "specified in RFC 4122")
    assert earlier < later
    assert earlier.int >> 80 == int(AT.timestamp() * 1000)


def test_it_repeats_with_its_chance_and_needs_all_of_it() -> None:
    assert uuid7(AT, bytes(10)) == uuid7(AT, bytes(10)) != uuid7(AT, bytes(9) + b"\1")
    with pytest.raises(ValueError, match="10 bytes"):
        uuid7(AT, bytes(9))


@pytest.mark.parametrize(
    ("text", "good"),
    [("in-1", True), ("a", True), ("a" * 64, True), ("a" * 65, False), ("", False), ("-a", False), ("a-", False), ("In", False)],
)
def test_slugs(text: str, *, good: bool) -> None:
    assert is_slug(text) is good
