"""How a snapshot lies on disk, and what writes it.

Layout: magic, length of the header, checksum of all that follows, header (JSON: the few things that every decision may need, and
where the sections lie), then sections of fixed-width records beside sorted key columns. Things of which there are many but which
a decision rarely needs (visits, passes, quotas, slips) are documents: JSON texts behind a sorted key.
"""

import hashlib
import itertools
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any, BinaryIO
from uuid import UUID

from access.card import HASH_BYTES
from access.plate_index import folded

MAGIC = b"GHSNAP03"
PLATE_BYTES = 24
DOCUMENT_BYTES = 17
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
PERSON = struct.Struct("<16sBBBHIqqII")  # id, category, status, flags, level set, quota, from, until, name, unit
CREDENTIAL = struct.Struct("<16sIBBBBqqI")  # id, person, medium, status, class, colour, from, until, shown text
INDEX = struct.Struct("<I")
TEXT = struct.Struct("<H")

# Which document a record of a kind becomes, and under which of its fields it is found.
DOCUMENTS: Mapping[str, tuple[bytes, str]] = {
    "quota": (b"q", "id"),
    "visit": (b"v", "person"),
    "pass": (b"c", "person"),
    "permit": (b"p", "id"),
    "slip": (b"s", "plate"),
}


def plate_key(text: str) -> bytes:
    """Return the fixed-width key of a plate or of a folded plate; it may be cut short, so what is found is compared again."""
    return text.encode()[:PLATE_BYTES].ljust(PLATE_BYTES, b"\0")


def document_key(tag: bytes, of: UUID | str) -> bytes:
    """Return the key of the documents of one kind about a record, or about a plate."""
    return tag + (of.bytes if isinstance(of, UUID) else hashlib.sha256(of.encode()).digest()[:16])


class SnapshotBuilder:
    """Collects records in any order and writes them packed. Holds one row of bytes a record, no objects."""

    def __init__(self, revision: int, built_utc: int) -> None:
        self._small: dict[str, list[Mapping[str, Any]]] = {kind: [] for kind in SMALL}
        self._header: dict[str, Any] = {"revision": revision, "built_utc": built_utc}
        self._level_sets: dict[tuple[str, ...], int] = {}
        self._strings = bytearray()
        self._string_at: dict[str, int] = {}
        self._quotas: dict[str, int] = {}
        self._persons: list[bytes] = []
        self._person_at: dict[bytes, int] = {}
        self._credentials: list[bytes] = []
        self._holders: list[bytes] = []
        self._keys: dict[str, list[bytes]] = {"hash": [], "plate": [], "folded": [], "document": []}

    def add(self, kind: str, id: UUID, data: Mapping[str, Any]) -> None:  # noqa: A002 - the contract's name
        """Take in one record in the form of `access.contract.records` (`model_dump(mode="json")`); other kinds are ignored."""
        if kind == "card":
            row = self._add_credential(id, data, MEDIA.index(data["medium"]), data["tail"])
            self._keys["hash"] += [bytes.fromhex(text) + row for text in dict.fromkeys(data["hashes"])]
        elif kind == "vehicle":
            row = self._add_credential(id, data, MEDIA.index("plate"), data["plate"])
            self._keys["plate"].append(plate_key(data["plate"]) + row)
            self._keys["folded"].append(plate_key(folded(data["plate"])) + row)
        elif kind == "person":
            self._add_person(id, data)
        elif kind in DOCUMENTS:
            self._add_document(*DOCUMENTS[kind], data)
        elif kind in self._small:
            self._small[kind].append(data)
        elif kind == "site":
            self._header["site"] = dict(data)

    def _add_person(self, identity: UUID, data: Mapping[str, Any]) -> None:
        levels = self._level_sets.setdefault(tuple(data["levels"]), len(self._level_sets))
        self._person_at[identity.bytes] = len(self._persons)
        quota = data.get("quota")
        self._persons.append(
            PERSON.pack(
                identity.bytes,
                CATEGORIES.index(data["category"]),
                STATUSES.index(data["status"]),
                ESCORTED * data.get("escorted", False) | FIRST_PERSON * data.get("first_person", False),
                levels,
                NONE if quota is None else self._quotas.setdefault(quota, len(self._quotas)),
                *_span(data),
                self._string(data["name"]),
                self._string(data["unit"]),
            )
        )

    def _add_credential(self, identity: UUID, data: Mapping[str, Any], medium: int, shown: str) -> bytes:
        holder, colour = data["person"], data.get("colour", "")
        self._holders.append(UUID(holder).bytes if holder else b"")
        self._credentials.append(
            CREDENTIAL.pack(
                identity.bytes,
                NONE,
                medium,
                STATUSES.index(data["status"]),
                CLASSES.index(data.get("vehicle_class", "car")),
                COLOURS.index(colour) if colour in COLOURS else 0,
                *_span(data),
                self._string(shown),
            )
        )
        return INDEX.pack(len(self._credentials) - 1)

    def _add_document(self, tag: bytes, field: str, data: Mapping[str, Any]) -> None:
        key = document_key(tag, data[field] if field == "plate" else UUID(data[field]))
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        self._keys["document"].append(key + INDEX.pack(self._string(text)))

    def _string(self, text: str) -> int:
        at = self._string_at.get(text)
        if at is None:
            raw = text.encode()[:0xFFFF]
            self._string_at[text] = at = len(self._strings)
            self._strings += TEXT.pack(len(raw)) + raw
        return at

    def write(self, out: BinaryIO) -> None:
        """Write the snapshot; credentials whose holder is not known keep none."""
        parts: dict[str, list[bytes]] = {
            "strings": [bytes(self._strings)],
            "quotas": [UUID(quota).bytes for quota in self._quotas],
            "persons": self._persons,
            "credentials": list(self._with_holders()),
        }
        for name, rows in self._keys.items():
            rows.sort()
            parts[f"{name}_keys"] = list(map(itemgetter(slice(None, -INDEX.size)), rows))
            parts[f"{name}_rows"] = list(map(itemgetter(slice(-INDEX.size, None)), rows))
        lengths = {name: sum(map(len, rows)) for name, rows in parts.items()}
        level_sets = list(self._level_sets)
        header = json.dumps({**self._header, **self._small, "level_sets": level_sets, "sections": lengths}).encode()
        checksum = zlib.crc32(header)
        for row in itertools.chain.from_iterable(parts.values()):
            checksum = zlib.crc32(row, checksum)
        out.write(HEAD.pack(MAGIC, len(header), checksum) + header)
        out.writelines(itertools.chain.from_iterable(parts.values()))

    def _with_holders(self) -> Iterator[bytes]:
        for row, holder in zip(self._credentials, self._holders, strict=True):
            yield row[:16] + INDEX.pack(self._person_at.get(holder, NONE)) + row[20:]


def _span(data: Mapping[str, Any]) -> tuple[int, int]:
    start, end = data["valid_from"], data["valid_until"]
    return (-1 if start is None else start), (-1 if end is None else end)


KEY_BYTES: Mapping[str, int] = {"hash": HASH_BYTES, "plate": PLATE_BYTES, "folded": PLATE_BYTES, "document": DOCUMENT_BYTES}
