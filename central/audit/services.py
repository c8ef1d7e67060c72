"""The audit: written with every change, in the same transaction; read by those who look after the others."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from central.audit import repository
from central.audit.chaining import put
from central.audit.schemas import AuditAsked, AuditShown, HistoryAsked
from central.audit.tables import AuditEntry
from central.records.schemas import Page
from central.registry import Work

Facts = Mapping[str, Any]
# What is so of every record, and would only be noise in a difference.
UNSAID = frozenset({"id", "site_id", "version"})


def note(
    work: Work,
    kind: str,
    record_id: UUID,
    site_id: UUID | None,
    act: str,
    *,
    version: int,
    before: Facts | None = None,
    after: Facts | None = None,
    reason: str = "",
) -> None:
    """Write down one change, at the end of this work: of a record that was there before and after, only what is otherwise now.

    Of a list that grew at its end only what was added is written, with an empty list before: the whole of it, at each of many
    additions, would grow with the square of their number.
    """
    if before is not None and after is not None:
        before, after = _differences(before, after)
    entry = {
        "id": work.new_id(),
        "site_id": site_id,
        "kind": kind,
        "record_id": record_id,
        "version": version,
        "act": act,
        "at_us": int(work.noted_at.timestamp() * 1_000_000),
        "by_name": str(work.actor.person or work.actor.name),
        "by_role": work.actor.role,
        "origin": work.actor.origin,
        "reason": reason or work.actor.reason,
        "before": before,
        "after": after,
    }
    put(work.session, entry, work.rng)


def _differences(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    names = [name for name in after if name not in UNSAID and before.get(name) != after[name]]
    sides = {name: _less_common(before.get(name), after[name]) for name in names}
    return {name: was for name, (was, _) in sides.items()}, {name: now for name, (_, now) in sides.items()}


def _less_common(was: Any, now: Any) -> tuple[Any, Any]:
    """Return both sides, of a list that grew at its end only what was added."""
    if isinstance(was, list) and isinstance(now, list) and was == now[: len(was)]:
        return [], now[len(was) :]
    return was, now


def page(work: Work, asked: AuditAsked) -> Page[AuditShown]:
    """Show one page of the audit, newest first."""
    return _shown(repository.page(work, asked), asked.limit)


def history(work: Work, kind: str, record_id: UUID, asked: HistoryAsked) -> Page[AuditShown]:
    """Show one page of the changes of a record, newest first; of one that is deleted too."""
    return _shown(repository.of_record(work, kind, record_id, asked), asked.limit)


def is_known(work: Work, kind: str, record_id: UUID) -> bool:
    """Tell whether anything was ever written down of a record, as of one that is deleted."""
    return repository.is_known(work, kind, record_id)


def _shown(rows: Sequence[AuditEntry], limit: int) -> Page[AuditShown]:
    items = [AuditShown.model_validate(row) for row in rows[:limit]]
    return Page(items=items, more=items[-1].id if len(rows) > limit else None)
