"""What acts with a contractor pass change in the presence: whose duplicate hangs at which post, and takes a place of its permit.

| act | what its `values` say beside the event | facts |
|---|---|---|
| `WorkerEntered` | `permit`, `subject` | `held:` is set, `at:` goes |
| `WorkerLeft` | `given_back`: the duplicate hung here; `subject` | `held:` goes, `at:` is outside; elsewhere `transfer:` is set |
| `DuplicateBroughtBack` | | `transfer:` goes |
| `DuplicateCounted` | `permit`, `subject`, `expected`: it should hang here | as the board has it, where that differs; no `at:` |

`subject` is the holder as the presence names them. A guard lets them in and out past every lane, and which zone they are in then
no lane would know: after that the next reader lets them pass either way. Older records of a pass do not tell it.
"""

from collections.abc import Callable, Iterable, Mapping

from access.acting.act import Act, Changes
from access.presence import OUTSIDE, Change, Presence, is_inside

CHANGED = "changed_meanwhile"


def pass_facts(act: Act, presence: Presence) -> Changes | str:
    """Return the changes that an act with a pass makes, or why it cannot be."""
    asked = _FACTS.get(act.name)
    return asked(act, presence) if asked else ()


def _entered(act: Act, presence: Presence) -> Changes | str:
    if _held(act) in presence.facts or _transfer(act) in presence.facts:
        return CHANGED
    return (_hangs(act), *_nowhere(act, presence))


def _left(act: Act, presence: Presence) -> Changes | str:
    match presence.facts.get(_held(act)):
        case [str(lane), *_]:
            gone: Changes = (("drop", _held(act), None), *_outside(act, presence))
            if act.values.get("given_back") is True:
                return gone
            return (*gone, ("set", _transfer(act), [lane, _seconds(act), act.lane]))
    return CHANGED


def _brought_back(act: Act, presence: Presence) -> Changes | str:
    return (("drop", _transfer(act), None),) if _transfer(act) in presence.facts else CHANGED


def _counted(act: Act, presence: Presence) -> Changes | str:
    found, expected = act.values.get("found") is True, act.values.get("expected") is True
    if found == expected:
        return ()
    known = [name for name in (_held(act), _transfer(act)) if name in presence.facts]
    if found:
        moved: Changes = (("drop", _transfer(act), None),) if _transfer(act) in known else ()
        return (_hangs(act), *moved, *_nowhere(act, presence))
    return (*(("drop", name, None) for name in known), *_nowhere(act, presence)) if known else CHANGED


def _nowhere(act: Act, presence: Presence) -> Iterable[Change]:
    """Let the holder be in no zone that a lane would know of."""
    if _at(act) in presence.facts:
        yield "drop", _at(act), None


def _outside(act: Act, presence: Presence) -> Iterable[Change]:
    if _at(act) in presence.facts and is_inside(presence.facts[_at(act)]):
        yield "set", _at(act), [OUTSIDE, _seconds(act)]


def _at(act: Act) -> str:
    return f"at:{act.values.get('subject') or ''}"


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
