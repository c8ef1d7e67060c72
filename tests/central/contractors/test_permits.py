"""Renovation permits over HTTP: from the application to the end, what is refused on the way, what gates are told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import httpx

from access.contract.records import PermitRecord
from central.access_rules.stream import rules_page
from central.contractors.permits import permits
from central.registry import Registry
from central.users.rights import Role
from tests.central.contractors.agreed import FROM, LATER, NOW, PAPERS, TERMS, UNTIL, approved, days, do, done, draft, no


def told(registry: Registry, site: str) -> list[PermitRecord]:
    with registry.read() as work:
        page = rules_page(work.session, UUID(site), uuid4(), 0)
    return [upsert.record for upsert in page.upserts if isinstance(upsert.record, PermitRecord)]


def test_from_application_to_end(registry: Registry, admin: httpx.Client, site: str) -> None:
    spans = [{"days": [0, 7], "start": "08:00", "end": "18:00"}]
    hours = admin.post("/schedules", json={"site": site, "name": "施工", "spans": spans}).json()["id"]
    owner = admin.post("/persons", json={"site": site, "name": "王建国", "unit": "3-1202"}).json()["id"]
    place = draft(admin, site, owner=owner, schedule=hours, units=[], details={"works": "拆除非承重墙", "phone": "13800138000"})
    assert no(admin, place, "submit") == ("application_incomplete", "state")
    assert no(admin, place, "approve") == ("not_now", "state")
    shown = done(admin, place, "change-draft", **TERMS | {"owner": owner, "schedule": hours})
    assert (shown["number"], shown["record"]["terms"]["number"], shown["units"]) == ("R000001", "R000001", TERMS["units"])
    done(admin, place, "submit")
    assert done(admin, place, "send-back", reason="缺图纸")["state"] == "draft"
    done(admin, place, "submit")
    assert no(admin, place, "check-papers", papers=PAPERS[:2]) == ("papers_missing", "papers")
    done(admin, place, "check-papers", papers=PAPERS)
    assert no(admin, place, "approve") == ("fees_not_noted", "state")
    assert no(admin, place, "note-fees", fees="", deposit=" ") == ("fees_missing", "fees")
    done(admin, place, "note-fees", fees="已缴", deposit="2000 元")
    assert told(registry, site) == []
    assert done(admin, place, "approve")["may"] == ["begin", "change", "revoke"]
    assert done(admin, place, "begin")["state"] == "active"
    assert no(admin, place, "change", asked_by="旁人", units=["3-1202"], valid_until=LATER) == ("not_responsible", "asked_by")
    early = do(admin, place, "change", asked_by="李师傅", units=["3-1202"], valid_until=days(-3))
    assert (early.status_code, early.json()["field"]) == (422, "valid_until")
    renewed = done(admin, place, "change", asked_by="李师傅", units=["3-1202"], valid_until=LATER)
    [record] = told(registry, site)
    assert (record.status, record.units, record.workers_max, str(record.schedule)) == ("active", ("3-1202",), 2, hours)
    assert record.valid_until == int((NOW + timedelta(days=30)).timestamp())
    assert renewed["valid_until"][:10] == LATER[:10]
    listed = {"unit": "3-1202", "owner": owner, "expires_before": days(31)}
    assert [each["number"] for each in admin.get("/permits", params=listed).json()["items"]] == ["R000001"]
    assert admin.get("/permits", params={"expires_before": days(29)}).json()["items"] == []
    assert admin.get(place).json()["expires_soon"] is False
    settings = admin.get(f"/sites/{site}/settings").json()
    kept = {name: value for name, value in settings.items() if name not in {"id", "site_id", "version"}}
    assert admin.put(f"/sites/{site}/settings", json={**kept, "permit_days_warning": 31}).status_code == 200
    assert admin.get("/permits").json()["items"][0]["expires_soon"] is True, "the site wants to be warned by then"
    printed = admin.get(f"{place}/print").json()
    assert (printed["owner"], printed["works"], printed["hours"][0]["en"]) == (
        "王建国",
        "拆除非承重墙",
        "Mon, holidays 08:00–18:00",
    )
    assert printed["papers"][0] == {"zh": "产权证明", "en": "proof of title"}
    assert set(printed["words"]) == set(printed) - {"title", "words"}
    assert admin.delete(f"/schedules/{hours}").status_code == 409
    assert done(admin, place, "finish")["may"] == []
    assert told(registry, site)[0].status == "finished"


def test_what_may_not_be_applied_for(sign_in: Callable[[Role], httpx.Client], admin: httpx.Client, site: str) -> None:
    guard, stranger = sign_in("guard"), str(uuid4())
    assert guard.post("/permits", json={"site": site, **TERMS}).json()["code"] == "office_only"
    place = draft(admin, site)
    assert do(guard, place, "submit").status_code == 403
    assert guard.get(place).json()["may"] == []
    for field, value in (
        ("owner", stranger),
        ("responsible", stranger),
        ("schedule", stranger),
        ("valid_until", FROM),
        ("workers", 501),
        ("units", ["x" * 201]),
        ("owner", "110101199003074610"),
        ("firm", "某 110101199003074610"),
        ("number", "R1"),
        ("details.company", stranger),
    ):
        section, _, name = field.rpartition(".")
        body = {"site": site, **TERMS, **({section: {name: value}} if section else {name: value})}
        reply = admin.post("/permits", json=body)
        assert (reply.status_code, reply.json()["field"].removesuffix(".0")) == (422, name), field
    other = admin.post("/sites", json={"slug": "other", "name": "x"}).json()["id"]
    foreign = admin.post("/persons", json={"site": other, "name": "x"}).json()["id"]
    assert do(admin, place, "change-draft", **TERMS | {"owner": foreign}).json()["field"] == "owner"
    documents = [{"kind": "firm_licence", "reference": "柜 3 / 12"}]
    admin.put(f"{place}/details", json={"documents": documents}).raise_for_status()
    assert admin.get(place).json()["details"]["documents"] == documents


def test_owners_without_a_firm_and_what_the_clock_ends(registry: Registry, admin: httpx.Client, site: str) -> None:
    place = draft(admin, site, firm="", responsible="", valid_from=days(1))
    done(admin, place, "submit")
    done(admin, place, "check-papers", papers=["proof_of_title"])
    done(admin, place, "note-fees", fees="无", deposit="无")
    done(admin, place, "approve")
    assert no(admin, place, "begin") == ("permit_not_yet", "state")
    assert no(admin, place, "revoke", reason=" ") == ("reason_missing", "reason")
    assert done(admin, place, "change", asked_by="王建国", units=["3-1202"], valid_until=UNTIL)["state"] == "approved"
    assert done(admin, place, "revoke", reason="拆承重墙")["state"] == "revoked"
    ends = approved(admin, site)
    with registry.write() as work:
        assert permits.ripen(replace(work, at=work.at + timedelta(days=21))) == 2
    assert admin.get(ends).json()["state"] == "expired"
    # Of what was revoked long ago gates are told no more.
    assert [record.status for record in told(registry, site)] == ["expired"]


def test_applications_that_come_to_nothing(admin: httpx.Client, site: str) -> None:
    hours = admin.post("/schedules", json={"site": site, "name": "施工", "spans": []}).json()["id"]
    first, second = (draft(admin, site, schedule=hours) for _ in range(2))
    assert no(admin, first, "refuse", reason="结构不安全") == ("not_now", "state")
    assert done(admin, first, "withdraw", reason="不装修了")["may"] == []
    done(admin, second, "submit")
    assert admin.delete(f"/schedules/{hours}").status_code == 409
    assert done(admin, second, "refuse", reason="结构不安全")["state"] == "refused"
    assert admin.delete(f"/schedules/{hours}").status_code == 204
    over = draft(admin, site, valid_until=days(-1))
    done(admin, over, "submit")
    done(admin, over, "check-papers", papers=PAPERS)
    done(admin, over, "note-fees", fees="已缴", deposit="")
    done(admin, over, "note-fees", fees="已缴", deposit="无")
    assert no(admin, over, "approve") == ("application_over", "state")
