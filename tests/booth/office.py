"""The office during the walks: what it prepares besides, and what its records have become of what guards did."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from simulators.demo.office_day import OfficeDay
from simulators.demo.site import DemoSite
from simulators.estate import Guard

TOMORROW = timedelta(hours=20)  # a test may begin just before midnight


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the office has prepared for the walks, as its API tells it."""

    site: DemoSite
    office: OfficeDay
    found: dict[str, Any]
    coded: dict[str, Any]
    code: str
    workers: list[dict[str, Any]]
    slip: dict[str, Any]
    mismatch: dict[str, Any]
    leader: Guard


def prepare(site: DemoSite, office: OfficeDay) -> Prepared:
    """Put in what the walks need beside the day of the demonstration."""
    until = (datetime.now(UTC) + TOMORROW).isoformat()
    coded = office.visit("上官云飞", "13911113579")
    vehicle = site.estate.residents[3].plate
    assert vehicle, "residents have vehicles"
    leader = Guard("郑班长", "1010", "918273")
    office.guard(leader.name, leader.badge, leader.pin, is_leader=True)
    return Prepared(
        site=site,
        office=office,
        found=office.visit("欧阳小林", "13911112468", party=3),
        coded=coded,
        code=office.code(coded["id"]),
        workers=sorted(office.listed("passes"), key=lambda each: str(each["number"])),
        slip=office.slip("钱多多", [("书柜", "1", "件"), ("纸箱", "12", "件")], plates=[vehicle.text], valid_until=until),
        mismatch=office.slip("孙小明", [("电视", "1", "台")], valid_until=until),
        leader=leader,
    )


def on_duty(site: DemoSite, office: OfficeDay) -> tuple[str, Guard, Guard]:
    """Return the shift that it is now, its guard, and another who relieves."""
    now = datetime.now(UTC)
    planned = ((shift["id"], shift["record"]) for shift in office.listed("shifts"))
    shift, badge = next((each, one["guard"]) for each, one in planned if _moment(one["begins"]) <= now < _moment(one["ends"]))
    guards = (*site.estate.guards, site.leader)
    guard = next(guard for guard in guards if guard.badge == badge)
    return shift, guard, next(other for other in guards if other is not guard)


def _moment(told: str) -> datetime:
    return datetime.fromisoformat(told)
