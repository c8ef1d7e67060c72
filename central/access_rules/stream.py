"""The rules stream: each change of a site's rules is a revision, and any revision can be told again."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from access.contract.records import AnyRecord
from access.contract.sync import RECORDS_PER_PAGE_MAX, RulesPage, Tombstone, Upsert
from central.access_rules import repository
from central.errors import RegistryError
from central.registry import PUBLISHED
from central.tables import RuleChange, Site

REVISIONS_BEHIND_MAX = 100_000
_any_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
Key = tuple[str, UUID]


def publish(
    session: Session,
    site: Site,
    *,
    before: Sequence[AnyRecord],
    after: Sequence[AnyRecord],
    gate_id: UUID | None = None,
) -> None:
    """Put the difference between what gates knew and what they are to know into the stream, as one new revision."""
    known: Mapping[Key, AnyRecord] = {(record.kind, record.id): record for record in before}
    coming: Mapping[Key, AnyRecord] = {(record.kind, record.id): record for record in after}
    changed = [key for key in coming if known.get(key) != coming[key]]
    gone = [key for key in known if key not in coming]
    if not changed and not gone:
        return
    revision = repository.next_revision(session, site)
    for kind, record_id in (*changed, *gone):
        record = coming.get((kind, record_id))
        data = record.model_dump_json() if record else None
        repository.append(
            session,
            RuleChange(
                site_id=site.id,
                kind=kind,
                record_id=record_id,
                from_revision=revision,
                to_revision=None,
                gate_id=gate_id,
                data=data,
            ),
        )
    session.info.setdefault(PUBLISHED, set()).add(site.id)


def rules_page(
    session: Session,
    site_id: UUID,
    gate_id: UUID,
    since: int,
    after: str = "",
    until: int | None = None,
    limit: int = RECORDS_PER_PAGE_MAX,
) -> RulesPage:
    """Return the changes after `since`, or all living records where that is too far back, as of `until` (default: now)."""
    current = repository.revision(session, site_id)
    target = current if until is None else until
    if not 0 <= target <= current:
        raise RegistryError(f"this site's rules are at revision {current}", 422, "until", {"revision": current})
    complete = since == 0 or since > target or target - since > REVISIONS_BEHIND_MAX
    rows = repository.changes(
        session,
        site_id,
        gate_id,
        since=None if complete else since,
        until=target,
        after=_position(after),
        limit=limit + 1,
    )
    page = rows[:limit]
    return RulesPage(
        since=since,
        revision=target,
        complete=complete,
        upserts=tuple(
            Upsert(revision=row.from_revision, record=_any_record.validate_json(row.data)) for row in page if row.data is not None
        ),
        tombstones=tuple(
            Tombstone(revision=row.from_revision, kind=row.kind, id=row.record_id) for row in page if row.data is None
        ),
        more=f"{page[-1].kind}:{page[-1].record_id}" if len(rows) > limit else None,
    )


def _position(after: str) -> Key | None:
    if not after:
        return None
    kind, _, record_id = after.partition(":")
    try:
        return kind, UUID(record_id)
    except ValueError as error:
        raise RegistryError("not a cursor of ours", 422, "after") from error
