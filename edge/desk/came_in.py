"""Since when visitors are inside whom no guard has let in: as the presence has it of the lane that they passed."""

from collections.abc import Mapping, Sequence

from access.acting.visits import visitor_at
from access.presence import Value, is_inside
from edge.store.acts import ActsReader


def came_in(reader: ActsReader, facts: Mapping[str, Value], plates: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return when visitors who are inside passed a lane last (UTC seconds), by visit; `plates` are those of announced vehicles.

    One who showed a code is known by that, else the vehicle is. Raises StoreError.
    """
    inside = [name.removeprefix("party:") for name, value in facts.items() if name.startswith("party:") and value]
    walked = reader.named(map(visitor_at, inside))
    drove = reader.vehicles_at({plate for visit in inside for plate in plates.get(visit, ())})
    found: dict[str, float] = {}
    for visit in inside:
        where = (walked.get(visitor_at(visit)), *(drove.get(plate) for plate in plates.get(visit, ())))
        if since := max((since_of(value) for value in where if is_inside(value)), default=0.0):
            found[visit] = since
    return found


def since_of(value: Value | None) -> float:
    """Return since when somebody is where a fact says they are (UTC seconds, 0: it does not say)."""
    since = value[1] if isinstance(value, list) and len(value) > 1 else 0
    return float(since) if isinstance(since, int | float) else 0.0
