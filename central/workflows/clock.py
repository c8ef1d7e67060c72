"""The job that writes down what time alone has done: visits nobody answered, passes that ran out, slips whose day is over."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any, Final, Protocol, TypeVar

import structlog

from central.jobs import repeated
from central.registry import Registry, Work
from central.tables import OfSite

EVERY_S: Final = 5.0
RowT = TypeVar("RowT", bound=OfSite)
log = structlog.get_logger("central.workflows")


class Ripening(Protocol):
    """A kind of records that time moves: a workflow, or guards whose validity begins and ends."""

    def is_due(self, work: Work) -> bool:
        """Tell whether time has moved a record."""

    def ripen(self, work: Work) -> int:
        """Write down what time alone has done; returns how many records it moved."""


def clock(registry: Registry, flows: Iterable[Ripening], every_s: float = EVERY_S) -> AbstractContextManager[None]:
    """Move every record of these kinds that is due, while the block lasts; each kind is a piece of work of its own."""
    kinds = tuple(flows)

    def act() -> None:
        for flow in kinds:
            try:
                _ripen(registry, flow)
            except Exception:
                # One kind that fails must not hold up the others.
                log.exception("a kind of records could not be moved on", kind=type(flow).__name__)

    return repeated("clock of workflows", act, every_s, alone=registry.database.alone)


def each_apart(
    work: Work,
    kind: str,
    rows: Iterable[RowT],
    move: Callable[[RowT], Any],
    put_off: Callable[[RowT], None] = lambda _row: None,
) -> int:
    """Move each row so that one that cannot be moved holds up no other, but is `put_off`; returns how many were moved."""
    moved = 0
    for row in rows:
        try:
            with work.session.begin_nested():
                move(row)
            moved += 1
        except Exception:
            log.exception("a record could not be moved on", kind=kind, record=str(row.id))
            put_off(row)
    return moved


def _ripen(registry: Registry, flow: Ripening) -> None:
    with registry.read() as work:
        is_due = flow.is_due(work)
    while is_due:
        with registry.write() as work:
            is_due = flow.ripen(work) > 0
