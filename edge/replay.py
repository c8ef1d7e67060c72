"""Replay: every decision of a gate's journal made again, under the rules of its time or under a draft."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from access.contract.records import AnyRecord
from access.decision import Decision
from access.entries import Decided, EntryError, Opened, SnapshotTaken
from access.packing import SnapshotBuilder
from access.presence import Presence, PresenceError
from access.projection import projected
from access.replay import Unjudged, again
from access.snapshot import Snapshot, SnapshotError
from edge.places import Places
from edge.store.errors import StoreError
from edge.store.journal import JournalReader
from edge.store.received import RuleRow, reading_rules
from edge.store.rules import map_snapshot

EXAMPLES_MAX = 5
PROTECTED = ("emergency", "resident")  # whom no draft may newly turn away
UNJUDGED = {
    "gates_own": "the guard or the gate decided, not the rules",
    "no_rules": "the gate had no rules then",
    "no_lane": "the rules do not know the lane",
    "erased": "what was presented has been erased, and was of nobody on record",
    "rules_not_kept": "the rules of their time are not kept here any more",
    "later_version": "written by a later version",
}
_any_record: TypeAdapter[AnyRecord] = TypeAdapter(AnyRecord)
Watch = Callable[[Iterator[Opened], int], Iterator[Opened]]


class ReplayError(Exception):
    """What stands in the way of a replay, with file, line and field where there are such."""


@dataclass(frozen=True, slots=True)
class Example:
    """One decision that came out otherwise."""

    seq: int
    at: datetime
    lane: str
    shown: str
    recorded: str
    again: str


@dataclass(slots=True)
class Differences:
    """How many decisions of one class went from one outcome to another, with the first few."""

    count: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """What came of a replay; `differences` by (class, outcome recorded, outcome again)."""

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
        """Return how many of protected classes would be denied now and were not."""
        return sum(found.count for (of, _, then), found in self.differences.items() if of in protected and then == "deny")

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
                    "recorded": before,
                    "again": then,
                    "count": found.count,
                    "examples": [
                        {"seq": e.seq, "at": e.at.isoformat(), "lane": e.lane, "shown": e.shown, "was": e.recorded, "is": e.again}
                        for e in found.examples
                    ],
                }
                for (of, before, then), found in sorted(self.differences.items())
            ],
        }


class Rulebooks:
    """The rules of every revision that the gate still keeps: its snapshots, else packed again from what the courier received."""

    def __init__(self, places: Places, folder: Path) -> None:
        """Pack into `folder`, which the caller removes."""
        self._places = places
        self._folder = folder
        self._latest: tuple[int, Snapshot] | None = None

    def at(self, revision: int, built_utc: int) -> Snapshot:
        """Return the rules of a revision. Raises StoreError or SnapshotError where they are not kept."""
        if self._latest is None or self._latest[0] != revision:
            self._latest = revision, self._find(revision, built_utc)
        return self._latest[1]

    def _find(self, revision: int, built_utc: int) -> Snapshot:
        if not self._places.courier.exists():
            return map_snapshot(self._places.snapshots / f"{revision}.snapshot")
        with reading_rules(self._places.courier, revision) as (_, rows):
            return pack(rows, revision, built_utc, self._folder)

    def draft(self, path: Path, built_utc: int) -> Snapshot:
        """Return draft rules: a snapshot, or changes to the installed rules. Raises ReplayError, StoreError, SnapshotError."""
        if path.suffix == ".snapshot":
            return map_snapshot(path)
        changes = dict(read_changes(path))
        kept: dict[tuple[str, UUID], Mapping[str, Any] | None] = {}
        revision = 0
        if self._places.courier.exists():
            with reading_rules(self._places.courier) as (revision, rows):
                kept = {(kind, identity): data for kind, identity, data in rows}
        together = kept | changes
        rules = ((kind, identity, data) for (kind, identity), data in together.items() if data is not None)
        return pack(rules, revision, built_utc, self._folder)


def pack(rows: Iterator[RuleRow], revision: int, built_utc: int, folder: Path) -> Snapshot:
    """Pack rules into a file in `folder` and map it."""
    builder = SnapshotBuilder(revision, built_utc)
    for kind, identity, data in rows:
        builder.add(kind, identity, data)
    path = folder / f"{revision}-{len(list(folder.iterdir()))}.snapshot"
    with path.open("wb") as out:
        builder.write(out)
    return map_snapshot(path)


def read_changes(path: Path) -> Iterator[tuple[tuple[str, UUID], Mapping[str, Any] | None]]:
    """Read a file of changes: a rule record a line as JSON, or {"gone": {"kind": ..., "id": ...}}. Raises ReplayError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReplayError(f"{path} cannot be read: {error}") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _change(line, f"{path}:{number}")


def _change(line: str, place: str) -> tuple[tuple[str, UUID], Mapping[str, Any] | None]:
    try:
        said = json.loads(line)
        if isinstance(said, dict) and isinstance(gone := said.get("gone"), dict):
            return (str(gone["kind"]), UUID(gone["id"])), None
        record = _any_record.validate_python(said)
    except ValidationError as error:
        first = error.errors()[0]
        raise ReplayError(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReplayError(f"{place}: should be a rule record or what is gone, as JSON: {error!r}") from error
    return (record.kind, record.id), record.model_dump(mode="json")


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

    Under a draft, passages stay as they were: what it would change is each decision by itself. Raises StoreError, ReplayError.
    """
    report = Report()
    with tempfile.TemporaryDirectory(prefix="gatehouse-replay-") as folder, closing(JournalReader(places.journal)) as journal:
        books = Rulebooks(places, Path(folder))
        try:
            fixed = books.draft(draft, int(datetime.now(UTC).timestamp())) if draft else None
        except SnapshotError as error:
            raise ReplayError(f"{draft}: {error}") from error
        count = sum(map(journal.length, journal.epochs()))
        _walk(watch(journal.every(), count), books, fixed, report, (since, until))
    return report


def _walk(
    entries: Iterator[Opened],
    books: Rulebooks,
    draft: Snapshot | None,
    report: Report,
    window: tuple[datetime | None, datetime | None],
) -> None:
    presence, built_utc = Presence(), 0
    since, until = window
    for entry in entries:
        report.entries += 1
        try:
            body = entry.body()
            match body:
                case SnapshotTaken():
                    built_utc = body.built_utc
                case Decided() if _within(body, since, until):
                    _judge(entry, body, books, draft, presence, built_utc, report)
            presence = projected(presence, body)
        except (EntryError, PresenceError):
            report.unjudged["later_version"] += 1


def _within(body: Decided, since: datetime | None, until: datetime | None) -> bool:
    at = datetime.fromtimestamp(body.at_us / 1e6, UTC)
    return (since is None or at >= since) and (until is None or at < until)


def _judge(
    entry: Opened,
    body: Decided,
    books: Rulebooks,
    draft: Snapshot | None,
    presence: Presence,
    built_utc: int,
    report: Report,
) -> None:
    report.decisions += 1
    try:
        rules = draft or books.at(body.revision, built_utc)
    except (StoreError, SnapshotError):
        report.unjudged["rules_not_kept" if body.revision else "no_rules"] += 1
        return
    found = again(entry, body, rules, presence)
    if isinstance(found, Unjudged):
        report.unjudged[found.why] += 1
    elif _is_same(entry, body, found, under_draft=draft is not None):
        report.same += 1
    else:
        _note(entry, body, found, report)


def _is_same(entry: Opened, body: Decided, found: Decision, *, under_draft: bool) -> bool:
    """Tell whether it came out the same; under a draft, and of an erased person, the outcome is what counts."""
    by_outcome = under_draft or bool(entry.erased)
    return found.outcome == body.outcome and (by_outcome or found.reason == body.reason)


def _note(entry: Opened, body: Decided, found: Decision, report: Report) -> None:
    key = _class_of(body, found), body.outcome, found.outcome
    differences = report.differences.setdefault(key, Differences())
    differences.count += 1
    if len(differences.examples) < EXAMPLES_MAX:
        at = datetime.fromtimestamp(body.at_us / 1e6, UTC)
        shown = str(found.values.get("shown", ""))
        differences.examples.append(Example(entry.seq, at, entry.lane, shown, body.reason, found.reason))


def _class_of(body: Decided, found: Decision) -> str:
    """Name the class of who was decided on: the holder's category; emergency also by the kind of a plate."""
    if "emergency_ok" in (body.reason, found.reason) or "emergency_refer" in (body.reason, found.reason):
        return "emergency"
    person = found.match.credential.person if found.match.credential else None
    return body.category or (person.category if person else "unknown")


def told(report: Report, zone: ZoneInfo, under_draft: bool) -> Iterator[str]:  # noqa: FBT001 - which of two tales
    """Tell the report in lines, times on the site's clock."""
    asked = "under the draft" if under_draft else "under the rules of their time"
    yield f"{report.decisions} decisions in {report.entries} entries, made again {asked}: {report.same} the same"
    for why, count in sorted(report.unjudged.items()):
        yield f"  {count} not made again: {UNJUDGED[why]}"
    for (of, before, then), found in sorted(report.differences.items()):
        yield f"  {of}: {before} -> {then}: {found.count}"
        for one in found.examples:
            at = one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
            yield f"    entry {one.seq}, {at}, lane {one.lane}, {one.shown}: {one.recorded} -> {one.again}"
    if under_draft and (denied := report.newly_denied()):
        yield f"{denied} of protected classes ({', '.join(PROTECTED)}) would be denied: this draft must not be published"
