"""Sheets of duty go in and out: rosters, the duty log, what patrol readers have stored; each the same again changes nothing."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from central.at_machine import operator
from central.duty.log import duty_log
from central.duty.log_schemas import EntryWanted
from central.errors import RegistryError
from central.files import services
from central.files.running import run
from central.files.schemas import ImportWanted
from central.files.sheets import read_sheet
from central.files.tables import Import
from central.records.services import Put
from central.registry import Registry
from central.tables import Site
from central.users.rights import Role
from tests.central.files.test_imports import Office, counts

GUARDS = """姓名,工牌号,密码,状态
张强,101,246810,
李明,102,246810,
王刚,103,246810,
赵六,104,246810,注销
同名,105,246810,
同名,106,246810,
"""
ROSTER = """日期,班次,岗位,保安,备注
2027/3/1,早班,东门岗,张强,
2027-03-01,16:00–24:00,东门岗,102,替李明
2027-03-02,8:00-16:00,东门岗,103,
2027-03-03,夜班,西门岗,张强,
"""
MOVED = """day,shift,post,guards
2027-03-01,早班,东门岗,102
2027-03-01,中班,东门岗,101
"""
FAULTY = """日期,班次,岗位,保安
2027-03-01,晚班,北门岗,没有此人
2027-03-03,早班,东门岗,同名
2027-03-03,早班,东门岗,103
2027-03-03,中班,东门岗,
2027-03-03,早班,西门岗,103
2027-03-03,中班,西门岗,103
三月三日,夜班,西门岗,101
2026-01-05,早班,东门岗,102
2027-03-04,夜班,西门岗,104
2027-03-05,夜班,西门岗,张强、李明
"""
ENTRIES = """时间,岗位,记录人,类别,内容,已通知
2026-03-01 08:30,东门岗,张强,巡查,东侧灯坏,工程部; 王经理
2026-03-01 08:30,东门岗,102,note,钥匙在岗亭,
2026-03-01 08:30,东门岗,102,note,钥匙在岗亭,
"""


def rows_of(sheet: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"))))


def told(office: Office, run: Any) -> list[tuple[Any, ...]]:
    return [(each["row"], each["column"], each["en"]) for each in office.faults(run)]


def exported(office: Office, kind: str, language: str = "zh", **asked: Any) -> bytes:
    reply = office.client.get(f"/exports/{kind}.csv", params=asked, headers={"Accept-Language": language})
    return reply.raise_for_status().content


def unchanged(office: Office, kind: str, rows: int, language: str = "zh") -> list[list[str]]:
    """Look that what goes out goes in again and changes nothing."""
    sheet = exported(office, kind, language)
    again = office.done(sheet, kind)
    assert counts(again) == ("done", rows, rows, 0, 0, rows, 0), (sheet.decode(), office.faults(again))
    return rows_of(sheet)


def at_the_machine(registry: Registry, site: str, text: str, kind: str) -> Import:
    wanted = ImportWanted(kind=kind, site=UUID(site), name="x.csv")
    with registry.write(operator()) as work:
        begun = services.begin(work, wanted, text.encode(), by_server=False)
    run(registry, begun.id)
    with registry.read() as work:
        return work.session.get_one(Import, begun.id)


def check_rosters(office: Office, registry: Registry) -> None:
    tried = office.done(ROSTER, "rosters", dry_run=True)
    assert (counts(tried), office.list("shifts", day="2027-03-01")) == (("done", 4, 4, 4, 0, 0, 0), []), office.faults(tried)
    assert counts(office.done(ROSTER, "rosters")) == ("done", 4, 4, 4, 0, 0, 0)
    assert counts(office.done(ROSTER, "rosters")) == ("done", 4, 4, 0, 0, 4, 0)
    first, second = office.list("shifts", day="2027-03-01")
    assert (first["record"]["guard"], first["record"]["ends"], first["record"]["post_id"] != "") == (
        "101",
        "2027-03-01T16:00:00+08:00",
        True,
    )
    assert (second["record"]["name"], second["details"]) == ("中班", {"note": "替李明"})
    # Two may change places; without a column for notes they stay.
    for state in ("changed", "unchanged"):
        assert office.done(MOVED, "rosters")[state] == 2
    moved = office.list("shifts", day="2027-03-01")
    assert [(each["record"]["guard"], each["details"]["note"], each["version"]) for each in moved] == [
        ("102", "", 2),
        ("101", "替李明", 2),
    ]
    emptied = at_the_machine(registry, office.site, "日期,班次,岗位,保安,备注\n2027-03-01,中班,东门岗,张强,\n", "rosters")
    assert (emptied.changed, office.list("shifts", day="2027-03-01")[1]["details"]["note"]) == (1, "")
    faulty = office.done(FAULTY, "rosters", dry_run=True)
    assert counts(faulty)[3:] == (1, 0, 0, 9), office.faults(faulty)
    assert told(office, faulty) == FAULTS
    assert counts(office.done(FAULTY, "rosters"))[3:] == (1, 0, 0, 9)
    office.client.post(f"/shifts/{moved[0]['id']}/cancel", json={"reason": "x"}).raise_for_status()
    sheet = unchanged(office, "rosters", 5)
    assert sheet[0] == ["日期", "班次", "岗位", "保安", "备注"]
    assert sheet[1] == ["2026-01-05", "早班", "东门岗", "张强", ""]
    assert len(rows_of(exported(office, "rosters", guard="103"))) == 3


FAULTS = [
    (2, "B", "the site has no shift 晚班"),
    (2, "C", "the site has no post 北门岗"),
    (2, "D", "the site has no guard 没有此人"),
    (3, "D", "more than one guard is called 同名: give the badge"),
    (5, "D", "must be given"),
    (8, "A", "must be a date, such as 2026-03-01"),
    (11, "D", "one guard serves in a shift at a post: put a second post on record"),
    (6, "D", "guard 103 is at post 东门岗 at that time"),
    (7, "D", "guard 103 would have less than 8 hours of rest"),
    (9, "D", "the shift has begun, or is over: a sheet does not change its guard"),
    (10, "D", "no guard of the site serves under badge 104 then"),
]


def check_duty_log(office: Office) -> None:
    assert counts(office.done(ENTRIES, "duty_log")) == ("done", 3, 3, 2, 0, 1, 0)
    assert counts(office.done(ENTRIES, "duty_log")) == ("done", 3, 3, 0, 0, 3, 0)
    entries = office.list("duty-log")
    assert [(each["guard"], each["at"], each["told"]) for each in entries] == [
        ("101", "2026-03-01T00:30:00Z", ["工程部", "王经理"]),
        ("102", "2026-03-01T00:30:00Z", []),
    ]
    # Under the name of a user, and twice the very same, as only the API lets them be.
    for _ in range(2):
        by_user = {"site": office.site, "post": "东门岗", "entry_kind": "事件", "text": "=1+1", "at": "2026-03-01T00:40:00Z"}
        office.client.post("/duty-log", json=by_user | {"corrects": entries[0]["id"]}).raise_for_status()
    unchanged(office, "duty_log", 4, "en")
    assert len(rows_of(exported(office, "duty_log", guard="101"))) == 2
    post = next(each for each in office.list("posts") if each["name"] == "东门岗")
    office.client.put(f"/posts/{post['id']}", json={"site": office.site, "name": "东大门岗"}).raise_for_status()
    unchanged(office, "duty_log", 4)
    wrong = ENTRIES.replace("张强", "李四").replace("2026-03-01 08:30,东门岗,102", "2199-01-01,东大门岗,103", 1)
    wrong = wrong.replace("102,note,钥匙在岗亭,", "103,note,钥匙在岗亭,")
    run = office.done(wrong, "duty_log")
    assert [each[:2] for each in told(office, run)] == [(2, "C"), (3, "A"), (4, "C")]
    assert told(office, run)[2][2] == "an entry of the duty log is never changed: add one that corrects it"
    office.send("岗位,类别,内容\n东门岗,note,x\n", "duty_log", 422)


def check_that_a_refused_entry_hinders_no_other(registry: Registry, site: str) -> None:
    entry = EntryWanted(site=UUID(site), post="没有岗", at=datetime(2026, 3, 1, tzinfo=UTC), entry_kind="事件", text="x")
    with registry.write() as work:
        wanted = [entry, entry.model_copy(update={"post": "西门岗"})]
        refused, put = duty_log.put_many(work, work.session.get_one(Site, UUID(site)), wanted)
    assert isinstance(refused, RegistryError)
    assert (refused.field, isinstance(put, Put)) == ("post", True)


def begun_by_sheet(office: Office) -> str:
    """Begin a round by a sheet; returns its path."""
    sheet = "巡更路线,保安,开始时间\n夜间路线,张强,2026-03-01 20:00\n"
    for acts in ((1, 0, 0, 0), (0, 0, 1, 0)):
        assert counts(office.done(sheet, "patrol_rounds"))[3:] == acts
    wrong = "route,guard,begun_at,result\n没有,101,2026-03-01 20:00,\n夜间路线,109,x,\n夜间路线,101,2199-01-01,\n"
    run = office.done(wrong + "夜间路线,101,2026-03-01 20:01,on time\n", "patrol_rounds")
    assert [each[:2] for each in told(office, run)] == [(2, "A"), (3, "C"), (3, "B"), (4, "C"), (5, "D")]
    assert counts(run)[3:] == (0, 0, 0, 4)
    [begun] = office.list("patrol-rounds")
    return f"/patrol-rounds/{begun['id']}"


def check_patrols(office: Office) -> None:
    make, site = office.client.post, {"site": office.site}
    points = [make("/patrol-points", json=site | {"name": f"点{n}", "code": f"0{n}"}).json()["id"] for n in (1, 2, 3)]
    # A route names its points by their codes.
    assert counts(office.done("名称,巡更点\n夜间路线,01 | 10; 02 | 20; 03 | 30\n", "patrol_routes"))[3:] == (1, 0, 0, 0)
    [route] = office.list("patrol-routes")
    assert [stop["point"] for stop in route["stops"]] == points
    assert unchanged(office, "patrol_routes", 1)[1][1] == "01 | 10; 02 | 20; 03 | 30"
    place = begun_by_sheet(office)
    begun = site | {"route": route["id"], "guard": "102", "at": "2026-03-01T12:00:00.5Z"}
    make(f"{place}/visits", json={"code": "02", "at": "2026-03-01T12:25:00Z"}).raise_for_status()
    make(f"{place}/end", json={"at": "2026-03-01T12:40:00Z"}).raise_for_status()
    # The second point was read in time, as the reader knows; the round is over by now.
    readings = "巡更点编号,保安,巡更时间\n02,张强,2026-03-01 20:15\n01,101,2026-03-01 20:05\n01,101,2026-03-01 20:05:30\n"
    for tried in ({"dry_run": True}, {}):
        assert counts(office.done(readings, "patrol_readings", **tried)) == ("done", 3, 3, 1, 1, 1, 0)
    shown = office.client.get(place).json()
    assert (shown["missed"], shown["late"], shown["left"]) == (1, 0, 1)
    wrong = "code,guard,at\n09,101,2026-03-01 20:05\n03,102,2026-03-01 20:05\n03,101,2026-03-01 21:00\n03,李四,x\n"
    run = office.done(wrong, "patrol_readings")
    assert [each[:2] for each in told(office, run)] == [(5, "C"), (5, "B"), (2, "A"), (3, "C"), (4, "C")]
    unchanged(office, "patrol_readings", 2)
    make("/patrol-rounds", json=begun).raise_for_status()
    for language in ("zh", "en"):
        unchanged(office, "patrol_rounds", 6, language)
    sheet = rows_of(exported(office, "patrol_rounds", guard="101"))
    assert sheet[0][-6:] == ["巡更点编号", "巡更点", "应到时间", "实到时间", "结果", "备注"]
    assert [(row[2], row[3], row[7], row[10]) for row in sheet[1:]] == [
        ("夜间路线", "张强", "点1", "按时"),
        ("夜间路线", "张强", "点2", "按时"),
        ("夜间路线", "张强", "点3", "漏检"),
    ]
    with read_sheet(office.export("patrol_rounds", "xlsx", guard="101"), "x.xlsx") as book:
        assert [row.cells["result"] for row in book.rows] == ["on time", "on time", "missed"]


def test_duty_in_sheets(admin: httpx.Client, registry: Registry, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    office = Office(admin, site)
    assert counts(office.done(GUARDS, "guards"))[3:6] == (6, 0, 0)
    for post in ("东门岗", "西门岗"):
        admin.post("/posts", json={"site": site, "name": post}).raise_for_status()
    past = {"site": site, "days": ["2026-01-05"], "posts": ["东门岗"], "pattern": [{"shift": "早班", "guards": ["101"]}]}
    admin.post("/rosters/plan", json=past).raise_for_status()
    check_rosters(office, registry)
    Office(sign_in("guard"), site).send(ROSTER, "rosters", 403)
    check_duty_log(office)
    check_that_a_refused_entry_hinders_no_other(registry, site)
    check_patrols(office)
