"""The rules of a site as they stand and as a draft would have them, as each of its gates would read them."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from access.overlay import Overlaid
from access.packing import SMALL, SnapshotBuilder
from access.snapshot import Snapshot, SnapshotError
from central.access_rules import repository
from central.access_rules.audience import ALL_GATES, Key
from central.errors import RegistryError
from central.rules_changes.draft import Draft, check
from central.tables import RuleChange, Site

ROWS_AT_ONCE = 1000
_ALWAYS_GIVEN = ("site", *SMALL)  # with every gate's rules: so these need not be read from the base
_CREDENTIALS = ("vehicle", "card")

Rules = Mapping[Key, Mapping[str, Any]]


class Rulebooks:
    """Packs the people, vehicles and cards of a site once; each gate's lanes, and what the draft changes, are laid over them.

    So every gate knows everybody: who loses all rights at a gate is seen to be turned away there, though the gate itself would
    not be told of them any more, and would ask about a stranger. RegistryError 422 where draft and rules make no rules.
    """

    def __init__(self, session: Session, site: Site, draft: Draft, built_utc: int) -> None:
        check(draft, site)
        self._revision, self._built_utc, self._gone = site.revision, built_utc, draft.gone
        self._small: dict[Key, tuple[Mapping[str, Any], str]] = {}
        self._changed: Rules = {(one.kind, one.id): one.model_dump(mode="json") for one in draft.records}
        self._base = self._packed(session, site)
        self._holders = dict(_holders(session, site.id, self._changed, draft))

    def of(self, gate_id: UUID) -> tuple[Snapshot, Snapshot]:
        """Return the rules of a gate as they stand, and under the draft; RegistryError 422."""
        known = {key: data for key, (data, told) in self._small.items() if key[0] != "lane" or _is_told(told, gate_id)}
        # A lane that nobody has yet is of no known gate, and nobody has passed it.
        given = {key: data for key, data in self._changed.items() if key[0] != "lane" or key in known}
        drafted = {key: data for key, data in known.items() if key not in self._gone} | given
        touched = [record_id for kind, record_id in (*self._changed, *self._gone) if kind not in _ALWAYS_GIVEN]
        return self._laid(known), self._laid(self._holders | drafted, touched)

    def _packed(self, session: Session, site: Site) -> Snapshot:
        builder = SnapshotBuilder(self._revision, self._built_utc)
        missing = set(self._gone)
        for key, data, told in _living(session, site.id):
            missing.discard(key)
            if key[0] in _ALWAYS_GIVEN:
                self._small[key] = data, told
            if key[0] not in SMALL:
                builder.add(*key, data)
        for kind, record_id in missing:
            raise RegistryError("there is no {kind} {id} to go", 422, "gone", kind=kind, id=record_id)
        return _read(builder)

    def _laid(self, rules: Rules, touched: Iterable[UUID] = ()) -> Snapshot:
        builder = SnapshotBuilder(self._revision, self._built_utc, self._revision, touched)
        for key, data in rules.items():
            builder.add(*key, data)
        return Overlaid(_read(builder), self._base)


def _living(session: Session, site_id: UUID) -> Iterator[tuple[Key, Mapping[str, Any], str]]:
    """Yield every record that holds now, and who is told of it."""
    columns = (RuleChange.kind, RuleChange.record_id, RuleChange.data, RuleChange.audience)
    holds = (RuleChange.site_id == site_id, RuleChange.to_revision.is_(None), RuleChange.data.is_not(None))
    query = select(*columns).where(*holds).order_by(RuleChange.kind, RuleChange.record_id)
    for kind, record_id, data, told in session.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        yield (kind, record_id), json.loads(data or ""), told


def _holders(session: Session, site_id: UUID, changed: Rules, draft: Draft) -> Iterator[tuple[Key, Mapping[str, Any]]]:
    """Yield who holds a changed vehicle or card and stays as they are: they are packed beside it."""
    named = {UUID(data["person"]) for key, data in changed.items() if key[0] in _CREDENTIALS and data["person"]}
    staying = [person for person in named if not {("person", person)} & (changed.keys() | draft.gone)]
    for row in repository.living(session, site_id, "person", staying):
        yield ("person", row.record_id), json.loads(row.data or "")


def _is_told(audience: str, gate_id: UUID) -> bool:
    return audience == ALL_GATES or gate_id.hex in audience


def _read(builder: SnapshotBuilder) -> Snapshot:
    out = io.BytesIO()
    builder.write(out)
    try:
        return Snapshot(out.getbuffer())
    except SnapshotError as error:
        raise RegistryError("gates could not read the rules that the draft makes", 422, "records") from error
