"""What acts with a visit change in the presence: as at a lane, a person counts as one use and as one inside.

| act | facts |
|---|---|
| `HostAgreed`, `VisitorsArrived` | `uses:<visit>` and `party:<visit>` are higher by those let in |
| `VisitorsLeft` | `party:<visit>` is lower; with the last of them the visitor is outside |
| `CardLent` | `lent:<card>` [visit, since] |
| `CardGivenBack`, `LentCardLost` | `lent:<card>` is gone |

The `values` of who comes and goes may say beside the event's own fields what the guard saw: `before`, how many had been let in by
then and how many were inside. Where a lane, or another gate, has let others of the party in or out since, the guard looks again.
"""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID, uuid5

from access.acting.act import Act, Changes
from access.presence import OUTSIDE, Change, Presence, is_inside

CHANGED = "changed_meanwhile"


def visit_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act with a visit makes, or why it cannot be."""
    facts = _FACTS.get(act.name)
    return facts(act, presence) if facts else ()


def _agreed(act: Act, presence: Presence) -> Changes | str:
    # Who was asked for and has come in already was let in by another booth.
    return CHANGED if _number(presence, f"uses:{act.identity}") > 0 else _arrived(act, presence)


def _arrived(act: Act, presence: Presence) -> Changes | str:
    if not _is_as_seen(act, presence):
        return CHANGED
    people, party = _people(act), f"party:{act.identity}"
    counted: Changes = (
        ("add", f"uses:{act.identity}", people),
        ("set", party, max(0, _number(presence, party)) + people),
    )
    at = visitor_at(act.identity)
    return (*counted, ("drop", at, None)) if at in presence.facts else counted  # in no zone that a lane would know of


def _left(act: Act, presence: Presence) -> Changes | str:
    party = f"party:{act.identity}"
    inside = _number(presence, party)
    left = inside - _people(act)
    if not _is_as_seen(act, presence) or inside > 0 > left:
        return CHANGED
    if left > 0:
        return (("set", party, left),)
    return (("drop", party, None), *_outside(act, presence))  # also where nobody is known: who left has the last word


def _outside(act: Act, presence: Presence) -> Iterable[Change]:
    at = visitor_at(act.identity)
    if at in presence.facts and is_inside(presence.facts[at]):
        yield "set", at, [OUTSIDE, int(act.at.timestamp())]


def _lent(act: Act, presence: Presence) -> Changes | str:
    name = f"lent:{act.values.get('card', '')}"
    return CHANGED if name in presence.facts else (("set", name, [act.identity, int(act.at.timestamp())]),)


def _back(act: Act, presence: Presence) -> Changes | str:
    name = f"lent:{act.values.get('card', '')}"
    match presence.facts.get(name):
        case [str(visit), *_] if visit != act.identity:
            return CHANGED
    return (("drop", name, None),)  # also where it is not known: the office may have lent it


_FACTS: Mapping[str, Callable[[Act, Presence], Changes | str]] = {
    "HostAgreed": _agreed,
    "VisitorsArrived": _arrived,
    "VisitorsLeft": _left,
    "CardLent": _lent,
    "CardGivenBack": _back,
    "LentCardLost": _back,
}


def visitor_at(visit: str) -> str:
    """Name where the visitor is: by the id that the registry gives them, as lanes do that read their code."""
    try:
        return f"at:{uuid5(UUID(visit), 'visitor')}"
    except ValueError:
        return f"at:{visit}"


def _is_as_seen(act: Act, presence: Presence) -> bool:
    now = [max(0, _number(presence, f"{name}:{act.identity}")) for name in ("uses", "party")]
    seen = act.values.get("before") or now
    return isinstance(seen, list | tuple) and list(seen) == now


def _people(act: Act) -> int:
    people = act.values.get("people", 1)
    return people if isinstance(people, int) and people > 0 else 1


def _number(presence: Presence, name: str) -> int:
    found = presence.facts.get(name, 0)
    return found if isinstance(found, int) else 0
