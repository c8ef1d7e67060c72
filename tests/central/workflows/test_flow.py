"""What all workflows share over the API: opening, acts, refusals, two at once, the same request twice."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx

REPORT = {"kind": "fence", "place": "north", "text": "围栏破损"}


def report(admin: httpx.Client, site: str) -> tuple[str, httpx.Response]:
    made = admin.post("/incidents", json={"site": site, **REPORT})
    return f"/incidents/{made.json()['id']}", made


def test_from_first_state_to_last(admin: httpx.Client, site: str) -> None:
    place, made = report(admin, site)
    assert (made.status_code, made.headers["ETag"], made.json()["state"]) == (201, '"1"', "open")
    assert made.json()["number"] == "I000001"
    assert made.json()["may"] == ["follow-up", "close"]
    entry = {"id": str(uuid4()), "text": "已报修"}
    assert admin.post(f"{place}/follow-up", json={"entry": entry}).json()["version"] == 2
    assert admin.post(f"{place}/close", json={"reason": "修好"}).json()["state"] == "closed"
    assert [event["name"] for event in admin.get(f"{place}/events").json()["items"]] == [
        "IncidentReported",
        "EntryAdded",
        "IncidentClosed",
    ]
    newest, *_ = admin.get(f"{place}/history").json()["items"]
    assert (newest["act"], newest["reason"], newest["by_name"]) == ("IncidentClosed", "修好", "site_manager")
    assert newest["after"] == {"state": "closed"}
    page = admin.get(f"{place}/history", params={"limit": 2}).json()
    [opened] = admin.get(f"{place}/history", params={"after": page["more"]}).json()["items"]
    assert [each["act"] for each in (*page["items"], opened)] == ["IncidentClosed", "EntryAdded", "IncidentReported"]
    assert admin.get(f"{place}/history", params={"act": "IncidentReported", "by": "site_manager"}).json()["items"] == [opened]
    assert admin.get("/incidents", params={"state": "closed", "place": "north"}).json()["items"][0]["number"] == "I000001"
    assert admin.get("/incidents", params={"place": "south"}).json()["items"] == []


def test_refusals_name_state_field_and_say_it_in_both_languages(admin: httpx.Client, site: str) -> None:
    place, _ = report(admin, site)
    refused = admin.post(f"{place}/close", json={"reason": " "})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (409, "reason_missing", "reason")
    assert (refused.json()["zh"], refused.json()["en"]) == ("请填写原因", "a reason is needed")
    early = admin.post(f"{place}/reopen", json={"reason": "x"}).json()
    assert (early["code"], early["field"]) == ("not_now", "state")
    assert admin.post(f"{place}/close", json={"reason": "x", "at": "2026-01-01T00:00:00Z"}).json()["field"] == "at"
    assert admin.post(f"/incidents/{uuid4()}/close", json={"reason": "x"}).status_code == 404
    entry = {"id": str(uuid4()), "text": "已报修"}
    admin.post(f"{place}/follow-up", json={"entry": entry}).raise_for_status()
    for wrong, code in (
        ({**entry, "id": str(uuid4()), "text": " "}, "text_missing"),
        (entry, "entry_exists"),
        ({**entry, "id": str(uuid4()), "corrects": str(uuid4())}, "entry_unknown"),
    ):
        refused = admin.post(f"{place}/follow-up", json={"entry": wrong})
        assert (refused.status_code, refused.json()["code"]) == (409, code)


def test_two_offices_change_one_record(admin: httpx.Client, site: str) -> None:
    place, made = report(admin, site)
    seen = {"If-Match": made.headers["ETag"]}
    entry = {"id": str(uuid4()), "text": "已报修"}
    assert admin.post(f"{place}/follow-up", json={"entry": entry}, headers=seen).status_code == 200
    late = admin.post(f"{place}/close", json={"reason": "修好"}, headers=seen)
    assert (late.status_code, late.json()["current"]["version"], late.json()["changes"][0]["act"]) == (409, 2, "EntryAdded")


def test_a_request_sent_twice_is_done_once(admin: httpx.Client, site: str) -> None:
    key = {"Idempotency-Key": "report-1"}
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(admin.post, "/incidents", json={"site": site, **REPORT}, headers=key) for _ in range(4)]
        replies = [each.result() for each in sent]
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.text for reply in replies}) == 1
    assert len(admin.get("/incidents").json()["items"]) == 1
    other = admin.post("/incidents", json={"site": site, **REPORT, "place": "south"}, headers=key)
    assert (other.status_code, other.json()["field"]) == (422, "Idempotency-Key")
