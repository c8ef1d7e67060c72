"""What gates tell each other of the presence, so that it is the same at all of them, in whatever order they hear it.

Each gate's own entries make its contribution to a fact. Where a fact is set, the latest contribution of all gates holds; what
is added adds up. Both are states and not events: to hear one twice, late, or only the last of many, comes to the same. What is
counted by where somebody is (`access.presence`) is not told: each gate counts it of what it knows of them.

Contributions are told by the epoch of the journal that they stand in, and each epoch is written in order. So of a sum a later
entry's word counts, as of what is set a later time's; and a gate whose journal was put back, or made anew of what could be read,
hears in its new epoch what it contributed itself in the former ones, and takes in what its journal does not have any more.

The time of a change is that of its entry. Where a gate's clock is behind what it has already heard of a fact, the change bears a
later time of its own: who knew of the other and changed it all the same has the last word.
"""

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import cbor2

from access.entries import Body, FactsChanged
from access.immutable import immutable
from access.presence import Presence, Value, is_inside
from access.projection import facts_in, plates_in, with_facts
from access.sealing import ENTRY_BYTES_MAX

SET, SUM = "set", "sum"
_SHARED: Mapping[str, str] = {
    **dict.fromkeys(("at", "car", "left", "held", "transfer", "party", "lent", "loading", "cleared"), SET),
    **dict.fromkeys(("uses", "zone", "quota", "drove", "permit", "released"), SUM),
}
FROM_GATE = "gate:"
HEARD = "heard"
NUMBER_MAX = 2**62  # of a time (us), or a seq: stores have 64 bits
SUM_MAX = 2**40  # either way: more than any gate counts, and what millions of entries or epochs add up to still has 64 bits
MOMENT_MAX = 60_000_000_000  # epoch seconds (the year 3871), either way: what lies beyond is no moment to any calendar
NAME_BYTES_MAX, VALUE_BYTES_MAX, PLATE_BYTES_MAX = 200, 200, 40
HEARD_BYTES_MAX = ENTRY_BYTES_MAX // 2  # of what is heard; the rest is for what else an entry has


@immutable
class Contribution:
    """What one gate has contributed to a fact: the value that it set last (None: dropped) and when (UTC us), or all it added.

    `plate` is that of a vehicle inside: the other gates match it as it leaves.
    """

    name: str
    how: str
    value: Value | None
    at_us: int
    plate: str = ""

    def following(self, earlier: "Contribution | None") -> "Contribution":
        """Return what this one and an earlier one of the same epoch come to; they may have been taken in the other way round."""
        if earlier is None:
            return self
        if self.how == SET:
            return max(self, earlier, key=_order)
        return replace(self, value=_number(earlier.value) + _number(self.value))


@immutable
class Told:
    """What the registry tells: what an epoch (hex) of a gate has contributed to one fact through its entry `seq`."""

    edge: str
    epoch: str
    seq: int
    contribution: Contribution


_News = tuple[str, tuple[Any, ...], dict[str, str]]  # source, change, plates
Totals = Mapping[tuple[str, str], tuple[int, int]]
"""What of a sum is known by (epoch, name), and through which entry of that epoch."""


def how_shared(name: str) -> str:
    """Tell how the contributions to a fact make one: set, sum, or "" where it is this gate's own affair."""
    return _SHARED.get(name.partition(":")[0], "")


def contributions(told: Iterable[tuple[int, Body]]) -> dict[str, Contribution]:
    """Return by name what entries of one epoch, each with its time (UTC us), contribute; what the gate heard is none of it."""
    found: dict[str, Contribution] = {}
    for at_us, body in told:
        if isinstance(body, FactsChanged) and body.source.startswith(FROM_GATE):
            continue  # nor does what neighbours said change any fact
        for change in facts_in(body):
            one = _contributed(change, at_us, plates_in(body))
            if one is not None and _is_ours(one):
                found[one.name] = one.following(found.get(one.name))
    return found


def _contributed(change: Any, at_us: int, plates: Mapping[str, str]) -> Contribution | None:
    """Return what one change contributes, None where it is not shared."""
    match change:
        case ["add", str(name), int(by), *_] if how_shared(name) == SUM:
            return Contribution(name, SUM, int(by), at_us)
        case ["set" | "drop" as how, str(name), value, *own] if how_shared(name) == SET:
            value = value if how == "set" else None
            plate = plates.get(name.removeprefix("at:"), "") if is_inside(value) else ""
            return Contribution(name, SET, value, _time(own, at_us), plate)
    return None


def _is_ours(one: Contribution) -> bool:
    """Tell whether it has the form and the size of what our gates contribute: no other shall trouble another gate."""
    parts = one.value if isinstance(one.value, list) else [one.value]
    texts = [one.name, one.plate, *(part for part in parts if isinstance(part, str))]
    if not all(part is None or isinstance(part, int | str) for part in parts) or not all(map(str.isprintable, texts)):
        return False
    number_max = SUM_MAX if one.how == SUM else MOMENT_MAX
    if abs(one.at_us) > NUMBER_MAX or any(abs(_number(part)) > number_max for part in parts):
        return False
    sizes = ((one.name, NAME_BYTES_MAX), (_text(one.value), VALUE_BYTES_MAX), (one.plate, PLATE_BYTES_MAX))
    return all(len(text.encode()) <= bytes_max for text, bytes_max in sizes)


def times_in(body: Body, at_us: int) -> dict[str, int]:
    """Return since when (UTC us) each shared fact that an entry sets, or drops, is as it says."""
    facts = facts_in(body)
    return {name: _time(own, at_us) for how, name, _, *own in facts if how != "add" and how_shared(name) == SET}


def later_than_known(body: Body, known: Mapping[str, int], at_us: int) -> Body:
    """Return an entry with a time of its own on each change of a shared fact that is not older than this entry's clock."""
    facts = facts_in(body)
    if all(known.get(name, 0) < at for name, at in times_in(body, at_us).items()):
        return body
    dated = tuple(_later(change, known, at_us) if how_shared(change[1]) == SET else change for change in facts)
    return with_facts(body, dated)


def _later(change: Any, known: Mapping[str, int], at_us: int) -> Any:
    how, name, value, *own = change
    known_us = known.get(name, 0)
    return change if own or known_us < at_us else (how, name, value, known_us + 1)


def sums_in(body: Body, epoch: str, seq: int) -> Iterator[tuple[str, str, int, int]]:
    """Yield what an entry, at `seq` of `epoch`, adds to shared sums: whose (epoch), name, how much, through which entry."""
    for how, name, by, *place in facts_in(body):
        if how == "add" and how_shared(name) == SUM:
            of_epoch, through = place or (epoch, seq)
            yield of_epoch, name, by, through


def dropped_sums(body: Body) -> Iterator[str]:
    """Yield the shared sums that an entry drops: a gate forgets what is long over, for itself and telling nobody."""
    return (name for how, name, *_ in facts_in(body) if how == "drop" and how_shared(name) == SUM)


def learned(
    told: Iterable[Told],
    presence: Presence,
    known: Mapping[str, int],
    totals: Totals,
    spoken_of: Container[tuple[str, str]] = frozenset(),
) -> list[FactsChanged]:
    """Return the entries that a gate writes of what it is told; none for what is not news.

    `known` is since when (UTC us) facts are as the `presence` has them; `totals` are of its own epochs too. `spoken_of` are sums,
    by (epoch, name), that neighbours have spoken of: through which entry they are known is news, too.
    """
    found = new_in(told, presence, known, totals, spoken_of)
    return entries_of((FROM_GATE + one.edge, change, _plate_of(one.contribution)) for one, change in found)


def new_in(
    told: Iterable[Told],
    presence: Presence,
    known: Mapping[str, int],
    totals: Totals,
    spoken_of: Container[tuple[str, str]] = frozenset(),
) -> Iterator[tuple[Told, tuple[Any, ...]]]:
    """Yield what is news of what is told, with the change that it makes; see `learned`."""
    times, totals = dict(known), dict(totals)
    for one in told:
        if not is_sound(one):
            continue  # nobody sets this gate's own affairs from afar, and no registry is believed to have looked
        change = _added(one, totals, spoken_of) if one.contribution.how == SUM else _latest(one.contribution, presence, times)
        if change is None:
            continue
        yield one, change
        presence = presence.moved((change[:3],), {})


def is_sound(one: Told) -> bool:
    """Tell whether it has the form of what gates tell each other."""
    shared = how_shared(one.contribution.name) == one.contribution.how
    return shared and one.seq <= NUMBER_MAX and _is_ours(one.contribution)


def entries_of(news: Iterable[_News]) -> list[FactsChanged]:
    """Return the entries of what is news, in order: one for each run of the same gate, or more so that none is too large."""
    written: list[FactsChanged] = []
    size = 0
    for source, change, plates in news:
        size += (more := len(cbor2.dumps((change, plates))))
        if not written or written[-1].source != source or size > HEARD_BYTES_MAX:
            written.append(FactsChanged(source, HEARD))
            size = more
        entry = written[-1]
        written[-1] = replace(entry, facts=(*entry.facts, change), plates={**plates_in(entry), **plates})
    return written


def _added(
    one: Told, totals: dict[tuple[str, str], tuple[int, int]], spoken_of: Container[tuple[str, str]]
) -> tuple[Any, ...] | None:
    """Return the change to a sum that is told through a later entry than is known; it says whose it is."""
    name, total = one.contribution.name, _number(one.contribution.value)
    known, through = totals.get((one.epoch, name), (0, 0))
    if one.seq < through:
        return None
    totals[one.epoch, name] = (total, one.seq)
    is_news = total != known or (one.seq > through and (one.epoch, name) in spoken_of)
    return ("add", name, total - known, one.epoch, one.seq) if is_news else None


def _latest(one: Contribution, presence: Presence, times: dict[str, int]) -> tuple[Any, ...] | None:
    """Return the change to a value that is later than the one known; of two at the same time all gates choose the same."""
    if _order(one) <= (times.get(one.name, 0), _text(presence.facts.get(one.name))):
        return None
    times[one.name] = one.at_us
    return ("drop" if one.value is None else "set", one.name, one.value, one.at_us)


def _order(one: Contribution) -> tuple[int, str]:
    return one.at_us, _text(one.value)


def _plate_of(one: Contribution) -> dict[str, str]:
    return {one.name.removeprefix("at:"): one.plate} if one.plate else {}


def _time(own: list[Any], at_us: int) -> int:
    return own[0] if own and isinstance(own[0], int) else at_us


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(value: object) -> str:
    return "" if value is None else json.dumps(value)
