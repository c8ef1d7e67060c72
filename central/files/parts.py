"""Lists of what has parts, in one cell: `电脑 | 10 | 台; 显示器 | 2 | 台`, the parts in the order of the fields."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from central.errors import RegistryError
from central.files.marks import PARTED_ITEMS, PARTS, VALUES, marked_name, marked_part, split, unmarked
from central.files.values import (
    Reader,
    Writer,
    bare,
    fields_of,
    is_model,
    is_nested,
    is_worded,
    item_of,
    read_json,
    reader,
    writer,
)
from central.files.writing import Cell

# Of an item of which there is nothing to say.
EMPTY = "|"
_JSON = ("[", "{")


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of each item; a list of its values has no marks of its own."""

    name: str
    read: Reader
    write: Writer
    is_list: bool
    refers: bool

    def value(self, text: str, zone: ZoneInfo) -> Any:
        """Return what the text of a part says."""
        if self.is_list:
            return [self._one(each, zone) for each in split(text, VALUES) if each.strip()]
        return self._one(text, zone)

    def _one(self, text: str, zone: ZoneInfo) -> Any:
        # The name of another record keeps its marks: it is parted further where it is looked up.
        return text.strip() if self.refers else self.read(unmarked(text.strip()), zone)

    def text(self, value: Any, zone: ZoneInfo, language: str) -> str:
        """Return how a value is written."""
        values = value or () if self.is_list else [value]
        return ", ".join(self._text(each, zone, language) for each in values if each is not None)

    def _text(self, value: Any, zone: ZoneInfo, language: str) -> str:
        return marked_name(value) if self.refers else marked_part(str(self.write(value, zone, language)))


@dataclass(frozen=True, slots=True)
class Parts:
    """A column of such lists: its field and the parts of each item."""

    field: str
    parts: Sequence[_Part]

    @property
    def names(self) -> Sequence[str]:
        """The fields of an item, in order."""
        return [part.name for part in self.parts]

    def read(self, text: str, zone: ZoneInfo) -> Any:
        """Return the items that a cell lists, or that stand in it as JSON; RegistryError 422."""
        if text.startswith("[{"):
            return read_json(text, self.field)
        if text.startswith(_JSON):
            try:
                return json.loads(text)
            except (ValueError, RecursionError):
                pass
        items = [item for item in split(text, PARTED_ITEMS) if item.strip()]
        return [self._item(item, n, zone) for n, item in enumerate(items)]

    def _item(self, text: str, n: int, zone: ZoneInfo) -> dict[str, Any]:
        texts = split(text, PARTS)
        if any(each.strip() for each in texts[len(self.parts) :]):
            raise RegistryError("has more parts than {most}", 422, f"{self.field}.{n}", most=len(self.parts))
        return {part.name: part.value(each, zone) for part, each in zip(self.parts, texts, strict=False) if each.strip()}

    def write(self, value: Any, zone: ZoneInfo, language: str) -> Cell:
        """Return the text that `read` reads back."""
        if value is None:
            return None
        text = "; ".join(self._written(item, zone, language) for item in value)
        return f"\\{text}" if text.startswith(_JSON) else text

    def _written(self, item: Mapping[str, Any], zone: ZoneInfo, language: str) -> str:
        texts = [part.text(item.get(part.name), zone, language) for part in self.parts]
        while texts and not texts[-1]:
            texts.pop()
        return " | ".join(texts).strip() if texts else EMPTY


def parts_of(annotation: Any, field: str) -> Parts | None:
    """Return how a list of what has plain parts is read and written; None for what is no such list."""
    item = item_of(annotation)
    if item is None or not is_model(item) or is_worded(item):
        return None
    types = fields_of(item)
    if any(is_nested(each) for each in types.values()):
        return None
    return Parts(field, [_part(name, each, field) for name, each in types.items()])


def _part(name: str, annotation: Any, field: str) -> _Part:
    item = item_of(annotation)
    kind = bare(annotation) if item is None else item
    return _Part(name, reader(kind, name, field), writer(kind, name, field), item is not None, kind is UUID)
