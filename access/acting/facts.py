"""For each kind of record the function that says what an act with it changes."""

from collections.abc import Callable, Mapping

from access.acting.act import Act, Changes
from access.acting.goods import slip_facts, vehicle_facts
from access.acting.passes import pass_facts
from access.acting.visits import visit_facts
from access.acts import ACTED, PassActed, SlipActed, VehicleActed, VisitActed
from access.presence import Presence

_FACTS: Mapping[str, Callable[[Act, Presence], Changes | str]] = {
    VisitActed.kind: visit_facts,
    PassActed.kind: pass_facts,
    SlipActed.kind: slip_facts,
    VehicleActed.kind: vehicle_facts,
}


def facts_of(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act makes in the presence, or why it cannot be: a code of `edge.desk`'s refusals.

    It cannot be where what the guard saw has changed meanwhile, as when another booth has let the same worker in.
    """
    if act.kind not in ACTED:
        return "unknown_act"
    asked = _FACTS.get(act.kind)
    return asked(act, presence) if asked else ()
