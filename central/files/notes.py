"""What a clerk is told at the head of each column of a workbook: whether it must be there, and what may stand in its cells."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from access.words import LANGUAGES, Words
from central.files.columns import SheetColumn
from central.files.value_words import BOOLEANS, code_of, codes_of
from central.files.values import bare, is_nested, item_of
from central.files.words import header_of
from central.files.writing import Note

WORDS: Final[Words] = {
    "required": ("必填", "must be there"),
    "told": ("只供查看，不能由表格填写", "tells how things stand: not to be set by a sheet"),
    "one": ("只能填：{choices}", "one of: {choices}"),
    "several": ("可填多项，以 ; 分隔：{choices}", "several may stand here, parted by ; : {choices}"),
    "list": ("可填多项，以 ; 分隔", "several may stand here, parted by ;"),
    "parts": ("每项填 {parts}，多项以 ; 分隔", "of each item {parts}; several are parted by ;"),
    "name": (
        "填名称或编号；车道填 大门/车道，人员填 姓名/房号",
        "the name or number of what is meant; a lane as GATE/LANE, a person as NAME/UNIT",
    ),
    "time": ("日期或时间，如 2026-03-01 或 2026-03-01 08:00:00", "a day or a time, as 2026-03-01 or 2026-03-01 08:00:00"),
    "end": ("只填日期时，到当日结束", "a day alone: until its end"),
    "day": ("日期，如 2026-03-01", "a day, as 2026-03-01"),
    "number": ("整数", "a whole number"),
    "json": ("JSON", "JSON"),
}


def notes_of(kind: str, columns: Sequence[SheetColumn], language: str) -> list[Note]:
    """Return what is told of each column of such a sheet, in a language."""
    return [_note(kind, column, language) for column in columns]


def _note(kind: str, column: SheetColumn, language: str) -> Note:
    choices = _choices(kind, column, language)
    lines = [_words("told", language)] if column.is_told else list(_form(column, choices, language))
    is_one = item_of(column.annotation) is None and not column.is_told
    if column.is_required:
        lines.insert(0, _words("required", language))
    return Note("\n".join(lines), choices if is_one else (), column.is_required)


def _form(column: SheetColumn, choices: Sequence[str], language: str) -> Sequence[str]:
    """Return what may stand in the cells."""
    item = item_of(column.annotation)
    kind = item or bare(column.annotation)
    if column.parts is not None:
        parts = " | ".join(header_of(part, language, column.field) for part in column.parts.names)
        return [_words("parts", language, parts=parts)]
    if is_nested(column.annotation):
        return [_words("json", language)]
    if choices:
        return [
            _words("one" if item is None else "several", language, choices=("、" if language == "zh" else ", ").join(choices))
        ]
    lines = [] if item is None else [_words("list", language)]
    plain = {UUID: "name", datetime: "time", date: "day", int: "number"}.get(kind)
    lines += [_words(plain, language)] if plain else []
    return [*lines, _words("end", language)] if kind is datetime and column.field.endswith("until") else lines


def _choices(kind: str, column: SheetColumn, language: str) -> Sequence[str]:
    type_ = item_of(column.annotation) or bare(column.annotation)
    if type_ is bool:
        return BOOLEANS[language]
    codes = codes_of(type_)
    known = code_of(kind, column.field, codes)
    # Where the type names no codes, others than ours may stand there too.
    return () if known is None or (codes is None and type_ is str) else list(known.written[language].values())


def _words(code: str, language: str, **values: str) -> str:
    return WORDS[code][LANGUAGES.index(language)].format(**values)
