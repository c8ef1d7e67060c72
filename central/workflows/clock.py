"""The job that writes down what time alone has done: visits nobody answered, passes that ran out, slips whose day is over."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Final, Protocol

from central.jobs import repeated
from central.registry import Registry, Work

EVERY_S: Final = 5.0


class Ripening(Protocol):
    """A kind of records that time moves: a workflow, or guards whose validity begins and ends."""

    def is_due(self, work: Work) -> bool:
        """Tell whether time has moved a record."""

    def ripen(self, work: Work) -> int:
        """Write down what time alone has done; returns how many records it moved."""


def clock(registry: Registry, flows: Iterable[Ripening], every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """Move every record of these kinds that is due, while the block lasts; each kind is a piece of work of its own."""

    def act() -> None:
        for flow in flows:
            with registry.read() as work:
                is_due = flow.is_due(work)
            while is_due:
                with registry.write() as work:
                    is_due = flow.ripen(work) > 0

    return repeated("clock of workflows", act, every_s)
