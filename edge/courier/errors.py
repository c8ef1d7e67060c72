"""What can go wrong between a gate and the registry."""

from collections.abc import Mapping
from typing import Any


class SyncError(Exception):
    """The registry was not reached, or what answered was not the registry; nothing was learned, try again later."""


class GaveWayError(SyncError):
    """The request was not made, or was broken off, because something more urgent waits."""


class NoAnswerError(SyncError):
    """The question was written to a connection, perhaps a dead one, and no whole answer came: a smaller one might have."""


class RefusalError(Exception):
    """The registry itself refused; `facts` are its words, `retry_after_s` when it wants to be asked again (0: whenever)."""

    def __init__(self, status: int, facts: Mapping[str, Any], retry_after_s: float = 0.0) -> None:
        super().__init__(f"the registry refused ({status}): {facts.get('detail') or 'no reason given'}")
        self.status = status
        self.facts = facts
        self.retry_after_s = retry_after_s

    @property
    def is_for_good(self) -> bool:
        """Tell whether the same would be refused again, ever: the registry names what of it cannot be taken.

        Without such a name it is not the thing itself: a registry of another version may not know the question.
        """
        field = self.facts.get("field")
        return self.status in _ABOUT_WHAT_WAS_SENT and isinstance(field, str) and field not in _ABOUT_THE_ENVELOPE


_ABOUT_WHAT_WAS_SENT = frozenset({400, 404, 409, 410, 413, 415, 422})
_ABOUT_THE_ENVELOPE = frozenset({"", "sequence"})
