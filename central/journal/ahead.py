"""Reads in another thread what is taken over here in portions: SQL goes on meanwhile, as its drivers leave Python's lock."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import Final, TypeVar

T = TypeVar("T")

PORTION: Final = 64
# One that reads is enough: Python runs one thread at a time, and a second would only be in the way of the first.
_reader: Final = ThreadPoolExecutor(1, "read-ahead")


def ahead(items: Iterable[T]) -> Iterator[T]:
    """Begin to go through `items` (finite, and little of it) in another thread, and yield them as they come, errors too."""
    portions: SimpleQueue[list[T] | Exception] = SimpleQueue()
    _reader.submit(_go_through, iter(items), portions)
    return _taken(portions)


def _go_through(items: Iterator[T], portions: "SimpleQueue[list[T] | Exception]") -> None:
    try:
        while portion := list(islice(items, PORTION)):
            portions.put(portion)
        portions.put([])
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the items are awaited
        portions.put(error)


def _taken(portions: "SimpleQueue[list[T] | Exception]") -> Iterator[T]:
    while portion := portions.get():
        if isinstance(portion, Exception):
            raise portion
        yield from portion
