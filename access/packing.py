"""How a snapshot lies on disk, and what writes it.

Layout: magic, length of the header, checksum of all that follows, header (JSON: the few things that every decision may need, and
how long each section is), then the sections: fixed-width records, and columns of sorted keys, each with the number of a record
behind it. Things of which there are many but which a decision rarely needs (visits, passes, quotas, slips) are documents: JSON
texts behind a sorted key.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

from access.plate_index import KEY_BYTES_MAX, folded

MAGIC = b"GHSNAP04"
# Eight bytes of a keyed hash tell the forms of a million cards apart as surely as sixteen: a number itself has 24 to 40 bits.
HASH_KEY_BYTES = 8
DOCUMENT_KEY_BYTES = 17
NONE = 0xFFFF_FFFF
CATEGORIES = (
    *("resident", "tenant", "family", "staff", "company", "contractor", "visitor", "vip"),
    *("emergency", "officer"),
)
STATUSES = ("active", "frozen", "lost", "revoked", "expired", "returned", "confiscated")
CLASSES = ("car", "large", "motorcycle", "tricycle", "bicycle")
MEDIA = ("card", "code", "plate")
COLOURS = ("", "blue", "yellow", "green", "yellow-green", "white", "black", "red")
SMALL = ("lane", "zone", "schedule", "special_day", "level", "block", "guard")
ESCORTED, FIRST_PERSON = 1, 2

HEAD = struct.Struct("<8sII")
PERSON = struct.Struct("<16sBBBIIIII")  # id, category, status, flags, level set, quota, span, name, unit
CREDENTIAL = struct.Struct("<16sIBBBBII")  # id, person, medium, status, class, colour, span, shown text
QUOTA = struct.Struct("<16s")
SPAN = struct.Struct("<qq")  # from, until; epoch seconds, -1 for no end
INDEX = struct.Struct("<I")
TEXT = struct.Struct("<I")

# Which document a record of a kind becomes, and under which of its fields it is found.
DOCUMENTS: Mapping[str, tuple[bytes, str]] = {
    "quota": (b"q", "id"),
    "visit": (b"v", "person"),
    "pass": (b"c", "person"),
    "permit": (b"p", "id"),
    "slip": (b"s", "plate"),
}

# As CREDENTIAL, but with the holder's id, which may belong to a person who is yet to come.
_COLLECTED = struct.Struct("<16s16sBBBBII")
_CATEGORY, _STATUS, _CLASS, _MEDIUM, _COLOUR = (
    {name: number for number, name in enumerate(names)} for names in (CATEGORIES, STATUSES, CLASSES, MEDIA, COLOURS)
)
_NOBODY = bytes(16)
_AT_ONCE = 10_000
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def entry_of(key_bytes: int) -> struct.Struct:
    """Return the layout of one entry of a column: a key, and the number of its record."""
    return struct.Struct(f">{key_bytes}sI")


def hash_key(digest: bytes) -> bytes:
    """Return the key of a card's or code's keyed hash."""
    return digest[:HASH_KEY_BYTES]


def plate_key(plate: str) -> bytes:
    """Return the key of a plate: what it folds to, so unlike plates may share it, and what is found is compared again."""
    return folded(plate).encode()


def document_key(kind: str, of: str) -> bytes:
    """Return the key of the documents of one kind about a record (its id as text), or about a plate."""
    tag, field = DOCUMENTS[kind]
    return tag + (hashlib.sha256(of.encode()).digest()[:16] if field == "plate" else _id(of))


class SortedColumn:
    """Collects keys, shorter ones padded, with a number each; gives them sorted, as narrow as the longest key allows.

    Kept apart by first byte: so there are never a million objects at once, and only a part is sorted at a time. A number stands
    with its highest byte first, so that whole entries sort as their keys do.
    """

    def __init__(self, key_bytes_max: int) -> None:
        self.key_bytes = 1
        self._entry = entry_of(key_bytes_max)
        self._parts = [bytearray() for _ in range(256)]

    def add(self, key: bytes, number: int) -> None:
        """Take in a key; one may come several times."""
        self.key_bytes = max(self.key_bytes, len(key))
        self._parts[key[0] if key else 0] += self._entry.pack(key, number)

    def __len__(self) -> int:
        """Return how many bytes `packed` will give."""
        return sum(map(len, self._parts)) // self._entry.size * entry_of(self.key_bytes).size

    def packed(self) -> Iterator[bytes]:
        """Yield the entries in order, many at a time."""
        whole, key_bytes = struct.Struct(f"{self._entry.size}s"), self.key_bytes
        narrower = self._entry.size > entry_of(key_bytes).size
        for part in self._parts:
            entries = sorted([entry for (entry,) in whole.iter_unpack(part)])
            yield b"".join([entry[:key_bytes] + entry[-INDEX.size :] for entry in entries] if narrower else entries)


class SnapshotBuilder:
    """Collects records in any order and writes them packed. Holds bytes, not objects."""

    def __init__(self, revision: int, built_utc: int) -> None:
        self._small: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in SMALL}
        self._header: dict[str, Any] = {"revision": revision, "built_utc": built_utc}
        self._level_sets: dict[tuple[str, ...], int] = {}
        self._strings = bytearray()
        self._string_at: dict[str, int] = {}
        self._quotas: dict[bytes, int] = {}
        self._spans: dict[tuple[int | None, int | None], int] = {}
        self._persons = bytearray()
        self._person_at: dict[bytes, int] = {}
        self._collected = bytearray()
        self._columns = {
            "hash": SortedColumn(HASH_KEY_BYTES),
            "plate": SortedColumn(KEY_BYTES_MAX),
            "document": SortedColumn(DOCUMENT_KEY_BYTES),
        }

    def add(self, kind: str, id: UUID, data: Mapping[str, Any]) -> None:  # noqa: A002 - the contract's name
        """Take in one record in the form of `access.contract.records` (`model_dump(mode="json")`); other kinds are ignored."""
        if kind == "card":
            row = self._add_credential(id, data, data["medium"], self._string(data["tail"]))
            for digest in dict.fromkeys(data["hashes"]):
                self._columns["hash"].add(hash_key(bytes.fromhex(digest)), row)
        elif kind == "vehicle":
            row = self._add_credential(id, data, "plate", self._append(data["plate"]))
            self._columns["plate"].add(plate_key(data["plate"]), row)
        elif kind == "person":
            self._add_person(id, data)
        elif kind in DOCUMENTS:
            key = document_key(kind, data[DOCUMENTS[kind][1]])
            self._columns["document"].add(key, self._append(_as_json(_brief(data))))
        elif kind in self._small:
            self._small[kind].append(data)
        elif kind == "site":
            self._header["site"] = dict(data)

    def _add_person(self, identity: UUID, data: Mapping[str, Any]) -> None:
        levels = self._level_sets.setdefault(tuple(data["levels"]), len(self._level_sets))
        self._person_at[identity.bytes] = len(self._persons) // PERSON.size
        quota = data.get("quota")
        self._persons += PERSON.pack(
            identity.bytes,
            _CATEGORY[data["category"]],
            _STATUS[data["status"]],
            ESCORTED * data.get("escorted", False) | FIRST_PERSON * data.get("first_person", False),
            levels,
            self._quotas.setdefault(_id(quota), len(self._quotas)) if quota else NONE,
            self._span(data),
            self._string(data["name"]),
            self._string(data["unit"]),
        )

    def _add_credential(self, identity: UUID, data: Mapping[str, Any], medium: str, shown: int) -> int:
        holder = data["person"]
        self._collected += _COLLECTED.pack(
            identity.bytes,
            _id(holder) if holder else _NOBODY,
            _MEDIUM[medium],
            _STATUS[data["status"]],
            _CLASS[data.get("vehicle_class", "car")],
            _COLOUR.get(data.get("colour", ""), 0),
            self._span(data),
            shown,
        )
        return len(self._collected) // _COLLECTED.size - 1

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
        """Write the snapshot to the start of `out`; credentials whose holder is not known keep none."""
        lengths = {
            "strings": len(self._strings),
            "quotas": len(self._quotas) * QUOTA.size,
            "spans": len(self._spans) * SPAN.size,
            "persons": len(self._persons),
            "credentials": len(self._collected) // _COLLECTED.size * CREDENTIAL.size,
            **{name: len(column) for name, column in self._columns.items()},
        }
        key_bytes = {name: column.key_bytes for name, column in self._columns.items()}
        described = {"level_sets": list(self._level_sets), "sections": lengths, "key_bytes": key_bytes}
        header = json.dumps({**self._header, **self._small, **described}).encode()
        out.write(bytes(HEAD.size))
        checksum = 0
        for part in (header, *self._sections()):
            checksum = zlib.crc32(part, checksum)
            out.write(part)
        out.seek(0)
        out.write(HEAD.pack(MAGIC, len(header), checksum))

    def _sections(self) -> Iterator[bytes | bytearray]:
        yield self._strings
        yield b"".join(self._quotas)
        yield b"".join(SPAN.pack(*(-1 if end is None else end for end in span)) for span in self._spans)
        yield self._persons
        yield from self._credentials()
        for column in self._columns.values():
            yield from column.packed()

    def _credentials(self) -> Iterator[bytes]:
        """Yield the credentials, many at a time, each with the number of its holder."""
        step = _COLLECTED.size * _AT_ONCE
        for at in range(0, len(self._collected), step):
            rows = _COLLECTED.iter_unpack(self._collected[at : at + step])
            yield b"".join([CREDENTIAL.pack(one, self._person_at.get(holder, NONE), *rest) for one, holder, *rest in rows])


def _id(text: str) -> bytes:
    """Return the bytes of a UUID as JSON has it; five times as fast as by way of a UUID."""
    return bytes.fromhex(text.replace("-", ""))


def _brief(value: Any) -> Any:
    """Leave out what says nothing: fields that are none, and the kind, which the key tells."""
    if isinstance(value, dict):
        return {name: _brief(one) for name, one in value.items() if one is not None and name != "kind"}
    return [_brief(one) for one in value] if isinstance(value, list) else value
