"""Shapes of the tree of all heads."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from access.contract.heads import TreeHead
from access.contract.sync import Hex32
from central.records.schemas import Limit, Line, Moment, Shown

SIZE_MAX = 2**62
Size = Annotated[int, Field(ge=0, le=SIZE_MAX)]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class InclusionAsked(_Asked):
    """Which checkpoint is to be proved to be in the tree, and in the tree of which size (now, if none is named)."""

    edge: UUID
    epoch: UUID
    seq: Annotated[int, Field(ge=1, le=SIZE_MAX)]
    size: Size | None = None


class ConsistencyAsked(_Asked):
    """Between which sizes the tree is to be proved to have only grown (to that of now, if no second is named)."""

    first: Size
    second: Size | None = None


class PublishedAsked(_Asked):
    """Which page of what was published is wanted: to where, since when."""

    target: Line | None = None
    since: Moment | None = None
    after: UUID | None = None
    limit: Limit = 100


InclusionQuery = Annotated[InclusionAsked, Query()]
ConsistencyQuery = Annotated[ConsistencyAsked, Query()]
PublishedQuery = Annotated[PublishedAsked, Query()]


class InclusionShown(BaseModel):
    """A checkpoint's leaf (place and bytes, hex) and the proof that leads from it to the root of a tree of `size` leaves."""

    leaf: int
    data: str
    size: int
    root: Hex32
    proof: list[Hex32]
    head: TreeHead


class ConsistencyShown(BaseModel):
    """The proof that the tree of `second` leaves begins with that of `first`."""

    first: int
    first_root: Hex32
    second: int
    second_root: Hex32
    proof: list[Hex32]
    head: TreeHead


class PublishedShown(Shown):
    """A head that was written outside (`target`), or could not be (`fault`); `at_us` in UTC microseconds."""

    at_us: int
    target: str
    fault: str
    head: TreeHead


class HeadInPrint(BaseModel):
    """The head that was published last, to print: the root in groups, and the fingerprint of the key that signed it."""

    size: int
    root: str
    at_us: int
    signature: str
    published_us: int
    target: str
    key: str
