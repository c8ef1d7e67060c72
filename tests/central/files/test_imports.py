"""Sheets go in over the API and at the machine: tried, done, stopped and gone on with; each fault by row and column."""

import csv
import io
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from central.audit.tables import AuditEntry
from central.files.sheets import read_sheet
from central.registry import Registry
from central.tables import Person, RuleChange, Vehicle
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.waiting import wait_until

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESIDENTS = """姓名,房号,类别,与房屋关系,手机号,权限组,车牌号码,门禁卡号,有效期至
李小明,3-1201,业主,业主,13800001111,住户; 车库,粤B·12D45、粤B66666,"0006550958; 099,63918",2027/12/31
王 红,3-1202,租户,,,住户,,0A0063E9AE,2026-06-30 12:00
"""


class Office:
    """Sends sheets and looks what became of them."""

    def __init__(self, client: httpx.Client, site: str) -> None:
        self.client, self.site = client, site

    def send(self, text: str | bytes, kind: str = "residents", status: int = 201, media: str = CSV, **asked: Any) -> Any:
        given = {"kind": kind, "site": self.site, **asked}
        content = text.encode() if isinstance(text, str) else text
        reply = self.client.post("/imports", params=given, content=content, headers={"Content-Type": media})
        assert reply.status_code == status, reply.text
        return reply.json()

    def done(self, text: str | bytes, kind: str = "residents", **asked: Any) -> Any:
        return self.ended(self.send(text, kind, **asked))

    def ended(self, run: Any) -> Any:
        def look() -> Any:
            now = self.client.get(f"/imports/{run['id']}").json()
            return now if now["state"] in {"done", "failed", "cancelled"} else None

        return wait_until(look, what="the end of an import")

    def faults(self, run: Any) -> list[Any]:
        found: list[Any] = self.client.get(f"/imports/{run['id']}/errors").raise_for_status().json()["items"]
        return found

    def list(self, kind: str, **asked: Any) -> list[Any]:
        found: list[Any] = self.client.get(f"/{kind}", params={"limit": 500, **asked}).raise_for_status().json()["items"]
        return found

    def export(self, kind: str, ending: str = "csv", language: str = "en", **asked: Any) -> bytes:
        headers = {"Accept-Language": language}
        return self.client.get(f"/exports/{kind}.{ending}", params=asked, headers=headers).raise_for_status().content

    def rows(self, kind: str, language: str = "zh") -> Any:
        with read_sheet(self.export(kind, language=language), "x.csv") as sheet:
            return [row.cells for row in sheet.rows]


@pytest.fixture
def office(admin: httpx.Client, site: str) -> Office:
    for name in ("住户", "车库"):
        admin.post("/levels", json={"site": site, "name": name, "grants": [{}]}).raise_for_status()
    return Office(admin, site)


def counts(run: Any) -> tuple[Any, ...]:
    return tuple(run[name] for name in ("state", "rows_total", "rows_done", "created", "changed", "unchanged", "errors"))


def test_residents_as_offices_have_them(office: Office) -> None:
    tried = office.done(RESIDENTS, dry_run=True)
    assert (counts(tried), office.list("persons")) == (("done", 2, 2, 2, 0, 0, 0), []), office.faults(tried)
    assert counts(office.done(RESIDENTS)) == ("done", 2, 2, 2, 0, 0, 0)
    li, wang = sorted(office.list("persons"), key=lambda each: str(each["unit"]))
    levels = {each["id"]: each["name"] for each in office.list("levels")}
    assert (li["name"], li["unit"], li["category"], li["phone"]) == ("李小明", "3-1201", "resident", "13800001111")
    assert {levels[each] for each in li["levels"]} == {"住户", "车库"}
    # A day is meant whole, in the zone of the site.
    assert (li["valid_until"], wang["valid_until"]) == ("2027-12-31T16:00:00Z", "2026-06-30T04:00:00Z")
    assert (wang["category"], [levels[each] for each in wang["levels"]]) == ("tenant", ["住户"])
    assert {each["plate"]: each["person_id"] for each in office.list("vehicles")} == {"粤B12D45": li["id"], "粤B66666": li["id"]}
    cards = {(each["raw"], each["bits"]): each["person_id"] for each in office.list("cards")}
    assert cards == {("0063F5AE", 32): li["id"], ("63F9AE", 24): li["id"], ("0A0063E9AE", 40): wang["id"]}
    # Again it changes nothing; columns that are not there leave what is; an empty cell empties it.
    assert counts(office.done(RESIDENTS)) == ("done", 2, 2, 0, 0, 2, 0)
    assert counts(office.done("name,unit,PHONE\n李小明,3-1201,\n陈一,3-9,\n")) == ("done", 2, 2, 1, 1, 0, 0)
    assert office.client.get(f"/persons/{li['id']}").json() == li | {"phone": "", "phone_tail": "", "version": 2}
    history = office.client.get(f"/persons/{li['id']}/history").json()["items"]
    assert [(each["act"], each["by_name"]) for each in history] == [("changed", "site_manager"), ("created", "site_manager")]
    # What goes out goes in again and changes nothing; of the workbook too.
    for kind, rows in (("residents", 3), ("persons", 3), ("vehicles", 2), ("cards", 3), ("levels", 2)):
        again = office.done(office.export(kind), kind)
        assert counts(again) == ("done", rows, rows, 0, 0, rows, 0), office.faults(again)
    book = office.done(office.export("residents", "xlsx"), media=XLSX, name="residents.xlsx")
    assert counts(book) == ("done", 3, 3, 0, 0, 3, 0), office.faults(book)


FAULTY = """name,unit,phone,levels,plates,cards,valid_from,valid_until
"=HYPERLINK(""http://x"",""y"")",1,,,,,,
<script>alert(1)</script>,2,,,,,,
a\u202eb,3,,,,,,
LONG,4,,,,,,
,5,,,,,,
六,6,,没有的组,,,,
七,7,,,··,,,
八,8,,,,ZZ,,
九,9,,,粤B00009,0000000009,,
十,10,,,粤B·00009,,,
十一,11,,,,9,,
十二,12,,,,"000,00009",,
十三,13,,,,00000009; 0x000009,,
九,9,,,,,,
十五,15,,,,,2026-02-01,2026-01-01
十六,16,,,,,2026-02-31,
十七,17,call me,,,,,
十八,18,,,粤B00018,,,
"""


@ON_ONE
def test_what_is_wrong_is_named_by_row_and_column(office: Office) -> None:
    text = FAULTY.replace("LONG", "长" * 300)
    held = {"site": office.site, "plate": "粤B00018", "person": None}
    other = office.client.post("/persons", json={"site": office.site, "name": "别人"}).json()["id"]
    office.client.post("/vehicles", json=held | {"person": other}).raise_for_status()
    stopped = office.done(text, stop_on_error=True)
    assert (stopped["state"], stopped["rows_done"], len(office.list("persons"))) == ("failed", 0, 1)
    tried = office.done(text, dry_run=True)
    done = office.done(text)
    assert counts(done)[3:] == counts(tried)[3:] == (4, 0, 0, 14), office.faults(done)
    faults = office.faults(done)
    assert faults == office.faults(tried) == office.faults(stopped)
    assert {(each["row"], each["column"]) for each in faults} == {
        *(
            (4, "A"),
            (5, "A"),
            (6, "A"),
            (7, "D"),
            (8, "E"),
            (9, "F"),
            (11, "E"),
            (12, "F"),
            (14, "F"),
            (15, "A"),
            (16, "H"),
            (17, "G"),
        ),
        *((18, "C"), (19, "E")),
    }
    by_row = {each["row"]: each for each in faults}
    assert by_row[15] | {"n": 0} == {
        "n": 0,
        "row": 15,
        "column": "A",
        "header": "name",
        "zh": "与第 10 行重复",
        "en": "the same stands in row 10 already",
    }
    assert all(each["zh"] != each["en"] for each in faults)
    table = office.client.get(f"/imports/{done['id']}/errors.csv", headers={"Accept-Language": "zh"}).content
    rows = list(csv.reader(io.StringIO(table.decode("utf-8-sig"))))
    assert (rows[0][:3], rows[1][:3], len(rows)) == (["行", "列", "列名"], ["4", "A", "name"], 15)
    # What would run in a spreadsheet is kept as it is and goes out quoted.
    assert {'=HYPERLINK("http://x","y")', "<script>alert(1)</script>"} <= {each["name"] for each in office.list("persons")}
    assert b"'=HYPERLINK" in office.export("persons")


@ON_ONE
def test_sheets_that_are_refused_at_once(office: Office, sign_in: Callable[[Role], httpx.Client]) -> None:
    for text, column in (
        ("name,role\nx,admin\n", "B"),
        ("name,姓名\nx,y\n", "B"),
        ("unit\n1\n", ""),
        ("", ""),
        ("name,\n,x\n", ""),
    ):
        refused = office.send(text, status=201 if column == "" and text.startswith("name") else 422)
        assert refused.get("column", "") == column
    untimed = (
        ("notices", "title\n停水\n"),
        ("whereabouts", "subject_kind,subject,destination\nstaff,张强,总部\n"),
        ("applicants", "name\n王\n"),
    )
    for kind, text in untimed:
        assert office.send(text, kind=kind, status=422)["en"].endswith("is missing")
    assert office.send("a", media="application/json", status=422)["field"] == "Content-Type"
    assert office.send("name\nx\n", kind="sites", status=404)["field"] == "kind"
    assert office.send("name\nx\n", kind="residents", status=422, site="01890000-0000-7000-8000-000000000000")["field"] == "site"
    assert office.send(b"PK\x03\x04broken", media=XLSX, name="x.xlsx", status=422)["field"] == "file"
    for role, kind, status in (("front_desk", "persons", 403), ("security_officer", "blocks", 201), ("guard", "blocks", 403)):
        client = sign_in(role)  # type: ignore[arg-type] # a role as text
        Office(client, office.site).send("plate,reason\n粤B00001,x\n" if kind == "blocks" else "name\nx\n", kind, status)
    assert client.get("/exports/persons.csv").status_code == 403
    assert client.get("/imports").json()["items"][0]["kind"] == "blocks"
    assert office.client.get("/exports/persons.csv", params={"colour": "x"}).json()["field"] == "colour"
    assert office.client.get("/exports/nothing.csv").status_code == 404
    told = office.client.post("/incidents", json={"site": office.site, "kind": "=1+1", "text": "x"}).raise_for_status().json()
    with read_sheet(office.export("incident"), "x.csv") as sheet:
        row = next(sheet.rows).cells
    assert (row["number"], row["kind"], row["state"]) == (told["number"], "=1+1", "open")


@ON_ONE
def test_all_kinds_go_out_and_in_by_their_names(office: Office) -> None:
    make = office.client.post
    site = {"site": office.site}
    gate = make("/gates", json=site | {"slug": "east", "name": "东门"}).json()["id"]
    lane = make(
        "/lanes", json=site | {"gate": gate, "slug": "in-1", "name": "", "lane_kind": "vehicle", "direction": "in"}
    ).json()
    span = {"days": [0, 7], "start": "08:00", "end": "18:00"}
    plan = make("/schedules", json=site | {"name": "白天", "spans": [span]}).json()["id"]
    grants = [{"lanes": [lane["id"]], "schedule": plan}]
    make("/levels", json=site | {"name": "装修/白天; 一", "grants": grants}).raise_for_status()
    for unit in ("1", "2"):
        make("/persons", json=site | {"name": "李/明", "unit": unit}).raise_for_status()
    make("/guards", json=site | {"name": "张强", "badge": "101", "pin": "246810"}).raise_for_status()
    for kind in ("gates", "lanes", "schedules", "levels", "persons", "guards"):
        sheet = office.export(kind)
        again = office.done(sheet, kind)
        assert counts(again)[3:6] == (0, 0, again["rows_total"]), (sheet.decode(), office.faults(again))
    assert "east/in-1" in office.export("levels").decode()
    vehicles = "车牌,车主,颜色\n粤B00001,李\\/明/1,蓝\n粤B00002,李\\/明,\n粤B00003,李\\/明/3,\n"
    run = office.done(vehicles, "vehicles")
    assert [(each["row"], each["column"]) for each in office.faults(run)] == [(3, "B"), (4, "B")]
    assert office.list("vehicles")[0]["colour"] == "blue"
    assert "李\\/明/1" in office.export("vehicles").decode()
    papers = "subject_kind,subject,document_kind\nperson,李\\/明/2,owner_consent\nunit,1,proof_of_title\ncompany,无此公司,other\n"
    run = office.done(papers, "documents")
    assert [(each["row"], each["column"]) for each in office.faults(run)] == [(4, "B")]
    assert [row["所属对象"] for row in office.rows("documents")] == ["李\\/明/2", "1"]
    assert counts(office.done(office.export("documents"), "documents"))[3:] == (0, 0, 2, 0)


WORKED = """名称,时段
白天,周一、周二、星期三 | 08:00 | 18:00； 节假日 | 09:00 | 12:00
夜间,Mon | 22:00 | 06:00
"""
GRANTED = """名称,授权
住户,|
白天,"east/in-1, west/in-1 | 进 | 白天; | 出"
"""
WRONG = """名称,授权
,west/in-1 | 朝东; west/没有 | 进 | 没有; east/没有
二,west/in-1 | 进 | 白天 | 多
三,"[{""lanes"": []}, {""direction"": ""up""}]"
"""


@ON_ONE
def test_a_clerk_writes_words_and_lists_of_parts_and_finds_them_again(office: Office) -> None:
    make = office.client.post
    site = {"site": office.site}
    for slug in ("east", "west"):
        gate = make("/gates", json=site | {"slug": slug, "name": slug}).json()["id"]
        lane = site | {"gate": gate, "slug": "in-1", "name": "入口", "lane_kind": "vehicle", "direction": "in"}
        make("/lanes", json=lane | {"two_person": True, "classes": ["car"], "inexact": ["resident", "vip"]}).raise_for_status()
    assert counts(office.done(WORKED, "schedules"))[3:] == (2, 0, 0, 0)
    day, night = (each["spans"] for each in office.list("schedules"))
    assert day == [{"days": [0, 1, 2], "start": "08:00", "end": "18:00"}, {"days": [7], "start": "09:00", "end": "12:00"}]
    assert night == [{"days": [0], "start": "22:00", "end": "06:00"}]
    done = office.done(GRANTED, "levels")
    assert counts(done)[3:] == (1, 0, 1, 0), office.faults(done)
    assert counts(office.done("日期,视为\n2026-10-01,节假日\n2026-10-10,周五\n", "special_days"))[3:] == (2, 0, 0, 0)
    assert [row["授权"] for row in office.rows("levels")] == [
        "| 双向",
        "| 双向",
        "east/in-1, west/in-1 | 进 | 白天; | 出",
    ]
    assert office.rows("schedules")[0]["时段"] == "周一, 周二, 周三 | 08:00 | 18:00; 节假日 | 09:00 | 12:00"
    lane_row = office.rows("lanes")[0]
    assert [lane_row[name] for name in ("双人规则", "允许车型", "容许近似车牌", "方向")] == ["是", "小型汽车", "住户; 贵宾", "进"]
    for kind in ("schedules", "levels", "lanes", "special_days"):
        for language in ("zh", "en"):
            again = office.done(office.export(kind, language=language), kind)
            assert counts(again)[3:] == (0, 0, again["rows_total"], 0), office.faults(again)
    faults = office.faults(office.done(WRONG, "levels", dry_run=True))
    nothing = "本小区没有此名称或编号的记录"
    assert [(each["row"], each["column"], each["zh"]) for each in faults] == [
        (2, "B", f"第 2 项，车道：{nothing}"),
        (2, "B", f"第 2 项，时间计划：{nothing}"),
        (2, "B", f"第 3 项，车道：{nothing}"),
        (2, "A", "必填"),
        (2, "B", "第 1 项，方向：只能是：进、出、双向"),
        (3, "B", "第 1 项：超过 3 部分"),
        (4, "B", "第 2 项，方向：只能是：进、出、双向"),
    ]


ONE_OWNER = "姓名,房号,身份证号\n王,1-101,440301199001011234\n王,2-202,440301199001011234\n"
TWO_HOMES = "住户,房号,与房屋关系\n王/1-101,1-101,业主\n王/1-101,2-202,业主\n"


@ON_ONE
def test_what_a_sheet_leaves_out_makes_nothing_twice_and_loses_nothing(office: Office) -> None:
    def told(kind: str, text: str) -> list[Any]:
        run = office.done(text, kind)
        assert counts(run)[3:] == (0, 0, 0, run["rows_total"]), office.faults(run)
        return [(each["row"], each["column"], each["en"]) for each in office.faults(run)]

    people = "name,unit,namesake,staff_number\n李小明,3-1201,大,\n李小明,3-1201,小,\n王芳,,,0007\n"
    denied = "name,phone,reason\n张三,13800001234,x\n"
    blocked = "raw,bits,reason\n0A0063E9,26,x\n"
    for kind, text in (("persons", people), ("denied_visitors", denied), ("blocks", blocked)):
        assert office.done(text, kind)["errors"] == 0
    by = "another record is told from this one by {header} only: the sheet needs that column"
    # Columns by which they are known were deleted: these are no others, and nobody can tell who is meant.
    wanted = [(2, "A", by.format(header="单元")), (3, "A", by.format(header="工号"))]
    assert told("persons", "姓名,同名区分\n李小明,大\n王芳,\n") == wanted
    assert told("persons", "姓名,房号\n李小明,3-1201\n") == [(2, "A", by.format(header="同名区分"))]
    assert told("denied_visitors", "姓名,原因\n张三,y\n") == [(2, "A", by.format(header="电话"))]
    assert told("blocks", "卡号,原因\n0x0A0063E9,y\n") == [(2, "A", by.format(header="位数"))]
    # A number in hex is told from one in digits: without its length it is no other card's, and Excel leaves its zeros.
    assert office.done("raw,bits\n00000012,26\n", "cards")["created"] == 1
    assert office.rows("cards")[0]["卡号"] == "0x00000012"
    assert told("cards", "卡号\n0x00000012\n") == [(2, "A", by.format(header="位数"))]
    assert office.done(office.export("cards"), "cards")["unchanged"] == 1
    # Of a telephone the end alone tells nobody who is meant.
    assert told("denied_visitors", "姓名,电话,原因\n张三,*1234,y\n")[0][2].startswith("of this only the end is kept")
    # With the column, if only empty, another one is meant; a staff number is one person's anyway.
    assert office.done("姓名,房号,同名区分,工号\n李小明,,,\n", "persons")["created"] == 1
    assert office.done("姓名,工号\n李小明,0008\n", "persons")["created"] == 1
    # A list of which there is nothing is no list that was left out.
    lane = "gate,slug,name,lane_kind,direction,goods_checks\n"
    office.client.post("/gates", json={"site": office.site, "slug": "east", "name": "东门"}).raise_for_status()
    assert office.done(f"{lane}east,in,进,vehicle,in,none\neast,out,出,vehicle,out,\n", "lanes")["created"] == 2
    assert [len(each["goods_checks"]) for each in office.list("lanes")] == [0, 5]
    for language in ("zh", "en"):
        assert office.done(office.export("lanes", language=language), "lanes")["unchanged"] == 2
    assert next(row["物品核查"] for row in office.rows("lanes")) == "无"


@ON_ONE
def test_one_owner_of_two_homes_is_one_person_once_both_are_residencies(office: Office) -> None:
    first = office.done(ONE_OWNER)
    assert counts(first)[3:] == (1, 0, 0, 1)
    [fault] = office.faults(first)
    assert (fault["row"], fault["column"], "residencies" in fault["zh"], "residencies" in fault["en"]) == (3, "B", True, True)
    assert counts(office.done(TWO_HOMES, "residencies"))[3:] == (2, 0, 0, 0)
    for again in (ONE_OWNER, ONE_OWNER.replace(",440301199001011234", ",")):
        assert counts(office.done(again))[3:] == (0, 0, 2, 0)
    assert [row["单元"] for row in office.rows("residents")] == ["1-101"]
    assert {row["住户"] for row in office.rows("residencies")} == {"王/1-101"}
    # Without an ID number nothing says that it is one person.
    assert counts(office.done("姓名,房号\n李,1-101\n李,2-202\n"))[3:] == (2, 0, 0, 0)


def test_cancelled_and_resumed(office: Office, registry: Registry) -> None:
    text = "name,unit,plates\n" + "".join(f"住户{n},{n},粤B{n:05}\n" for n in range(1200))
    run = office.send(text)
    path = f"/imports/{run['id']}"
    office.client.post(f"{path}/cancel")
    state = office.ended(run)
    if state["state"] == "cancelled":
        assert state["rows_done"] % 500 == 0
        office.client.post(f"{path}/resume").raise_for_status()
        wait_until(lambda: office.client.get(path).json()["state"] == "done", what="the import")
    assert office.client.post(f"{path}/resume").status_code == office.client.post(f"{path}/cancel").status_code == 409
    with registry.read() as work:
        for table in (Person, Vehicle):
            assert work.session.scalar(select(func.count()).select_from(table)) == 1200
        assert work.session.scalar(select(func.count()).where(AuditEntry.kind == "vehicles")) == 1200
        assert work.session.scalar(select(func.count()).where(RuleChange.kind == "person")) == 1200
