"""Vehicles with all that the office keeps of them: numbers, plates over time, a picture."""

from io import BytesIO
from typing import Any

import httpx
from PIL import Image

from access.contract.records import VehicleRecord
from tests.central.gate import Gate

NOBODY = "01890000-0000-7000-8000-000000000000"
BIKE = {"vehicle_class": "bicycle", "electric": True, "frame_number": " a2210 33x ", "body_colour": "黑"}


def ids(reply: httpx.Response) -> list[str]:
    return [item["id"] for item in reply.raise_for_status().json()["items"]]


def plates(office: httpx.Client, vehicle: str) -> list[tuple[str, bool]]:
    """Return the plates of a vehicle, and whether it still has them; one begins when the one before it ends."""
    held = office.get(f"/vehicles/{vehicle}/plates").raise_for_status().json()
    assert [each["since"] for each in held[:-1]] == [each["until"] for each in held[1:]] or held[0]["until"] is not None
    return [(each["plate"], each["until"] is None) for each in held]


def test_motor_and_non_motor_vehicles(admin: httpx.Client, site: str, gate: Gate) -> None:
    firm = admin.post("/companies", json={"site": site, "name": "顺风", "company_kind": "tenant"}).json()["id"]
    person = admin.post("/persons", json={"site": site, "name": "李小明", "unit": "3-1201"}).json()["id"]

    def put(**facts: Any) -> httpx.Response:
        return admin.post("/vehicles", json={"site": site} | facts)

    whole = {"make": "比亚迪", "model": "海豚", "body_colour": "白", "electric": True, "remark": "公司用车"}
    car = put(plate="粤b·d12345", colour="green", person=person, company=firm, **whole)
    assert (car.status_code, car.json()["plate"]) == (201, "粤BD12345")
    assert car.json().items() >= (whole | {"person_id": person, "company_id": firm, "picture": ""}).items()
    bike = put(person=person, **BIKE)
    assert (bike.status_code, bike.json()["plate"], bike.json()["warnings"]) == (201, None, [])
    assert bike.json()["frame_number"] == "A221033X"
    other = put(vehicle_class="bicycle", permit_number="深A-0017").json()["id"]
    told = [upsert.record for upsert in gate.rules("since=0").upserts if isinstance(upsert.record, VehicleRecord)]
    assert [record.plate for record in told] == ["粤BD12345"], "a gate can read no frame number"

    for wrong, status, words in (
        ({"plate": None}, 422, "机动车须填写车牌"),
        ({"vehicle_class": "bicycle"}, 422, "无车牌的车辆须填写车架号或牌证号"),
        (BIKE, 409, "本小区已有车辆登记此车牌、车架号或牌证号"),
        ({"plate": "粤B12345", "frame_number": "a221033x"}, 409, "本小区已有车辆登记此车牌、车架号或牌证号"),
        ({"plate": "粤BD12345"}, 409, "本小区已有车辆登记此车牌、车架号或牌证号"),
        ({"plate": "粤B12345", "company": NOBODY}, 422, "本小区没有此公司记录"),
        ({"plate": "粤B12345", "picture": "0a"}, 422, ""),
    ):
        refused = put(**wrong)
        assert (refused.status_code, words in refused.text) == (status, True), refused.text
    for asked, found in (
        (f"company_id={firm}", car.json()["id"]),
        ("frame_number=A2210 33X", bike.json()["id"]),
        ("permit_number=深a-0017", other),
        ("electric=true&vehicle_class=bicycle", bike.json()["id"]),
    ):
        assert ids(admin.get(f"/vehicles?{asked}")) == [found], asked
    assert admin.delete(f"/companies/{firm}").json()["zh"] == "此公司仍有登记的人员、车辆或车位"


def test_plates_over_time(admin: httpx.Client, site: str, gate: Gate) -> None:
    def put(vehicle: str, plate: str | None, **facts: Any) -> httpx.Response:
        return admin.put(f"/vehicles/{vehicle}", json={"site": site, "plate": plate} | facts)

    car, other = (admin.post("/vehicles", json={"site": site, "plate": plate}).json()["id"] for plate in ("粤B12345", "粤B67890"))
    assert plates(admin, car) == [("粤B12345", True)]
    assert put(car, "粤B67890").status_code == 409, "a plate is of one vehicle at a time"
    put(car, "粤B 12345", remark="x").raise_for_status()
    put(car, "粤BD00001").raise_for_status()
    put(other, "粤B12345").raise_for_status()
    assert plates(admin, car) == [("粤BD00001", True), ("粤B12345", False)]
    assert plates(admin, other) == [("粤B12345", True), ("粤B67890", False)]
    assert sorted(ids(admin.get("/vehicles?had_plate=粤B12345"))) == sorted([car, other])
    assert ids(admin.get("/vehicles?had_plate=粤b67890&status=active")) == [other]
    assert ids(admin.get("/vehicles?plate=粤B12345")) == [other]
    told = {record.plate for upsert in gate.rules("since=0").upserts if isinstance(record := upsert.record, VehicleRecord)}
    assert told == {"粤BD00001", "粤B12345"}

    put(other, None, vehicle_class="bicycle", frame_number="X1").raise_for_status()
    assert plates(admin, other) == [("粤B12345", False), ("粤B67890", False)]
    told = {record.plate for upsert in gate.rules("since=0").upserts if isinstance(record := upsert.record, VehicleRecord)}
    assert told == {"粤BD00001"}
    newest = admin.get(f"/vehicles/{other}/history").json()["items"][0]
    assert (newest["before"]["plate"], newest["after"]["plate"]) == ("粤B12345", None)
    assert admin.delete(f"/vehicles/{other}").status_code == 204
    assert ids(admin.get("/vehicles?had_plate=粤B67890")) == []
    assert admin.get(f"/vehicles/{other}/plates").status_code == 404


def test_the_picture_of_a_vehicle(admin: httpx.Client, site: str) -> None:
    vehicle = admin.post("/vehicles", json={"site": site, "plate": "粤B12345"}).json()["id"]
    path = f"/vehicles/{vehicle}/picture"
    file = BytesIO()
    Image.effect_noise((1400, 900), 120).save(file, "PNG")
    assert file.tell() > 1024 * 1024, "a picture may be larger than a form"
    assert (admin.get(path).status_code, admin.delete(path).status_code) == (404, 404)
    for sent, seen, status, field in (
        (b"<svg/>", "*", 422, "body"),
        (file.getvalue(), '"7"', 409, "If-Match"),
    ):
        refused = admin.put(path, content=sent, headers={"If-Match": seen})
        assert (refused.status_code, refused.json()["field"]) == (status, field)
    assert admin.put(f"/vehicles/{NOBODY}/picture", content=file.getvalue()).status_code == 404
    put = admin.put(path, content=file.getvalue(), headers={"If-Match": '"1"'})
    assert (put.status_code, put.headers["ETag"]) == (200, '"2"')
    given = admin.get(path)
    with Image.open(BytesIO(given.content)) as opened:
        assert (opened.format, len(given.content) <= 200_000, max(opened.size) <= 1280) == ("JPEG", True, True)
    assert given.headers["ETag"] == f'"{put.json()["picture"]}"'
    assert admin.get(path, headers={"If-None-Match": given.headers["ETag"]}).status_code == 304

    changed = admin.put(f"/vehicles/{vehicle}", json={"site": site, "plate": "粤B12345", "remark": "x"}).json()
    assert changed["picture"] == put.json()["picture"], "a change of the record leaves the picture"
    assert admin.delete(path).status_code == 204
    assert (admin.get(path).status_code, admin.get(f"/vehicles/{vehicle}").json()["picture"]) == (404, "")
    assert [sorted(entry["after"]) for entry in admin.get(f"/vehicles/{vehicle}/history").json()["items"][:3]] == [
        ["picture"],
        ["remark"],
        ["picture"],
    ]
    admin.put(path, content=file.getvalue()).raise_for_status()
    assert admin.delete(f"/vehicles/{vehicle}").status_code == 204, "with its picture"
