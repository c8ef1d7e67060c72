"""Publishing the signed head of the tree outside, and noting what came of it."""

from collections.abc import Sequence
from typing import Final

import structlog

from access.contract.heads import TreeHead
from access.contract.signature import fingerprint
from central.registry import Registry
from central.tree import repository, services
from central.tree.outlets import Outlet, OutletError, Statement
from central.tree.tables import PublishedHead

DAY_US: Final = 86_400_000_000
# Noted before it is tried: so whatever is outside is noted here, or the note was deleted.
BEGUN: Final = "it was not ended"
log = structlog.get_logger("central.tree")


def publish(registry: Registry, outlets: Sequence[Outlet]) -> list[PublishedHead]:
    """Take up what waits, and publish the head at all of these; returns what was noted of each."""
    head = services.take_up(registry)
    key = registry.key.public_key().public_bytes_raw()
    statement = Statement(head=head, key=key.hex(), fingerprint=fingerprint(key))
    return [_publish(registry, outlet, statement) for outlet in outlets]


def publish_due(registry: Registry, outlets: Sequence[Outlet]) -> None:
    """Publish where that has not been done today (UTC)."""
    today_us = round(registry.calendar().timestamp() * 1e6) // DAY_US * DAY_US
    with registry.read() as work:
        done = repository.published_since(work.session, today_us)
    due = [outlet for outlet in outlets if outlet.name not in done]
    if due:
        publish(registry, due)


def _publish(registry: Registry, outlet: Outlet, statement: Statement) -> PublishedHead:
    with registry.write() as work:
        row = _row(statement.head, outlet.name)
        row.id, row.at_us = work.new_id(), round(work.at.timestamp() * 1e6)
        work.session.add(row)
    try:
        outlet.send(statement)
        fault = ""
    except OutletError as error:
        fault = str(error)
        log.warning("a head could not be published", target=outlet.name, why=fault)
    with registry.write() as work:
        noted = work.session.get_one(PublishedHead, row.id)
        noted.fault = fault
    return noted


def _row(head: TreeHead, target: str) -> PublishedHead:
    return PublishedHead(
        target=target,
        fault=BEGUN,
        size=head.size,
        root=bytes.fromhex(head.root),
        head_at_us=head.at_us,
        signature=bytes.fromhex(head.signature),
    )
