"""How long stays last, and what of entries and exits does not go together, over a time."""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import nlargest
from typing import Final
from uuid import UUID

from access.sealing import unseal
from central.errors import RegistryError
from central.inside.moves import Reader, Span
from central.inside.repository import AnyRow
from central.inside.schemas import (
    CategoryStays,
    IrregularAsked,
    IrregularPage,
    IrregularShown,
    MoveShown,
    StaysAsked,
    StayShown,
    StaysShown,
)
from central.inside.services import credential_in
from central.inside.stays import US, Again, Found, Matching, Move, Stay, quantile
from central.log.searching import sites_in_sight
from central.log.services import utc_of
from central.records.repository import check_in_sight
from central.records.repository import site as check_site
from central.registry import Work
from central.tables import Gate

DAYS_MAX: Final = 31
READ_MAX: Final = 200_000
LOOKUPS_MAX: Final = 1_000
# As many as may pass at once, and more.
TOGETHER_MAX: Final = 100


def stays(work: Work, asked: StaysAsked) -> StaysShown:
    """Sum up the stays of a time; RegistryError 422 for one that is none, too long, or has too much in it."""
    counted = _Counted(asked)
    report = Report(work, asked)
    for one in report.found():
        counted.add(one)
    return StaysShown(
        by_category=[_summed(category, lengths) for category, lengths in sorted(counted.lengths.items())],
        longest=_shown_stays(report.reader, counted.longest()),
        count=sum(map(len, counted.lengths.values())),
        without_entry=counted.without_entry,
        entered_again=counted.again,
        unchecked=report.unchecked,
    )


def all_stays(work: Work, asked: StaysAsked) -> Iterator[list[StayShown]]:
    """Yield the stays of a time in the order of their ends, some at a time; RegistryError as `stays`."""
    report = Report(work, asked)
    part: list[Stay] = []
    for one in report.found():
        if isinstance(one, Stay) and _is_wanted(one, asked):
            part.append(one)
        if len(part) >= 500:
            yield _shown_stays(report.reader, part)
            part = []
    yield _shown_stays(report.reader, part)


def irregular(work: Work, asked: IrregularAsked) -> IrregularPage:
    """Return one page of what does not go together in a time; RegistryError as `stays`."""
    report = Report(work, asked)
    behind = _cursor(asked.after)
    found: list[Again | Move] = []
    for one in report.found():
        if isinstance(one, Stay) or not _is_asked(one, asked) or _last(one).place <= behind:
            continue
        insort(found, one, key=lambda each: _last(each).place)
        del found[asked.limit + TOGETHER_MAX :]
    end = asked.limit
    while end < len(found) and _last(found[end]).place == _last(found[end - 1]).place:  # one passage, several who passed
        end += 1
    page = found[:end]
    moves = [move for one in page for move in (one if isinstance(one, Again) else (one,))]
    told = _Told(report.reader, moves)
    last = _last(page[-1]) if len(found) > end else None
    return IrregularPage(
        items=[_irregular(told, one, report.unlooked) for one in page],
        more=f"{last.at_us}-{last.entry.hex}" if last else None,
    )


# --- reading --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Report:
    """Stays and what does not go together, of one time; `unlooked` are exits whose entry was not looked for before it."""

    work: Work
    asked: StaysAsked | IrregularAsked
    reader: Reader = field(init=False)
    unlooked: set[UUID] = field(default_factory=set)
    _lookups: int = 0

    def __post_init__(self) -> None:
        """Check what is asked; RegistryError 422."""
        check(self.work, self.asked)
        self.reader = Reader(self.work.session)

    @property
    def unchecked(self) -> int:
        """How many exits there are whose entry was not looked for."""
        return len(self.unlooked)

    def found(self) -> Iterator[Found]:
        """Yield what there is in the order of time; the entry of an exit may lie before the time."""
        sites = sites_in_sight(self.work, self.asked.site)
        span = Span(sites, _us(self.asked.since), _us(self.asked.until))
        matching, known = Matching(), set[tuple[UUID, str]]()
        for move in self.reader.moves(span):
            if self.reader.read > READ_MAX:
                raise RegistryError("more than {most} entries: ask for a shorter time", 422, "until", most=READ_MAX)
            one = matching.add(move)
            if isinstance(one, Move) and (move.site, move.subject) not in known:
                one = self._with_entry_before(one, span.since)
            known.add((move.site, move.subject))
            if one is not None:
                yield one

    def _with_entry_before(self, out: Move, since: int) -> Stay | Move:
        if self._lookups >= LOOKUPS_MAX or out.decision is None:
            self.unlooked.add(out.entry)
            return out
        self._lookups += 1
        decision = self.reader.decisions([out.decision]).get(out.decision)
        before = self.reader.last_before(out, decision, since) if decision is not None else None
        return Stay(before, out) if before is not None and before.way == "in" else out


def check(work: Work, asked: StaysAsked | IrregularAsked) -> None:
    """Raise RegistryError 422 for a time that is none or too long, or a place beyond the actor's bounds."""
    if not timedelta() < asked.until - asked.since <= timedelta(days=DAYS_MAX):
        raise RegistryError("the end must be after the beginning, and at most {most} days after it", 422, "until", most=DAYS_MAX)
    if asked.site is not None:
        check_site(work, asked.site)
    check_in_sight(work, Gate, asked.gate, "gate")


@dataclass(slots=True)
class _Counted:
    asked: StaysAsked
    lengths: dict[str, list[int]] = field(default_factory=dict)
    _longest: list[Stay] = field(default_factory=list)
    without_entry: int = 0
    again: int = 0

    def add(self, one: Found) -> None:
        if isinstance(one, Again):
            self.again += 1
        elif isinstance(one, Move):
            self.without_entry += 1
        elif _is_wanted(one, self.asked):
            self.lengths.setdefault(_category(one), []).append(one.length_us)
            self._longest.append(one)
            if len(self._longest) > 2 * self.asked.limit:
                self._longest = self.longest()

    def longest(self) -> list[Stay]:
        return nlargest(self.asked.limit, self._longest, key=lambda each: each.length_us)


def _category(stay: Stay) -> str:
    return stay.entry.category or stay.exit.category


def _is_wanted(stay: Stay, asked: StaysAsked) -> bool:
    hours = asked.longer_than_hours
    return (
        (not asked.category or _category(stay) == asked.category)
        and (asked.gate is None or asked.gate in (stay.entry.gate, stay.exit.gate))
        and (hours is None or stay.length_us >= hours * 3600 * US)
    )


def _summed(category: str, lengths: list[int]) -> CategoryStays:
    lengths.sort()
    median, p90 = quantile(lengths, 0.5), quantile(lengths, 0.9)
    return CategoryStays(
        category=category, count=len(lengths), median_s=median // US, p90_s=p90 // US, longest_s=lengths[-1] // US
    )


def _is_asked(one: Again | Move, asked: IrregularAsked) -> bool:
    kind = "entered_again" if isinstance(one, Again) else "without_entry"
    return asked.kind in (None, kind) and asked.gate in (None, _last(one).gate)


def _last(one: Again | Move) -> Move:
    return one.next if isinstance(one, Again) else one


# --- showing --------------------------------------------------------------------------------------


class _Told:
    """What was shown and decided as somebody moved, by the decisions' ids."""

    def __init__(self, reader: Reader, moves: Iterable[Move]) -> None:
        self._rows = reader.decisions({move.decision for move in moves if move.decision is not None})

    def show(self, move: Move) -> MoveShown:
        row: AnyRow | None = self._rows.get(move.decision) if move.decision is not None else None
        fields = unseal(row.canonical, row.personal).fields if row is not None else {}
        return MoveShown(
            at=utc_of(move.at_us),
            site=move.site,
            gate=move.gate,
            lane=move.lane,
            entry=move.entry,
            decision=move.decision,
            category=move.category,
            credential=credential_in(fields),
            name=str(fields.get("holder") or ""),
            unit=str(fields.get("unit") or ""),
        )


def _shown_stays(reader: Reader, found: Sequence[Stay]) -> list[StayShown]:
    told = _Told(reader, (move for stay in found for move in stay))
    return [
        StayShown(entered=told.show(stay.entry), left=told.show(stay.exit), seconds=max(0, stay.length_us // US))
        for stay in found
    ]


def _irregular(told: _Told, one: Again | Move, unlooked: set[UUID]) -> IrregularShown:
    if isinstance(one, Again):
        return IrregularShown(kind="entered_again", move=told.show(one.next), before=told.show(one.entry), unchecked=False)
    return IrregularShown(kind="without_entry", move=told.show(one), before=None, unchecked=one.entry in unlooked)


def _cursor(cursor: str | None) -> tuple[int, UUID]:
    if cursor is None:
        return (-1, UUID(int=0))
    at_us, _, entry = cursor.partition("-")
    return int(at_us), UUID(entry)


def _us(at: datetime) -> int:
    return round(at.timestamp() * US)
