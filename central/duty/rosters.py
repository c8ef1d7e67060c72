"""Rosters: the shifts of several days and posts, planned together or not at all."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final

from access.workflows.shift import ShiftPlanned
from central.duty.posts import post_id, post_name
from central.duty.services import guard_of
from central.duty.shift_schemas import (
    ConflictShown,
    PatternRow,
    RosterShown,
    RosterWanted,
    ShiftDetails,
    ShiftOpening,
    StintShown,
    Unfilled,
)
from central.duty.shifts import PLANNERS, shifts
from central.duty.stints import Stint, Stints, lock_roster, stint_of, stints_around
from central.errors import RegistryError
from central.places.settings import DailyShift, settings_of
from central.records import repository
from central.registry import Work
from central.tables import Site

SHIFTS_MAX: Final = 400
SHOWN_MAX: Final = 200


@dataclass(slots=True)
class _Plan:
    """A roster as it comes to be."""

    site: Site
    days: list[date]
    posts: list[str]
    times: dict[str, DailyShift]
    stints: Stints
    fits: list[Stint] = field(default_factory=list)
    conflicts: list[ConflictShown] = field(default_factory=list)

    def object_to(self, row: int, part: str, day: date | None, trouble: RegistryError) -> None:
        """Take note of what stands against the roster."""
        said = {"zh": trouble.chinese, "en": trouble.message}
        self.conflicts.append(ConflictShown(row=row, field=f"pattern.{row}.{part}", day=day, **said))

    def unfilled(self) -> Iterator[Unfilled]:
        """Yield the shifts for which nobody is planned, here or before."""
        for day in self.days:
            for post in self.posts:
                for shift in self.times:
                    if (day.isoformat(), post, shift) not in self.stints.slots:
                        yield Unfilled(day=day, post=post, shift=shift)


def plan(work: Work, wanted: RosterWanted) -> RosterShown:
    """Plan all shifts of a roster, or only show them on a dry run; RegistryError 403, 422, and 409 with all conflicts."""
    if work.actor.role not in PLANNERS:
        raise RegistryError("the role {role} may not do this", 403, role=work.actor.role)
    site = repository.site(work, wanted.site)
    if not wanted.dry_run:
        lock_roster(work.session, site.id)
    made = _laid_out(work, site, wanted)
    if wanted.dry_run:
        planned = [StintShown.model_validate(stint) for stint in made.fits]
    else:
        _refuse_conflicts(made)
        planned = [plan_stint(work, stint, site) for stint in made.fits]
    unfilled = list(made.unfilled())[:SHOWN_MAX]
    return RosterShown(planned=planned, conflicts=made.conflicts[:SHOWN_MAX], unfilled=unfilled)


def plan_stint(work: Work, stint: Stint, site: Site, details: ShiftDetails | None = None) -> StintShown:
    """Plan a shift that was found to fit; the caller has taken the roster's turn."""
    known = post_id(work.session, site.id, stint.post)
    opening = ShiftOpening(site=site.id, details=details or ShiftDetails())
    opened = shifts.open(work, ShiftPlanned, opening, {**asdict(stint), "post_id": str(known or "")})
    return StintShown(id=opened.id, **asdict(stint))


def _laid_out(work: Work, site: Site, wanted: RosterWanted) -> _Plan:
    days = sorted(set(wanted.days))
    if len(days) * len(wanted.pattern) > SHIFTS_MAX:
        raise RegistryError("a roster has not more than {max} shifts: plan fewer days at once", 422, "days", max=SHIFTS_MAX)
    posts = [post_name(work.session, site.id, post, f"posts.{n}") for n, post in enumerate(wanted.posts)]
    times = {shift.name: shift for shift in settings_of(work.session, site.id).shifts}
    made = _Plan(site, days, list(dict.fromkeys(posts)), times, stints_around(work.session, site.id, days))
    for n, row in enumerate(wanted.pattern):
        post = _post_of(work, made, n, row)
        if row.shift not in times:
            made.object_to(n, "shift", None, RegistryError("the site has no shift {shift}", 422, shift=row.shift))
        elif post:
            _lay_out_row(work, made, n, row, post)
    return made


def _post_of(work: Work, made: _Plan, n: int, row: PatternRow) -> str:
    """Return the post of a row; empty, and a conflict, where it is none of the roster's."""
    if not row.post and len(made.posts) == 1:
        return made.posts[0]
    if row.post in made.posts:
        return row.post
    post = post_name(work.session, made.site.id, row.post, f"pattern.{n}.post")
    if post in made.posts:
        return post
    made.object_to(n, "post", None, RegistryError("the roster has no post {post}", 422, post=row.post))
    return ""


def _lay_out_row(work: Work, made: _Plan, n: int, row: PatternRow, post: str) -> None:
    for turn, day in enumerate(made.days):
        index = turn % len(row.guards)
        stint = stint_of(post, row.guards[index], day, made.times[row.shift], made.site.zone)
        trouble = made.stints.trouble(stint)
        if guard_of(work.session, made.site.id, stint.guard, stint.begins) is None:
            trouble = RegistryError("no guard of the site serves under badge {badge} then", 422, badge=stint.guard)
        if trouble:
            made.object_to(n, f"guards.{index}", day, trouble)
        else:
            made.stints.add(stint)
            made.fits.append(stint)


def _refuse_conflicts(made: _Plan) -> None:
    if not made.conflicts:
        return
    shown: dict[str, Any] = {"conflicts": [each.model_dump(mode="json") for each in made.conflicts[:SHOWN_MAX]]}
    words = "the roster has {count} conflicts: nothing was planned"
    raise RegistryError(words, 409, made.conflicts[0].field, shown, count=len(made.conflicts))
