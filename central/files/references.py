"""Records as a sheet names them, by their natural keys: a level by its name, a lane as GATE/LANE, a person as name/unit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, UniqueConstraint, select

from access.plate import normalise
from central.errors import RegistryError
from central.files.marks import marked, steps
from central.kinds import KINDS
from central.masking.kinds import Personal, Sight
from central.masking.names import NAMED, OF_NOBODY, seen
from central.records.repository import KEYS_PER_QUERY, find_many
from central.records.services import Records
from central.registry import Work
from central.tables import Site

Kind = Records[Any, Any, Any]
# Where no unique constraint says what a record is known by.
KNOWN_BY: Mapping[str, tuple[str, ...]] = {"persons": ("name", "unit", "staff_number", "namesake")}
CLEANED = {"plate": normalise}
# Fields that are not called as what they name.
CALLED: Mapping[str, str] = {"deputies": "persons", "point": "patrol_points"}

# What records of these kinds are called is nobody's name.
NAMELESS = OF_NOBODY | {"companies", "quotas", "parking_spaces"}


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a natural key: a column, and the kind that it refers to, if it does."""

    column: str
    target: Kind | None

    @property
    def length(self) -> int:
        """How many parts of a name it takes."""
        return 1 if self.target is None else sum(step.length for step in steps_of(self.target))


def kind_of(name: str) -> Kind | None:
    """Return the kind of this name, one of several or many of one: level, levels, company."""
    name = CALLED.get(name, name)
    plurals = (name, f"{name}s", f"{name[:-1]}ies", f"{name}es")
    return next((kind for kind in KINDS if kind.kind in plurals), None)


def target_of(kind: Kind, field: str) -> Kind | None:
    """Return the kind that a field of a record refers to; None for an id that is no record's of these kinds."""
    columns = kind.table.__table__.columns
    column = columns.get(f"{field}_id", columns.get(field))
    referred = None if column is None else _referred(column)
    return referred or kind_of(field) or kind_of(field.rpartition("_")[2])


def _referred(column: Column[Any]) -> Kind | None:
    tables = {key.column.table.name for key in column.foreign_keys}
    return next((kind for kind in KINDS if kind.kind in tables), None)


def steps_of(kind: Kind) -> tuple[Step, ...]:
    """Return what a record of this kind is known by within its site; nothing where it has no name of its own."""
    table: Any = kind.table.__table__
    names = KNOWN_BY.get(kind.kind)
    if names is None:
        unique = [each for each in table.constraints if isinstance(each, UniqueConstraint)]
        keys = sorted(tuple(column.name for column in each.columns if column.name != "site_id") for each in unique)
        names = next(iter(keys), ())
    return tuple(Step(name, _referred(table.columns[name])) for name in names if name in table.columns)


class Names:
    """Names and ids of a site's records, asked for many at once and remembered as long as a piece of work."""

    def __init__(self, work: Work, site: Site) -> None:
        self._work, self._site = work, site
        self._ids: dict[tuple[str, str], UUID | RegistryError] = {}
        self._texts: dict[UUID, str] = {}
        self._rows: list[Any] = []

    def id_of(self, kind: Kind, text: str) -> UUID:
        """Return the id that `find` found; RegistryError."""
        found = self._ids[kind.kind, text]
        if isinstance(found, RegistryError):
            raise found
        return found

    def text_of(self, record_id: UUID) -> str:
        """Return the name that `name` found; the id itself of what is not there."""
        return self._texts.get(record_id, str(record_id))

    def told(self, kind: Kind, record_id: UUID) -> str:
        """Return the name as the actor sees it, where it is somebody's."""
        text, sight = self.text_of(record_id), Sight(self._work.actor.role)
        if sight.is_whole or kind.kind in NAMELESS:
            return text
        columns = [step.column for step in _flat(kind)]
        marks = [Personal(NAMED.get(column, "note")) for column in columns]
        return "/".join(str(seen(part, sight, mark)) for part, mark in zip(steps(text), marks, strict=False))

    def find(self, kind: Kind, texts: Iterable[str]) -> None:
        """Look up records by these names, or ids."""
        unknown = {text for text in texts if (kind.kind, text) not in self._ids}
        named = {text: steps(text) for text in unknown}
        lengths = [step.length for step in steps_of(kind)]
        fit = {text: parts for text, parts in named.items() if len(parts) <= sum(lengths)}
        rows = self._rows_named(kind, list(fit.values())) if fit and lengths else []
        for text in unknown:
            self._ids[kind.kind, text] = self._chosen(kind, text, rows)

    def _chosen(self, kind: Kind, text: str, rows: Sequence[tuple[list[str], Any]]) -> UUID | RegistryError:
        parts = [_cleaned(step.column, part) for step, part in zip(_flat(kind), steps(text), strict=False)]
        alike = [(key, row) for key, row in rows if key[: len(parts)] == parts]
        found = [row for key, row in alike if not any(key[len(parts) :])] or [row for _, row in alike]
        if len(found) == 1:
            chosen: UUID = found[0].id
            return chosen
        if found:
            return RegistryError("more than one record has this name or number", 422)
        row = self._work.session.get(kind.table, id_in(text)) if id_in(text) else None
        if row is None or row.site_id != self._site.id:
            return RegistryError("there is no record of this name or number at this site", 422)
        self._rows.append(row)
        own: UUID = row.id
        return own

    def _rows_named(self, kind: Kind, named: Sequence[list[str]]) -> list[tuple[list[str], Any]]:
        """Return all rows that agree in the first part of their names, each with the parts of its whole name."""
        first = steps_of(kind)[0]
        if first.target is None:
            wanted: set[Any] = {_cleaned(first.column, parts[0]) for parts in named}
        else:
            targets = self._rows_named(first.target, [parts[: first.length] for parts in named])
            wanted = {row.id for _, row in targets}
        rows = find_many(self._work.session, kind.table, self._site.id, [{first.column: value} for value in wanted])
        self._rows += rows
        self.name(kind, [row.id for row in rows])
        return [(self._parts(kind, row), row) for row in rows]

    def _parts(self, kind: Kind, row: Any) -> list[str]:
        parts: list[str] = []
        for step in steps_of(kind):
            value = getattr(row, step.column)
            own = [str(value)] if step.target is None else steps(self.text_of(value))
            parts += [*own, *[""] * (step.length - len(own))][: step.length]
        return parts

    def name(self, kind: Kind, ids: Iterable[UUID]) -> None:
        """Look up the names of these records."""
        unknown = sorted({record_id for record_id in ids if record_id not in self._texts})
        rows: list[Any] = []
        for at in range(0, len(unknown), KEYS_PER_QUERY):
            some = unknown[at : at + KEYS_PER_QUERY]
            query = select(kind.table).where(kind.table.site_id == self._site.id, kind.table.id.in_(some))
            rows += self._work.session.scalars(query)
        for step in steps_of(kind):
            if step.target is not None:
                self.name(step.target, {getattr(row, step.column) for row in rows})
        for row in rows:
            text = "/".join(map(marked, self._parts(kind, row))).rstrip("/")
            self._texts[row.id] = text or str(row.id)


def _flat(kind: Kind) -> list[Step]:
    return [inner for step in steps_of(kind) for inner in ([step] if step.target is None else _flat(step.target))]


def _cleaned(column: str, part: str) -> str:
    return CLEANED.get(column, str)(part)


def id_in(text: str) -> UUID | None:
    """Return the id that a text is; None for any other text."""
    try:
        return UUID(text)
    except ValueError:
        return None
