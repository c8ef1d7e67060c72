"""The stream of facts: what other gates have recorded, handed to the gate page by page; it says how far it has taken them."""

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from access.contract.facts import FactsPage, SharedFact
from edge.courier.answers import read_answer
from edge.courier.down import POLL_DEADLINE_S, WAIT_S
from edge.courier.errors import SyncError
from edge.courier.progress import Progress
from edge.courier.registry import Registry
from edge.courier.surroundings import Surroundings
from edge.messages import FactsHeard, FactsTaken

PAGE = 100  # facts; an entry of the gate holds them, and has its limit
ANSWER_S = 5.0  # the gate takes a page in milliseconds; where it does not answer, it is told again
PAUSE_S = 0.2  # after a poll that brought nothing


class FactsStream:
    """Keeps the gate's presence that of the whole site. `tell` reaches the gate, as far as it is there."""

    name = "facts"

    def __init__(self, registry: Registry, progress: Progress, around: Surroundings, tell: Callable[[Any], bool]) -> None:
        self._registry = registry
        self._progress = progress
        self._around = around
        self._tell = tell
        self._lock = threading.Lock()
        self._taken: FactsTaken | None = None
        self._ask_at = 0.0  # monotonic: until then the gate has time to answer

    def taken(self, message: FactsTaken) -> None:
        """Go on behind what the gate has; called from the link's thread."""
        with self._lock:
            self._taken, self._ask_at = message, 0.0

    def step(self) -> float:
        """Hand the gate the next page, as soon as there is one. Raises SyncError, RefusalError."""
        with self._lock:
            taken, left_s = self._taken, self._ask_at - self._around.clock()
        if taken is None or left_s > 0:
            return max(left_s, ANSWER_S if taken is None else 0.0)
        page = self._page(taken)
        if not page.more:
            self._progress.facts_current(self._around.clock())
        if not page.facts:
            return PAUSE_S
        with self._lock:
            self._ask_at = self._around.clock() + ANSWER_S
        self._tell(FactsHeard(tuple(map(_row, page.facts)), taken.epoch, page.after, page.through))
        return ANSWER_S

    def _page(self, taken: FactsTaken) -> FactsPage:
        query = urlencode({"epoch": taken.epoch, "after": taken.through, "wait": WAIT_S, "limit": PAGE})
        answer = self._registry.ask("GET", f"/facts?{query}", deadline_s=POLL_DEADLINE_S)
        self._progress.contact(self._around.calendar().timestamp())
        page = read_answer(FactsPage, answer, "facts")
        if (page.epoch.hex, page.after) != (taken.epoch, taken.through) or len(page.facts) > PAGE:
            raise SyncError("a page of other facts than those asked for")
        return page


def _row(fact: SharedFact) -> tuple[Any, ...]:
    return str(fact.edge), fact.epoch.hex, fact.seq, fact.name, fact.how, fact.value, fact.at_us, fact.plate
