"""What other gates of the site have recorded: vehicles inside, duplicates held, uses of visits, quantities released.

The stream tells states, not events: each row is what one gate has contributed to one named fact (see `access.sharing`), and a
later row of the same gate and name replaces it. So it may be told twice, or all anew, and the result is the same.

Cursors are of the registry's clock (UTC microseconds), and rise: one that was restored from a backup goes on after those that it
gave out before, and what it is told again is told on as new.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from access.contract.sync import Message

FACTS_PER_PAGE_MAX = 2_000


class SharedFact(Message):
    """One gate's contribution to one fact as of `cursor`.

    `how` is set (the value, null where it was dropped; the latest `at_us` of all gates holds) or sum (what this gate has added).
    """

    cursor: Annotated[int, Field(ge=1)]
    edge: UUID
    name: Annotated[str, Field(min_length=1, max_length=200)]
    how: Literal["set", "sum"]
    value: Any = None
    plate: Annotated[str, Field(max_length=40)] = ""
    at_us: int


class FactsPage(Message):
    """Contributions of the other gates after cursor `after`, in order, through `through`; where `more`, ask again from there."""

    version: Literal[1] = 1
    after: Annotated[int, Field(ge=0)]
    through: Annotated[int, Field(ge=0)]
    more: bool = False
    facts: Annotated[tuple[SharedFact, ...], Field(max_length=FACTS_PER_PAGE_MAX)] = ()
