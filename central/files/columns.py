"""Columns of sheets: what each is called, and how its cells are read and written."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from central.files.parts import Parts, parts_of
from central.files.values import Reader, Writer, bare, reader, refers_in, tell_time, writer
from central.files.words import names_of
from central.files.writing import Cell


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column: the field that it is, of which type, and whether it must be there; `parts`: of the items of its lists.

    `read` takes the words of either language, `write` is told which to write. `is_told`: nobody sets it by a sheet, it only
    tells how things stand.
    """

    field: str
    annotation: Any
    read: Reader
    write: Writer
    is_required: bool = False
    names: frozenset[str] = frozenset()
    refers: bool = False
    is_told: bool = False
    parts: Parts | None = None


# What stands in a cell for a list of nothing, where an empty cell stands for what is usual.
NOTHING = {"zh": "无", "en": "none"}
ColumnT = TypeVar("ColumnT", bound=SheetColumn)


def column_of(kind: str, field: str, annotation: Any, **more: Any) -> SheetColumn:
    """Return the column of a field of this type in a kind of sheet; `more`: what else is said of it."""
    return column_made(SheetColumn, kind, field, annotation, **more)


def column_made(made: type[ColumnT], kind: str, field: str, annotation: Any, **more: Any) -> ColumnT:
    """Return a column of a kind of its own, as `column_of` does."""
    parts = parts_of(annotation, field)
    write = writer(annotation, field, kind) if parts is None else parts.write
    if more.get("is_told") and bare(annotation) is datetime:
        write = tell_time
    return made(
        field=field,
        annotation=annotation,
        read=reader(annotation, field, kind) if parts is None else parts.read,
        write=write,
        names=names_of(field, kind),
        refers=refers_in(annotation),
        parts=parts,
        **more,
    )


def saying_nothing(column: SheetColumn) -> SheetColumn:
    """Return a column of lists that says of an empty one that it is so."""

    def read(text: str, zone: ZoneInfo) -> Any:
        return [] if text.strip().casefold() in NOTHING.values() else column.read(text, zone)

    def write(value: Any, zone: ZoneInfo, language: str) -> Cell:
        return column.write(value, zone, language) if value or value is None else NOTHING[language]

    return replace(column, read=read, write=write)
