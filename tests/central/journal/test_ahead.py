"""What is read ahead comes in order, whole, and with its errors."""

from collections.abc import Iterator

import pytest

from central.journal.ahead import ahead


@pytest.mark.parametrize("count", [0, 1, 100])
def test_everything_comes_in_order(count: int) -> None:
    assert list(ahead(iter(range(count)))) == list(range(count))


def test_an_error_comes_where_the_items_are_awaited() -> None:
    def failing() -> Iterator[int]:
        yield from range(3)
        raise ArithmeticError("no more")

    taken = ahead(failing())
    assert [next(taken) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ArithmeticError, match="no more"):
        list(taken)


def test_who_does_not_take_all_of_it_holds_nobody_up() -> None:
    assert next(ahead(iter(range(1000)))) == 0
    assert list(ahead(iter(range(3)))) == [0, 1, 2]
