"""What a site has set of how its office works: kinds of visitors, shifts, equipment, deadlines."""

from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy.orm import Session

from access.contract.record_fields import Clock
from access.workflows.visit import CATEGORIES
from access.workflows.words import WORDS
from central.audit import services as audit
from central.places.tables import SiteSettingsRow
from central.records.concurrency import check_seen
from central.records.repository import of_site
from central.records.schemas import Line, OfSiteShown, Wanted
from central.registry import Work
from central.sites.existing import existing_site
from central.tables import Gate, Schedule

KIND = "site_settings"
NamedT = TypeVar("NamedT", "VisitorCategory", "Coded", "DailyShift")
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Word = Annotated[Line, Field(min_length=1, max_length=40)]
Obligation = Annotated[Line, Field(min_length=1, max_length=40)]
# When a shift begins is never called 24:00.
Begin = Annotated[str, Field(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d$")]


class Choice(Wanted):
    """A choice in both languages."""

    zh: Word
    en: Word


class Coded(Choice):
    """A choice in both languages, and the code that is kept of it."""

    code: Code


class VisitorCategory(Coded):
    """A kind of visitor: what must be done before it comes in, and whether it may come in at all.

    `standing_rule`: guards let it in by a rule of the site, as couriers or repairs, with no word of the host.
    """

    obligations: Annotated[tuple[Obligation, ...], Field(max_length=10)] = ()
    admitted: bool = True
    standing_rule: bool = False


class DailyShift(Wanted):
    """A shift of every day, in the site's zone; an end that is not after the start lies on the following day."""

    name: Word
    start: Begin
    end: Clock


def _once(items: tuple[NamedT, ...]) -> tuple[NamedT, ...]:
    names = {item.name if isinstance(item, DailyShift) else item.code for item in items}
    if len(names) < len(items):
        raise ValueError("names one thing twice")
    return items


def _worded(code: str) -> dict[str, str]:
    zh, en = WORDS[code]
    return {"code": code, "zh": zh, "en": en}


_CATEGORIES = tuple(
    VisitorCategory(**_worded(each.code), obligations=each.obligations, admitted=each.admitted) for each in CATEGORIES
)
_SHIFTS = (
    DailyShift(name="早班", start="08:00", end="16:00"),
    DailyShift(name="中班", start="16:00", end="24:00"),
    DailyShift(name="夜班", start="00:00", end="08:00"),
)
_EQUIPMENT = (
    Coded(code="radio", zh="对讲机", en="radio"),
    Coded(code="charger", zh="充电器", en="charger"),
    Coded(code="battery", zh="电池", en="battery"),
    Coded(code="torch", zh="手电筒", en="torch"),
    Coded(code="baton", zh="警棍", en="baton"),
    Coded(code="helmet", zh="头盔", en="helmet"),
    Coded(code="cleanliness", zh="岗位卫生", en="cleanliness of the post"),
)
_OPENING_REASONS = (
    Choice(zh="车牌未能识别", en="plate not read"),
    Choice(zh="卡或码无法读取", en="card or code not read"),
    Choice(zh="访客或送货已核实", en="visitor or delivery confirmed"),
    Choice(zh="急救、消防、警务车辆", en="ambulance, fire service, police"),
    Choice(zh="设备故障或检修", en="fault or maintenance of equipment"),
    Choice(zh="其他", en="other"),
)


class SiteSettings(Wanted):
    """What a site may set, all with the field's own defaults.

    `host_answer_minutes`: how long a host has to answer. `visit_hours_max`: the longest window of a visit. `shifts`, `equipment`:
    what rosters and handovers go by. `work_hours_schedule`: when contractors may work (none: at any hour of their permit).
    `holds_duplicates_anywhere`: a contractor may leave by another post than the one that holds the duplicate.
    `permit_days_warning`: how long before its end a permit or pass warns.
    `slip_valid_until_hour`: when a goods slip ends on its day. `card_bytes_reversed`: the bytes of a card's number are printed on
    it the other way round. `rules_need_second_person`: who drafted a rules change cannot approve it, and levels, schedules,
    special days and zones are changed in no other way.
    `code_reuse`, `home_gate`: which gate lets in by itself with a pass that is good at several (see docs/passes.md).
    `turning_codes`: whose codes turn on the phone, so that a picture of one is old soon.
    """

    visitor_categories: Annotated[tuple[VisitorCategory, ...], Field(min_length=1, max_length=50), AfterValidator(_once)] = (
        _CATEGORIES
    )
    host_answer_minutes: Annotated[int, Field(ge=1, le=1440)] = 10
    visit_hours_max: Annotated[int, Field(ge=1, le=24 * 366)] = 72
    rules_need_second_person: bool = False
    shifts: Annotated[tuple[DailyShift, ...], Field(min_length=1, max_length=12), AfterValidator(_once)] = _SHIFTS
    equipment: Annotated[tuple[Coded, ...], Field(max_length=50), AfterValidator(_once)] = _EQUIPMENT
    permit_days_warning: Annotated[int, Field(ge=0, le=365)] = 7
    work_hours_schedule: UUID | None = None
    holds_duplicates_anywhere: bool = False
    slip_valid_until_hour: Clock = "24:00"
    card_bytes_reversed: bool = False
    seconds_between_gates: Annotated[int, Field(ge=0, le=3600)] = 60
    code_reuse: Literal["strict", "lenient"] = "lenient"
    home_gate: UUID | None = None
    turning_codes: Annotated[tuple[Literal["visit"], ...], Field(max_length=1)] = ()
    manual_opening_reasons: Annotated[tuple[Choice, ...], Field(min_length=1, max_length=50)] = _OPENING_REASONS


class SettingsShown(SiteSettings, OfSiteShown):
    """The settings of a site and their version (0: nobody has set anything yet); their `id` is the site's."""


def settings_of(session: Session, site_id: UUID) -> SiteSettings:
    """Return what a site has set; the defaults where it has set nothing."""
    row = session.get(SiteSettingsRow, site_id)
    return SiteSettings() if row is None else SiteSettings.model_validate(row.data)


def get_settings(work: Work, site_id: UUID) -> SettingsShown:
    """Show the settings of a site; RegistryError 404."""
    return _shown(work, existing_site(work, site_id).id)


def change_settings(work: Work, site_id: UUID, wanted: SiteSettings, seen: int | None = None) -> SettingsShown:
    """Make the settings what is wanted, as a whole; RegistryError 404, and 409 unless they are as `seen` (None: any)."""
    site = existing_site(work, site_id, changing=True)
    was = _shown(work, site.id).model_dump(mode="json")
    check_seen(work, KIND, site.id, was, seen, wanted.model_dump(mode="json"))
    if wanted.work_hours_schedule is not None:
        of_site(work.session, Schedule, wanted.work_hours_schedule, site.id, "work_hours_schedule")
    if wanted.home_gate is not None:
        of_site(work.session, Gate, wanted.home_gate, site.id, "home_gate")
    row = work.session.get(SiteSettingsRow, site.id)
    if row is None:
        row = SiteSettingsRow(site_id=site.id, version=0, data={})
        work.session.add(row)
    facts = wanted.model_dump(mode="json")
    if row.data != facts:
        row.data, row.work_hours_schedule_id, row.home_gate_id = facts, wanted.work_hours_schedule, wanted.home_gate
        row.version += 1
        audit.note(work, KIND, site.id, site.id, "changed", version=row.version, before=was, after=was | facts)
    work.session.flush()
    return _shown(work, site.id)


def _shown(work: Work, site_id: UUID) -> SettingsShown:
    row = work.session.get(SiteSettingsRow, site_id)
    settings = settings_of(work.session, site_id)
    return SettingsShown(id=site_id, site_id=site_id, version=row.version if row else 0, **dict(settings))
