"""What journal entries make of the presence: each entry that changes facts is applied, in order."""

from access.entries import Body, Decided, FactsChanged, LaneChanged, PassActed, PassageEnded, SlipActed
from access.presence import Change, Presence


def changes_in(body: Body) -> tuple[tuple[Change, ...], str]:
    """Return the changes of facts that an entry makes, and the plate of the vehicle that they move ("": none, or erased)."""
    match body:
        case PassageEnded(facts=facts, plate=plate):
            return tuple((how, name, value) for how, name, value in facts), plate
        case (
            Decided(facts=facts)
            | FactsChanged(facts=facts)
            | LaneChanged(facts=facts)
            | PassActed(facts=facts)
            | SlipActed(facts=facts)
        ):
            return tuple((how, name, value) for how, name, value in facts), ""
    return (), ""


def projected(presence: Presence, body: Body) -> Presence:
    """Return the presence after an entry. Raises PresenceError."""
    changes, plate = changes_in(body)
    return presence.after(changes, plate) if changes else presence
