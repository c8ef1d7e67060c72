"""The job that writes down what time alone has done: visits nobody answered, passes that ran out, slips whose day is over."""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Final

from central.jobs import repeated
from central.registry import Registry
from central.workflows.services import Flow

EVERY_S: Final = 5.0


def clock(registry: Registry, flows: Iterable[Flow[Any]], every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """Move every record of these workflows that is due, while the block lasts; each flow is a piece of work of its own."""

    def act() -> None:
        for flow in flows:
            with registry.read() as work:
                is_due = flow.is_due(work)
            while is_due:
                with registry.write() as work:
                    is_due = flow.ripen(work) > 0

    return repeated("clock of workflows", act, every_s)
