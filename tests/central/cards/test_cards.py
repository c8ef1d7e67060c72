"""Cards over HTTP: enrolled by what is printed on them, in one person's hands at a time, from stock to stock again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from access.contract.records import CardRecord
from central.cards.printed import readings
from central.cards.schemas import CardWanted
from central.cards.services import cards
from central.errors import RegistryError
from central.records.services import Put
from central.registry import Registry
from central.tables import Site
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.gate import Gate

SOON, LATER = ((datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0) for days in (1, 2))


def person(office: httpx.Client, site: str, name: str) -> str:
    made: str = office.post("/persons", json={"site": site, "name": name}).raise_for_status().json()["id"]
    return made


def enrol(office: httpx.Client, site: str, **facts: Any) -> str:
    made: str = office.post("/cards", json={"site": site, **facts}).raise_for_status().json()["id"]
    return made


def told(gate: Gate) -> dict[str, str]:
    """Return what gates are told of the status of cards."""
    return {
        str(each.record.id): each.record.status for each in gate.rules("since=0").upserts if isinstance(each.record, CardRecord)
    }


class AtDesk:
    """What is done with one card."""

    def __init__(self, office: httpx.Client, card: str) -> None:
        self.office, self.card = office, card

    def do(self, act: str, **facts: Any) -> str:
        """Return the state that an act leads to."""
        done: str = self.office.post(f"/cards/{self.card}/{act}", json=facts).raise_for_status().json()["state"]
        return done

    def no(self, act: str, **facts: Any) -> tuple[str, str]:
        """Return code and field of a refusal."""
        refused = self.office.post(f"/cards/{self.card}/{act}", json=facts)
        assert refused.status_code == 409, refused.text
        return refused.json().get("code", ""), refused.json().get("field", "")


def test_from_stock_to_stock_again(registry: Registry, admin: httpx.Client, site: str, gate: Gate) -> None:
    wang, li = person(admin, site, "王静"), person(admin, site, "李明")
    card = enrol(admin, site, printed="0012345678", kind="lift_card", floors=["12"])
    spare = enrol(admin, site, printed="0x0A0063E9AE", kind="lift_card")
    desk, other = AtDesk(admin, card), AtDesk(admin, spare)
    assert told(gate) == {card: "returned", spare: "returned"}, "nobody comes in by a card in stock"
    assert [desk.no(act)[0] for act in ("activate", "lost", "restock")] == ["not_now"] * 3
    assert desk.no("issue") == ("holder_missing", "person")

    with ThreadPoolExecutor(2) as pool:
        tries = list(pool.map(lambda to: admin.post(f"/cards/{card}/issue", json={"person": to, "deposit": "20 元"}), (wang, li)))
    assert sorted(each.status_code for each in tries) == [200, 409]
    [late] = [each.json() for each in tries if each.status_code == 409]
    assert (late["code"], late["field"], "王静" in late["zh"], "李明" in late["zh"]) == ("not_now", "person", True, True)
    holder = admin.get(f"/cards/{card}").json()["person_id"]

    assert told(gate)[card] == "frozen"
    assert (desk.do("activate"), told(gate)[card]) == ("active", "active")
    assert desk.no("renew", valid_until=LATER.isoformat()) == ("not_later", "valid_until")
    assert desk.no("freeze", reason=" ") == ("reason_missing", "reason")
    assert [desk.do("freeze", reason="出国"), desk.do("thaw", reason="回国"), desk.do("lost")] == ["frozen", "active", "lost"]
    assert told(gate)[card] == "lost"
    assert desk.no("replace", card=card) == ("number_not_new", "card")
    assert (desk.do("replace", card=spare), other.do("activate")) == ("replaced", "active")
    linked = admin.get("/cards", params={"replaced_by_id": spare}).json()["items"]
    assert [(each["id"], each["status"]) for each in linked] == [(card, "lost")]
    instead = admin.get(f"/cards/{spare}").json()
    assert (instead["person_id"], instead["deposit"], instead["floors"]) == (holder, "20 元", ["12"])
    assert AtDesk(admin, card).no("replace", card=spare) == ("not_now", "state")

    assert (desk.do("return", deposit="已退"), desk.do("restock")) == ("returned", "stock")
    wiped = admin.get(f"/cards/{card}").json()
    assert [wiped[name] for name in ("person_id", "deposit", "replaced_by_id", "status", "floors")] == [
        None,
        "",
        None,
        "returned",
        [],
    ]
    ended = other.office.post(f"/cards/{spare}/revoke", json={"reason": "欠费"}, headers={"If-Match": '"1"'})
    assert (ended.status_code, ended.json()["current"]["version"]) == (409, 3)
    assert (other.do("revoke", reason="欠费"), other.do("restock"), told(gate)[spare]) == ("revoked", "stock", "returned")
    names = [event["name"] for event in admin.get(f"/cards/{card}/events").json()["items"]]
    assert names == [
        *("CardStocked", "CardIssued", "CardActivated", "CardFrozen", "CardThawed", "CardLost", "CardReplaced"),
        *("CardReturned", "CardRestocked"),
    ]
    assert admin.get(f"/cards/{card}/events").json()["items"][1]["data"]["holding"]["holder"] == holder
    page = admin.get(f"/cards/{card}/events", params={"limit": 2}).json()
    behind = admin.get(f"/cards/{card}/events", params={"after": page["more"], "name": "CardLost"}).json()
    assert ([each["n"] for each in page["items"]], [each["n"] for each in behind["items"]]) == ([1, 2], [6])
    assert admin.get(f"/cards/{card}/history").json()["items"][0]["act"] == "CardRestocked"
    check_that_time_ends_it(registry, admin, desk, wang)


def check_that_time_ends_it(registry: Registry, admin: httpx.Client, desk: AtDesk, holder: str) -> None:
    desk.do("issue", person=holder, valid_until=SOON.isoformat())
    desk.do("activate")
    found = admin.get("/cards", params={"expires_before": LATER.isoformat(), "state": "active"}).json()["items"]
    assert [each["id"] for each in found] == [desk.card]
    assert desk.no("renew", valid_until=SOON.isoformat()) == ("not_later", "valid_until")
    with replace(registry, calendar=lambda: SOON).write() as work:
        assert (cards.is_due(work), cards.ripen(work), cards.is_due(work)) == (True, 1, False)
    assert desk.no("freeze", reason="x")[0] == "not_now"
    assert (desk.do("renew", valid_until=LATER.isoformat()), desk.do("activate")) == ("issued", "active")


@ON_ONE
def test_a_card_is_put_and_changed(admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    wang, li = person(admin, site, "王静"), person(admin, site, "李明")
    body = {"site": site, "raw": "0A0063E9AE", "person": wang, "kind": "resident_card", "deposit": "20 元"}
    card = enrol(admin, **body)
    held = admin.get(f"/cards/{card}").json()
    assert [held[name] for name in ("state", "status", "strength", "person_id")] == ["active", "active", "uid", wang]
    born = [(each["name"], each["by_name"]) for each in admin.get(f"/cards/{card}/events").json()["items"]]
    assert born == [(name, "site_manager") for name in ("CardStocked", "CardIssued", "CardActivated")]
    kept = {**body, "printed": "NO.17", "strength": "desfire_aes", "floors": ["1", "12"]}
    for change, act, field in (
        ({"status": "lost"}, "lost", "status"),
        ({"status": "frozen"}, "freeze", "status"),
        ({"person": None}, "return", "person"),
        ({"person": li}, None, "person"),
    ):
        refused = admin.put(f"/cards/{card}", json={**kept, **change})
        assert (refused.status_code, refused.json().get("act"), refused.json()["field"]) == (409, act, field), change
    assert admin.put(f"/cards/{card}", json={**kept, "person": card}).json()["field"] == "person"
    del kept["person"]
    changed = admin.put(f"/cards/{card}", json={**kept, "valid_until": SOON.isoformat()}).raise_for_status().json()
    assert [changed[name] for name in ("printed", "strength", "person_id", "state")] == ["NO.17", "desfire_aes", wang, "active"]
    renew = admin.put(f"/cards/{card}", json={**kept, "valid_until": LATER.isoformat()})
    assert (renew.status_code, renew.json()["act"]) == (409, "renew")

    [lift] = admin.get("/cards/lift-access", params={"site": site}).json()["items"]
    assert (lift["raw"], lift["printed"], lift["floors"], lift["status"]) == ("0A0063E9AE", "NO.17", ["1", "12"], "active")
    counts = admin.get("/cards/counts", params={"site": site}).json()
    assert counts == [{"kind": "resident_card", "strength": "desfire_aes", "state": "active", "count": 1}]
    for number in ("NO.17", "0006547886", "099,59822", "0A 00 63 E9 AE", "AEE96300"):
        assert [each["id"] for each in admin.get("/cards", params={"number": number}).json()["items"]] == [card], number
    assert admin.get("/cards", params={"number": "0000000001"}).json()["items"] == []
    assert sign_in("front_desk").post(f"/cards/{card}/lost").status_code == 403
    wrong = admin.post("/cards", json={"site": site, "raw": "0B", "strength": "signed"})
    assert (wrong.status_code, "签名" in wrong.json()["zh"]) == (422, True)
    admin.delete(f"/cards/{card}").raise_for_status()


@ON_ONE
def test_what_is_printed_is_read_or_asked_about(admin: httpx.Client, site: str) -> None:
    unclear = admin.post("/cards", json={"site": site, "printed": "12345678"})
    assert (unclear.status_code, unclear.json().get("field", "")) == (422, "printed")
    assert [each["form"] for each in unclear.json()["readings"]] == ["8", "8 reversed", "hex", "hex reversed"]
    assert admin.post("/cards", json={"site": site, "printed": "12345678", "form": "hex"}).json()["raw"] == "12345678"
    assert admin.post("/cards", json={"site": site, "printed": "12345678", "form": "3+5"}).json().get("field", "") == "printed"
    assert admin.post("/cards", json={"site": site, "printed": "no number"}).json().get("field", "") == "printed"
    asked = {"printed": "0012345678", "site": site}
    assert [each["raw"] for each in admin.get("/cards/readings", params=asked).json() if each["is_meant"]] == ["00BC614E"]
    admin.put(f"/sites/{site}/settings", json={"card_bytes_reversed": True}).raise_for_status()
    assert [each["raw"] for each in admin.get("/cards/readings", params=asked).json() if each["is_meant"]] == ["4E61BC00"]
    assert admin.post("/cards", json=asked).json()["raw"] == "4E61BC00"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("0012345678", ["10 00BC614E"]),
        ("9999999999", ["hex 9999999999"]),
        ("123,45678", ["3+5 7BB26E"]),
        ("00123,45678", ["5+5 007BB26E"]),
        ("300，45678", ["5+5 012CB26E"]),
        ("12,345", ["3+5 0C0159", "5+5 000C0159"]),
        ("12345678", ["8 BC614E", "hex 12345678"]),
        ("99999999", ["hex 99999999"]),
        ("0x12345678", ["hex 12345678"]),
        ("04:a1:b2-c3", ["hex 04A1B2C3"]),
        ("0A0063E9AE/37", ["hex 0A0063E9AE"]),
        ("0A/37", []),
        ("123,99999", []),
        ("77", ["hex 77"]),
        ("", []),
    ],
)
def test_readings(text: str, meant: list[str]) -> None:
    assert [f"{each.form} {each.number.raw.hex().upper()}" for each in readings(text) if each.is_meant] == meant


@ON_ONE
def test_imports_go_by_the_acts(registry: Registry, admin: httpx.Client, site: str) -> None:
    wang, li = person(admin, site, "王静"), person(admin, site, "李明")
    over = datetime(2026, 1, 1, tzinfo=UTC)

    def put(**facts: Any) -> str:
        wanted = CardWanted.model_validate({"site": site, "raw": "0A0063E9AE", **facts})
        with registry.write() as work:
            [done] = cards.put_many(work, work.session.get_one(Site, wanted.site), [wanted])
            if isinstance(done, RegistryError):
                return f"{done.status_code} {done.field}"
            assert isinstance(done, Put)
            return f"{done.act} {done.row.state} {done.row.status}"

    for facts, became in (
        ({"status": "lost"}, "422 person"),
        ({}, "created stock returned"),
        ({"status": "returned"}, "unchanged stock returned"),
        ({"person": wang, "status": "returned"}, "changed active active"),
        ({"person": li}, "409 person"),
        ({"person": wang, "status": "expired"}, "422 valid_until"),
        ({"person": wang, "status": "frozen"}, "changed frozen frozen"),
        ({"person": wang, "status": "frozen"}, "unchanged frozen frozen"),
        ({"person": wang, "status": "confiscated"}, "changed revoked revoked"),
        ({"person": wang, "status": "confiscated"}, "unchanged revoked revoked"),
        ({"person": li, "valid_until": over}, "changed expired expired"),
        ({"person": li, "valid_until": over}, "unchanged expired expired"),
        ({"person": wang}, "changed active active"),
        ({"person": wang, "status": "lost"}, "changed lost lost"),
        ({}, "changed stock returned"),
    ):
        assert put(**facts) == became, facts
    [card] = admin.get("/cards").json()["items"]
    names = [event["name"].removeprefix("Card") for event in admin.get(f"/cards/{card['id']}/events").json()["items"]]
    assert names == [
        *("Stocked", "Issued", "Activated", "Frozen", "Revoked"),
        *("Restocked", "Issued", "Activated", "Expired"),
        *("Restocked", "Issued", "Activated", "Lost", "Returned", "Restocked"),
    ]
