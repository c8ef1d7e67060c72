"""How a snapshot lies on disk, and what writes it.

Layout: magic, length of the header, checksum of all that follows, header (JSON: whose rules these are, and how long each section
is), then the sections: the few records that every decision may need (a JSON text each, so that none takes long to parse),
fixed-width records, and columns of sorted keys, each with the number of a record behind it. Things of which there are many but
which a decision rarely needs (visits, passes, quotas, slips) are documents: JSON texts behind a sorted key. Numbers lie lowest
byte first, as in the machines that gates run on: columns are read in place.

A file may hold no more than what changed since another, its *base* (`access.overlay`): then its header names the base's revision
and the ids of all persons, credentials and documents that were touched since: what it does not hold of these is gone.
"""

import hashlib
import json
import struct
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

from access.plate_index import folded

MAGIC = b"GHSNAP08"
KEY_BYTES = 8
NONE = 0xFFFF_FFFF
CATEGORIES = (
    *("resident", "tenant", "family", "staff", "company", "contractor", "visitor", "vip"),
    *("emergency", "officer"),
)
STATUSES = ("active", "frozen", "lost", "revoked", "expired", "returned", "confiscated")
CLASSES = ("car", "large", "motorcycle", "tricycle", "bicycle")
MEDIA = ("card", "code", "plate")
COLOURS = ("", "blue", "yellow", "green", "yellow-green", "white", "black", "red")
SMALL = ("lane", "zone", "schedule", "special_day", "level", "block", "guard", "pass_key", "peer")
ESCORTED, FIRST_PERSON, ABSENT = 1, 2, 4  # absent: a holder of whom nothing but the id is known

HEAD = struct.Struct("<8sII")
PERSON = struct.Struct("<16sBBBIIIII")  # id, category, status, flags, level set, quota, span, name, unit
CREDENTIAL = struct.Struct("<16sIBBBBII")  # id, person, medium, status, class, colour, span, shown text
QUOTA_BYTES = 16  # an id
SPAN = struct.Struct("<qq")  # from, until; epoch seconds, -1 for no end
UNBOUNDED = 0  # the span of what is valid always
INDEX = struct.Struct("<I")
TEXT = struct.Struct("<I")

# What is kept as a document, and the field under which it is found.
DOCUMENTS: Mapping[str, str] = {"quota": "id", "visit": "person", "pass": "person", "permit": "id", "slip": "plate"}

_ENTRY, _WHOLE_ENTRY = struct.Struct(">QI"), struct.Struct(f"{KEY_BYTES + INDEX.size}s")
_CATEGORY, _STATUS, _CLASS, _MEDIUM, _COLOUR = (
    {name: number for number, name in enumerate(names)} for names in (CATEGORIES, STATUSES, CLASSES, MEDIA, COLOURS)
)
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def hash_key(digest: bytes) -> int:
    """Return the key of a card's or code's keyed hash: eight bytes tell the forms of a million cards apart as sixteen do."""
    return int.from_bytes(digest[:KEY_BYTES])


def plate_key(plate_folded: str) -> int:
    """Return the key of what a plate folds to; unlike plates may share it, so what is found is compared again."""
    return int.from_bytes(plate_folded.encode()[:KEY_BYTES].ljust(KEY_BYTES, b"\0"))


def plate_keys_from(start: str) -> tuple[int, int]:
    """Return the lowest and the highest key of what begins so."""
    return plate_key(start), int.from_bytes(start.encode()[:KEY_BYTES].ljust(KEY_BYTES, b"\xff"))


def document_key(kind: str, of: str) -> int:
    """Return the key of the documents of one kind about a record (its id as text), or about a plate."""
    return int.from_bytes(hashlib.sha256(f"{kind} {of}".encode()).digest()[:KEY_BYTES])


class SortedColumn:
    """Collects keys with a number each; gives them sorted: all keys, then all numbers.

    Kept apart by first byte: so there are never a million objects at once, and only a part is sorted at a time. Collected with
    the highest byte first, so that whole entries sort as bytes do.
    """

    def __init__(self) -> None:
        self._parts = [bytearray() for _ in range(256)]

    def add(self, key: int, number: int) -> None:
        """Take in a key; one may come several times."""
        self._parts[key >> 56] += _ENTRY.pack(key, number)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return sum(map(len, self._parts)) // _ENTRY.size

    def packed(self) -> Iterator[bytes]:
        """Yield all that `KeyColumn` reads, many entries at a time."""
        numbers = array("I")
        for part in filter(None, self._parts):
            entries = sorted([entry for (entry,) in _WHOLE_ENTRY.iter_unpack(part)])
            keys, numbers_of_part = zip(*_ENTRY.iter_unpack(b"".join(entries)), strict=True)
            yield array("Q", keys).tobytes()
            numbers.extend(numbers_of_part)
        yield numbers.tobytes()


class SnapshotBuilder:
    """Collects records in any order and writes them packed. Holds bytes, not objects.

    Over a `base`, the small records must all be given, of the rest only the living among those `touched`, and their holders.
    """

    def __init__(self, revision: int, built_utc: int, base: int | None = None, touched: Iterable[UUID] = ()) -> None:
        self._small: list[bytes] = []
        self._header: dict[str, Any] = {"revision": revision, "built_utc": built_utc}
        if base is not None:
            self._header |= {"base": base, "touched": [one.hex for one in touched]}
        self._level_sets: dict[tuple[str, ...], int] = {}
        self._strings = bytearray()
        self._string_at: dict[str, int] = {}
        self._quotas: dict[bytes, int] = {}
        self._spans: dict[tuple[int | None, int | None], int] = {(None, None): UNBOUNDED}
        self._persons = bytearray()
        self._person_at: dict[bytes, int] = {}
        self._credentials = bytearray()
        self._columns = {name: SortedColumn() for name in ("hash", "plate", "document")}

    def add(self, kind: str, identity: UUID, data: Mapping[str, Any]) -> None:
        """Take in one record in the form of `access.contract.records` (`model_dump(mode="json")`); other kinds are ignored."""
        if kind == "card":
            row = self._add_credential(identity, data, data["medium"], self._string(data["tail"]))
            for digest in dict.fromkeys(data["hashes"]):
                self._columns["hash"].add(hash_key(bytes.fromhex(digest)), row)
        elif kind == "vehicle":
            row = self._add_credential(identity, data, "plate", self._append(data["plate"]))
            self._columns["plate"].add(plate_key(folded(data["plate"])), row)
        elif kind == "person":
            self._add_person(identity, data)
        elif kind in DOCUMENTS:
            key = document_key(kind, data[DOCUMENTS[kind]])
            self._columns["document"].add(key, self._append(_as_json(_brief(data))))
        elif kind in SMALL:
            self._small.append(_as_json([kind, data]).encode())
        elif kind == "site":
            self._header["site"] = dict(data)

    def _add_person(self, identity: UUID, data: Mapping[str, Any]) -> None:
        levels = self._level_sets.setdefault(tuple(data["levels"]), len(self._level_sets))
        row, quota = self._person_row(identity.bytes), data.get("quota")
        PERSON.pack_into(
            self._persons,
            row * PERSON.size,
            identity.bytes,
            _CATEGORY[data["category"]],
            _STATUS[data["status"]],
            ESCORTED * data.get("escorted", False) | FIRST_PERSON * data.get("first_person", False),
            levels,
            self._quotas.setdefault(id_bytes(quota), len(self._quotas)) if quota else NONE,
            self._span(data),
            self._string(data["name"]),
            self._string(data["unit"]),
        )

    def _person_row(self, identity: bytes) -> int:
        """Return the row of a person, who may be yet to come."""
        row = self._person_at.get(identity)
        if row is None:
            self._person_at[identity] = row = len(self._person_at)
            self._persons += PERSON.pack(identity, 0, 0, ABSENT, 0, NONE, 0, 0, 0)
        return row

    def _add_credential(self, identity: UUID, data: Mapping[str, Any], medium: str, shown: int) -> int:
        holder = data["person"]
        self._credentials += CREDENTIAL.pack(
            identity.bytes,
            self._person_row(id_bytes(holder)) if holder else NONE,
            _MEDIUM[medium],
            _STATUS[data["status"]],
            _CLASS[data.get("vehicle_class", "car")],
            _COLOUR.get(data.get("colour", ""), 0),
            self._span(data),
            shown,
        )
        return len(self._credentials) // CREDENTIAL.size - 1

    def _span(self, data: Mapping[str, Any]) -> int:
        return self._spans.setdefault((data["valid_from"], data["valid_until"]), len(self._spans))

    def _string(self, text: str) -> int:
        """Return where a text lies that many records may share."""
        at = self._string_at.get(text)
        if at is None:
            self._string_at[text] = at = self._append(text)
        return at

    def _append(self, text: str) -> int:
        at, raw = len(self._strings), text.encode()
        self._strings += TEXT.pack(len(raw)) + raw
        return at

    def write(self, out: BinaryIO) -> None:
        """Write the snapshot to the start of `out`; credentials whose holder is not known have none."""
        small = b"\n".join(self._small)
        lengths = {
            "small": len(small),
            "strings": len(self._strings),
            "quotas": len(self._quotas) * QUOTA_BYTES,
            "spans": len(self._spans) * SPAN.size,
            "persons": len(self._persons),
            "credentials": len(self._credentials),
            **{name: len(column) * (KEY_BYTES + INDEX.size) for name, column in self._columns.items()},
        }
        described = {"level_sets": list(self._level_sets), "sections": lengths}
        header = json.dumps({**self._header, **described}).encode()
        out.write(bytes(HEAD.size))
        checksum = 0
        for part in (header, small, *self._sections()):
            checksum = zlib.crc32(part, checksum)
            out.write(part)
        out.seek(0)
        out.write(HEAD.pack(MAGIC, len(header), checksum))

    def _sections(self) -> Iterator[bytes | bytearray]:
        yield self._strings
        yield b"".join(self._quotas)
        yield b"".join(SPAN.pack(*(-1 if end is None else end for end in span)) for span in self._spans)
        yield self._persons
        yield self._credentials
        for column in self._columns.values():
            yield from column.packed()


def id_bytes(text: str) -> bytes:
    """Return the bytes of a UUID that JSON has as text; five times as fast as by way of a UUID."""
    return bytes.fromhex(text.replace("-", ""))


def _brief(value: Any) -> Any:
    """Leave out what says nothing: fields that are none, and the kind, which the key tells."""
    if isinstance(value, dict):
        return {name: _brief(one) for name, one in value.items() if one is not None and name != "kind"}
    return [_brief(one) for one in value] if isinstance(value, list) else value
