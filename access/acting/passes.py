"""What acts with a contractor pass change in the presence: whose duplicate hangs at which post, and takes a place of its permit.

| act | what its `values` say beside the event | facts |
|---|---|---|
| `WorkerEntered` | `permit` | `held:` is set |
| `WorkerLeft` | `given_back`: the duplicate hung here | `held:` goes; where it hangs elsewhere `transfer:` is set |
| `DuplicateBroughtBack` | | `transfer:` goes |
| `DuplicateCounted` | `permit`, `expected`: by the record it hangs here | as the board has it, where that differs |
"""

from collections.abc import Callable, Mapping

from access.acting.act import Act, Changes
from access.presence import Presence

CHANGED = "changed_meanwhile"


def pass_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act with a pass makes, or why it cannot be."""
    asked = _FACTS.get(act.name)
    return asked(act, presence) if asked else ()


def _entered(act: Act, presence: Presence) -> Changes | str:
    if _held(act) in presence.facts or _transfer(act) in presence.facts:
        return CHANGED
    return (_hangs(act),)


def _left(act: Act, presence: Presence) -> Changes | str:
    match presence.facts.get(_held(act)):
        case [str(lane), *_]:
            gone = ("drop", _held(act), None)
            if act.values.get("given_back") is True:
                return (gone,)
            return (gone, ("set", _transfer(act), [lane, _seconds(act), act.lane]))
    return CHANGED


def _brought_back(act: Act, presence: Presence) -> Changes | str:
    return (("drop", _transfer(act), None),) if _transfer(act) in presence.facts else CHANGED


def _counted(act: Act, presence: Presence) -> Changes | str:
    found, expected = act.values.get("found") is True, act.values.get("expected") is True
    if found == expected:
        return ()
    known = [name for name in (_held(act), _transfer(act)) if name in presence.facts]
    if found:
        moved = _transfer(act) in known
        return (_hangs(act), ("drop", _transfer(act), None)) if moved else (_hangs(act),)
    return tuple(("drop", name, None) for name in known) or CHANGED


def _hangs(act: Act) -> tuple[str, str, list[str | int]]:
    permit = str(act.values.get("permit", ""))
    return "set", _held(act), [act.lane, _seconds(act), *([f"permit:{permit}"] if permit else [])]


def _held(act: Act) -> str:
    return f"held:{act.identity}"


def _transfer(act: Act) -> str:
    return f"transfer:{act.identity}"


def _seconds(act: Act) -> int:
    return int(act.at.timestamp())


_FACTS: Mapping[str, Callable[[Act, Presence], Changes | str]] = {
    "WorkerEntered": _entered,
    "WorkerLeft": _left,
    "DuplicateBroughtBack": _brought_back,
    "DuplicateCounted": _counted,
}
