"""What acts with a goods-release slip, and with a vehicle that is checked for goods, change in the presence.

A trip (`TripReleased`) adds what went out to `released:<slip>:<line>`. Beside the fields of the event its `values` may say
`before`, thousandths of each line that had gone out by what the guard saw, and `cleared`, the subject of the vehicle that
carries it.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from access.acting.act import Act, Changes
from access.presence import Presence

THOUSANDTHS = 1000
RELEASED_MAX = 1_000_000_000  # thousandths of a unit: as a line of a slip has at most


def slip_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act with a slip makes, or why it cannot be."""
    if act.name != "TripReleased":
        return ()
    try:
        gone = released(act.values)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return "unknown_act"
    if not gone:
        return "unknown_act"
    before = act.values.get("before")
    if isinstance(before, Mapping) and any(_out(presence, act.identity, line) != before.get(str(line), 0) for line in gone):
        return "changed_meanwhile"  # another gate has let some of it out
    subject = str(act.values.get("cleared", ""))
    cleared = (("set", f"cleared:{subject}", int(act.at.timestamp())),) if subject else ()
    return (*(("add", f"released:{act.identity}:{line}", count) for line, count in gone.items()), *cleared)


def released(values: Mapping[str, Any]) -> dict[int, int]:
    """Return how many thousandths of each line a trip took, by its `values`; raises for what is no trip."""
    gone: dict[int, int] = {}
    for line, quantity in _parts(values):
        if not 0 < quantity <= RELEASED_MAX or not (count := int(quantity)):
            raise ValueError("a trip carries something, and no more than a slip can say")
        gone[line] = gone.get(line, 0) + count
    return gone


def _parts(values: Mapping[str, Any]) -> Iterator[tuple[int, Decimal]]:
    for part in values["released"]:
        yield int(part["line"]), Decimal(part["quantity"]) * THOUSANDTHS


def _out(presence: Presence, slip: str, line: int) -> int:
    found = presence.facts.get(f"released:{slip}:{line}", 0)
    return max(0, found) if isinstance(found, int) else 0


def vehicle_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that the check of a vehicle makes, or why it cannot be."""
    since = int(act.at.timestamp())
    loading, cleared = f"loading:{act.identity}", f"cleared:{act.identity}"
    match act.name if act.identity else "":
        case "nothing_carried":
            return (("set", cleared, since),)
        case "mark_loading":  # whatever was checked before does not hold for what is loaded now
            dropped = (("drop", cleared, None),) if cleared in presence.facts else ()
            return (("set", loading, since), *dropped)
    return "unknown_act"
