"""The rules at one revision: an immutable packed file, searched where it lies, never loaded as objects.

Layout: magic, length of the header, checksum of all that follows, header (JSON: the small things, and where the sections lie),
then sections of fixed-width records beside sorted key columns. A reader maps the file and hands the buffer in; a million cards
cost it no objects.
"""

import itertools
import json
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from access.card import HASH_BYTES, CardNumber, card_hash, code_hash
from access.plate import skeleton
from access.schedule import Schedule, Span, minutes

MAGIC = b"GHSNAP02"
PLATE_BYTES = 24
NONE = 0xFFFF_FFFF
NEIGHBOURS_MAX = 64
CHECKED_BYTES = 1024 * 1024
CATEGORIES = ("resident", "tenant", "family", "staff", "company", "contractor", "visitor", "vip")
STATUSES = ("active", "frozen", "lost", "revoked", "expired", "returned")
CLASSES = ("car", "large", "motorcycle", "tricycle", "bicycle")
MEDIA = ("card", "code", "plate")

_HEAD = struct.Struct("<8sII")
_PERSON = struct.Struct("<16sBBHqqII")  # id, category, status, level set, from, until, name, unit
_CREDENTIAL = struct.Struct("<16sIBBBxqqI")  # id, person, medium, status, class, from, until, shown text
_INDEX = struct.Struct("<I")
_TEXT = struct.Struct("<H")


class SnapshotError(Exception):
    """A file that is no snapshot of this version, or is damaged."""


class Buffer(Protocol):
    """What a snapshot is read from: bytes, or a memory map (a slice copies just what is looked at)."""

    def __getitem__(self, where: slice, /) -> bytes:
        """Return the bytes of a slice."""

    def __len__(self) -> int:
        """Return the number of bytes."""


@dataclass(frozen=True, slots=True)
class LaneRules:
    """What the office says of a lane."""

    id: UUID
    slug: str
    name: str
    kind: str
    direction: str
    mode: str
    unknown: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Lanes (empty: all), direction and schedule (none: always) of one grant of a level."""

    lanes: frozenset[UUID]
    direction: str
    schedule: Schedule | None


@dataclass(frozen=True, slots=True)
class Level:
    """An access level: the union of its grants."""

    id: UUID
    name: str
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """A guard who may sign in at the booth."""

    id: UUID
    name: str
    badge: str
    pin_hash: str
    status: str


@dataclass(frozen=True, slots=True)
class Block:
    """A blocked plate (normal form) or card (keyed hash as hex)."""

    plate: str
    card_hash: str
    reason: str
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Person:
    """A cardholder as a gate knows them."""

    id: UUID
    name: str
    unit: str
    category: str
    status: str
    levels: tuple[Level, ...]
    valid_from: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Credential:
    """A card, code or plate on record; `shown` is the plate, or the last characters of a card."""

    id: UUID
    medium: str
    shown: str
    status: str
    vehicle_class: str
    person: Person | None
    valid_from: datetime | None
    valid_until: datetime | None


class SnapshotBuilder:
    """Collects records in any order and writes them packed. Holds one row of bytes a record, no objects."""

    def __init__(self, revision: int, built_utc: int) -> None:
        self._small: dict[str, list[Mapping[str, Any]]] = {"lane": [], "schedule": [], "level": [], "block": [], "guard": []}
        self._header: dict[str, Any] = {"revision": revision, "built_utc": built_utc}
        self._level_sets: dict[tuple[str, ...], int] = {}
        self._strings = bytearray()
        self._string_at: dict[str, int] = {}
        self._persons: list[bytes] = []
        self._person_at: dict[bytes, int] = {}
        self._credentials: list[bytes] = []
        self._holders: list[bytes] = []
        self._hashes: list[bytes] = []
        self._plates: list[bytes] = []
        self._skeletons: list[bytes] = []

    def add(self, kind: str, id: UUID, data: Mapping[str, Any]) -> None:  # noqa: A002 - the contract's name
        """Take in one record in the form of `access.contract.records` (`model_dump(mode="json")`); other kinds are ignored."""
        if kind == "site":
            self._header["site"] = dict(data)
        elif kind in self._small:
            self._small[kind].append(data)
        elif kind == "person":
            self._add_person(id, data)
        elif kind == "card":
            row = self._add_credential(id, data, MEDIA.index(data["medium"]), data["tail"])
            self._hashes += [bytes.fromhex(text) + row for text in dict.fromkeys(data["hashes"])]
        elif kind == "vehicle":
            row = self._add_credential(id, data, MEDIA.index("plate"), data["plate"])
            self._plates.append(_plate_key(data["plate"]) + row)
            self._skeletons.append(_plate_key(skeleton(data["plate"])) + row)

    def _add_person(self, identity: UUID, data: Mapping[str, Any]) -> None:
        levels = self._level_sets.setdefault(tuple(data["levels"]), len(self._level_sets))
        self._person_at[identity.bytes] = len(self._persons)
        category, status = CATEGORIES.index(data["category"]), STATUSES.index(data["status"])
        start, end = _span(data)
        name, unit = self._string(data["name"]), self._string(data["unit"])
        self._persons.append(_PERSON.pack(identity.bytes, category, status, levels, start, end, name, unit))

    def _add_credential(self, identity: UUID, data: Mapping[str, Any], medium: int, shown: str) -> bytes:
        status, vehicle_class = STATUSES.index(data["status"]), CLASSES.index(data.get("vehicle_class", "car"))
        self._holders.append(UUID(data["person"]).bytes if data["person"] else b"")
        text, (start, end) = self._string(shown), _span(data)
        self._credentials.append(_CREDENTIAL.pack(identity.bytes, NONE, medium, status, vehicle_class, start, end, text))
        return _INDEX.pack(len(self._credentials) - 1)

    def _string(self, text: str) -> int:
        if text not in self._string_at:
            raw = text.encode()[:0xFFFF]
            self._string_at[text] = len(self._strings)
            self._strings += _TEXT.pack(len(raw)) + raw
        return self._string_at[text]

    def write(self, out: BinaryIO) -> None:
        """Write the snapshot; credentials whose holder is not known keep none."""
        for rows in (self._hashes, self._plates, self._skeletons):
            rows.sort()
        parts: dict[str, list[bytes]] = {
            "strings": [bytes(self._strings)],
            "persons": self._persons,
            "credentials": list(self._with_holders()),
            "hash_keys": [row[:HASH_BYTES] for row in self._hashes],
            "hash_rows": [row[HASH_BYTES:] for row in self._hashes],
            "plate_keys": [row[:PLATE_BYTES] for row in self._plates],
            "plate_rows": [row[PLATE_BYTES:] for row in self._plates],
            "skeleton_keys": [row[:PLATE_BYTES] for row in self._skeletons],
            "skeleton_rows": [row[PLATE_BYTES:] for row in self._skeletons],
        }
        lengths = {name: sum(map(len, rows)) for name, rows in parts.items()}
        level_sets = sorted(self._level_sets, key=self._level_sets.__getitem__)
        header = json.dumps({**self._header, **self._small, "level_sets": level_sets, "sections": lengths}).encode()
        checksum = zlib.crc32(header)
        for row in itertools.chain.from_iterable(parts.values()):
            checksum = zlib.crc32(row, checksum)
        out.write(_HEAD.pack(MAGIC, len(header), checksum) + header)
        out.writelines(itertools.chain.from_iterable(parts.values()))

    def _with_holders(self) -> Iterator[bytes]:
        for row, holder in zip(self._credentials, self._holders, strict=True):
            at = self._person_at.get(holder, NONE)
            yield row[:16] + _INDEX.pack(at) + row[20:]


def _plate_key(plate: str) -> bytes:
    return plate.encode()[:PLATE_BYTES].ljust(PLATE_BYTES, b"\0")


def _span(data: Mapping[str, Any]) -> tuple[int, int]:
    start, end = data["valid_from"], data["valid_until"]
    return (-1 if start is None else start), (-1 if end is None else end)


def _moment(seconds: int) -> datetime | None:
    return None if seconds < 0 else datetime.fromtimestamp(seconds, UTC)


class Snapshot:
    """Read access to a packed snapshot lying in `buffer`; raises SnapshotError where it is none."""

    def __init__(self, buffer: Buffer) -> None:
        if len(buffer) < _HEAD.size:
            raise SnapshotError("too short for a snapshot")
        magic, length, checksum = _HEAD.unpack(buffer[: _HEAD.size])
        if magic != MAGIC:
            raise SnapshotError("not a snapshot of this version")
        if _checksum(buffer, _HEAD.size) != checksum:
            raise SnapshotError("damaged, cut short or grown: the checksum does not fit")
        try:
            header = json.loads(buffer[_HEAD.size : _HEAD.size + length])
            self._sections = dict(_laid_out(header["sections"], _HEAD.size + length))
            self._read_small(header)
        except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
            raise SnapshotError(f"a header that makes no rules: {error!r}") from error
        self._buffer = buffer

    def _read_small(self, header: Mapping[str, Any]) -> None:
        self.revision: int = header["revision"]
        self.built_utc: int = header["built_utc"]
        site = header["site"]
        self.site: UUID = UUID(site["id"])
        self.site_slug: str = site["slug"]
        self.zone = ZoneInfo(site["zone"])
        self._card_key = bytes.fromhex(site["card_key"])
        self.lanes: Mapping[str, LaneRules] = {row["slug"]: _lane(row) for row in header["lane"]}
        schedules = {row["id"]: _schedule(row) for row in header["schedule"]}
        levels = {row["id"]: _level(row, schedules) for row in header["level"]}
        self._level_sets = [tuple(levels[i] for i in ids if i in levels) for ids in header["level_sets"]]
        self.guards = tuple(
            GuardFacts(UUID(row["id"]), row["name"], row["badge"], row["pin_hash"], row["status"]) for row in header["guard"]
        )
        blocks = [
            Block(r["plate"], r["card_hash"], r["reason"], _moment(_span({"valid_from": None, **r})[1])) for r in header["block"]
        ]
        blocks.sort(key=_block_end)  # of several blocks of one thing, the one that lasts longest stands
        self._blocked_plates = {block.plate: block for block in blocks if block.plate}
        self._blocked_skeletons: dict[str, list[Block]] = {}
        for block in sorted(self._blocked_plates.values(), key=_block_end, reverse=True):
            self._blocked_skeletons.setdefault(skeleton(block.plate), []).append(block)
        self._blocked_hashes = {block.card_hash: block for block in blocks if block.card_hash}

    @property
    def credentials(self) -> int:
        """How many cards, codes and plates are on record."""
        return self._sections["credentials"][1] // _CREDENTIAL.size

    def card(self, number: CardNumber) -> tuple[Credential, ...]:
        """Return the cards that this number, as a reader delivered it, can be; more than one means shared."""
        return self._by_hash(card_hash(self._card_key, number))

    def code(self, text: str) -> tuple[Credential, ...]:
        """Return the codes with exactly this text."""
        return self._by_hash(code_hash(self._card_key, text))

    def plate(self, text: str) -> tuple[Credential, ...]:
        """Return the vehicles registered under exactly this plate (normal form)."""
        found = map(self._credential, self._rows("plate", PLATE_BYTES, _plate_key(text)))
        return tuple(credential for credential in found if credential.shown == text)  # a key may be cut short

    def neighbours(self, text: str) -> tuple[Credential, ...]:
        """Return registered plates that differ from `text` only in look-alike characters or the province, not `text` itself."""
        rows = self._rows("skeleton", PLATE_BYTES, _plate_key(skeleton(text)))
        found = (self._credential(row) for _, row in zip(range(NEIGHBOURS_MAX), rows, strict=False))
        return tuple(credential for credential in found if credential.shown != text)

    def blocked_plate(self, text: str) -> Block | None:
        """Return the block of exactly this plate."""
        return self._blocked_plates.get(text)

    def nearly_blocked(self, text: str) -> Block | None:
        """Return a block of a plate that `text` may be mistaken for."""
        return next((block for block in self._blocked_skeletons.get(skeleton(text), ()) if block.plate != text), None)

    def blocked_card(self, number: CardNumber) -> Block | None:
        """Return the block of this card."""
        return self._blocked_hashes.get(card_hash(self._card_key, number).hex())

    def _by_hash(self, key: bytes) -> tuple[Credential, ...]:
        return tuple(map(self._credential, self._rows("hash", HASH_BYTES, key)))

    def _rows(self, name: str, width: int, key: bytes) -> Iterator[int]:
        """Yield the credential rows whose key is exactly `key`, by binary search in the key column."""
        start, length = self._sections[f"{name}_keys"]
        rows, _ = self._sections[f"{name}_rows"]
        buffer, count = self._buffer, length // width
        at = bisect_left(range(count), key, key=lambda i: buffer[start + i * width : start + (i + 1) * width])
        while at < count and buffer[start + at * width : start + (at + 1) * width] == key:
            yield _INDEX.unpack(buffer[rows + 4 * at : rows + 4 * at + 4])[0]
            at += 1

    def _credential(self, row: int) -> Credential:
        start = self._sections["credentials"][0] + row * _CREDENTIAL.size
        identity, person, medium, status, vehicle_class, since, until, shown = _CREDENTIAL.unpack(
            self._buffer[start : start + _CREDENTIAL.size]
        )
        holder = None if person == NONE else self._person(person)
        text = self._text(shown)
        kind, state = MEDIA[medium], STATUSES[status]
        return Credential(UUID(bytes=identity), kind, text, state, CLASSES[vehicle_class], holder, _moment(since), _moment(until))

    def _person(self, row: int) -> Person:
        start = self._sections["persons"][0] + row * _PERSON.size
        identity, category, status, levels, since, until, name, unit = _PERSON.unpack(self._buffer[start : start + _PERSON.size])
        return Person(
            UUID(bytes=identity),
            self._text(name),
            self._text(unit),
            CATEGORIES[category],
            STATUSES[status],
            self._level_sets[levels],
            _moment(since),
            _moment(until),
        )

    def _text(self, offset: int) -> str:
        start = self._sections["strings"][0] + offset
        (length,) = _TEXT.unpack(self._buffer[start : start + 2])
        return self._buffer[start + 2 : start + 2 + length].decode(errors="replace")


def _checksum(buffer: Buffer, start: int) -> int:
    checksum = 0
    for at in range(start, len(buffer), CHECKED_BYTES):
        checksum = zlib.crc32(buffer[at : at + CHECKED_BYTES], checksum)
    return checksum


def _block_end(block: Block) -> datetime:
    return block.valid_until or datetime.max.replace(tzinfo=UTC)


def _laid_out(lengths: Mapping[str, int], start: int) -> Iterable[tuple[str, tuple[int, int]]]:
    for name, length in lengths.items():
        yield name, (start, length)
        start += length


def _lane(row: Mapping[str, Any]) -> LaneRules:
    return LaneRules(UUID(row["id"]), row["slug"], row["name"], row["lane_kind"], row["direction"], row["mode"], row["unknown"])


def _schedule(row: Mapping[str, Any]) -> Schedule:
    spans = tuple(Span(frozenset(span["days"]), minutes(span["start"]), minutes(span["end"])) for span in row["spans"])
    return Schedule(row["name"], spans)


_NEVER = Schedule("", ())


def _level(row: Mapping[str, Any], schedules: Mapping[str, Schedule]) -> Level:
    grants = tuple(
        Grant(
            frozenset(map(UUID, grant["lanes"])),
            grant["direction"],
            schedules.get(grant["schedule"], _NEVER) if grant["schedule"] else None,
        )
        for grant in row["grants"]
    )
    return Level(UUID(row["id"]), row["name"], grants)
