"""What is known of who and what is inside: an immutable projection of passages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Presence:
    """Credentials that are inside, by id, with the time of their passage in."""

    inside: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def passed(self, credential: str, direction: str, at: datetime) -> "Presence":
        """Return the presence after `credential` passed in or out at `at`."""
        inside = dict(self.inside)
        if direction == "in":
            inside[credential] = at
        else:
            inside.pop(credential, None)
        return Presence(MappingProxyType(inside))
