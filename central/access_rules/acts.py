"""What the office does with access rules besides changing records: statutory days of a year, and modes of lanes."""

from dataclasses import replace
from uuid import UUID

from access.statutory_days import ANNOUNCED, UnknownYearError, statutory_days
from central.access_rules.direct import writing_rules
from central.access_rules.schemas import (
    ModeWanted,
    SpecialDaysAsked,
    SpecialDayShown,
    SpecialDayWanted,
    StatutoryDaysShown,
    StatutoryDaysWanted,
)
from central.access_rules.services import special_days
from central.access_rules.tables import SpecialDay
from central.errors import RegistryError
from central.records import repository
from central.records.concurrency import check_seen
from central.records.schemas import PAGE_MAX
from central.records.services import Put
from central.registry import Work
from central.sites.schemas import LaneShown
from central.sites.services import lanes
from central.tables import Lane


def add_statutory_days(work: Work, wanted: StatutoryDaysWanted) -> StatutoryDaysShown:
    """Make the statutory days of a year special days of a site; RegistryError 422 where nobody knows them.

    Dates that are special days already stay as they are. Gates are told of all as one revision.
    """
    site = repository.site(work, wanted.site)
    try:
        announced = statutory_days(wanted.year)
    except UnknownYearError as error:
        words = "the statutory holidays of {year} are not known here, only those of {known}"
        raise RegistryError(words, 422, "year", year=wanted.year, known=", ".join(map(str, ANNOUNCED))) from error
    asked = SpecialDaysAsked(site=site.id, year=wanted.year, limit=PAGE_MAX)
    standing = {day.date: day for day in special_days.page(work, asked).items}
    missing = [
        SpecialDayWanted(site=site.id, date=day, counts_as=counts_as, name=name)
        for day, counts_as, name in announced
        if day not in standing
    ]
    with writing_rules(work.session):
        put = [_done(each) for each in special_days.put_many(work, site, missing)]
    otherwise = [standing[day] for day, counts_as, _ in announced if day in standing and standing[day].counts_as != counts_as]
    return StatutoryDaysShown(added=[_shown(work, done) for done in put], otherwise=otherwise)


def _done(put: Put[SpecialDay] | RegistryError) -> Put[SpecialDay]:
    if isinstance(put, RegistryError):
        raise put
    return put


def _shown(work: Work, done: Put[SpecialDay]) -> SpecialDayShown:
    return special_days.show(work, done.row)


def set_mode(work: Work, lane_id: UUID, wanted: ModeWanted, seen: int | None = None) -> LaneShown:
    """Set a lane's mode for a reason; RegistryError 404, and 409 unless the lane is as it was `seen` (None: any)."""
    row = repository.get(work, Lane, lane_id, changing=True)
    current = lanes.show(work, row).model_dump(mode="json")
    check_seen(work, lanes.kind, row.id, current, seen, {"mode": wanted.mode})

    def set_it() -> None:
        row.mode = wanted.mode

    return lanes.amend(replace(work, actor=replace(work.actor, reason=wanted.reason)), row, set_it)
