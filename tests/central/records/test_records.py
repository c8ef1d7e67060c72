"""Records over the API, and what gates are told of them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from access.card import CardNumber, card_hash, code_hash
from access.contract.records import BlockRecord, CardRecord, LaneRecord, PersonRecord, SiteRecord
from access.contract.sync import RulesPage
from central.errors import RegistryError
from central.kinds import KINDS
from central.records.repository import field_of, flush, unique_keys
from central.records.services import Records
from central.registry import Registry
from central.tables import Vehicle
from central.users.rights import Role
from tests.central.gate import Gate


class Estate:
    """Makes records of one site in a word."""

    def __init__(self, office: httpx.Client, site: str) -> None:
        self.office = office
        self.site = site

    def make(self, kind: str, **facts: Any) -> str:
        made: str = self.ask("POST", f"/{kind}", **facts).raise_for_status().json()["id"]
        return made

    def ask(self, method: str, path: str, **facts: Any) -> httpx.Response:
        return self.office.request(method, path, json={"site": self.site} | facts)


@pytest.fixture
def estate(admin: httpx.Client, site: str) -> Estate:
    return Estate(admin, site)


def records(page: RulesPage, kind: str) -> list[Any]:
    return [upsert.record for upsert in page.upserts if upsert.record.kind == kind]


def applied(known: dict[object, object], page: RulesPage) -> dict[object, object]:
    """Do with a page what a gate does."""
    known = {} if page.complete else dict(known)
    known |= {upsert.record.id: upsert.record for upsert in page.upserts}
    for tombstone in page.tombstones:
        known.pop(tombstone.id, None)
    return known


def test_what_gates_are_told(estate: Estate, gate: Gate) -> None:
    level = estate.make("levels", name="residents", grants=[{}])
    person = estate.make("persons", name="李小明", unit="3-1201", levels=[level])
    estate.make("vehicles", plate="粤b·12d45", colour="blue", person=person)
    estate.make("cards", raw="0A0063E9AE", person=person)
    estate.make("cards", code="visit-0001")
    estate.make("blocks", raw="0063E9AE", reason="lost")
    estate.make("guards", name="张强", badge="101", pin="246810")
    page = gate.rules("since=0")
    [told_site] = records(page, "site")
    assert isinstance(told_site, SiteRecord)
    key = bytes.fromhex(told_site.card_key)
    [told_person] = records(page, "person")
    assert isinstance(told_person, PersonRecord)
    assert (told_person.name, str(told_person.levels[0])) == ("李*", level)
    assert "李小明" not in page.model_dump_json()
    assert [vehicle.plate for vehicle in records(page, "vehicle")] == ["粤B12D45"]
    card, code = sorted(records(page, "card"), key=lambda record: record.medium)
    assert isinstance(card, CardRecord)
    number = CardNumber(bytes.fromhex("0A0063E9AE"), 40)
    assert card.hashes == tuple(card_hash(key, form).hex() for form in number.deliverable())
    assert (card.tail, code.hashes) == ("7886", (code_hash(key, "visit-0001").hex(),))
    blocked = {record.card_hash for record in records(page, "block") if isinstance(record, BlockRecord)}
    assert card_hash(key, CardNumber(bytes.fromhex("63E9AE"), 24)).hex() in blocked
    assert records(page, "guard")[0].pin_hash.startswith("$argon2id$")


def test_a_gate_is_told_of_its_own_lanes_only(estate: Estate, gate: Gate) -> None:
    west = estate.make("gates", slug="west", name="西门")
    estate.make("lanes", gate=west, slug="west-in", name="", lane_kind="vehicle", direction="in")
    lanes = {record.slug for record in records(gate.rules("since=0"), "lane") if isinstance(record, LaneRecord)}
    assert lanes == {"in-1", "out-1"}


def test_changes_lead_to_the_same_rules_as_all_of_them(estate: Estate, gate: Gate) -> None:
    known = applied({}, first := gate.rules("since=0"))
    people = [estate.make("persons", name=f"住户{n}") for n in range(6)]
    estate.ask("PUT", f"/persons/{people[0]}", name="王小红").raise_for_status()
    estate.office.delete(f"/persons/{people[1]}").raise_for_status()
    known = applied(known, second := gate.rules(f"since={first.revision}"))
    assert not second.complete
    estate.office.delete(f"/persons/{people[2]}").raise_for_status()
    passing = estate.make("persons", name="过客")
    estate.office.delete(f"/persons/{passing}").raise_for_status()
    third = gate.rules(f"since={second.revision}")
    assert {str(tombstone.id) for tombstone in third.tombstones} == {people[2], passing}
    known = applied(known, third)
    assert known == applied({}, gate.rules("since=0"))
    assert gate.rules(f"since={third.revision}").upserts == ()


def test_a_gate_that_is_ahead_gets_everything(gate: Gate) -> None:
    page = gate.rules("since=1000000")
    assert (page.complete, bool(page.upserts)) == (True, True)


def test_the_same_again_is_no_revision(estate: Estate, gate: Gate) -> None:
    person = estate.make("persons", name="李小明")
    before = gate.rules("since=0").revision
    estate.ask("PUT", f"/persons/{person}", name="李小明").raise_for_status()
    assert gate.rules("since=0").revision == before


REFUSALS: list[tuple[str, dict[str, Any], str]] = [
    ("persons", {"name": ""}, "name"),
    ("persons", {"name": "x", "role": "admin"}, "role"),
    ("persons", {"name": "x", "valid_from": "1970-01-01T00:00:00+14:00"}, "valid_from"),
    ("persons", {"name": "x", "valid_until": "2200-12-31T23:59:59-12:00"}, "valid_until"),
    ("persons", {"name": "x", "valid_from": "0001-01-01T00:00:00+14:00"}, "valid_from"),
    ("persons", {"name": "x", "valid_until": "9999-12-31T23:59:59-14:00"}, "valid_until"),
    ("persons", {"name": "a\u202eb"}, "name"),
    ("persons", {"name": "x", "levels": ["01890000-0000-7000-8000-000000000000"]}, "levels"),
    ("persons", {"name": "x", "valid_from": "2026-03-02T00:00:00"}, "valid_from"),
    (
        "persons",
        {"name": "x", "valid_from": "2026-03-02T00:00:00Z", "valid_until": "2026-03-01T00:00:00Z"},
        "valid_until",
    ),
    ("vehicles", {"plate": "··"}, "plate"),
    ("vehicles", {"plate": "粤B12345", "person": "01890000-0000-7000-8000-000000000000"}, "person"),
    ("cards", {}, ""),
    ("cards", {"raw": "0A", "bits": 9}, ""),
    ("guards", {"name": "x", "badge": "1"}, "pin"),
    ("guards", {"name": "x", "badge": "1", "pin": "abcdef"}, "pin"),
    ("schedules", {"name": "x", "spans": [{"days": [8], "start": "08:00", "end": "18:00"}]}, "spans.0.days.0"),
    ("blocks", {"plate": "粤B12345", "raw": "0A", "reason": "x"}, ""),
    ("sites", {"slug": "Not A Slug", "name": "x"}, "site"),
]


def test_refusals_name_the_field(estate: Estate) -> None:
    for kind, facts, field in REFUSALS:
        reply = estate.ask("POST", f"/{kind}", **facts)
        assert (reply.status_code, reply.headers["Content-Type"]) == (422, "application/problem+json"), facts
        assert field in {"", *(error["field"] for error in reply.json().get("errors", [reply.json()]))}, facts
    blank = estate.ask("POST", "/persons", name="   ").json()
    assert (blank["zh"], blank["en"]) == ("name：过短，至少 1 个字符", "name: is too short: the shortest has a length of 1")
    edge = estate.ask("POST", "/persons", name="x", valid_from="1970-01-01T14:00:00+14:00").json()
    assert edge["valid_from"] == "1970-01-01T00:00:00Z"


def test_a_plate_one_confusion_from_another_is_warned_of(estate: Estate) -> None:
    for plate in ("粤B8D2Z5", "粤B8D2Z", "粤B77777", "京B8D2Z5", "粤B8D2X5"):
        estate.make("vehicles", plate=plate)
    made = estate.ask("POST", "/vehicles", plate="粤B·BD2Z5").json()
    assert [warning["plate"] for warning in made["warnings"]] == ["粤B8D2Z5"]
    assert made["warnings"][0]["zh"] == "第 3 位 B/8 形似"
    assert made["warnings"][0]["en"] == "character 3: B/8 look alike"
    assert estate.office.get(f"/vehicles/{made['id']}").json().keys() == made.keys() - {"warnings"}
    changed = estate.office.put(f"/vehicles/{made['id']}", json={"site": estate.site, "plate": "粤BK0001"}).json()
    assert changed["warnings"] == []
    tail = estate.ask("POST", "/vehicles", plate="粤B7777").json()
    assert [(warning["plate"], warning["en"]) for warning in tail["warnings"]] == [
        ("粤B77777", "the last character 7 was not read")
    ]


def test_keys_and_references_are_kept(estate: Estate) -> None:
    level = estate.make("levels", name="residents", grants=[])
    person = estate.make("persons", name="李小明", levels=[level])
    estate.make("vehicles", plate="粤B12D45", person=person)
    assert estate.ask("POST", "/vehicles", plate="粤B·12D45").status_code == 409
    assert estate.office.delete(f"/persons/{person}").status_code == 409
    assert estate.office.delete(f"/levels/{level}").status_code == 409
    assert estate.office.delete(f"/sites/{estate.site}").status_code == 409


def test_grants_take_one_anothers_places(estate: Estate, gate: Gate) -> None:
    lane, other = (str(gate.enrolled.lanes[slug]) for slug in ("in-1", "out-1"))
    level = estate.make("levels", name="x", grants=[{"lanes": [lane], "direction": "in"}, {"direction": "out"}])
    shown = estate.ask("PUT", f"/levels/{level}", name="x", grants=[{"direction": "out"}, {"lanes": [other]}]).json()
    assert [(grant["lanes"], grant["direction"]) for grant in shown["grants"]] == [([], "out"), ([other], "both")]
    assert estate.office.delete(f"/levels/{level}").status_code == 204


def test_what_is_taken_is_named(estate: Estate, registry: Registry) -> None:
    gate, zone = estate.make("gates", slug="west", name="西门"), estate.make("zones", name="地库")
    lane = {"gate": gate, "name": "", "lane_kind": "vehicle", "direction": "in"}
    for kind, field, facts, taken, free in (
        ("lanes", "slug", {**lane, "inner_zone": zone}, "a", "b"),
        ("posts", "name", {"gate": gate}, "东门岗", "大堂岗"),
        ("levels", "name", {"grants": [{}]}, "住户", "员工"),
        ("vehicles", "plate", {}, "粤B12345", "粤B12346"),
        ("vehicles", "frame_number", {"vehicle_class": "bicycle"}, "LSV1234567", "LSV1234568"),
        ("cards", "raw", {}, "0A0063E9AE", "0A0063E9AF"),
    ):
        estate.make(kind, **facts, **{field: taken})
        other = estate.make(kind, **facts, **{field: free})
        for refused in (
            estate.ask("POST", f"/{kind}", **facts, **{field: taken}),
            estate.ask("PUT", f"/{kind}/{other}", **facts, **{field: taken}),
        ):
            assert (refused.status_code, refused.json().get("field")) == (409, field), refused.text
            assert refused.json()["en"].startswith("another "), refused.text
    with registry.write() as work:
        unheld = {"status": "active", "colour": "blue", "vehicle_class": "car", "person_id": work.new_id()}
        work.session.add(Vehicle(id=work.new_id(), site_id=UUID(estate.site), version=1, plate="粤B1", **unheld))
        with pytest.raises(RegistryError, match="was deleted meanwhile"):
            flush(work.session, "the plate is taken")
        work.session.rollback()


@pytest.mark.parametrize("records", KINDS, ids=lambda records: records.kind)
def test_each_unique_key_is_a_field_of_the_request(records: Records[Any, Any, Any]) -> None:
    keys = {name: columns for name, columns in unique_keys(records.table.__table__).items() if columns != ["id"]}
    fields = {name: field_of(columns) for name, columns in keys.items()}
    assert {name: field for name, field in fields.items() if field not in records.wanted.model_fields} == {}


def test_a_site_lies_in_a_zone_of_a_place(admin: httpx.Client) -> None:
    for zone, status in (("Factory", 422), ("localtime", 422), ("Etc/GMT+8", 422), ("Asia/Shanghai", 201), ("UTC", 201)):
        reply = admin.post("/sites", json={"slug": zone.lower().replace("/", "-").replace("+", "-"), "name": "x", "zone": zone})
        assert (reply.status_code, reply.json().get("field", "zone")) == (status, "zone"), zone


def test_records_of_another_site_are_not_referred_to(estate: Estate) -> None:
    other = estate.office.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    person = estate.make("persons", name="李小明")
    assert estate.ask("POST", "/vehicles", site=other, plate="粤B12D45", person=person).json()["field"] == "person"
    assert estate.ask("PUT", f"/persons/{person}", site=other, name="李小明").json()["field"] == "site"


def test_lists_page_by_key(estate: Estate) -> None:
    made = [estate.make("persons", name=f"住户{n}") for n in range(7)]
    seen, after = [], ""
    while True:
        page = estate.office.get(f"/persons?limit=3{after}").json()
        seen += [item["id"] for item in page["items"]]
        if page["more"] is None:
            break
        after = f"&after={page['more']}"
    assert seen == sorted(made)


def test_a_clerk_keeps_people_but_not_rules(estate: Estate, sign_in: Callable[[Role], httpx.Client]) -> None:
    clerk = Estate(sign_in("registrar"), estate.site)
    assert clerk.ask("POST", "/persons", name="李小明").status_code == 201
    assert clerk.ask("POST", "/levels", name="x", grants=[]).status_code == 403
    assert clerk.office.get("/levels").status_code == 200
