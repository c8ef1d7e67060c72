"""What of an entry the ledger goes by: short notes under a topic, so that all that gates said of one thing lies together; pure.

| topic | what |
|---|---|
| `at:<subject>` | `way` (in, out, within, party, set), `value`, `time`; `hard`: who is outside may not leave there |
| `held:<pass>` | the same, of the duplicate of a contractor pass |
| `uses:<visit>`, `released:<slip>:<line>` | the number that it adds |
| `told:<edge>:<epoch>` | `facts`: what this neighbour is said to have told of this epoch; the number: through which entry |
| `open:<edge>:<passage>` | `how`: an opening before anything of it was written |
| `gap:<edge>:<epoch>` | `first`, `last`, `count`: entries declared lost |
| `clock:<edge>:<epoch>` | `fault` (ahead, back): a time that cannot be |
| `record:<id>` | `kind`: a guard did something with a workflow's record |
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from access.immutable import immutable
from access.presence import OUTSIDE
from access.projection import FROM_PEER
from access.sealing import Opened
from access.sharing import FROM_GATE
from access.workflows.order import SLACK

FROM_CLAIM: Final = "claim:"
PLACED: Final = ("at", "held")
COUNTED: Final = ("uses", "released")
TOLD: Final = ("at", "held", "uses")
ACTED: Final = frozenset({"pass", "slip", "shift", "visit", "incident"})
NUMBER_MAX: Final = 2**40
ID_MAX: Final = 200
FACTS_MAX: Final = 200
SECOND_US: Final = 1_000_000
END_US: Final = 2**62
CLOCK_OFF_US: Final = 300 * SECOND_US
_SLACK_US: Final[Mapping[str, int]] = {name: round(slack.total_seconds() * SECOND_US) for name, slack in SLACK.items()}


@immutable
class Mark:
    """What one entry says of one topic; `at_us` and `quality` are those of its stamp."""

    topic: str
    edge: UUID
    epoch: UUID
    seq: int
    entry: UUID
    gate: UUID
    lane: UUID | None
    at_us: int
    quality: str
    number: int = 0
    what: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> tuple[UUID, UUID, int]:
        """Edge, epoch and seq."""
        return self.edge, self.epoch, self.seq

    @property
    def earliest_us(self) -> int:
        """The earliest true time of the entry, as far as its clock can be believed."""
        return self.at_us - _slack_us(self.quality)

    @property
    def latest_us(self) -> int:
        """The latest true time; of a floor, which only says how late it is at least, none."""
        return END_US if _floor(self.quality) else self.at_us + _slack_us(self.quality)


def _floor(quality: str) -> bool:
    """Tell whether a clock only knows a floor; of a quality that is not known no more is believed."""
    return quality not in _SLACK_US or quality == "floor"


def _slack_us(quality: str) -> int:
    return _SLACK_US.get(quality, _SLACK_US["floor"])


class LaneFacts(NamedTuple):
    """What is to be known of a lane: whether it leads from the street, and whether who is outside may not leave there."""

    from_street: bool = True
    hard: bool = False


class Spot(NamedTuple):
    """Where an entry was made."""

    gate: UUID
    lane: UUID | None
    facts: LaneFacts = LaneFacts()


def marks_of(opened: Opened, spot: Spot) -> list[Mark]:
    """Return the marks that an entry leaves, one to a topic; what has no form of ours leaves none."""
    found: dict[str, Mark] = {}
    for topic, number, what in _said(opened, spot):
        if len(topic) <= ID_MAX and topic.isprintable():
            earlier = found.get(topic)
            total = number + (earlier.number if earlier else 0)
            found[topic] = mark(opened, spot, topic, min(max(total, -NUMBER_MAX), NUMBER_MAX), what)
    return list(found.values())


def mark(opened: Opened, spot: Spot, topic: str, number: int = 0, what: Mapping[str, Any] | None = None) -> Mark:
    """Return a mark of an entry."""
    place = (opened.edge, opened.epoch, opened.seq, opened.id, spot.gate, spot.lane)
    return Mark(topic, *place, opened.stamp.utc_us, _quality(opened), number, what or {})


def _quality(opened: Opened) -> str:
    """Return the quality of an entry's clock; one that is not known here stands for a floor."""
    return opened.stamp.quality if opened.stamp.quality in _SLACK_US else "floor"


_Said = Iterator[tuple[str, int, Mapping[str, Any]]]


def _said(opened: Opened, spot: Spot) -> _Said:
    fields, kind = opened.fields, opened.kind
    source = str(fields.get("source", "")) if kind == "facts" else ""
    if source.startswith(FROM_PEER):
        peer = _uuid(source.removeprefix(FROM_PEER))
        for epoch, facts in _told(fields).items() if peer is not None else ():
            yield f"told:{peer}:{epoch}", max(int(fact[-1]) for fact in facts), {"facts": facts}
    elif not source.startswith(FROM_GATE):
        yield from _own(opened, spot)
    if kind in ("decision", "command") and fields.get("uncommitted") is True:
        yield _opening(opened, str(fields.get("cause", ""))), 0, {"how": "uncommitted"}
    elif kind == "observation" and fields.get("what") == "confirmed_late":
        yield _opening(opened, str(fields.get("detail", ""))), 0, {"how": "confirmed_late"}
    elif kind == "gap":
        yield from _gap(opened)
    elif kind in ACTED:
        yield f"record:{fields.get('identity', '')}", 0, {"kind": kind}


def _own(opened: Opened, spot: Spot) -> _Said:
    """Yield what changes of facts say that the gate saw itself, or that people told it."""
    changes = list(changes_of(opened.fields))
    visit = next((name.partition(":")[2] for _, name, _, _ in changes if name.startswith("party:")), "")
    for how, name, value, own in changes:
        family = name.partition(":")[0]
        if family in COUNTED and how == "add" and isinstance(value, int) and abs(value) <= NUMBER_MAX:
            yield name, value, {}
        elif family in PLACED and how in ("set", "drop") and _is_plain(value):
            time = own[0] if own and _is_number(own[0]) else opened.stamp.utc_us
            said = {"way": _way(opened, spot, family, how, value), "value": value if how == "set" else None, "time": time}
            is_hard = family == "at" and spot.facts.hard
            yield name, 0, said | ({"visit": visit} if visit else {}) | ({"hard": True} if is_hard else {})


def _way(opened: Opened, spot: Spot, family: str, how: str, value: Any) -> str:
    """Tell which way something went: `set` is the word of somebody who did not see it pass."""
    if family == "held":
        if str(opened.fields.get("source", "")).startswith(FROM_CLAIM):
            return "within"  # a home gate's word for another gate, whose own entry says that they came in
        return "out" if how == "drop" else "set" if opened.kind == "facts" else "in"
    if how == "drop" or not isinstance(value, list) or not value:
        return "set"
    if value[0] == OUTSIDE:
        return "out"
    if opened.kind == "facts":
        return "set"
    return "in" if opened.fields.get("direction") == "in" and spot.facts.from_street else "within"


def changes_of(fields: Mapping[str, Any]) -> Iterator[tuple[str, str, Any, list[Any]]]:
    """Yield the changes of facts in an entry (how, name, value, and what a neighbour or the clock adds) that have their form."""
    facts = fields.get("facts")
    for change in facts if isinstance(facts, list | tuple) else ():
        match change:
            case [str(how), str(name), value, *own]:
                yield how, name, value, own


def _told(fields: Mapping[str, Any]) -> dict[UUID, list[list[Any]]]:
    """Return by epoch what a neighbour told of it (`access.peers.written`); what has another form tells nothing."""
    told: dict[UUID, list[list[Any]]] = {}
    for how, name, value, own in islice(changes_of(fields), FACTS_MAX):
        match how, own:
            case ("add", [str(epoch), int(seq)]) | ("set" | "drop", [int(), str(epoch), int(seq)]):
                of_epoch, is_ours = _uuid(epoch), name.partition(":")[0] in TOLD and 0 < seq <= NUMBER_MAX
                if of_epoch is not None and is_ours and _is_plain([value, *own]):
                    told.setdefault(of_epoch, []).append([how, name, value, *own])
    return told


def _is_plain(value: Any) -> bool:
    """Tell whether it is text, a number of ours, or a list of those."""
    parts = value if isinstance(value, list | tuple) else [value]
    return all(isinstance(part, str) or _is_number(part) or part is None or _is_flat(part) for part in parts)


def _is_flat(value: Any) -> bool:
    is_list = isinstance(value, list | tuple)
    return is_list and all(isinstance(part, str) or _is_number(part) or part is None for part in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and abs(value) < END_US


def _opening(opened: Opened, cause: str) -> str:
    """Name the opening that an entry is about: its passage, or the entry that justified it."""
    named = opened.passage or (opened.id.hex if opened.kind == "decision" else cause.replace("-", ""))
    return f"open:{opened.edge}:{named or opened.id.hex}"


def _gap(opened: Opened) -> _Said:
    first, last, count = (opened.fields.get(name, 0) for name in ("first", "last", "count"))
    if not all(isinstance(each, int) and 0 <= each < END_US for each in (first, last, count)):
        return
    epoch = _uuid(opened.fields.get("epoch"))
    if first and epoch is None:
        return
    where = {"first": first, "last": last, "count": count}
    # What had no place yet is missing where this entry stands itself.
    yield f"gap:{opened.edge}:{epoch if first else opened.epoch}", 0, where if first else where | {"first": opened.seq}


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
