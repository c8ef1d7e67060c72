"""The rules at one revision: an immutable packed file (`access.packing`), searched where it lies, never loaded as objects.

A reader maps the file and hands the buffer in; a million persons, vehicles and cards cost it no objects.
"""

import json
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from access.card import CardNumber, card_hash, code_hash
from access.identifiers import uuid_of
from access.on_disk import (
    block_end,
    block_of,
    guard_of,
    in_order,
    lane_of,
    level_of,
    moment,
    pass_key_of,
    pass_of,
    peer_of,
    permit_of,
    quota_of,
    schedule_of,
    slip_of,
    visit_of,
    zone_of,
)
from access.on_record import (
    Block,
    ContractorPass,
    Credential,
    LaneRules,
    Level,
    ListAge,
    Peer,
    Permit,
    Person,
    Quota,
    Slip,
    Visit,
    Zone,
)
from access.packing import (
    ABSENT,
    CATEGORIES,
    CLASSES,
    COLOURS,
    CREDENTIAL,
    DOCUMENTS,
    ESCORTED,
    FIRST_PERSON,
    HEAD,
    INDEX,
    KEY_BYTES,
    MAGIC,
    MEDIA,
    NONE,
    PERSON,
    QUOTA_BYTES,
    SMALL,
    SPAN,
    STATUSES,
    TEXT,
    UNBOUNDED,
    document_key,
    hash_key,
    plate_key,
    plate_keys_from,
)
from access.passes import VEHICLE_BYTES, PassKey, Shown, shown, turning_key
from access.plate_index import Ask, NearBlocks, asked, folded

_parsed = json.JSONDecoder().raw_decode  # a document has no white space around it to look for
NEIGHBOURS_MAX = 64
PERMITS_KEPT = 1024
WALKED_ROWS = 32_768


class SnapshotError(Exception):
    """A file that is no snapshot of this version, or is damaged."""


class KeyColumn:
    """Sorted keys of eight bytes in a buffer, and the number of each; found by binary search, which reads them as integers."""

    def __init__(self, buffer: memoryview) -> None:
        numbers_at = len(buffer) // (KEY_BYTES + INDEX.size) * KEY_BYTES
        self._keys, self._numbers = buffer[:numbers_at].cast("Q"), buffer[numbers_at:].cast("I")

    def numbers(self, first: int, last: int) -> list[int]:
        """Return the numbers beside the keys from `first` to `last`, both included."""
        start = bisect_left(self._keys, first)
        end = bisect_right(self._keys, last, start)
        return self._numbers[start:end].tolist() if end > start else []


def base_of(buffer: memoryview) -> int | None:
    """Return the base of a packed file of changes, None of a whole one; its header is all that is looked at.

    Raises SnapshotError where it has none.
    """
    try:
        magic, length, _ = HEAD.unpack_from(buffer)
        base: int | None = json.loads(bytes(buffer[HEAD.size : HEAD.size + length])).get("base") if magic == MAGIC else None
    except (struct.error, ValueError, AttributeError) as error:
        raise SnapshotError(f"a header that cannot be read: {error!r}") from error
    if magic != MAGIC:
        raise SnapshotError("not a snapshot of this version")
    return base


class Snapshot:
    """Read access to a packed snapshot lying in `buffer`; raises SnapshotError where it is none.

    Where `base` is not None it holds only what changed since (`touched`: the ids), and is to be read by `access.overlay`.
    """

    def __init__(self, buffer: bytes | memoryview) -> None:
        if len(buffer) < HEAD.size:
            raise SnapshotError("too short for a snapshot")
        magic, length, checksum = HEAD.unpack_from(buffer)
        if magic != MAGIC:
            raise SnapshotError("not a snapshot of this version")
        self._buffer = memoryview(buffer)
        # In one call, during which other threads run: each part of its own would make them wait for one another once more.
        if zlib.crc32(self._buffer[HEAD.size :]) != checksum:
            raise SnapshotError("damaged, cut short or grown: the checksum does not fit")
        try:
            header = json.loads(bytes(self._buffer[HEAD.size : HEAD.size + length]))
            self._sections = dict(_laid_out(header["sections"], HEAD.size + length))
            self._columns = {name: KeyColumn(self._section(name)) for name in ("hash", "plate", "document")}
            self._strings_at, self._spans_at, self._quotas_at, self._persons_at, self._credentials_at = (
                self._sections[name][0] for name in ("strings", "spans", "quotas", "persons", "credentials")
            )
            self._read_site(header)
            self._read_small(header["level_sets"])
        except (ValueError, LookupError, TypeError, AttributeError, OSError) as error:
            raise SnapshotError(f"a header that makes no rules: {error!r}") from error

    def _section(self, name: str) -> memoryview:
        start, length = self._sections[name]
        return self._buffer[start : start + length]

    def _read_site(self, header: Mapping[str, Any]) -> None:
        site = header["site"]
        self.revision: int = header["revision"]
        self.built_utc: int = header["built_utc"]
        self.base: int | None = header.get("base")
        self.touched = frozenset(map(bytes.fromhex, header.get("touched", ())))
        self.site: UUID = UUID(site["id"])
        self.site_slug: str = site["slug"]
        self.zone = ZoneInfo(site["zone"])
        self.list_age = {row["category"]: ListAge(row["hours"], row["then"]) for row in site.get("list_age", ())}
        self._card_key = bytes.fromhex(site["card_key"])
        self.turning_key = turning_key(self._card_key)
        self.is_strict = site.get("code_reuse") == "strict"

    def _read_small(self, level_sets: list[list[str]]) -> None:
        found: dict[str, list[Any]] = {kind: [] for kind in SMALL}
        for line in filter(None, bytes(self._section("small")).split(b"\n")):
            kind, row = json.loads(line)
            found[kind].append(row)
        self.lanes: Mapping[str, LaneRules] = {row["slug"]: lane_of(row) for row in found["lane"]}
        # What the presence calls the lanes of this gate; by their slugs while there were no rules.
        self.lanes_in_facts = frozenset(name for slug, lane in self.lanes.items() for name in (slug, lane.name_in_facts))
        self.zones: Mapping[UUID, Zone] = {zone.id: zone for zone in map(zone_of, found["zone"])}
        self.special_days = {date.fromisoformat(row["date"]): row["counts_as"] for row in found["special_day"]}
        self._schedules = {row["id"]: schedule_of(row) for row in found["schedule"]}
        self.levels = {row["id"]: level_of(row, self._schedules) for row in found["level"]}
        self._permits: dict[UUID, Permit | None] = {}
        self._level_ids = level_sets
        self._level_sets = self._sets_of(self.levels)
        self.guards = tuple(guard_of(row) for row in found["guard"])
        self.pass_keys: Mapping[bytes, PassKey] = {key.kid: key for key in map(pass_key_of, found["pass_key"])}
        self.peers: Mapping[UUID, Peer] = {peer.id: peer for peer in map(peer_of, found["peer"])}
        # Of several blocks of one thing, the one that lasts longest stands.
        blocks = sorted(map(block_of, found["block"]), key=block_end)
        self._blocked_plates = {block.plate: block for block in blocks if block.plate}
        self._near_blocks = NearBlocks(self._blocked_plates)
        self._blocked_hashes = {block.card_hash: block for block in blocks if block.card_hash}

    def _sets_of(self, levels: Mapping[str, Level]) -> list[tuple[Level, ...]]:
        return [tuple(levels[i] for i in ids if i in levels) for ids in self._level_ids]

    @property
    def whole(self) -> "Snapshot":
        """The snapshot that holds most of the rules: this one, or the base under changes."""
        return self

    @property
    def credentials(self) -> int:
        """How many cards, codes and plates are on record."""
        return self._sections["credentials"][1] // CREDENTIAL.size

    # --- credentials ------------------------------------------------------------------------------

    def card(self, number: CardNumber) -> tuple[Credential, ...]:
        """Return the cards that this number, as a reader delivered it, can be; more than one means shared."""
        return self.of_hash(self.card_hash(number))

    def card_hash(self, number: CardNumber) -> bytes:
        """Return the keyed hash under which a card is on record here, and may be blocked."""
        return card_hash(self._card_key, number)

    def code(self, text: str) -> tuple[Credential, ...]:
        """Return the codes with exactly this text."""
        return self.of_hash(self.code_hash(text))

    def code_hash(self, text: str) -> bytes:
        """Return the keyed hash under which a code is on record here, and may be blocked."""
        return code_hash(self._card_key, text)

    def of_hash(self, digest: bytes) -> tuple[Credential, ...]:
        """Return the cards and codes with this keyed hash."""
        key = hash_key(digest)
        return tuple([self._credential(row) for row in self._rows("hash", key, key)])

    def plate(self, text: str) -> tuple[Credential, ...]:
        """Return the vehicles registered under exactly this plate (normal form)."""
        key = plate_key(folded(text))
        return tuple([self._credential(row) for row in self._rows("plate", key, key) if self._shown(row) == text])

    def neighbours(self, text: str) -> tuple[Credential, ...]:
        """Return registered plates that `text` may be a misreading of, not `text` itself; without their holders.

        They may be many: `with_holder` is for those that are left after they have been compared.
        """
        rows = dict.fromkeys(row for ask in asked(text) for row in self._asked_rows(ask, text))
        return tuple([self._credential(row, with_holder=False) for row in islice(rows, NEIGHBOURS_MAX)])

    def with_holder(self, neighbour: Credential) -> Credential:
        """Return a neighbour as it is on record; any that is not, as it is."""
        return next((one for one in self.plate(neighbour.shown) if one.id == neighbour.id), neighbour)

    def _asked_rows(self, ask: Ask, text: str) -> Iterator[int]:
        first, last = plate_keys_from(ask.key)
        for row in self._rows("plate", first, last if ask.longer_by else first):
            found = self._shown(row)
            key = folded(found)
            if key.startswith(ask.key) and len(key) == len(ask.key) + ask.longer_by and found != text:
                yield row

    def credential_of(self, identity: UUID) -> Credential | None:
        """Return a card, code or plate by its id. Walks through all of them: for replays, not for decisions."""
        row = self._row_of("credentials", CREDENTIAL, identity)
        return None if row is None else self._credential(row)

    def person(self, identity: UUID) -> Person | None:
        """Return a person by their id. Walks through all of them: for a file of few."""
        row = self._row_of("persons", PERSON, identity)
        return None if row is None else self._person(row)

    def blocked_plate(self, text: str) -> Block | None:
        """Return the block of exactly this plate."""
        return self._blocked_plates.get(text)

    def nearly_blocked(self, text: str) -> Block | None:
        """Return a block of a plate that `text` may be mistaken for, the one that lasts longest."""
        near = (self._blocked_plates[plate] for plate in self._near_blocks.of(text) if plate != text)
        return max(near, key=lambda block: (block_end(block), block.plate), default=None)

    def blocked_hash(self, digest: bytes) -> Block | None:
        """Return the block of the card or code with this keyed hash."""
        return self._blocked_hashes.get(digest.hex())

    def pseudonym(self, plate: str) -> UUID:
        """Return the id under which an unregistered plate is spoken of where the plate itself must not stand."""
        return uuid_of(code_hash(self._card_key, f"plate {plate}"))

    def shown_code(self, text: str, at: datetime) -> Shown:
        """Return what a signed pass says, checked by the keys of the site."""
        return shown(text, self.pass_keys, self.turning_key, int(at.timestamp()))

    def vehicle_tag(self, plate: str) -> bytes:
        """Return by what a signed pass names a plate (normal form)."""
        return self.pseudonym(plate).bytes[:VEHICLE_BYTES]

    # --- documents --------------------------------------------------------------------------------

    def quota(self, identity: UUID) -> Quota | None:
        """Return the spaces of a household or company."""
        return next(map(quota_of, self.documents("quota", str(identity))), None)

    def visits(self, person: UUID) -> tuple[Visit, ...]:
        """Return the visits of a person, in the order of their windows."""
        return in_order(map(visit_of, self.documents("visit", str(person))))

    def passes(self, person: UUID) -> tuple[ContractorPass, ...]:
        """Return the contractor passes of a person, in the order of their windows."""
        return in_order(map(pass_of, self.documents("pass", str(person))))

    def permit(self, identity: UUID) -> Permit | None:
        """Return a renovation or works permit; each is asked for by all of its workers."""
        if identity not in self._permits:
            if len(self._permits) == PERMITS_KEPT:
                self._permits.clear()
            found = (permit_of(data, self._schedules) for data in self.documents("permit", str(identity)))
            self._permits[identity] = next(found, None)
        return self._permits[identity]

    def slips(self, plate: str) -> tuple[Slip, ...]:
        """Return the goods-release slips that name a plate, in the order of their windows."""
        return in_order(map(slip_of, self.documents("slip", plate)))

    def documents(self, kind: str, of: str) -> list[Mapping[str, Any]]:
        """Return the documents of a kind about a record (its id as text), or about a plate."""
        key = document_key(kind, of)
        found = [_parsed(self._text(row))[0] for row in self._columns["document"].numbers(key, key)]
        return [data for data in found if data.get(DOCUMENTS[kind]) == of]

    # --- rows -------------------------------------------------------------------------------------

    def _rows(self, column: str, first: int, last: int) -> list[int]:
        """Return the rows of credentials under the keys from `first` to `last`."""
        return self._columns[column].numbers(first, last)

    def _row_of(self, section: str, layout: struct.Struct, identity: UUID) -> int | None:
        start, length = self._sections[section]
        step = layout.size * WALKED_ROWS
        for at in range(start, start + length, step):
            part = bytes(self._buffer[at : min(at + step, start + length)])
            found = part.find(identity.bytes)
            while found % layout.size and found > 0:  # it began amid a row
                found = part.find(identity.bytes, found + 1)
            if found >= 0:
                return (at - start + found) // layout.size
        return None

    def _credential_row(self, row: int) -> tuple[Any, ...]:
        return CREDENTIAL.unpack_from(self._buffer, self._credentials_at + row * CREDENTIAL.size)

    def _person_row(self, row: int) -> tuple[Any, ...]:
        return PERSON.unpack_from(self._buffer, self._persons_at + row * PERSON.size)

    def _credential(self, row: int, *, with_holder: bool = True) -> Credential:
        identity, person, medium, status, vehicle_class, colour, span, shown = self._credential_row(row)
        return Credential(
            uuid_of(identity),
            MEDIA[medium],
            self._text(shown),
            STATUSES[status],
            CLASSES[vehicle_class],
            self._person(person) if with_holder and person != NONE else None,
            *self._span(span),
            COLOURS[colour],
        )

    def _shown(self, row: int) -> str:
        return self._text(self._credential_row(row)[-1])

    def _person(self, row: int) -> Person | None:
        identity, category, status, flags, levels, quota, span, name, unit = self._person_row(row)
        if flags & ABSENT:
            return None
        return Person(
            uuid_of(identity),
            self._text(name),
            self._text(unit),
            CATEGORIES[category],
            STATUSES[status],
            self._level_sets[levels],
            *self._span(span),
            None if quota == NONE else self._quota_id(quota),
            bool(flags & ESCORTED),
            bool(flags & FIRST_PERSON),
        )

    def _span(self, row: int) -> tuple[datetime | None, datetime | None]:
        if row == UNBOUNDED:
            return None, None
        since, until = SPAN.unpack_from(self._buffer, self._spans_at + row * SPAN.size)
        return moment(since), moment(until)

    def _quota_id(self, row: int) -> UUID:
        start = self._quotas_at + row * QUOTA_BYTES
        return uuid_of(self._buffer[start : start + QUOTA_BYTES])

    def _text(self, offset: int) -> str:
        start = self._strings_at + offset + TEXT.size
        (length,) = TEXT.unpack_from(self._buffer, start - TEXT.size)
        return str(self._buffer[start : start + length], "utf-8")


def _laid_out(lengths: Mapping[str, int], start: int) -> Iterable[tuple[str, tuple[int, int]]]:
    for name, length in lengths.items():
        yield name, (start, length)
        start += length
