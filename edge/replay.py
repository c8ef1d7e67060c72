"""Replay: every decision of a gate's journal made again, under the rules of its time or under a draft."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from access.decision import Decision
from access.entries import Decided, EntryError, SnapshotTaken
from access.packing import SnapshotBuilder
from access.presence import Presence, PresenceError
from access.projection import changes_in, projected
from access.replay import PROTECTED, Unjudged, again, class_of
from access.sealing import Opened
from access.snapshot import Snapshot, SnapshotError
from edge.places import Places
from edge.rules_draft import Change, DraftError, Key, check, laid_over, read_changes
from edge.store.errors import StoreError
from edge.store.reader import JournalReader
from edge.store.received import RuleRow, reading_rules
from edge.store.rules import SUFFIX, map_snapshot, newest_first

EXAMPLES_MAX = 5
UNJUDGED = {
    "gates_own": "the guard or the gate decided, not the rules",
    "no_rules": "the gate had no rules then",
    "no_lane": "the rules do not know the lane",
    "erased": "what was presented, or a guest's plate that it resembled, has been erased",
    "rules_not_kept": "the rules of their time are not kept here any more",
    "later_version": "written by a later version",
}
Watch = Callable[[Iterator[Opened], int], Iterator[Opened]]


class ReplayError(Exception):
    """What stands in the way of a replay."""


@dataclass(frozen=True, slots=True)
class Example:
    """One decision that came out otherwise, with its reasons: as recorded, and both that are compared."""

    seq: int
    at: datetime
    lane: str
    shown: str
    recorded: str
    before: str
    after: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        about = {"seq": self.seq, "at": self.at.isoformat(), "lane": self.lane, "shown": self.shown}
        return about | {"recorded": self.recorded, "was": self.before, "is": self.after}


@dataclass(slots=True)
class Differences:
    """How many decisions of one class went from one outcome to another, with the first few."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What came of a replay; `differences` by (class, outcome before, outcome after).

    Before is what was recorded; with a draft, what the installed rules make of it.
    """

    entries: int = 0
    decisions: int = 0
    same: int = 0
    unjudged: Counter[str] = field(default_factory=Counter)
    differences: dict[tuple[str, str, str], Differences] = field(default_factory=dict)

    @property
    def different(self) -> int:
        """How many decisions came out otherwise."""
        return sum(found.count for found in self.differences.values())

    @property
    def unproved(self) -> int:
        """How many decisions of rules could not be made again for want of rules or of a version that reads them."""
        return sum(self.unjudged[why] for why in ("rules_not_kept", "no_lane", "later_version"))

    def newly_denied(self, protected: tuple[str, ...] = PROTECTED) -> int:
        """Return how many of protected classes are denied after, and were not before."""
        return sum(found.count for (of, _, after), found in self.differences.items() if of in protected and after == "deny")

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "entries": self.entries,
            "decisions": self.decisions,
            "same": self.same,
            "different": self.different,
            "unjudged": dict(self.unjudged),
            "unproved": self.unproved,
            "newly_denied_protected": self.newly_denied(),
            "differences": [
                {
                    "class": of,
                    "before": before,
                    "after": after,
                    "count": found.count,
                    "examples": [example.as_json() for example in found.examples],
                }
                for (of, before, after), found in sorted(self.differences.items())
            ],
        }


class Rulebooks:
    """The rules of every revision that the gate still keeps: its snapshots, else packed again from what the courier received."""

    def __init__(self, places: Places, folder: Path) -> None:
        """Pack into `folder`, which the caller removes."""
        self._places = places
        self._folder = folder
        self._latest: tuple[int, int] | None = None
        self._rules: Snapshot | None = None

    def at(self, revision: int, built_utc: int) -> Snapshot:
        """Return the rules of a revision, packed then, when a deny list may have won over them; StoreError, SnapshotError."""
        if self._rules is None or self._latest != (revision, built_utc):
            self._rules = self._find(revision, built_utc)
            self._latest = revision, built_utc
        return self._rules

    def _find(self, revision: int, built_utc: int) -> Snapshot:
        if not self._places.courier.exists():
            return map_snapshot(self._places.snapshots / f"{revision}.snapshot")
        with reading_rules(self._places.courier, revision, built_utc) as (_, rows):
            return pack(rows, revision, built_utc, self._folder)

    def installed(self, built_utc: int) -> Snapshot:
        """Return the rules that are installed now. Raises StoreError, SnapshotError, ReplayError where there are none."""
        if self._places.courier.exists():
            with reading_rules(self._places.courier) as (revision, rows):
                return pack(rows, revision, built_utc, self._folder)
        for newest in newest_first(self._places.snapshots):
            return map_snapshot(newest)
        raise ReplayError(f"no rules are installed in {self._places.root}")

    def draft(self, path: Path, installed: Snapshot) -> Snapshot:
        """Return draft rules: a snapshot, or changes to the installed rules. Raises DraftError, StoreError."""
        try:
            draft = map_snapshot(path) if path.suffix == SUFFIX else self._laid_over(installed, read_changes(path))
        except SnapshotError as error:
            raise DraftError(f"{path} makes no rules: {error}") from error
        if (draft.site, draft.site_slug) != (installed.site, installed.site_slug):
            raise DraftError(f"{path}: is of site {draft.site_slug} ({draft.site}), not {installed.site_slug} ({installed.site})")
        return draft

    def _laid_over(self, installed: Snapshot, changes: Mapping[Key, Change]) -> Snapshot:
        with self._rows(installed.revision) as rows:
            check(changes, {(kind, identity): data["slug"] if kind == "lane" else "" for kind, identity, data in rows})
        with self._rows(installed.revision) as rows:
            return pack(laid_over(rows, changes), installed.revision, installed.built_utc, self._folder)

    @contextmanager
    def _rows(self, revision: int) -> Iterator[Iterator[RuleRow]]:
        """Give the records of a revision; of a gate that was given packed rules by hand there are none."""
        if not self._places.courier.exists():
            yield iter(())
            return
        with reading_rules(self._places.courier, revision) as (_, rows):
            yield rows


def pack(rows: Iterator[RuleRow], revision: int, built_utc: int, folder: Path) -> Snapshot:
    """Pack rules into a file in `folder` and map it."""
    builder = SnapshotBuilder(revision, built_utc)
    for kind, identity, data in rows:
        builder.add(kind, identity, data)
    path = folder / f"{revision}-{len(list(folder.iterdir()))}.snapshot"
    with path.open("wb") as out:
        builder.write(out)
    return map_snapshot(path)


def unwatched(entries: Iterator[Opened], _count: int) -> Iterator[Opened]:
    """Let the entries go by with nobody watching."""
    return entries


def replay(
    places: Places,
    draft: Path | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    watch: Watch = unwatched,
) -> Report:
    """Make every decision from `since` up to `until` again; `watch` sees the entries go by, and is told how many there are.

    With a draft each is made twice, under the installed rules and under the draft. Passages stay as they were: what the draft
    would change is each decision by itself. Raises StoreError, DraftError, ReplayError where nothing was decided.
    """
    with tempfile.TemporaryDirectory(prefix="gatehouse-replay-") as folder, closing(JournalReader(places.journal)) as journal:
        books = Rulebooks(places, Path(folder))
        judge = _Judge(books, _trial(books, draft) if draft else None, since, until)
        for entry in watch(journal.every(), sum(map(journal.length, journal.epochs()))):
            judge.see(entry)
    if not judge.report.decisions:
        raise ReplayError("nothing was decided in that time" if since or until else "nothing has been decided yet")
    return judge.report


def _trial(books: Rulebooks, draft: Path) -> tuple[Snapshot, Snapshot]:
    """Return the installed rules and the draft."""
    try:
        installed = books.installed(int(datetime.now(UTC).timestamp()))
    except SnapshotError as error:
        raise ReplayError(f"the installed rules cannot be read: {error}") from error
    return installed, books.draft(draft, installed)


class _Judge:
    """Sees the entries of a journal one after another, and reports on every decision between `since` and `until`."""

    def __init__(
        self, books: Rulebooks, trial: tuple[Snapshot, Snapshot] | None, since: datetime | None, until: datetime | None
    ) -> None:
        self.report = Report()
        self._books, self._trial, self._since, self._until = books, trial, since, until
        self._presence, self._built_utc = Presence(), 0
        self._plates_erased: set[str] = set()  # names of the facts that say where such a vehicle is

    def see(self, entry: Opened) -> None:
        """Judge an entry that is a decision, and take in what any entry changes."""
        self.report.entries += 1
        try:
            body = entry.body()
            match body:
                case SnapshotTaken():
                    self._built_utc = body.built_utc
                case Decided() if self._is_asked_for(body):
                    self.report.decisions += 1
                    self._judge(entry, body)
            self._presence = projected(self._presence, body)
            note = self._plates_erased.add if {"plate", "plates"} & set(entry.erased) else self._plates_erased.discard
            for _, name, _ in changes_in(body):
                if name.startswith("at:"):
                    note(name)
        except (EntryError, PresenceError):
            self.report.unjudged["later_version"] += 1

    def _is_asked_for(self, body: Decided) -> bool:
        at = _moment(body)
        return (self._since is None or at >= self._since) and (self._until is None or at < self._until)

    def _judge(self, entry: Opened, body: Decided) -> None:
        try:
            rules = self._trial or (self._books.at(body.revision, self._built_utc),)
        except (StoreError, SnapshotError):
            self.report.unjudged["rules_not_kept" if body.revision else "no_rules"] += 1
            return
        made = [again(entry, body, one, self._presence) for one in rules]
        decisions = [one for one in made if isinstance(one, Decision)]
        if len(decisions) < len(made):
            self.report.unjudged[next(one.why for one in made if isinstance(one, Unjudged))] += 1
        else:
            self._compare(entry, body, decisions)

    def _compare(self, entry: Opened, body: Decided, made: list[Decision]) -> None:
        """Compare outcome and reason with what was recorded; the outcome alone where something is erased, or two were made."""
        before: Decided | Decision = made[0] if self._trial else body
        after = made[-1]
        is_blind = not self._trial and self._is_blind(body, after)
        by_outcome = self._trial or entry.erased or is_blind
        if after.outcome == before.outcome and (by_outcome or after.reason == before.reason):
            self.report.same += 1
        elif is_blind:
            self.report.unjudged["erased"] += 1
        else:
            self._note(entry, body, before, after)

    def _is_blind(self, body: Decided, after: Decision) -> bool:
        """Tell whether it read then of a vehicle inside, for a likeness of plates, that no likeness shows any more."""
        read_no_more = body.presence.keys() - after.explanation.reads.keys()
        return bool(self._plates_erased & read_no_more - {f"at:{after.passing.subject}"})

    def _note(self, entry: Opened, body: Decided, before: Decided | Decision, after: Decision) -> None:
        key = class_of(body, before, after), before.outcome, after.outcome
        differences = self.report.differences.setdefault(key, Differences())
        differences.count += 1
        if len(differences.examples) < EXAMPLES_MAX:
            shown = str(after.values.get("shown", ""))
            example = Example(entry.seq, _moment(body), entry.lane, shown, body.reason, before.reason, after.reason)
            differences.examples.append(example)


def _moment(body: Decided) -> datetime:
    return datetime.fromtimestamp(body.at_us / 1e6, UTC)


def told(report: Report, zone: ZoneInfo, under_draft: bool) -> Iterator[str]:  # noqa: FBT001 - which of two tales
    """Tell the report in lines, times on the site's clock."""
    asked = "under the draft and under the installed rules" if under_draft else "under the rules of their time"
    yield f"{report.decisions} decisions in {report.entries} entries, made again {asked}: {report.same} the same"
    for why, count in sorted(report.unjudged.items()):
        yield f"  {count} not made again: {UNJUDGED[why]}"
    for (of, before, after), found in sorted(report.differences.items()):
        yield f"  {of}: {before} -> {after}: {found.count}"
        for one in found.examples:
            at = one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            recorded = f" (recorded: {one.recorded})" if one.recorded != one.before else ""
            yield f"    entry {one.seq}, {at}, lane {one.lane}, {one.shown}: {one.before} -> {one.after}{recorded}"
    if under_draft and (denied := report.newly_denied()):
        yield f"{denied} of protected classes ({', '.join(PROTECTED)}) would be denied: this draft must not be published"
