import pytest

from tests.waiting import wait_until


def test_the_first_true_value_is_returned() -> None:
    values = iter((0, None, "open"))
    assert wait_until(lambda: next(values)) == "open"


def test_what_did_not_come_is_named() -> None:
    with pytest.raises(AssertionError, match="the barrier"):
        wait_until(lambda: False, timeout_s=0, what="the barrier")
