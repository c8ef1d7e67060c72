"""Messages between a gate's courier and the registry.

Entries travel as CBOR (their canonical bytes must arrive as they were made), everything else as JSON.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from access.contract.record_fields import Slug
from access.contract.records import AnyRecord

ENTRIES_PER_BATCH_MAX = 500
BATCH_BYTES_MAX = 4 * 1024 * 1024
PICTURE_BYTES_MAX = 4 * 1024 * 1024
RECORDS_PER_PAGE_MAX = 2_000

Hash = Annotated[bytes, Field(min_length=32, max_length=32)]
Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """Base of all sync messages: unknown keys are refused, values are never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LaneWiring(Message):
    """A lane as the gate's configuration knows it, told at enrolment so that the office need not type it again."""

    slug: Slug
    kind: Literal["vehicle", "pedestrian"]
    direction: Literal["in", "out", "both"]


class EnrolRequest(Message):
    """First words of a gate: the one-time token, the public key made on the device (32 bytes as hex), its lanes."""

    version: Literal[1] = 1
    token: Annotated[str, Field(min_length=20, max_length=100)]
    site: Slug
    gate: Slug
    public_key: Hex32
    lanes: Annotated[tuple[LaneWiring, ...], Field(min_length=1, max_length=64)]


class EnrolReply(Message):
    """The registry's answer: who the gate now is, and the key that signs what the registry says."""

    version: Literal[1] = 1
    edge: UUID
    gate: UUID
    site: UUID
    lanes: dict[str, UUID]
    registry_key: Hex32


class PepperTold(Message):
    """The pepper of the gate's site (32 bytes as hex), under which the PINs of its guards are hashed: see `access.pins`."""

    version: Literal[1] = 1
    pepper: Annotated[Hex32, Field(repr=False)]


class SentEntry(Message):
    """One entry as stored at the gate: canonical bytes, and the salted personal fields that travel beside them (CBOR).

    One that is larger than an entry may be (`access.sealing`) is parked, like any other that cannot be taken in: it is bounded by
    its batch.
    """

    seq: Annotated[int, Field(ge=1)]
    canonical: Annotated[bytes, Field(min_length=1)]
    personal: bytes = b""


class EntryBatch(Message):
    """Consecutive entries of one epoch; `follows` is the chain hash of the entry before the first."""

    version: Literal[1] = 1
    edge: UUID
    epoch: UUID
    follows: Hash
    entries: Annotated[tuple[SentEntry, ...], Field(max_length=ENTRIES_PER_BATCH_MAX)]


class Quarantined(Message):
    """An entry that the registry could not take in, parked with its reason; it is acknowledged, and shown to people."""

    seq: int
    reason: str


class BatchAck(Message):
    """What is safely stored: the highest contiguous `seq` of the epoch and the chain hash there; gaps that it wants again."""

    version: Literal[1] = 1
    epoch: UUID
    acked_through: Annotated[int, Field(ge=0)]
    head: Hex32
    gaps: tuple[tuple[int, int], ...] = ()
    quarantined: tuple[Quarantined, ...] = ()


class Upsert(Message):
    """A record as of a revision."""

    revision: Annotated[int, Field(ge=1)]
    record: AnyRecord


class Tombstone(Message):
    """A record that is gone as of a revision."""

    revision: Annotated[int, Field(ge=1)]
    kind: str
    id: UUID


class RulesPage(Message):
    """One page of the changes after `since` up to `revision`; where `more` is set, ask again with `after=more`.

    With `complete` the pages hold every living record instead of changes: forget what is known and take these. `mark` stands for
    all that led to `revision`; a gate that says which it has is told everything anew where the registry's history is another.
    """

    version: Literal[1] = 1
    since: Annotated[int, Field(ge=0)]
    revision: Annotated[int, Field(ge=0)]
    mark: Annotated[str, Field(max_length=64)] = ""
    complete: bool = False
    upserts: Annotated[tuple[Upsert, ...], Field(max_length=RECORDS_PER_PAGE_MAX)] = ()
    tombstones: Annotated[tuple[Tombstone, ...], Field(max_length=RECORDS_PER_PAGE_MAX)] = ()
    more: str | None = None


class PictureAck(Message):
    """A picture is safely stored under its SHA-256."""

    version: Literal[1] = 1
    sha256: Hex32
