"""What happens to a record: who did it and when, and what was known of the clock that says so."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

TEXT_MAX = 500
ITEMS_MAX = 100
# The ends of a window that nobody has set: it is open at no time.
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Who:
    """A person or program that acts: its id and the role in which it does."""

    id: str
    role: str


TIME = Who("time", "time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events of workflows. Raises ValueError for a time without a zone."""

    at: datetime
    by: Who

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError(f"{type(self).__name__} at {self.at} has no time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoned(Event):
    """Base of the events that nobody may bring about without saying why."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elapsed(Event):
    """Base of the events that time alone brings about: never recorded as facts, always concluded again by a workflow's `due`."""

    by: Who = TIME


@dataclass(frozen=True, slots=True)
class Fact:
    """An event as a journal or the registry keeps it: `seq` counts within `origin`; `quality` is trusted, drifting or floor."""

    id: UUID
    origin: str
    seq: int
    event: Event
    quality: str = "trusted"


def count(number: int, most: int) -> int:
    """Return `number` where it is a count from 1 to `most`; raises ValueError."""
    if not 1 <= number <= most:
        raise ValueError(f"{number} is not a count from 1 to {most}")
    return number


def excess(event: Event) -> tuple[str, dict[str, int]] | None:
    """Return the refusal (code and values) of an event with too long a text or too many items; None within the limits."""
    for value in _parts(event):
        if isinstance(value, str) and len(value) > TEXT_MAX:
            return "text_too_long", {"limit": TEXT_MAX}
        if isinstance(value, tuple | frozenset) and len(value) > ITEMS_MAX:
            return "too_many_items", {"limit": ITEMS_MAX}
    return None


def _parts(value: Any) -> Iterator[Any]:
    """Yield a value and all that it is made of."""
    yield value
    if dataclasses.is_dataclass(value):
        for declared in dataclasses.fields(value):
            yield from _parts(getattr(value, declared.name))
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from _parts(item)
