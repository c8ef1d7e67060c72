"""What the gates of a site know of its codes, and what they make of one that is shown."""

from datetime import datetime
from typing import Any
from uuid import UUID

from access.contract.deny import DenyList
from access.contract.records import AnyRecord, CardRecord
from access.passes import Shown
from access.snapshot import Snapshot
from central.access_rules.stream import rules_page
from central.deny.services import deny_list
from central.registry import Registry
from tests.access.rules_world import snapshot


def told(registry: Registry, site: str, gate: str = "") -> tuple[AnyRecord, ...]:
    """Return all that a gate of the site knows now; without an id, one that has no lanes."""
    with registry.read() as work:
        page = rules_page(work.session, UUID(site), UUID(gate or site), since=0)
    return tuple(upsert.record for upsert in page.upserts)


def packed(registry: Registry, site: str, gate: str = "") -> Snapshot:
    """Return the rules as the gate packs them."""
    return snapshot(1, [(one.kind, one.id, one.model_dump(mode="json")) for one in told(registry, site, gate)])


def codes(registry: Registry, site: str) -> list[CardRecord]:
    """Return what gates are told of codes: their ids are made of those of their records (version 5)."""
    return [one for one in told(registry, site) if isinstance(one, CardRecord) and one.id.version == 5]


def seen(rules: Snapshot, text: str, at: datetime) -> tuple[Shown, Any]:
    """Return what a gate reads, and the one whose code it is (None: not on record)."""
    shown = rules.shown_code(text, at)
    [found] = rules.code(shown.name) or (None,)
    return shown, found


def denied(registry: Registry, site: str) -> DenyList:
    with registry.read() as work:
        return deny_list(work, UUID(site))
