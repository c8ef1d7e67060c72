"""The rules stream: each change of a site's rules is a revision, and any revision can be told again."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from access.contract.records import AnyRecord
from access.contract.sync import RECORDS_PER_PAGE_MAX, RulesPage, Tombstone, Upsert
from central.access_rules import repository
from central.access_rules.audience import Audience, Key, Told, as_text
from central.access_rules.repository import Change
from central.errors import RegistryError
from central.records.turns import take_turn
from central.registry import PUBLISHED
from central.tables import RuleChange, RuleMark, Site

REVISIONS_BEHIND_MAX = 100_000
MARK_LENGTH = 32
NOBODY_ELSE: Mapping[Key, Audience] = MappingProxyType({})
GATHERED = "rule changes gathered"
_any_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


@dataclass(slots=True)
class Gathered:
    """What gates knew of the records that a block of work changed, what they are to know, and who must know of others."""

    before: dict[Key, Told] = field(default_factory=dict)
    after: dict[Key, Told] = field(default_factory=dict)
    depending: dict[Key, Audience] = field(default_factory=dict)
    _met: set[Key] = field(default_factory=set)

    def take(self, known: Mapping[Key, Told], coming: Mapping[Key, Told], depending: Mapping[Key, Audience]) -> None:
        """Add one change: of a record that changed before in the block, gates knew only what it was at first."""
        self.before.update((key, told) for key, told in known.items() if key not in self._met)
        self._met |= known.keys() | coming.keys()
        for key in known.keys() - coming.keys():
            self.after.pop(key, None)
        self.after.update(coming)
        self.depending.update(depending)


@contextmanager
def gathering(session: Session) -> Iterator[Gathered]:
    """Gather all that would be published within the block: nobody is told of it until somebody publishes what was gathered."""
    gathered = session.info[GATHERED] = Gathered()
    try:
        yield gathered
    finally:
        del session.info[GATHERED]


def publish(
    session: Session,
    site: Site,
    *,
    before: Sequence[Told],
    after: Sequence[Told],
    depending: Mapping[Key, Audience] = NOBODY_ELSE,
    fresh: Collection[Key] = (),
) -> int:
    """Put the difference between what gates knew and what they are to know into the stream, as one new revision.

    What both are made of must have been read within the site's turn (`take_turn`): else it may tell what is no longer so.
    `depending`: who must know of other records now; each whose audience is another is told anew as it stands. `fresh`: of these
    nothing was ever told, as of many that are imported. Returns the revision; 0 where there is no difference, or where it is only
    gathered.
    """
    known: Mapping[Key, Told] = {(record.kind, record.id): (record, audience) for record, audience in before}
    coming: Mapping[Key, Told] = {(record.kind, record.id): (record, audience) for record, audience in after}
    gathered: Gathered | None = session.info.get(GATHERED)
    if gathered is not None:
        gathered.take(known, coming, depending)
        return 0
    if known or coming or depending:
        take_turn(session, site.id)
    changed = [told for key, told in coming.items() if not _is_known(known.get(key), told)]
    changes = [_change(record.kind, record.id, audience, record.model_dump_json()) for record, audience in changed]
    changes += [_change(*key, known[key][1], None) for key in known if key not in coming]
    changes += _told_anew(session, site, {key: audience for key, audience in depending.items() if key not in coming})
    if not changes:
        return 0
    revision = repository.next_revision(session, site)
    repository.append(session, site.id, revision, changes, fresh)
    session.add(
        RuleMark(site_id=site.id, revision=revision, mark=_mark(repository.mark(session, site.id, revision - 1), changes))
    )
    session.info.setdefault(PUBLISHED, set()).add(site.id)
    return revision


def _is_known(known: Told | None, told: Told) -> bool:
    """Tell whether gates know this already: when a record was changed last is no news by itself."""
    changed_at = getattr(known[0], "changed_at", None) if known else None
    if known is None or changed_at is None:
        return known == told
    return known == (told[0].model_copy(update={"changed_at": changed_at}), told[1])


def _change(kind: str, record_id: UUID, audience: Audience, data: str | None) -> Change:
    return Change(kind, record_id, as_text(audience), data)


def _mark(before: str, changes: Sequence[Change]) -> str:
    digest = sha256(before.encode())
    for change in sorted(changes, key=lambda each: (each.kind, each.record_id)):
        digest.update(f"\n{change.kind} {change.record_id} {change.audience} {change.data}".encode())
    return digest.hexdigest()[:MARK_LENGTH]


def _told_anew(session: Session, site: Site, audiences: Mapping[Key, Audience]) -> list[Change]:
    by_kind: dict[str, dict[UUID, Audience]] = {}
    for (kind, record_id), audience in audiences.items():
        by_kind.setdefault(kind, {})[record_id] = audience
    return [
        replace(row, audience=as_text(wanted[row.record_id]))
        for kind, wanted in by_kind.items()
        for row in repository.living(session, site.id, kind, list(wanted))
        if row.audience != as_text(wanted[row.record_id])
    ]


def rules_page(
    session: Session,
    site_id: UUID,
    gate_id: UUID,
    since: int,
    after: str = "",
    until: int | None = None,
    limit: int = RECORDS_PER_PAGE_MAX,
    mark: str = "",
) -> RulesPage:
    """Return the changes after `since`, or all living records where that is too far back, as of `until` (default: now).

    A gate whose `mark` of `since` is another followed a history that this registry has lost: it goes back a revision first.
    """
    current = repository.revision(session, site_id)
    target = current if until is None else until
    if _is_of_another_history(session, site_id, since, mark):
        target = min(target, since - 1)
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
        mark=repository.mark(session, site_id, target),
        complete=complete,
        upserts=tuple(
            Upsert(revision=row.from_revision, record=_any_record.validate_json(row.data))
            for row, to_know in page
            if row.data is not None and to_know
        ),
        tombstones=tuple(
            Tombstone(revision=row.from_revision, kind=row.kind, id=row.record_id)
            for row, to_know in page
            if row.data is None or not to_know
        ),
        more=_position_of(page[-1][0]) if len(rows) > limit else None,
    )


def is_news(session: Session, site_id: UUID, since: int, mark: str) -> bool:
    """Tell whether a gate that is at this revision, with this mark, has something to be told."""
    return repository.revision(session, site_id) != since or _is_of_another_history(session, site_id, since, mark)


def _is_of_another_history(session: Session, site_id: UUID, revision: int, mark: str) -> bool:
    """Tell whether a revision that bears this mark is none of this registry's; without a mark there is no telling."""
    ours = repository.mark(session, site_id, revision) if mark else ""
    return bool(ours) and ours != mark


def _position_of(last: RuleChange) -> str:
    return f"{last.kind}:{last.record_id}"


def _position(after: str) -> Key | None:
    if not after:
        return None
    kind, _, record_id = after.partition(":")
    try:
        return kind, UUID(record_id)
    except ValueError as error:
        raise RegistryError("not a cursor of ours", 422, "after") from error
