"""What workflows move goes in by sheets too: rows open records, their notes are changed by number, nothing is opened twice."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from central.actors import Actor
from central.files import running, services
from central.files.cells import unquoted
from central.files.openings import OpeningSheet
from central.files.schemas import ImportWanted
from central.goods.services import slips
from central.registry import Registry
from central.users.rights import Role
from central.workflows.routes import OPENINGS
from central.workflows.schemas import FlowAsked
from tests.central.contractors.agreed import PAPERS, done
from tests.central.databases import ON_ONE
from tests.central.files.test_imports import Office, counts

NOW = datetime.now(UTC).replace(microsecond=0)
BEGIN, END, LATER = ((NOW + timedelta(hours=hours)).isoformat() for hours in (-1, 4, 5))
GOODS = "沙发 | 2 | 件; 茶几 | 1"
SPAN = {"days": [0, 1, 2, 3, 4, 5, 6, 7], "start": "00:00", "end": "24:00"}
CHANGES = json.dumps([{"kind": "schedules", "id": None, "wanted": {"name": "NAME", "spans": [SPAN]}}])
Row = dict[str, str]
# Of each kind what stands in both rows, what tells the second from the first, and a note with another value than they have.
KINDS: Mapping[str, tuple[Row, Row, tuple[str, str]]] = {
    "permit": (
        {
            "owner": "王芳/3-1201",
            "firm": "明亮装饰",
            "responsible": "明亮\\/李师傅",
            "units": "3-1202; 3-1203",
            "workers": "2",
            "phone": "13800138000",
        }
        | {"valid_from": BEGIN, "valid_until": LATER, "schedule": "白天", "company": "湖畔贸易"},
        {"workers": "3"},
        ("works", "水电"),
    ),
    "visit": (
        {
            "category": "appointment",
            "host_person": "李小明/3-1201",
            "deputies": "王芳/3-1201",
            "gates": "east",
            "plates": "粤B12345",
        }
        | {"valid_until": END, "name": "张伟", "phone": "13800138000", "document": "passport"},
        {"host_person": "", "host_unit": "3-1201"},
        ("purpose", "送货"),
    ),
    "release_slip": (
        {"right": "tenant", "applicant": "王芳", "plates": "粤B12345", "unit": "3-1201", "phone": "13800138000", "lines": GOODS},
        {"applicant": "李小明"},
        ("remark", "走货梯"),
    ),
    "parking_permits": (
        {"kind": "non_motor_permit", "bound_to": "F123456", "person": "李小明/3-1201", "valid_until": END, "valid_from": BEGIN},
        {"person": "", "holder": "访客中心"},
        ("space", "B-17"),
    ),
    "incident": (
        {"kind": "=fence", "place": "north", "text": "围栏破损", "told": "李小明; 王芳", "gate": "east"},
        {"kind": "door"},
        ("due", "2027-01-31"),
    ),
    "office_key": ({"unit": "3-1201", "label": "大门", "place": "A-1", "owner": "李小明"}, {"label": "储藏室"}, ("count", "3")),
    "rules_change": ({"changes": CHANGES, "title": "夜间"}, {"changes": CHANGES.replace("NAME", "晚间")}, ("remark", "试行")),
    "contractor_pass": (
        {"permit": "", "id_number": "110101199003070134", "units": "3-1202", "valid_from": BEGIN, "valid_until": END}
        | {"name": "赵大勇", "phone": "13800138000", "trade": "mason"},
        {"id_number": "", "person": "worker-2"},
        ("remark", "夜班"),
    ),
}


def written(rows: Sequence[Row]) -> str:
    """Return a sheet of these rows."""
    file = io.StringIO()
    writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def table_of(data: bytes) -> list[Row]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    return [{name: unquoted(text) for name, text in row.items()} for row in rows]


@pytest.fixture
def office(admin: httpx.Client, site: str) -> Office:
    made = {"site": site}
    for path, facts in (
        ("gates", {"slug": "east", "name": "东门"}),
        ("persons", {"name": "李小明", "unit": "3-1201"}),
        ("persons", {"name": "王芳", "unit": "3-1201"}),
        ("companies", {"name": "湖畔贸易", "company_kind": "contractor"}),
        ("schedules", {"name": "白天", "spans": [SPAN]}),
    ):
        admin.post(f"/{path}", json=made | facts).raise_for_status()
    return Office(admin, site)


def approved(office: Office) -> str:
    """Let the first permit be in force; returns its number."""
    permit = office.list("permits")[0]
    place = f"/permits/{permit['id']}"
    done(office.client, place, "submit")
    done(office.client, place, "check-papers", papers=PAPERS)
    done(office.client, place, "note-fees", fees="已缴", deposit="无")
    done(office.client, place, "approve")
    number: str = permit["number"]
    return number


def exported(client: httpx.Client, kind: str, language: str = "en") -> bytes:
    return client.get(f"/exports/{kind}.csv", headers={"Accept-Language": language}).raise_for_status().content


def test_every_workflow_goes_in_and_out(office: Office, database_url: str) -> None:
    assert KINDS.keys() == OPENINGS.keys()
    # What hangs on the database is the same for all.
    tried = KINDS if database_url.startswith("sqlite") else {kind: KINDS[kind] for kind in ("permit", "contractor_pass")}
    for kind, (both, other, (note, value)) in tried.items():
        first = both | {"permit": approved(office)} if "permit" in both else both
        made = office.done(written([dict.fromkeys(other, "") | first, first | other]), kind)
        assert counts(made) == ("done", 2, 2, 2, 0, 0, 0), (kind, office.faults(made))
        if kind == "permit":
            owners = {each["name"]: each["id"] for each in office.list("persons")}
            terms = [each["record"]["terms"] for each in office.list("permits")]
            assert {(each["owner"], each["responsible"]) for each in terms} == {(owners["王芳"], "明亮/李师傅")}
        # What goes out goes in again and changes nothing, in Chinese too.
        again = office.done(exported(office.client, kind, "zh"), kind)
        assert counts(again)[3:] == (0, 0, 2, 0), (kind, office.faults(again))
        # With its number a row changes the notes on a record; the row that opened one is known again.
        before = table_of(exported(office.client, kind))
        plain = both.keys() - {"valid_from", "valid_until", "phone", "id_number", "changes", "permit"}
        assert {name: before[0][name] for name in plain} == {name: both[name] for name in plain}
        noted = before[0] | {note: value}
        known = dict.fromkeys(noted, "") | first | other
        mixed = office.done(written([known, noted]), kind)
        assert counts(mixed)[3:] == (0, 1, 1, 0), (kind, office.faults(mixed))
        after = table_of(exported(office.client, kind))
        assert after == [noted | {"changed_at": after[0]["changed_at"]}, before[1]], kind


@ON_ONE
def test_what_is_wrong_is_named_and_nothing_is_lost(office: Office, sign_in: Callable[[Role], httpx.Client]) -> None:
    visit = KINDS["visit"][0] | {"host_unit": "", "state": "", "number": ""}
    office.done(written([visit, visit | {"name": "王五"}, visit | {"name": "赵六"}]), "visit")
    stand = {row["name"]: row for row in table_of(exported(office.client, "visit"))}
    known, other, third = ({name: stand[who][name] for name in visit} for who in ("张伟", "王五", "赵六"))
    table = [
        (visit | {"name": "新"}, ""),
        (visit | {"name": "新"}, "row"),
        (visit | {"category": "nobody"}, "category"),
        (visit | {"host_person": "没有/1"}, "host_person"),
        (visit | {"name": "钱七", "host_unit": "3-1201"}, "host_person"),
        (visit | {"state": "approved"}, "state"),
        (visit | {"number": "V999999"}, "number"),
        (visit | {"phone": "call me"}, "phone"),
        (visit | {"valid_until": BEGIN}, "valid_until"),
        (visit | {"name": ""}, "name"),
        (known | {"category": "delivery", "purpose": "x"}, "category"),
        (other | {"state": "approved", "valid_until": ""}, "state valid_until"),
        # Excel leaves the seconds out where it shows none, and writes an end at midnight with its hour.
        (third | {"phone": "13900139000", "valid_until": third["valid_until"].rpartition(":")[0]}, ""),
        (third, "number"),
    ]
    sheet = written([row | {"purpose": row.get("purpose", "")} for row, _ in table])
    letters = {name: chr(ord("A") + at) for at, name in enumerate([*visit, "purpose"])}
    expected = {(n, letters.get(name, "")) for n, (_, wrong) in enumerate(table, start=2) for name in wrong.split()}
    tried, done_so = (office.done(sheet, "visit", dry_run=dry) for dry in (True, False))
    assert {(each["row"], each["column"]) for each in office.faults(done_so)} == expected
    assert office.faults(tried) == office.faults(done_so)
    assert counts(tried)[3:] == counts(done_so)[3:] == (1, 1, 0, 12)
    assert all(each["zh"] != each["en"] for each in office.faults(done_so))
    # Who does not see a telephone changes none by sending back what he sees.
    guard = sign_in("guard")
    seen = exported(guard, "visit")
    assert b"13900139000" not in seen
    assert counts(Office(guard, office.site).done(seen, "visit"))[3:] == (0, 0, 4, 0)
    assert b"13900139000" in exported(office.client, "visit")
    # Rights are those of the routes, the narrower ones too.
    assert Office(guard, office.site).send("unit,label\n1,x\n", "office_key", 403)["status"] == 403
    permit = {name: text for name, text in KINDS["permit"][0].items() if name not in {"schedule", "company"}}
    refused = Office(guard, office.site).done(written([permit]), "permit")
    assert counts(refused)[3:] == (0, 0, 0, 1)
    assert office.send("unit\n1\n", "office_key", 422)["en"].endswith("is missing")
    unknown = KINDS["contractor_pass"][0] | {"permit": "R1"}
    passes = office.done(written([unknown]), "contractor_pass")
    assert [each["column"] for each in office.faults(passes)] == ["A"]


@ON_ONE
def test_stopped_in_the_middle_it_goes_on(registry: Registry, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OpeningSheet, "rows_per_chunk", 2)
    operator = Actor("root", "machine")
    leader = Actor("zhang.qiang", "shift_leader", badge="101")
    data = written([{"applicant": f"住户{n}", "lines": GOODS} for n in range(5)]).encode()
    wanted = ImportWanted(kind="release_slip", site=UUID(site), name="slips.csv")

    def begun(actor: Actor, rows: bytes) -> UUID:
        with registry.write(actor) as work:
            return services.begin(work, wanted, rows, by_server=False).id

    def so_far(import_id: UUID) -> tuple[int, int, int, list[str]]:
        with registry.read(operator) as work:
            row = services.get(work, import_id)
            made = [each.record.drafted_by for each in slips.page(work, FlowAsked()).items]
            return row.rows_done, row.created, row.unchanged, made

    turns = iter((True, False))
    import_id = begun(leader, data)
    running.run(registry, import_id, wanted=lambda: next(turns))
    # Who acts under a badge does so in a sheet too: nobody checks what he wrote himself.
    assert so_far(import_id) == (2, 2, 0, ["101"] * 2)
    running.run(registry, import_id)
    assert so_far(import_id) == (5, 5, 0, ["101"] * 5)
    # At the machine the office acts; what is there stays what it is.
    again = begun(operator, data + "新,桌子 | 1\n".encode())
    running.run(registry, again)
    assert so_far(again) == (6, 1, 5, [*["101"] * 5, "root"])
