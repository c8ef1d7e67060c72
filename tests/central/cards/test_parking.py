"""Parking permits over HTTP: made out, frozen, renewed, lost and replaced, ended; each kind with numbers of its own."""

from typing import Any

import httpx

UNTIL, LATER = "2199-01-01T00:00:00Z", "2199-06-01T00:00:00Z"


def test_from_made_out_to_returned(admin: httpx.Client, site: str) -> None:
    owner = admin.post("/persons", json={"site": site, "name": "王小静", "unit": "3-1201"}).json()["id"]

    def made(**facts: Any) -> httpx.Response:
        return admin.post("/parking-permits", json={"site": site, **facts})

    def do(act: str, status: int = 200, **facts: Any) -> Any:
        done = admin.post(f"{place}/{act}", json=facts)
        assert done.status_code == status, done.text
        return done.json()["state"] if status == 200 else (done.json()["code"], done.json().get("field", ""))

    no = made(bound_to="粤B12345").json()
    assert (no["code"], no["field"]) == ("holder_missing", "holder")
    no = made(kind="non_motor_permit", holder="王小静").json()
    assert (no["code"], no["field"]) == ("permit_unbound", "bound_to")
    assert made(bound_to="粤B12345", holder="王", person=owner).json().get("field", "") == "holder"
    late = made(bound_to="粤B12345", holder="王", valid_until=UNTIL, details={"valid_from": LATER})
    assert (late.status_code, late.json()["field"]) == (422, "valid_until")
    permit = made(bound_to="粤b·12345", person=owner, valid_until=UNTIL, deposit="50 元", details={"space": "A-17"})
    assert (permit.status_code, permit.json()["number"], permit.json()["state"]) == (201, "M000001", "active")
    other = made(kind="non_motor_permit", bound_to="LX 778", holder="顺达公司").json()
    assert (other["number"], made(bound_to="粤B77777", holder="x").json()["number"]) == ("N000001", "M000002")

    place = f"/parking-permits/{permit.json()['id']}"
    for asked, found in (
        ({"plate": "粤B12345"}, ["M000001"]),
        ({"person": owner}, ["M000001"]),
        ({"holder": "顺达公司"}, ["N000001"]),
        ({"kind": "motor_permit"}, ["M000001", "M000002"]),
        ({"expires_before": LATER}, ["M000001"]),
        ({"expires_before": UNTIL}, []),
        ({"plate": "LX778", "kind": "motor_permit"}, []),
    ):
        assert [each["number"] for each in admin.get("/parking-permits", params=asked).json()["items"]] == found, asked
    printed = admin.get(f"{place}/print").json()
    assert (printed["title"]["zh"], printed["number"], printed["bound_to"], printed["space"]) == (
        *("机动车停车证", "M000001", "粤B·12345", "A-17"),
    )
    assert (printed["holder"], printed["unit"], printed["valid_until"]) == ("王*", "3-1201", "2199-01-01 08:00")
    assert do("renew", 409, valid_until=UNTIL) == ("not_later", "valid_until")
    assert (do("renew", valid_until=LATER), do("freeze", reason="欠费")) == ("active", "frozen")
    assert do("thaw", reason="已缴") == "active"
    assert do("replace", 409) == ("not_now", "state")
    assert (do("lost"), do("replace", deposit="另收 50 元")) == ("lost", "replaced")
    anew = admin.get("/parking-permits", params={"number": "M000003"}).json()["items"][0]
    holding = anew["record"]["holding"]
    assert (anew["details"]["space"], holding["valid_until"], holding["deposit"]) == ("A-17", LATER, "另收 50 元")
    assert admin.get(place).json()["record"]["replaced_by"] == "M000003"
    assert do("return", deposit="不退") == "returned"
    assert do("restock", 409) == ("not_reusable", "state")
    place = f"/parking-permits/{anew['id']}"
    assert do("revoke", reason="搬离") == "revoked"
    assert admin.get(f"{place}/events").json()["items"][1]["data"]["holding"]["holder"] == f"person:{owner}"
