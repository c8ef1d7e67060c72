"""Persons with all that the office keeps of them, companies and documents, over the API."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from central.errors import RegistryError
from central.people.schemas import PersonWanted
from central.people.services import persons
from central.registry import Registry, Work
from central.schema import metadata
from central.tables import Site
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.gate import Gate
from tests.central.serving import waits_for_lock
from tests.waiting import wait_until

ID_NUMBER = "11010519491231002X"
NOBODY = "01890000-0000-7000-8000-000000000000"


def make(office: httpx.Client, site: str, kind: str, **facts: Any) -> str:
    made: str = office.post(f"/{kind}", json={"site": site} | facts).raise_for_status().json()["id"]
    return made


def ids(reply: httpx.Response) -> list[str]:
    return [item["id"] for item in reply.raise_for_status().json()["items"]]


def test_a_person_with_everything(admin: httpx.Client, site: str, gate: Gate) -> None:
    firm = make(admin, site, "companies", name="湖畔物业", company_kind="property", phone="0755-88886666", responsible="赵经理")
    facts = {"name": "王强", "unit": "服务中心", "category": "staff", "staff_number": "A-017", "department": "工程部"}
    marks = {"vip": True, "vip_note": "业委会主任", "escorted": True, "first_person": True, "relation": "owner", "remark": "夜班"}
    wanted = {"site": site, "company": firm, "phone": "138 0013 8000", **facts, **marks}
    made = admin.post("/persons", json=wanted).json()
    assert made.items() >= (facts | marks | {"phone": "13800138000", "phone_tail": "8000", "company_id": firm}).items()
    [told] = [upsert.record for upsert in gate.rules("since=0").upserts if upsert.record.kind == "person"]
    assert (told.name, told.escorted, told.first_person) == ("王*", True, True)
    for asked in ({"company_id": firm}, {"phone_tail": "8000"}, {"staff_number": "A-017"}, {"vip": True}, {"relation": "owner"}):
        assert ids(admin.get("/persons", params=asked)) == [made["id"]]
    assert ids(admin.get("/persons", params={"vip": False})) == []

    taken = admin.post("/persons", json={"site": site, "name": "王伟", "staff_number": "A-017"})
    assert (taken.status_code, taken.json()["zh"], taken.json()["field"]) == (409, "本小区已有人员使用此工号", "staff_number")
    for wrong, field in (
        ({"company": NOBODY}, "company"),
        ({"phone": "12"}, "phone"),
        ({"relation": "friend"}, "relation"),
        ({"id_hash": "00"}, "id_hash"),
        ({"id_number": "110105194912310021"}, "id_number"),
    ):
        refused = admin.post("/persons", json={"site": site, "name": "x", **wrong})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert admin.delete(f"/companies/{firm}").json()["en"].startswith("persons, vehicles or parking spaces of this")
    admin.delete(f"/persons/{made['id']}").raise_for_status()
    admin.delete(f"/companies/{firm}").raise_for_status()


def here(work: Work) -> Site:
    return work.session.scalars(select(Site)).one()


def everything(registry: Registry) -> str:
    """Return all that is in the database, and who knows where else."""
    with registry.read() as work:
        rows = [row for table in metadata.sorted_tables for row in work.session.execute(select(table))]
    return repr([[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in rows])


def test_an_id_number_is_kept_nowhere(
    admin: httpx.Client, site: str, registry: Registry, capfd: pytest.CaptureFixture[str]
) -> None:
    wanted = {"site": site, "name": "李小明", "id_number": "110105 19491231 002x"}
    made = admin.post("/persons", json=wanted, headers={"Idempotency-Key": "once"})
    person = made.json()
    assert person["id_tail"] == "002X"
    path = f"/persons/{person['id']}"
    assert admin.put(path, json={**wanted, "id_number": None, "remark": "改"}).json()["id_tail"] == "002X"
    stale = admin.put(path, json=wanted, headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    wrong = admin.post("/persons", json={**wanted, "id_number": ID_NUMBER[:-1] + "1"})
    assert (wrong.status_code, wrong.json()["errors"][0]["zh"]) == (422, "证件号码的校验码不对")

    asked = {"site": site, "id_number": ID_NUMBER.lower()}
    assert [found["id"] for found in admin.post("/persons/by-id-number", json=asked).json()] == [person["id"]]
    assert admin.post("/persons/by-id-number", json={**asked, "id_number": "E1234567"}).json() == []
    assert admin.post("/persons/by-id-number", json={**asked, "id_number": ""}).status_code == 422
    assert admin.post("/persons/by-id-number", json={**asked, "site": NOBODY}).json()["field"] == "site"

    said = [made.text, stale.text, wrong.text, admin.get(f"{path}/history").text, admin.get("/audit").text, *capfd.readouterr()]
    for kept in (everything(registry), *said):
        assert ID_NUMBER[:-1] not in kept
        assert "19491231" not in kept
    with registry.read() as work:
        assert work.hash_key.hex() not in repr(work)
    assert repr(registry.hash_key) not in everything(registry)

    assert admin.put(path, json={**wanted, "id_number": ""}).json()["id_tail"] == ""
    assert admin.post("/persons/by-id-number", json=asked).json() == []
    newest, *_ = admin.get(f"{path}/history").json()["items"]
    assert (newest["by_name"], newest["before"]["id_tail"], newest["after"]["id_tail"]) == ("site_manager", "002X", "")


def test_who_reads_people_may_ask_by_id_number(admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    person = make(admin, site, "persons", name="李小明", id_number=ID_NUMBER)
    asked = {"site": site, "id_number": ID_NUMBER}
    for role in ("front_desk", "security_officer", "auditor"):
        assert [found["id"] for found in sign_in(role).post("/persons/by-id-number", json=asked).json()] == [person]
    assert sign_in("guard").post("/persons/by-id-number", json=asked).status_code == 403
    asked_by = admin.get("/audit", params={"record": person, "act": "found by ID number"}).json()["items"]
    assert [entry["by_name"] for entry in asked_by] == ["auditor", "security_officer", "front_desk"]


def test_the_same_sheet_again_makes_nobody_twice(admin: httpx.Client, site: str, registry: Registry) -> None:
    moved, known, staff = (
        make(admin, site, "persons", name=name, unit="1-1", **facts)
        for name, facts in (
            ("李", {}),
            ("陈静", {"id_number": ID_NUMBER}),
            ("王强", {"staff_number": "A-017", "category": "staff"}),
        )
    )
    admin.post(f"/persons/{moved}/move-in", json={"unit": "2-2", "relation": "owner"}).raise_for_status()
    admin.post(f"/persons/{moved}/move-out", json={"unit": "1-1", "reason": "售房"}).raise_for_status()

    def put(*rows: dict[str, Any]) -> list[Any]:
        with registry.write() as work:
            wanted = [PersonWanted(site=UUID(site), **row) for row in rows]
            return persons.put_many(work, work.session.get_one(Site, UUID(site)), wanted)

    for row, unit in (
        ({"name": "李", "unit": "1-1"}, "2-2"),
        ({"name": "陈静", "unit": "5-5", "id_number": ID_NUMBER}, "1-1"),
    ):
        with pytest.raises(RegistryError) as refused:
            put(row)
        assert (refused.value.status_code, refused.value.field, unit in refused.value.message) == (409, "unit", True)
    with pytest.raises(RegistryError, match="named twice"):
        put(*({"name": name, "unit": "7-7", "id_number": "E1234567"} for name in ("甲", "乙")))
    done = put(
        {"name": "李", "unit": "1-1", "namesake": "子"},
        {"name": "陈静", "unit": "1-1", "id_number": ID_NUMBER},
        {"name": "王强", "unit": "工程部", "staff_number": "A-017", "category": "staff"},
        {"name": "陈静怡", "unit": "1-1"},
    )
    assert [each.act for each in done] == ["created", "unchanged", "changed", "created"]
    assert [str(each.row.id) for each in done[1:3]] == [known, staff]


@ON_ONE
def test_who_lives_in_two_units_is_one_person(admin: httpx.Client, site: str, registry: Registry) -> None:
    person = make(admin, site, "persons", name="陈静", unit="1-1", category="resident")
    admin.post(f"/persons/{person}/move-in", json={"unit": "2-2", "relation": "owner"}).raise_for_status()
    wanted = PersonWanted.model_validate({"site": site, "name": "陈静", "unit": "1-1", "category": "tenant", "vip": True})
    numbered = wanted.model_copy(update={"id_number": SecretStr(ID_NUMBER), "name": "陈静怡"})
    with registry.write() as work:
        done: Any
        renamed: Any
        [done] = persons.put_many(work, work.session.get_one(Site, UUID(site)), [wanted])
        assert (done.act, str(done.row.id), done.row.vip) == ("changed", person, True)
        assert (done.row.unit, done.row.relation, done.row.category) == ("2-2", "owner", "resident")
        assert persons.put(work, wanted.model_copy(update={"id_number": numbered.id_number})).id == done.row.id
        [renamed] = persons.put_many(work, work.session.get_one(Site, UUID(site)), [numbered])
        assert (renamed.row.id, renamed.row.name, renamed.row.unit) == (done.row.id, "陈静怡", "2-2")
    admin.post(f"/persons/{person}/move-out", json={"unit": "1-1", "reason": "售房"}).raise_for_status()
    with registry.write() as work, pytest.raises(RegistryError, match="registered in 2-2"):
        persons.put(work, numbered)
    assert len(ids(admin.get("/persons"))) == 1


def test_two_of_one_name_in_one_unit(admin: httpx.Client, site: str, registry: Registry) -> None:
    father, son = (make(admin, site, "persons", name="李明", unit="3-1201", namesake=mark) for mark in ("", "子"))
    guard, cleaner = (make(admin, site, "persons", name="李明", unit="3-1201", staff_number=number) for number in ("1", "2"))
    with registry.write() as work:
        for mark, number, known in (("", "", father), ("子", "", son), ("", "1", guard), ("", "2", cleaner)):
            wanted = PersonWanted(site=UUID(site), name="李明", unit="3-1201", namesake=mark, staff_number=number)
            assert str(persons.put(work, wanted).id) == known
    assert len(ids(admin.get("/persons", params={"name": "李明", "unit": "3-1201"}))) == 4


def test_two_are_never_known_by_the_same(admin: httpx.Client, site: str, registry: Registry) -> None:
    known = {"site": site, "name": "李明", "unit": "3-1201"}
    with ThreadPoolExecutor(1) as pool:
        with registry.write() as work:
            persons.create(work, PersonWanted.model_validate(known))
            second = pool.submit(admin.post, "/persons", json=known)
            if registry.database.form == "postgresql":
                wait_until(lambda: second.done() or waits_for_lock(registry), what="the second to wait for its turn")
        late = second.result(timeout=20)
    assert (late.status_code, late.json().get("field")) == (409, "namesake")
    assert late.json()["zh"] == "同一单元已登记同名人员，请以同名区分加以区别"
    [father] = ids(admin.get("/persons"))
    admin.put(f"/persons/{father}", json=known | {"remark": "业主"}).raise_for_status()
    son = make(admin, kind="persons", **known, namesake="子")
    away, staff = (make(admin, site, "persons", name="李明", **facts) for facts in ({"unit": "5-502"}, {"staff_number": "7"}))
    for path, facts, field in (
        (f"/persons/{son}", known, "namesake"),
        (f"/persons/{away}", known, "namesake"),
        (f"/persons/{away}/move-in", {"unit": "3-1201", "relation": "family"}, "unit"),
    ):
        refused = admin.request("POST" if path.endswith("in") else "PUT", path, json=facts)
        assert (refused.status_code, refused.json()["field"]) == (409, field), path
    admin.put(f"/persons/{staff}", json=known | {"staff_number": "7"}).raise_for_status()
    admin.put(f"/persons/{away}", json=known | {"unit": "5-502", "id_number": ID_NUMBER}).raise_for_status()
    numbered = PersonWanted.model_validate(known | {"id_number": ID_NUMBER, "category": "staff"})
    for put in (lambda work: persons.put(work, numbered), lambda work: persons.put_many(work, here(work), [numbered])):
        with registry.write() as work, pytest.raises(RegistryError) as met:
            put(work)
        assert (met.value.status_code, met.value.field) == (409, "namesake")


def test_documents_say_where_they_lie(admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    person = make(admin, site, "persons", name="李小明", unit="3-1201")
    firm = make(admin, site, "companies", name="安居装饰", company_kind="contractor", licence_number="9144")
    title = {"subject_kind": "unit", "subject": "3-1201", "document_kind": "proof_of_title", "number": "2019-1", "place": "柜 3"}
    licence = {"subject_kind": "company", "subject": firm.upper(), "document_kind": "firm_licence"}
    licence["valid_until"] = "2026-05-01T00:00:00Z"
    consent = {"subject_kind": "person", "subject": person, "document_kind": "owner_consent", "sha256": "0a" * 32}
    deed, paper, letter = (make(admin, site, "documents", **facts) for facts in (title, licence, consent))
    assert ids(admin.get("/documents", params={"expires_before": "2026-06-01T00:00:00Z"})) == [paper]
    assert ids(admin.get("/documents", params={"expires_before": "2026-05-01T00:00:00Z"})) == []
    assert ids(admin.get("/documents", params={"subject_kind": "person", "subject": person})) == [letter]
    assert ids(admin.get("/documents", params={"document_kind": "proof_of_title"})) == [deed]
    again = admin.post("/documents", json={"site": site, **licence, "subject": firm})
    assert (again.status_code, again.json()["zh"]) == (409, "已登记同类同号的证件资料")
    report = admin.post("/incidents", json={"site": site, "kind": "fence", "text": "围栏"}).json()["id"]
    for kind, subject in (("person", firm), ("company", str(uuid4())), ("permit", report), ("permit", "x"), ("person", "3-1201")):
        refused = admin.post("/documents", json={"site": site, **consent, "subject_kind": kind, "subject": subject})
        assert (refused.status_code, refused.json()["field"]) == (422, "subject"), subject
    assert admin.post("/documents", json={"site": site, **consent, "sha256": "0A"}).json()["field"] == "sha256"

    assert admin.delete(f"/persons/{person}").json()["zh"] == "此人名下仍有证件资料，请先删除"
    assert admin.delete(f"/companies/{firm}").status_code == 409
    for document in (letter, paper):
        admin.delete(f"/documents/{document}").raise_for_status()
    admin.delete(f"/persons/{person}").raise_for_status()
    admin.delete(f"/companies/{firm}").raise_for_status()
    assert [entry["act"] for entry in admin.get(f"/documents/{letter}/history").json()["items"]] == ["deleted", "created"]

    looks, clerk = sign_in("auditor"), sign_in("registrar")
    assert looks.get("/documents").status_code == 200
    assert looks.post("/documents", json={"site": site, **title, "number": "2"}).status_code == 403
    assert clerk.post("/documents", json={"site": site, **title, "number": "2"}).status_code == 201
    assert sign_in("guard").get("/companies").status_code == 403
