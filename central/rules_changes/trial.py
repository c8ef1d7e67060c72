"""A draft tried on the log: every decision made again under the rules as they stand and under the draft, and both compared.

What was recorded may be something else again, because the rules have changed since: that is counted, and not the draft's doing.
Passages stay as they were: what the draft would change is each decision by itself. Protected are all who live here and who comes
in an emergency, as `access.replay.PROTECTED` has them: fire engines and ambulances by their holder or by the kind of plate.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from access.decision import Decision
from access.entries import Decided, EntryError
from access.presence import Presence, PresenceError
from access.projection import projected
from access.replay import PROTECTED, Unjudged, again, class_of
from access.sealing import Opened, unseal
from access.snapshot import Snapshot
from central.rules_changes import passages
from central.rules_changes.draft import Draft, digest
from central.rules_changes.passages import Row, Stretch
from central.rules_changes.rulebooks import Rulebooks
from central.tables import Site

TRIED: Final = timedelta(days=30)
# Who came in before that is not known to be inside, unless the decision itself read it then.
KNOWN_BEFORE: Final = timedelta(days=7)
ENTRIES_MAX: Final = 200_000
EXAMPLES_MAX: Final = 5
OUTCOMES: Final = ("deny", "grant", "refer")

# How many decisions were looked at, of how many.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to, and the reason."""

    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Example:
    """One decision that the draft would change: where it stands in the log, and what it was then, is now, and would be."""

    entry: UUID
    at: datetime
    gate: str
    lane: str
    category: str
    then: Outcome
    now: Outcome
    draft: Outcome


@dataclass(slots=True)
class Tally:
    """How many decisions would change so: by the holder's category, by the draft's reason, by gate and lane (`east/in-1`).

    The first few of each category are the examples.
    """

    count: int = 0
    by_category: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    by_lane: Counter[str] = field(default_factory=Counter)
    examples: list[Example] = field(default_factory=list)

    def add(self, example: Example, examples_max: int) -> None:
        """Count one more."""
        self.count += 1
        self.by_category[example.category] += 1
        self.by_reason[example.draft.reason] += 1
        self.by_lane[f"{example.gate}/{example.lane}"] += 1
        if self.by_category[example.category] <= examples_max:
            self.examples.append(example)


@dataclass(slots=True)
class Trial:
    """What came of it: `draft` is the digest, `revision` that of the rules it was compared with, `since` the first moment judged.

    `shortened`: there were more decisions than were asked for, and only the newest were judged. `drifted` counts those that the
    rules decide otherwise today than was recorded. `unjudged` says why (as `access.replay`): gates_own, no_lane, erased,
    later_version. `newly` has what the draft would newly deny, grant and refer; `protected` those it would deny that it must not.
    """

    draft: str
    revision: int
    since: datetime
    until: datetime
    shortened: bool = False
    decisions: int = 0
    judged: int = 0
    drifted: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)
    newly: dict[str, Tally] = field(default_factory=lambda: {outcome: Tally() for outcome in OUTCOMES})
    protected: Tally = field(default_factory=Tally)

    @property
    def newly_denied(self) -> int:
        """How many the draft would deny that the rules do not."""
        return self.newly["deny"].count

    @property
    def newly_granted(self) -> int:
        """How many the draft would grant that the rules do not."""
        return self.newly["grant"].count

    @property
    def newly_referred(self) -> int:
        """How many the draft would ask the guard about that the rules do not."""
        return self.newly["refer"].count

    @property
    def protected_denied(self) -> int:
        """How many of the newly denied are of a protected class."""
        return self.protected.count


def unwatched(_done: int, _of: int) -> None:
    """Let the trial go on with nobody watching."""


def try_draft(
    session: Session,
    site: Site,
    draft: Draft,
    *,
    until: datetime,
    since: datetime | None = None,
    entries_max: int = ENTRIES_MAX,
    examples_max: int = EXAMPLES_MAX,
    progress: Progress = unwatched,
) -> Trial:
    """Try a draft on the decisions of a site's gates from `since` (none: 30 days before) up to `until`, the newest at most.

    Changes nothing, and holds no more of the log than a few hundred entries at a time. `progress` is told after each of these.
    RegistryError 422 where the draft makes no rules.
    """
    since = since or until - TRIED
    gates = passages.gates(session, site.id)
    since_us = passages.beginning(session, gates, _us(since), _us(until), entries_max)
    books = Rulebooks(session, site, draft, int(until.timestamp()))
    trial = Trial(digest(draft), site.revision, _moment(since_us), until, shortened=since_us > _us(since))
    found = passages.stretches(session, gates, since_us - _us_of(KNOWN_BEFORE), since_us, _us(until))
    total = sum(stretch.decisions for stretch in found)
    progress(0, total)
    for (gate_id, _), of_box in groupby(found, lambda stretch: (stretch.gate_id, stretch.edge_id)):
        judge = _Judge(trial, gates[gate_id], books.of(gate_id), (since_us, _us(until)), examples_max)
        _judge_box(session, judge, of_box, lambda: progress(trial.decisions, total))
    return trial


def _judge_box(session: Session, judge: "_Judge", of_box: Iterable[Stretch], told: Callable[[], None]) -> None:
    for stretch in of_box:
        for rows in passages.batches(session, stretch):
            for row in rows:
                judge.see(row)
            told()


def _us(at: datetime) -> int:
    return round(at.timestamp() * 1e6)


def _us_of(time: timedelta) -> int:
    return time // timedelta(microseconds=1)


def _moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1e6, UTC)


class _Judge:
    """Sees the entries of one box in order: judges each decision of the time, and takes in what any entry changes."""

    def __init__(
        self, trial: Trial, gate: str, rules: tuple[Snapshot, Snapshot], time_us: tuple[int, int], examples_max: int
    ) -> None:
        self._trial, self._gate, self._rules, self._examples_max = trial, gate, rules, examples_max
        self._since_us, self._until_us = time_us
        self._presence = Presence()

    def see(self, row: Row) -> None:
        """Judge an entry that is a decision of the time, under what the entries before it made of the presence."""
        entry = unseal(row.canonical, row.personal)
        asked = entry.kind == Decided.kind and self._since_us <= row.at_us < self._until_us
        self._trial.decisions += asked
        try:
            body = entry.body()
        except EntryError:
            self._trial.unjudged["later_version"] += asked
            return
        if asked and isinstance(body, Decided):
            self._judge(entry, body, row.at_us)
        with suppress(PresenceError):  # a change of facts that a later version knows
            self._presence = projected(self._presence, body)

    def _judge(self, entry: Opened, body: Decided, at_us: int) -> None:
        now, drafted = (again(entry, body, rules, self._presence) for rules in self._rules)
        if isinstance(now, Unjudged):
            self._trial.unjudged[now.why] += 1
        elif isinstance(drafted, Unjudged):
            self._trial.unjudged[drafted.why] += 1
        else:
            self._trial.judged += 1
            self._trial.drifted += now.outcome != body.outcome
            if drafted.outcome != now.outcome:
                self._note(self._example(entry, body, at_us, now, drafted))

    def _note(self, example: Example) -> None:
        outcome = example.draft.outcome
        self._trial.newly[outcome].add(example, self._examples_max)
        if outcome == "deny" and example.category in PROTECTED:
            self._trial.protected.add(example, self._examples_max)

    def _example(self, entry: Opened, body: Decided, at_us: int, now: Decision, drafted: Decision) -> Example:
        then, now_so, draft_so = (Outcome(made.outcome, made.reason) for made in (body, now, drafted))
        category = class_of(body, now, drafted)
        return Example(entry.id, _moment(at_us), self._gate, entry.lane, category, then, now_so, draft_so)
