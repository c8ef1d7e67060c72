"""What the gates of the site have recorded: vehicles inside, duplicates held, uses of visits, quantities released.

The stream tells states, not events: each row is what one epoch of a gate's journal has contributed to one named fact (see
`access.sharing`), and a later row of the same epoch and name replaces it. So it may be told twice, or all anew, and the result is
the same. A gate is told everything but its present epoch: in a new one it hears what its journal may not have of the former.

Cursors are of the registry's clock (UTC microseconds), and rise: one that was restored from a backup goes on after those that it
gave out before, and what it is told again is told on as new.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from access.contract.sync import Message

FACTS_PER_PAGE_MAX = 2_000


class SharedFact(Message):
    """What an epoch of a gate has contributed to one fact through its entry `seq`, as of `cursor`.

    `how` is set (the value, null where it was dropped; the latest `at_us` of all holds) or sum (what this epoch has added).
    """

    cursor: Annotated[int, Field(ge=1)]
    edge: UUID
    epoch: UUID
    seq: Annotated[int, Field(ge=1)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    how: Literal["set", "sum"]
    value: Any = None
    plate: Annotated[str, Field(max_length=40)] = ""
    at_us: int


class FactsPage(Message):
    """Contributions of all epochs but `epoch` after cursor `after`, in order, through `through`; `more`: ask on from there."""

    version: Literal[1] = 1
    epoch: UUID
    after: Annotated[int, Field(ge=0)]
    through: Annotated[int, Field(ge=0)]
    more: bool = False
    facts: Annotated[tuple[SharedFact, ...], Field(max_length=FACTS_PER_PAGE_MAX)] = ()
