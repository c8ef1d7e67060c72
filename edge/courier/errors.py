"""What can go wrong between a gate and the registry."""

from collections.abc import Mapping
from typing import Any


class SyncError(Exception):
    """The registry was not reached, or what answered was not the registry; nothing was learned, try again later."""


class GaveWayError(SyncError):
    """The request was not made, or was broken off, because something more urgent waits."""


class RegistryError(Exception):
    """The registry itself refused; `facts` are its words, `retry_after_s` when it wants to be asked again (0: whenever)."""

    def __init__(self, status: int, facts: Mapping[str, Any], retry_after_s: float = 0.0) -> None:
        super().__init__(f"the registry refused ({status}): {facts.get('detail') or 'no reason given'}")
        self.status = status
        self.facts = facts
        self.retry_after_s = retry_after_s
