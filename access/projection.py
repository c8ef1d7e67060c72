"""What journal entries make of the presence: each entry that changes facts is applied, in order.

What a neighbour said over the LAN (`access.peers`) stands in entries too, and makes nothing of it: its word is no knowledge.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from access.acts import ActedUpon
from access.entries import Body, Decided, FactsChanged, LaneChanged, PassageEnded
from access.presence import Change, Presence, plate_of_first

FROM_PEER = "peer:"
Changing = Decided | PassageEnded | FactsChanged | LaneChanged | ActedUpon


def facts_in(body: Body) -> tuple[Any, ...]:
    """Return the changes of facts that an entry makes, as they stand in it: (how, name, value), and maybe a time (UTC us)."""
    return tuple(body.facts) if isinstance(body, Changing) and not is_hearsay(body) else ()


def is_hearsay(body: Body) -> bool:
    """Tell whether an entry only says what a neighbour said."""
    return isinstance(body, FactsChanged) and body.source.startswith(FROM_PEER)


def with_facts(body: Body, facts: tuple[Any, ...]) -> Body:
    """Return an entry with other changes of facts in it."""
    return replace(body, facts=facts) if isinstance(body, Changing) else body


def changes_in(body: Body) -> tuple[Change, ...]:
    """Return the changes of facts that an entry makes."""
    return tuple((how, name, value) for how, name, value, *_ in facts_in(body))


def plates_in(body: Body) -> Mapping[str, str]:
    """Return the plates, by subject, of the vehicles that an entry moves, where they are not erased."""
    if isinstance(body, PassageEnded):
        return plate_of_first(changes_in(body), body.plate)
    return body.plates or {} if isinstance(body, FactsChanged) else {}


def projected(presence: Presence, body: Body) -> Presence:
    """Return the presence after an entry. Raises PresenceError."""
    changes = changes_in(body)
    return presence.moved(changes, plates_in(body)) if changes else presence
