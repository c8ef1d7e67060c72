"""What the registry had frozen, revoked or cancelled by the time of a decision, and whether the gate's rules knew it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.sealing import Opened
from central.audit.tables import AuditEntry
from central.ledger import repository
from central.ledger.marks import changes_of
from central.ledger.single import Withdrawn, revision_of

KINDS: Final = ("card", "pass", "permit", "person", "vehicle", "visit")
# What is said by somebody; that a time is over the gate knows itself.
WITHDRAWN: Final = frozenset({"frozen", "lost", "revoked", "confiscated", "returned", "cancelled", "refused", "deleted"})


def rested_on(opened: Opened) -> frozenset[UUID]:
    """Return the records that a grant rested on: its credential and holder, its visit, the one pass that it looked at."""
    fields = opened.fields
    named = [fields.get("credential"), fields.get("person"), fields.get("vehicle")]
    named += [name.partition(":")[2] for _, name, _, _ in changes_of(fields) if name.startswith("uses:")]
    presence = fields.get("presence")
    passes = [name for name in presence if str(name).startswith("held:")] if isinstance(presence, Mapping) else []
    if len(passes) == 1:
        named.append(str(passes[0]).partition(":")[2])
    return frozenset(identity for identity in map(_uuid, named) if identity is not None)


def withdrawn_before(session: Session, site_id: UUID, grants: Iterable[Opened]) -> dict[UUID, list[Withdrawn]]:
    """Return by grant (the entry's id) what it rested on and was withdrawn by then, as told to gates after its own revision.

    Who is let out is not let in: whoever is inside as something is withdrawn must leave.
    """
    rests = {grant.id: (grant, rested_on(grant)) for grant in grants if grant.fields.get("direction") != "out"}
    revision = min((revision_of(grant) for grant, _ in rests.values()), default=0)
    ids = frozenset().union(*(ids for _, ids in rests.values()))
    if not ids:
        return {}
    ids |= _permits(session, site_id, ids)
    told: dict[UUID, list[tuple[str, int]]] = {}
    for kind, identity, since, data in repository.rules_since(session, site_id, KINDS, ids, revision):
        if data is None or json.loads(data).get("status", "active") not in ("active", "approved"):
            told.setdefault(identity, []).append((kind, since))
    return {each: _of_grant(session, site_id, grant, named, told) for each, (grant, named) in rests.items()} if told else {}


def _of_grant(
    session: Session, site_id: UUID, grant: Opened, named: frozenset[UUID], told: Mapping[UUID, list[tuple[str, int]]]
) -> list[Withdrawn]:
    found = []
    for identity in sorted((named | _permits(session, site_id, named)) & told.keys()):
        later = [(kind, since) for kind, since in told[identity] if since > revision_of(grant)]
        changed = repository.changes_until(session, site_id, identity, grant.stamp.utc_us)
        status = next(((said, row.at_us) for row in changed if (said := _status(row))), None)
        if later and status is not None and status[0] in WITHDRAWN:
            found.append(Withdrawn(later[0][0], *status, later[0][1]))
    return found


def _permits(session: Session, site_id: UUID, ids: frozenset[UUID]) -> frozenset[UUID]:
    """Return the permits of those of these that are passes."""
    rows = repository.rules_of(session, site_id, "pass", ids)
    return frozenset(identity for identity in (_uuid(json.loads(data).get("permit")) for _, data in rows) if identity)


def _status(row: AuditEntry) -> str:
    """Return what a change made of a record's status; "" where it left it, or it is erased."""
    if row.act == "deleted":
        return "deleted"
    after: Any = row.after if isinstance(row.after, Mapping) else {}
    return "cancelled" if after.get("cancelled") is True else str(after.get("status") or after.get("state") or "")


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
