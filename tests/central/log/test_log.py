"""The log: every filter, paging that stays put under inserts, the story of a passage."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from access.entries import (
    AlarmRaised,
    Commanded,
    CommandEnded,
    GuardActed,
    LaneChanged,
    Observed,
    PassageEnded,
    ReadingTaken,
)
from access.reasons import WHYS
from central.errors import RegistryError
from central.log.cards import card_forms
from central.log.searching import PERSONS_MAX
from central.people.schemas import PersonWanted
from central.people.services import persons
from central.registry import Registry
from central.tables import Site
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate


def found(admin: httpx.Client, **wanted: Any) -> list[str]:
    rows = admin.get("/log", params=wanted).raise_for_status().json()["rows"]
    return [row["credential"] or row["reason"] for row in rows]


@pytest.fixture
def log(gate: Gate, admin: httpx.Client, site: str) -> httpx.Client:
    """The office's client after a small day at the gate."""
    person = admin.post("/persons", json={"site": site, "name": "李小明", "unit": "3-1201"}).json()["id"]
    gate.decide("粤B12D45", 0, person=person)
    gate.decide("粤BD12345", 60, lane="out-1", outcome="deny", reason="blocked")
    gate.decide("京A66666", 120, outcome="refer", reason="unknown_refer")
    gate.decide("0A0063E9AE", 180, medium="card")
    gate.decide("63E9AE", 240, medium="card")
    gate.decide("secret-code-1", 300, medium="code")
    gate.write(GuardActed("open_once", "delivery", "101", "r1"), BEGAN + timedelta(seconds=360))
    gate.write(Observed("tailgating"), BEGAN + timedelta(seconds=420))
    gate.write(ReadingTaken("camera-in", "plate", text="粤B12D45"), BEGAN + timedelta(seconds=480))
    gate.send()
    return admin


def test_every_filter(log: httpx.Client, gate: Gate) -> None:
    plate, denied, referred = "粤B·12D45", "粤B·D12345", "京A·66666"
    everything = ["tailgating", "…de-1", "63E9AE", "0A0063E9AE", referred, denied, plate]
    later = (BEGAN + timedelta(seconds=60)).isoformat()
    assert found(log) == everything
    for wanted, expected in (
        ({"since": later}, everything[:-1]),
        ({"until": later}, [plate]),
        ({"gate": str(gate.enrolled.gate)}, everything),
        ({"gate": str(gate.enrolled.site)}, []),
        ({"lane": str(gate.enrolled.lanes["out-1"])}, [denied]),
        ({"plate": "粤b·12d45"}, [plate]),
        ({"plate": "12D45"}, []),
        ({"plate": "粤B", "plate_match": "prefix"}, [denied, plate]),
        ({"plate": "345", "plate_match": "suffix"}, [denied]),
        ({"plate": "2d4", "plate_match": "part"}, [plate]),
        ({"plate": "%", "plate_match": "part"}, []),
        ({"card": "0A0063E9AE"}, ["63E9AE", "0A0063E9AE"]),
        ({"card": "0006547886"}, ["63E9AE", "0A0063E9AE"]),
        ({"card": "AEE963"}, ["63E9AE"]),
        ({"person": "李小"}, [plate]),
        ({"person": "3-1201"}, [plate]),
        ({"person": "%"}, []),
        ({"outcome": "refer"}, [referred]),
        ({"outcome": "guard"}, ["delivery"]),
        ({"outcome": "observation"}, ["tailgating"]),
        ({"reason": "blocked"}, [denied]),
        ({"reason": "blocked", "plate": "京A66666"}, []),
    ):
        assert found(log, **wanted) == expected, wanted


def test_what_is_not_understood_is_named(log: httpx.Client) -> None:
    for wanted in ({"card": "hello"}, {"since": "yesterday"}, {"gate": "x"}, {"older": "1"}, {"limit": "1000"}, {"sort": "x"}):
        reply = log.get("/log", params=wanted)
        assert (reply.status_code, reply.json()["field"].partition(".")[0]) == (422, next(iter(wanted)))


@ON_ONE
def test_a_name_that_too_many_bear_is_refused_and_nobody_left_out(registry: Registry, admin: httpx.Client, site: str) -> None:
    with registry.write() as work:
        wanted = [PersonWanted(site=UUID(site), name=f"王{n}", unit="3-1201") for n in range(PERSONS_MAX + 1)]
        persons.put_many(work, work.session.get_one(Site, UUID(site)), wanted)
    refused = admin.get("/log", params={"person": "王"})
    assert (refused.status_code, refused.json()["field"]) == (422, "person")
    assert refused.json()["zh"] == "符合的人员超过 200 名，请输入更完整的姓名"
    assert found(admin, person="王2") == []


def test_pages_stay_where_they_are_while_entries_come(gate: Gate, admin: httpx.Client) -> None:
    for n in range(10):
        gate.decide(f"粤B0000{n}", after_s=n // 3)
    gate.send()
    first = admin.get("/log", params={"limit": 4}).json()
    gate.decide("粤B99999", after_s=100)
    gate.send(11)
    second = admin.get("/log", params={"limit": 4, "older": first["older"]}).json()
    third = admin.get("/log", params={"limit": 4, "older": second["older"]}).json()
    ids = [row["id"] for page in (first, second, third) for row in page["rows"]]
    assert (len(ids), len(set(ids)), third["older"]) == (10, 10, None)
    back = admin.get("/log", params={"limit": 4, "newer": third["newer"]}).json()
    assert back["rows"] == second["rows"]
    newest = admin.get("/log", params={"limit": 4, "newer": first["rows"] and back["newer"]}).json()
    assert newest["rows"] == first["rows"]
    last = admin.get("/log", params={"limit": 4, "newer": newest["newer"]}).json()
    assert ([row["credential"] for row in last["rows"]], last["newer"]) == (["粤B·99999"], None)


def test_the_story_of_a_passage(gate: Gate, admin: httpx.Client) -> None:
    gate.write(ReadingTaken("camera-in", "plate", 0.97, raw="粤B12D45", text="粤B12D45"), passage="p1")
    decision = gate.decide(passage="p1", after_s=0.004, steps=(["lane_mode", {"mode": "normal"}, ""],))
    gate.write(Commanded("io", "open", str(decision), "c1"), BEGAN + timedelta(seconds=0.005), passage="p1")
    gate.write(CommandEnded("io", "c1", ok=True, took_us=6000), BEGAN + timedelta(seconds=0.007), passage="p1")
    gate.write(PassageEnded("passed", "in", 1), BEGAN + timedelta(seconds=6), passage="p1")
    gate.decide("粤B00000", passage="p2")
    gate.send()
    entry = admin.get(f"/entries/{decision}").json()
    assert [(each["kind"], round(each["after_ms"])) for each in entry["story"]] == [
        ("reading", 0),
        ("decision", 4),
        ("command", 1),
        ("outcome", 2),
        ("passage", 5993),
    ]
    assert entry["row"]["sentence"] == {"zh": "李* 3-1201，有权通行", "en": "李* 3-1201 may pass here now"}
    assert entry["fields"]["steps"] == [["lane_mode", {"mode": "normal"}, ""]]
    assert (entry["proof"]["holds"], entry["proof"]["follows"]) == (True, gate.head(1).hex())


def test_a_passage_that_is_over_is_told_in_one_sentence(gate: Gate, admin: httpx.Client) -> None:
    decision = gate.decide(passage="p1")
    gate.write(CommandEnded("io", "c1", ok=True, took_us=80_000), BEGAN + timedelta(seconds=1), passage="p1")
    gate.write(PassageEnded("passed", "in", 1, 7000, 3000, plate="粤B12D45"), BEGAN + timedelta(seconds=10), passage="p1")
    gate.decide("粤B00000", passage="p2")
    gate.write(Observed("tailgating"), BEGAN + timedelta(seconds=20), passage="p3")
    gate.write(AlarmRaised("tailgating"), BEGAN + timedelta(seconds=20), passage="p3")
    gate.write(PassageEnded("tailgated", "in", 1), BEGAN + timedelta(seconds=21), passage="p3")
    gate.send()
    rows = {row["passage"]: row["story"] for row in admin.get("/log").json()["rows"]}
    told = {
        "zh": "粤B·12D45（李*，3-1201）凭车牌进场：有权通行，0.08 秒后起杆，等待 3 秒，驶入，闸杆开启 7 秒。",
        "en": (
            "粤B·12D45 (李*, 3-1201) came in by plate: access level holds; "
            "arm raised after 0.08 s, waited 3 s, drove in, arm up for 7 s."
        ),
    }
    tailgated = {
        "zh": "一辆车尾随前车进场，未经放行。",
        "en": "A vehicle came in without a grant, tailgating the vehicle in front.",
    }
    assert rows == {"p1": told, "p2": {}, "p3": tailgated}
    assert admin.get(f"/entries/{decision}").json()["row"]["story"] == told


def test_a_passage_of_another_gate_is_not_told_here(gate: Gate, admin: httpx.Client, address: str, registry: Registry) -> None:
    gate.decide(passage="p1")
    gate.send()
    with Gate(address, seed=2, slug="west") as other:
        other.join(registry)
        other.write(PassageEnded("crashed", "in"), passage="p1")
        other.send()
    [row] = admin.get("/log").json()["rows"]
    assert row["story"] == {}


def test_only_the_last_decision_concludes_its_passage(gate: Gate, admin: httpx.Client) -> None:
    gate.decide(outcome="refer", reason="unknown_refer", passage="p1")
    gate.write(Observed("button_ignored"), BEGAN + timedelta(seconds=1), passage="p1")
    gate.decide(after_s=2, outcome="deny", reason="unknown", passage="p1")
    gate.write(PassageEnded("denied", "in"), BEGAN + timedelta(seconds=5), passage="p1")
    gate.send()
    rows = admin.get("/log").json()["rows"]
    assert [(row["reason"], row["concludes"]) for row in rows] == [
        ("unknown", True),
        ("button_ignored", False),
        ("unknown_refer", False),
    ]
    assert len({row["story"]["zh"] for row in rows}) == 1


def test_what_a_lane_was_set_to_is_in_the_log(gate: Gate, admin: httpx.Client) -> None:
    gate.write(LaneChanged("held_open", "guard", "delivery"))
    gate.decide()
    gate.send()
    [row] = admin.get("/log", params={"outcome": "lane"}).json()["rows"]
    assert (row["kind"], row["outcome"], row["reason"]) == ("lane", "lane", "delivery")
    assert row["sentence"]["en"] == "the lane is held open (by the guard, delivery or service)"
    assert len(admin.get("/log").json()["rows"]) == 2


def test_a_guards_reason_is_put_in_words(log: httpx.Client) -> None:
    [row] = log.get("/log", params={"outcome": "guard"}).json()["rows"]
    assert row["sentence"] == {"zh": f"保安手动开闸：{WHYS['delivery'][0]}", "en": "opened by the guard: delivery or service"}


def test_entries_unknown(admin: httpx.Client) -> None:
    assert admin.get("/entries/01890000-0000-7000-8000-000000000000").status_code == 404


@pytest.mark.parametrize("typed", ["", "x", "12345", "99999999999", "0A0", "0A" * 17])
def test_no_card_number(typed: str) -> None:
    with pytest.raises(RegistryError, match="hex"):
        card_forms(typed)


def test_ten_digits_are_hex_too() -> None:
    forms = card_forms("0006547886")
    assert {"0006547886", "0063E9AE", "AEE96300"} <= forms.whole
    assert forms.low == {"0063E9AE", "AEE96300"}
