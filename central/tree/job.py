"""The jobs that take up what waits for the tree, within seconds, and that publish its head once a day."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from central.jobs import repeated
from central.registry import Registry
from central.tree.outlets import Outlet
from central.tree.publishing import publish_due
from central.tree.services import take_up

EVERY_S: Final = 10.0
# What could not be published is tried again so often.
PUBLISHES_EVERY_S: Final = 1800.0
PUBLISHES_FIRST_AFTER_S: Final = 60.0


@contextmanager
def growing_tree(
    registry: Registry,
    outlets: Sequence[Outlet],
    every_s: float = EVERY_S,
    publishes_first_after_s: float = PUBLISHES_FIRST_AFTER_S,
) -> Iterator[None]:
    """Take up and publish while the block lasts."""

    def taking() -> None:
        take_up(registry)

    def publishing() -> None:
        publish_due(registry, outlets)

    alone = registry.database.alone
    with (
        repeated("tree of heads", taking, every_s, alone=alone),
        repeated("publishing", publishing, PUBLISHES_EVERY_S, publishes_first_after_s, alone),
    ):
        yield
