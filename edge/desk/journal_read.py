"""What was read of the journal for the book: it is read on by what is new, another journal or epoch from the beginning."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

from access.presence import Value
from edge.store.acts import ActsReader, StoredAct

DAYS_BACK = 35
ACTS_MAX = 50_000
ACTS_STEP = 1000  # read at once: a reader who takes long keeps the journal's log from being moved
LOOK_AGAIN_S = 3600.0  # for what is too old, or was erased unseen
FAMILIES = ("held", "transfer", "party", "uses", "released", "lent", "loading", "cleared")


@dataclass(frozen=True, slots=True)
class Act:
    """What a guard did with a record: see `access.acts.ActedUpon`; `entry` is its entry's id (hex), `request` its press's."""

    entry: str
    kind: str
    identity: str
    name: str
    at: datetime
    guard: str
    guard_name: str
    role: str
    lane: str
    values: Mapping[str, Any]
    details: Mapping[str, Any]
    words: str
    capture: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """Acts, oldest first, and facts at one moment: never changed, replaced as a whole, also where somebody is elsewhere."""

    acts: Sequence[Act] = ()
    by_identity: Mapping[str, Sequence[Act]] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)


class JournalRead:
    """For one thread at a time. Where a method raises StoreError, another of these is to begin."""

    def __init__(self, path: Path, utc: Callable[[], float]) -> None:
        """Open the journal. Raises StoreError."""
        self.reader = ActsReader(path)
        self._utc = utc
        self._version: tuple[Any, ...] = ()
        self._place: tuple[Any, ...] = ()  # which file, and the epochs in it: where these are others, rowids are given again
        self._through = 0  # the entry through which facts are known
        self._acts_through = 0
        self._sizes: dict[int, int] = {}  # of the acts' personal fields, by rowid, in their order
        self._looked_at = 0.0
        self._read = Read()

    def read_on(self) -> Read:
        """Return what there is now. Raises StoreError."""
        version = self.reader.version()
        is_due = not 0 <= self._utc() - self._looked_at < LOOK_AGAIN_S
        if version == self._version and not is_due:
            return self._read
        place = (version[:2], tuple(self.reader.epochs()))
        if place != self._place:
            self._begin()
        else:
            self._go_on(look_again=is_due)
        self._version, self._place = version, place
        return self._read

    def close(self) -> None:
        """Close the connection."""
        self.reader.close()

    def _begin(self) -> None:
        self._through = self.reader.last()
        self._acts_through, self._sizes = self.reader.since(round(self._oldest() * 1_000_000), ACTS_MAX), {}
        acts = self._new_acts()
        self._looked_at = self._utc()
        self._read = Read(acts, _by_identity(acts), self.reader.facts(FAMILIES))

    def _go_on(self, *, look_again: bool) -> None:
        news = self.reader.news(self._through)
        self._through = news.through
        before = self._looked_over() if look_again or news.erased else self._read
        new = self._new_acts()
        acts, by_identity = before.acts, before.by_identity
        if new:
            acts, by_identity = [*acts, *new], {**by_identity}
            for act in new:
                by_identity[act.identity] = [*by_identity.get(act.identity, ()), act]
        facts = self._facts_after(before.facts, news.names)
        is_moved = news.names is None or any(name.startswith("at:") for name in news.names)
        if new or before is not self._read or facts is not before.facts or is_moved:
            self._read = Read(acts, by_identity, facts)

    def _new_acts(self) -> list[Act]:
        acts: list[Act] = []
        while True:
            found, through = self.reader.after(self._acts_through, ACTS_STEP)
            if through == self._acts_through:
                return acts
            self._acts_through = through
            self._sizes |= {stored.rowid: stored.personal for stored in found}
            acts += map(_act, found)

    def _facts_after(self, facts: Mapping[str, Value], changed: Iterable[str] | None) -> Mapping[str, Value]:
        if changed is None:
            return self.reader.facts(FAMILIES)
        names = [name for name in changed if name.partition(":")[0] in FAMILIES]
        if not names:
            return facts
        now = self.reader.named(names)
        after = {**facts, **now}
        for name in names:
            if name not in now:
                after.pop(name, None)
        return after

    def _looked_over(self) -> Read:
        """Return what was read without what has gone or is too old by now, and without what was erased of the rest."""
        self._looked_at = self._utc()
        there = self.reader.sizes(next(iter(self._sizes), self._acts_through + 1))
        too_old = datetime.fromtimestamp(self._oldest(), UTC)
        outdated = len(list(takewhile(lambda act: act.at < too_old, self._read.acts)))
        outdated = max(outdated, len(self._sizes) - ACTS_MAX)
        acts, sizes = [], {}
        for act, (rowid, size) in list(zip(self._read.acts, self._sizes.items(), strict=True))[outdated:]:
            stored = self.reader.at(rowid) if there.get(rowid) not in (None, size) else None
            if rowid in there and (stored is not None or there[rowid] == size):
                acts.append(act if stored is None else _act(stored))
                sizes[rowid] = there[rowid]
        self._sizes = sizes
        return Read(acts, _by_identity(acts), self._read.facts)

    def _oldest(self) -> float:
        return self._utc() - timedelta(days=DAYS_BACK).total_seconds()


def _by_identity(acts: Iterable[Act]) -> dict[str, Sequence[Act]]:
    found: dict[str, list[Act]] = {}
    for act in acts:
        found.setdefault(act.identity, []).append(act)
    return {**found}


def _act(stored: StoredAct) -> Act:
    entry, body = stored.entry, stored.body
    return Act(
        entry=entry.id.hex,
        kind=body.kind,
        identity=body.identity,
        name=body.act,
        at=datetime.fromtimestamp(entry.stamp.utc_us / 1_000_000, UTC),
        guard=body.guard,
        guard_name=body.guard_name,
        role=body.role,
        lane=entry.lane,
        values=body.values,
        details=body.details or {},
        words=body.words,
        capture=body.capture,
        request=body.request,
    )
