"""Reads in another thread what is taken over here: SQL, and another process that reads, go on meanwhile."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, TypeVar

T = TypeVar("T")

# One that reads is enough: Python runs one thread at a time, and a second would only be in the way of the first.
_reader: Final = ThreadPoolExecutor(1, "read-ahead")


def ahead(items: Iterator[T]) -> Iterator[T]:
    """Begin to go through `items` (few) in another thread, and yield them as they come, errors too."""
    found: SimpleQueue[tuple[T] | Exception | None] = SimpleQueue()
    _reader.submit(_go_through, items, found)
    return _taken(found)


def _go_through(items: Iterator[T], found: "SimpleQueue[tuple[T] | Exception | None]") -> None:
    try:
        for item in items:
            found.put((item,))
        found.put(None)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the items are awaited
        found.put(error)


def _taken(found: "SimpleQueue[tuple[T] | Exception | None]") -> Iterator[T]:
    while item := found.get():
        if isinstance(item, Exception):
            raise item
        yield item[0]
