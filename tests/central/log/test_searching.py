"""The log by what is kept beside it: parts of plates, places, companies, guards, records, pictures; and its counts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text

from access.acts import SlipActed, VehicleActed
from access.entries import GuardActed, PassageEnded
from central.log import plates
from central.log.searching import ONE_BY_ONE_MAX, PLATES_MAX
from central.log.tables import LogPlate
from central.registry import Registry
from tests.central.gate import BEGAN, JPEG, Gate

VISIT = UUID("01890000-0000-7000-8000-00000000aaaa")


def found(admin: httpx.Client, **wanted: Any) -> list[str]:
    rows = admin.get("/log", params=wanted).raise_for_status().json()["rows"]
    return [row["credential"] or row["reason"] for row in rows]


@pytest.fixture
def log(gate: Gate, admin: httpx.Client, site: str) -> httpx.Client:
    """The office's client after some passages."""
    company = admin.post("/companies", json={"site": site, "name": "恒达装饰", "company_kind": "contractor"}).json()["id"]
    wanted = {"site": site, "name": "赵工", "unit": "8-101", "company": company}
    person = admin.post("/persons", json=wanted).raise_for_status().json()["id"]
    gate.decide("粤B12D45", 0, person=person, category="contractor")
    gate.decide("粤B8Q0D5", 60, outcome="deny", reason="blocked", capture="c-1")
    gate.decide("京A66666", 120, lane="out-1", presence={f"uses:{VISIT}": 1}, category="visitor", capture="c-2")
    gate.write(GuardActed("open_once", "delivery", "101", "r1"), BEGAN + timedelta(seconds=180))
    gate.write(SlipActed(str(VISIT), "SlipPresented", "102", "r2"), BEGAN + timedelta(seconds=240))
    gate.write(VehicleActed("粤B12D45", "nothing_carried", "101", "r3"), BEGAN + timedelta(seconds=300))
    gate.send()
    gate.send_picture(JPEG, "c-1")
    return admin


def test_what_is_kept_beside(log: httpx.Client, gate: Gate) -> None:
    one, two, three = "粤B·12D45", "粤B·8Q0D5", "京A·66666"
    lanes = [str(lane) for lane in gate.enrolled.lanes.values()]
    for wanted, expected in (
        ({"plate": "粤B?2D4?"}, [one]),
        ({"plate": "0Q0D5", "plate_match": "suffix", "alike": True}, []),
        ({"plate": "8D0Q5", "plate_match": "suffix", "alike": True}, [two]),
        ({"plate": "B80", "plate_match": "part", "alike": True}, [two]),
        ({"plate": "B80", "plate_match": "part"}, []),
        ({"plate": "6?6", "plate_match": "part"}, [three]),
        ({"plate": "6", "plate_match": "part"}, [three]),
        ({"plate": "京", "plate_match": "part"}, [three]),
        ({"plate": "粤"}, []),
        ({"lane": lanes, "category": "contractor"}, [one]),
        ({"lane": lanes, "plate": "粤B", "plate_match": "prefix"}, [two, one]),
        ({"gate": [str(gate.enrolled.gate), str(uuid4())], "category": "visitor"}, [three]),
        ({"unit": "8-101"}, [one]),
        ({"unit": "8-10"}, []),
        ({"company": "恒达"}, [one]),
        ({"company": "恒达", "plate": "京A66666"}, []),
        ({"category": "visitor"}, [three]),
        ({"guard": "101"}, ["nothing_carried", "delivery"]),
        ({"guard": "102", "outcome": "slip"}, ["SlipPresented"]),
        ({"guard": "9"}, []),
        ({"evidence": "with"}, [two]),
        ({"evidence": "without"}, [three]),
        ({"evidence": "without", "outcome": "deny"}, []),
    ):
        assert found(log, **wanted) == expected, wanted


def test_what_a_guard_did_with_a_record_is_told(log: httpx.Client) -> None:
    [row] = log.get("/log", params={"outcome": "slip"}).json()["rows"]
    assert row["sentence"] == {"zh": "放行条：出示", "en": "Release slip: presenting"}


def test_a_record_is_found_by_its_number(gate: Gate, admin: httpx.Client, site: str) -> None:
    host = admin.post("/persons", json={"site": site, "name": "李小明", "unit": "3-1201"}).json()["id"]
    until = (datetime.now(UTC) + timedelta(hours=4)).isoformat()
    wanted = {"site": site, "category": "appointment", "host_person": host, "valid_until": until, "details": {"name": "张伟"}}
    visit = admin.post("/visits", json=wanted).raise_for_status().json()
    gate.decide("粤B12D45", 0, presence={f"uses:{visit['id']}": 1})
    gate.decide("粤B12D46", 1, facts=(("add", f"party:{visit['id']}", 1),))
    gate.decide("粤B12D47", 2, presence={f"uses:{VISIT}": 1, "at:person": None})
    gate.send()
    assert found(admin, number=visit["number"]) == ["粤B·12D46", "粤B·12D45"]
    assert found(admin, unit="3-1201") == ["粤B·12D46", "粤B·12D45"]
    assert found(admin, number="none") == []


def test_of_very_many_plates_the_newest_are_walked_through(gate: Gate, admin: httpx.Client) -> None:
    for n in range(PLATES_MAX + 2):
        gate.decide(f"粤B{n:05}", n)
    gate.decide("京A12345", PLATES_MAX + 2)
    gate.send(1, 400)
    gate.send(401)
    newest = [f"粤B·{n:05}" for n in range(PLATES_MAX + 1, PLATES_MAX - 2, -1)]
    assert found(admin, plate="粤B", plate_match="prefix", limit=3) == newest
    few = [f"粤B·{n:05}" for n in range(ONE_BY_ONE_MAX + 39, ONE_BY_ONE_MAX + 36, -1)]
    assert found(admin, plate="粤B000", plate_match="prefix", limit=3) == few
    assert found(admin, plate="粤B0000", plate_match="prefix", limit=3) == ["粤B·00009", "粤B·00008", "粤B·00007"]
    assert found(admin, plate="0042", plate_match="part") == ["粤B·00429", "粤B·00428", "粤B·00427", "粤B·00426", "粤B·00425",
        "粤B·00424", "粤B·00423", "粤B·00422", "粤B·00421", "粤B·00420", "粤B·00042"]  # fmt: skip


def test_plates_that_no_entry_has_are_forgotten(log: httpx.Client, registry: Registry, gate: Gate) -> None:
    site = gate.enrolled.site
    with registry.write() as work:
        assert plates.forget_unseen(work.session, site) == 0
        work.session.execute(text("UPDATE journal_entries SET plate = NULL WHERE plate = '粤B8Q0D5'"))
        assert plates.forget_unseen(work.session, site, ["粤B12D45", "粤B8Q0D5"]) == 1
        assert set(work.session.scalars(select(LogPlate.plate))) == {"粤B12D45", "京A66666"}
        if work.session.get_bind().dialect.name == "sqlite":
            kept = work.session.execute(text("SELECT plate FROM log_plate_parts ORDER BY plate")).scalars().all()
            assert kept == ["京A66666", "粤B12D45"]
    assert found(log, plate="8Q0", plate_match="part") == []


def test_counts(log: httpx.Client, gate: Gate) -> None:
    gate.write(PassageEnded("passed", "in", 1), BEGAN + timedelta(hours=9), passage="p")
    gate.send(7)

    def counted(**asked: Any) -> dict[str, int]:
        asked = {"since": "2026-03-02", "until": "2026-03-03"} | asked
        items = log.get("/log/counts", params=asked).raise_for_status().json()["items"]
        return {" ".join(each["group"]): each["count"] for each in items}

    # 08:00 UTC is 16:00 in Shanghai; nine hours later it is the next day there.
    assert counted() == {"2026-03-02": 6, "2026-03-03": 1}
    assert counted(by="month") == {"2026-03": 7}
    assert counted(by="hour") == {"2026-03-02T16": 6, "2026-03-03T01": 1}
    assert counted(by=["hour_of_day"], outcome="grant") == {"16": 2}
    assert counted(by="outcome") == {"deny": 1, "grant": 2, "guard": 1, "passed": 1, "slip": 1, "vehicle": 1}
    assert counted(by="guard", until="2026-03-02") == {"": 3, "101": 2, "102": 1}
    assert counted(by=["day", "category"], category="visitor") == {"2026-03-02 visitor": 1}
    out = str(gate.enrolled.lanes["out-1"])
    assert counted(by="lane", lane=out) == {out: 1}
    for wrong in (
        {"until": "2026-03-01"},
        {"until": "2046-03-01"},
        {"by": "colour"},
        {"gate": str(uuid4()), "site": str(uuid4())},
    ):
        assert log.get("/log/counts", params={"since": "2026-03-02", "until": "2026-03-02"} | wrong).status_code == 422


def test_a_batch_that_comes_twice_is_counted_once(gate: Gate, admin: httpx.Client) -> None:
    for n in range(5):
        gate.decide(after_s=n)
    gate.send(1, 3)
    gate.send(1, 5)
    asked = {"since": "2026-03-02", "until": "2026-03-02"}
    assert admin.get("/log/counts", params=asked).json()["total"] == 5
