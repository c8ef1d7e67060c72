"""A draft: changes to the installed rules, one JSON record a line, each checked before anything is decided under them."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Final, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from access.contract.records import AnyRecord
from access.plate import normalise
from edge.store.received import RuleRow

Key = tuple[str, UUID]
Stands = Callable[[Key], bool]
KINDS: Final = frozenset(record.model_fields["kind"].default for record in get_args(get_args(AnyRecord)[0]))
# The fields in which a record names others, and of which kind these are.
NAMES: Final[Mapping[str, str]] = {
    "levels": "level",
    "quota": "quota",
    "person": "person",
    "permit": "permit",
    "lanes": "lane",
    "schedule": "schedule",
    "inner_zone": "zone",
    "outer_zone": "zone",
}
_any_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)


class DraftError(Exception):
    """What is wrong with a draft, with file, line and field where there are such."""


class _Named(BaseModel):
    """The kind and id of a record."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    id: UUID


class _Gone(BaseModel):
    """A line that lets a record go."""

    model_config = ConfigDict(extra="forbid")

    gone: _Named


@dataclass(frozen=True, slots=True)
class Change:
    """What a line says of one record: how it shall be (None: gone). `place` is file and line."""

    place: str
    key: Key
    data: Mapping[str, Any] | None


def read_changes(path: Path) -> dict[Key, Change]:
    """Read a draft: a rule record a line, or {"gone": {"kind": ..., "id": ...}}. Raises DraftError."""
    changes: dict[Key, Change] = {}
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        change = _change(line, f"{path}:{number}")
        if earlier := changes.get(change.key):
            raise DraftError(f"{change.place}: id: {earlier.place} has this {change.key[0]} already")
        changes[change.key] = change
    return changes


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DraftError(f"{path} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        number = error.object.count(b"\n", 0, error.start) + 1
        raise DraftError(f"{path}:{number}: should be UTF-8: {error.reason}") from error


def _change(line: str, place: str) -> Change:
    try:
        said = json.loads(line)
        if isinstance(said, dict) and "gone" in said:
            gone = _Gone.model_validate(said).gone
            return Change(place, (gone.kind, gone.id), None)
        record = _any_record.validate_python(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise DraftError(f"{place}: {'.'.join(map(str, first['loc'])) or 'kind'}: {first['msg']}") from error
    except ValueError as error:
        raise DraftError(f"{place}: should be a rule record or what is gone, as JSON: {error}") from error
    except RecursionError as error:
        raise DraftError(f"{place}: should be a rule record or what is gone, not so many brackets") from error
    return Change(place, (record.kind, record.id), record.model_dump(mode="json"))


def laid_over(rows: Iterator[RuleRow], changes: Mapping[Key, Change]) -> Iterator[RuleRow]:
    """Yield the installed records that stay as they are, then those that the draft gives."""
    yield from (row for row in rows if row[:2] not in changes)
    yield from ((*change.key, change.data) for change in changes.values() if change.data is not None)


def check(changes: Mapping[Key, Change], installed: Mapping[Key, str]) -> None:
    """Raise DraftError where a draft makes no rules with what is installed: all its records, with the slug of each lane."""

    def stands(key: Key) -> bool:
        return changes[key].data is not None if key in changes else key in installed

    slugs = {slug: key for key, slug in installed.items() if slug and key not in changes}
    for key, change in changes.items():
        if change.data is None:
            faults = _of_gone(key, installed)
        else:
            faults = chain(_of_record(key[0], change.data, stands), _of_lane(key, change.data, slugs, installed))
        for field, what in faults:
            raise DraftError(f"{change.place}: {field}: {what}")


def _of_gone(key: Key, installed: Mapping[Key, str]) -> Iterator[tuple[str, str]]:
    kind, identity = key
    if kind not in KINDS:
        yield "gone.kind", f"{kind!r} is no kind of record"
    elif kind == "site":
        yield "gone.kind", "the site itself cannot go"
    elif key not in installed:
        yield "gone.id", f"there is no {kind} {identity}"


def _of_record(kind: str, data: Mapping[str, Any], stands: Stands) -> Iterator[tuple[str, str]]:
    for field, other, identity in _named(data):
        if not stands((other, UUID(identity))):
            yield f"{kind}.{field}", f"there is no {other} {identity}"
    plate = data.get("plate", "")
    if plate != (normal := normalise(plate)):
        yield f"{kind}.plate", f"should be in its normal form, {normal!r}"
    if kind == "block" and not plate and not data["card_hash"]:
        yield "block.plate", "a block needs a plate or a card_hash"
    if kind == "site" and not _is_zone(data["zone"]):
        yield "site.zone", "should be the name of a time zone, as Asia/Shanghai"


def _of_lane(key: Key, data: Mapping[str, Any], slugs: dict[str, Key], installed: Mapping[Key, str]) -> Iterator[tuple[str, str]]:
    """Complain of a slug that another lane has, unless both are installed so: each gate of a site may have its `in-1`."""
    if key[0] == "lane" and slugs.setdefault(data["slug"], key) != key and installed.get(key) != data["slug"]:
        yield "lane.slug", f"another lane is called {data['slug']!r}"


def _named(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (field, kind, id) of the records that this one names."""
    for field, kind in NAMES.items():
        value = data.get(field) or ()
        yield from ((field, kind, identity) for identity in ((value,) if isinstance(value, str) else value))
    for at, grant in enumerate(data.get("grants", ())):
        yield from ((f"grants.{at}.{field}", kind, identity) for field, kind, identity in _named(grant))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True
