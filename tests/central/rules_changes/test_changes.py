"""A change of the rules from its draft to its roll-back, as two people of the office and a gate see it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from access.contract.health import Health
from access.workflows.rules_change import RulesApproved
from central.actors import Actor
from central.errors import RegistryError
from central.places.schemas import ZoneWanted
from central.places.services import zones
from central.registry import Registry, Work
from central.rules_changes.services import rules_changes
from central.tables import Site
from central.workflows.services import Act, RefusedError
from tests.central.databases import ON_ONE
from tests.central.gate import BEGAN, Gate

SPAN = {"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "18:00"}
CAR = "粤B12D45"
Known = dict[tuple[str, Any], Any]


class Office:
    """One who works on the rules of a site."""

    def __init__(self, client: httpx.Client, site: str) -> None:
        self.client, self.site = client, site

    def make(self, kind: str, **wanted: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.client.post(f"/{kind}", json={"site": self.site, **wanted}).raise_for_status().json()
        return made

    def draft(self, *changes: dict[str, Any]) -> httpx.Response:
        return self.client.post("/rules-changes", json={"site": self.site, "changes": changes, "details": {"title": "夜间"}})

    def approved(self, *changes: dict[str, Any]) -> str:
        made = self.draft(*changes)
        assert made.status_code == 201, made.text
        place = f"/rules-changes/{made.json()['id']}"
        for act in ("try", "approve"):
            self.client.post(f"{place}/{act}").raise_for_status()
        return place

    def act(self, place: str, act: str, **wanted: Any) -> httpx.Response:
        return self.client.post(f"{place}/{act}", json=wanted or None)

    def refused(self, place: str, act: str, **wanted: Any) -> tuple[int, str]:
        reply = self.act(place, act, **wanted)
        return reply.status_code, reply.json().get("code") or reply.json().get("field")


def known_to(gate: Gate) -> Known:
    return {(upsert.record.kind, upsert.record.id): upsert.record for upsert in gate.rules("since=0").upserts}


def reports(gate: Gate, revision: int) -> None:
    told = Health(edge=gate.enrolled.edge, at_us=1, software="0.1.0", revision=revision)
    assert gate.ask("POST", "/health", told.model_dump_json().encode(), stream="news").status_code == 200


def add(kind: str, **wanted: Any) -> dict[str, Any]:
    return {"kind": kind, "wanted": wanted}


def make(kind: str, record: dict[str, Any], **wanted: Any) -> dict[str, Any]:
    return {"kind": kind, "id": record["id"], "wanted": wanted}


def let_go(kind: str, record: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "id": record["id"], "wanted": None}


def lane_as(admin: httpx.Client, lane: str) -> dict[str, Any]:
    shown = admin.get(f"/lanes/{lane}").json()
    return {"gate": shown["gate_id"], **{name: shown[name] for name in ("slug", "name", "lane_kind", "direction")}}


class Story:
    """A site with one gate and one resident, whose car passed yesterday, and a change of its rules by two people."""

    def __init__(self, gate: Gate, office: Office, second: Office) -> None:
        self.gate, self.office, self.second, self.client = gate, office, second, office.client
        self.lanes = [str(gate.enrolled.lanes[slug]) for slug in ("in-1", "out-1")]
        self.old = office.make("schedules", name="旧", spans=[SPAN])
        self.home = office.make("levels", name="住户", grants=[{"lanes": self.lanes}])
        person = office.make("persons", name="李雷", category="resident", levels=[self.home["id"]])
        office.make("vehicles", plate=CAR, person=person["id"])
        yesterday_s = (datetime.now(UTC) - BEGAN).total_seconds() - 86_400
        gate.decide(CAR, yesterday_s, category="resident", at_us=round((BEGAN.timestamp() + yesterday_s) * 1e6))
        gate.send()
        self.before, self.revision = known_to(gate), gate.rules("since=0").revision
        self.place = ""
        self.settings(rules_need_second_person=True)

    def settings(self, **wanted: Any) -> None:
        self.client.put(f"/sites/{self.office.site}/settings", json=wanted).raise_for_status()

    def nobody_writes_alone(self, registry: Registry) -> None:
        """Where two are wanted, one writes no levels, schedules, special days or zones, nor by a sheet."""
        client, site = self.client, self.office.site
        refused = [
            client.put(f"/levels/{self.home['id']}", json={"site": site, "name": "住户", "grants": [{}]}),
            client.delete(f"/schedules/{self.old['id']}"),
            client.post("/schedules", json={"site": site, "name": "x", "spans": []}),
            client.post("/zones", json={"site": site, "name": "x"}),
            client.post("/special-days", json={"site": site, "date": "2026-10-01", "counts_as": 7}),
        ]
        assert [reply.status_code for reply in refused] == [409] * 5
        assert "rules change" in refused[0].json()["detail"]
        year = client.post("/special-days/statutory", json={"site": site, "year": 2026}).json()["added"]
        national = next(day for day in year if day["date"] == "2026-10-01")
        assert client.delete(f"/special-days/{national['id']}").status_code == 409
        block = self.office.make("blocks", plate="粤B66666", reason="公安")
        assert client.delete(f"/blocks/{block['id']}").status_code == 204
        sheet = [ZoneWanted(site=UUID(site), name="地库")]
        for role, outcome in (("site_manager", 409), ("machine", "created")):
            with registry.write(Actor("x", role)) as work:
                [done] = zones.put_many(work, work.session.get_one(Site, UUID(site)), sheet)
            assert (done.status_code if isinstance(done, RegistryError) else done.act) == outcome
        with registry.write(Actor("x", "machine")) as work:
            zones.delete(work, UUID(client.get("/zones").json()["items"][0]["id"]))
        self.before, self.revision = known_to(self.gate), self.gate.rules("since=0").revision

    def one_that_denies_a_resident(self) -> None:
        office, second, client = self.office, self.second, self.client
        made = office.draft(make("levels", self.home, name="住户", grants=[{"lanes": self.lanes[1:]}]))
        self.place = place = f"/rules-changes/{made.json()['id']}"
        assert (made.status_code, made.json()["number"], made.json()["state"]) == (201, "G000001", "draft")
        assert (made.json()["record"]["gates"], made.json()["missing"]) == (["east"], [])
        installed = {"gate": "east", "revision": self.revision}
        for act, body in (("approve", {}), ("publish", {}), ("roll-back", {"restored": 1}), ("installed", installed)):
            assert second.refused(place, act, **body) == (409, "not_now"), act
        assert client.get(f"{place}/trial").status_code == 404
        assert office.refused(place, "try?draft=another") == (409, "draft_changed")
        once = {"Idempotency-Key": "try-1"}
        brief = client.post(f"{place}/try", params={"days": 1}).json()
        assert (brief["record"]["tried_days"], brief["record"]["protected_denied"]) == (1, 0), "the day was quiet"
        assert second.refused(place, "approve") == (409, "trial_too_short")
        tried = client.post(f"{place}/try", params={"days": 7}, headers=once).json()
        assert (tried["state"], tried["record"]["protected_denied"]) == ("tried", 1)
        assert client.post(f"{place}/try", params={"days": 7}, headers=once).json() == tried
        trial = client.get(f"{place}/trial").json()
        [example] = trial["protected"]["examples"]
        assert (trial["decisions"], example["lane"], example["draft"]["outcome"]) == (1, "in-1", "deny")
        assert second.refused(place, "approve") == (409, "protected_denied")

    def another_draft(self) -> dict[str, Any]:
        """Draft a schedule, then in the same draft what refers to it; returns the schedule's place in the draft."""
        client, place = self.client, self.place
        new = add("schedules", name="夜间", spans=[SPAN | {"start": "22:00", "end": "06:00"}])
        assert client.put(f"{place}/draft", json={"changes": [new]}).json()["state"] == "draft"
        assert client.get(f"{place}/trial").status_code == 404
        shown = client.get(f"{place}/draft")
        night: dict[str, Any] = shown.json()["changes"][0]
        changes = [
            make("schedules", night, **new["wanted"]),
            make("levels", self.home, name="住户", grants=[{"lanes": self.lanes}, {"schedule": night["id"]}]),
            let_go("schedules", self.old),
            add("special_days", date="2026-11-11", counts_as=7),
            add("zones", name="地库", capacity=30),
            add("quotas", name="3-1201"),
            add("blocks", raw="0A0063E9AE", reason="lost"),
            make("lanes", {"id": self.lanes[0]}, **lane_as(client, self.lanes[0]), unknown="deny"),
        ]
        changed = client.put(f"{place}/draft", json={"changes": changes}, headers={"If-Match": shown.headers["ETag"]})
        assert changed.status_code == 200, changed.text
        assert client.put(f"{place}/draft", json={"changes": changes}, headers={"If-Match": '"1"'}).status_code == 409
        return night

    def no_trace(self, night: dict[str, Any]) -> None:
        assert (known_to(self.gate), self.gate.rules("since=0").revision) == (self.before, self.revision)
        assert [each["name"] for each in self.client.get("/schedules").json()["items"]] == ["旧"]
        assert self.client.get(f"/schedules/{night['id']}/history").status_code == 404
        assert [entry["act"] for entry in self.client.get(f"/levels/{self.home['id']}/history").json()["items"]] == ["created"]

    def published(self, night: dict[str, Any]) -> None:
        office, second, place, next_one = self.office, self.second, self.place, self.revision + 1
        assert office.act(place, "try").json()["record"]["protected_denied"] == 0
        self.settings(rules_need_second_person=False)
        assert office.refused(place, "approve") == (409, "second_person_needed"), "of an open draft nobody does away with it"
        self.settings(rules_need_second_person=True)
        assert second.act(place, "approve").json()["state"] == "approved"
        published = second.act(place, "publish").json()
        assert (published["record"]["revision"], published["missing"]) == (next_one, ["east"])
        told = self.gate.rules(f"since={self.revision}")
        assert (told.revision, {upsert.revision for upsert in told.upserts}) == (next_one, {next_one})
        changed = ["schedule", "level", "special_day", "zone", "quota", "lane", *["block"] * 5]
        kinds = sorted(upsert.record.kind for upsert in told.upserts)
        assert kinds == sorted([*changed, "person", "vehicle"]), "who may go everywhere now is told to all gates"
        assert [(gone.kind, str(gone.id)) for gone in told.tombstones] == [("schedule", self.old["id"])]
        [audited] = self.client.get(f"/schedules/{night['id']}/history").json()["items"]
        assert (audited["act"], audited["reason"], audited["by_name"]) == ("created", "G000001", "security_officer")
        assert office.refused(place, "publish") == (409, "not_now")

    def installed(self) -> None:
        office, place, revision = self.office, self.place, self.revision + 1
        assert office.refused(place, "installed", gate="east", revision=revision - 1) == (409, "other_revision")
        assert office.refused(place, "installed", gate="west", revision=revision) == (409, "gate_not_awaited")
        reports(self.gate, revision - 1)
        east = self.client.get("/gates", params={"slug": "east"}).json()["items"][0]["id"]
        renamed = {"site": office.site, "slug": "dong", "name": "东门"}
        self.client.put(f"/gates/{east}", json=renamed).raise_for_status()
        for called in ("dong", east):
            [awaiting] = self.client.get("/rules-changes", params={"awaits": called}).json()["items"]
            assert awaiting["missing"] == awaiting["record"]["gates"] == ["dong"]
        assert self.client.get("/rules-changes", params={"awaits": "east"}).json()["items"] == []
        self.client.put(f"/gates/{east}", json=renamed | {"slug": "east", "name": "east"}).raise_for_status()
        reports(self.gate, revision + 3)
        shown = self.client.get(place).json()
        assert ([each["gate"] for each in shown["record"]["installed"]], shown["missing"]) == (["east"], [])
        assert office.refused(place, "installed", gate="east", revision=revision) == (409, "gate_not_awaited")

    def rolled_back(self, night: dict[str, Any]) -> None:
        office, place, revision = self.office, self.place, self.revision
        assert office.refused(place, "roll-back", restored=revision + 1) == (409, "not_earlier")
        assert office.refused(place, "roll-back", restored=revision - 1) == (422, "restored")
        back = office.act(place, "roll-back", restored=revision).json()
        # Published, the gate renamed and renamed again (its neighbours are told what it is called), rolled back.
        now = revision + 4
        assert (back["state"], back["record"]["revision"], back["missing"]) == ("rolled_back", now, ["east"])
        assert (known_to(self.gate), self.gate.rules("since=0").revision) == (self.before, now)
        assert self.client.get(f"/schedules/{self.old['id']}").json() == self.old | {"version": 3}
        assert self.client.get(f"/schedules/{night['id']}").status_code == 404
        assert office.refused(place, "roll-back", restored=revision) == (409, "not_now")
        assert office.act(place, "installed", gate="east", revision=now).json()["missing"] == []


def test_from_draft_to_roll_back(
    gate: Gate, admin: httpx.Client, site: str, sign_in: Callable[[Any], httpx.Client], registry: Registry
) -> None:
    story = Story(gate, Office(admin, site), Office(sign_in("security_officer"), site))
    story.nobody_writes_alone(registry)
    story.one_that_denies_a_resident()
    night = story.another_draft()
    story.no_trace(night)
    story.published(night)
    story.installed()
    story.rolled_back(night)
    assert [event["name"] for event in admin.get(f"{story.place}/events").json()["items"]] == [
        *("RulesDrafted", "RulesTried", "RulesTried", "RulesDrafted", "RulesDrafted", "RulesTried", "RulesApproved"),
        *("RulesPublished", "RulesInstalled", "RulesRolledBack", "RulesInstalled"),
    ]


def check_trial_too_old(registry: Registry, place: str, act: str, days: int) -> None:
    """Check that an act is refused later than so many days after the trial, though all else is as it should be."""
    record, late = UUID(place.rpartition("/")[2]), registry.calendar() + timedelta(days=days, seconds=1)
    acts: dict[str, Callable[[Work], object]] = {
        "approve": lambda work: rules_changes.act(work, record, Act(act, RulesApproved), {}),
        "publish": lambda work: rules_changes.publish(work, record, None),
    }
    with replace(registry, calendar=lambda: late).write(Actor("x", "site_manager")) as work, pytest.raises(RefusedError) as error:
        acts[act](work)
    assert (error.value.facts["code"], f"{days} 天" in error.value.chinese) == ("trial_too_old", True)


@ON_ONE
def test_a_trial_grows_old(registry: Registry, admin: httpx.Client, site: str) -> None:
    office = Office(admin, site)
    admin.put(f"/sites/{site}/settings", json={"rules_need_second_person": False}).raise_for_status()
    place = f"/rules-changes/{office.draft(add('schedules', name='夜间', spans=[])).json()['id']}"
    office.act(place, "try").raise_for_status()
    check_trial_too_old(registry, place, "approve", 1)
    assert office.act(place, "approve").json()["state"] == "approved"
    check_trial_too_old(registry, place, "publish", 7)
    assert office.act(place, "publish").json()["state"] == "published"


def test_what_somebody_else_changed_is_not_overwritten(admin: httpx.Client, site: str) -> None:
    settings = admin.put(f"/sites/{site}/settings", json={"rules_need_second_person": False})
    assert settings.status_code == 200, settings.text
    office = Office(admin, site)
    level, block = office.make("levels", name="住户", grants=[]), office.make("blocks", plate="粤B66666", reason="欠费")
    place = office.approved(add("schedules", name="夜间", spans=[]), make("levels", level, name="业主", grants=[]))
    admin.put(f"/levels/{level['id']}", json={"site": site, "name": "居民", "grants": []}).raise_for_status()
    late = office.act(place, "publish")
    assert (late.status_code, late.json()["field"], late.json()["current"]["name"]) == (409, "changes.1", "居民")
    assert late.json()["difference"] == [{"field": "name", "yours": "业主", "current": "居民"}]
    assert admin.get("/schedules").json()["items"] == [], "all of it or nothing"

    place = office.approved(make("levels", level, name="业主", grants=[]))
    revision = office.act(place, "publish").json()["record"]["revision"]
    admin.put(f"/levels/{level['id']}", json={"site": site, "name": "居民", "grants": []}).raise_for_status()
    late = office.act(place, "roll-back", restored=revision - 1)
    assert (late.status_code, late.json()["field"], late.json()["current"]["name"]) == (409, "changes.0", "居民")
    assert admin.get(place).json()["state"] == "published"

    gone = office.approved(let_go("blocks", block))
    admin.delete(f"/blocks/{block['id']}").raise_for_status()
    assert office.refused(gone, "publish") == (409, "changes.0")
    assert office.refused(gone, "withdraw", reason=" ") == (409, "reason_missing")
    withdrawn = office.act(gone, "withdraw", reason="已删除").json()
    assert (withdrawn["state"], withdrawn["may"]) == ("withdrawn", [])
    assert office.refused(gone, "try") == (409, "not_now")

    own = office.approved(make("levels", level, name="业主", grants=[]))
    admin.put(f"{own}/draft", json={"changes": [add("schedules", name="夜间", spans=[])]}).raise_for_status()
    assert office.act(own, "try").json()["state"] == "tried"
    alone = office.approved(make("levels", level, name="业主", grants=[]))
    admin.put(f"/sites/{site}/settings", json={"rules_need_second_person": True}).raise_for_status()
    assert office.refused(own, "approve") == (409, "second_person_needed"), "it is wanted by now"
    assert office.refused(alone, "publish") == (409, "second_person_needed"), "also of what was approved before"


def test_a_draft_names_the_change_that_cannot_be(admin: httpx.Client, site: str, sign_in: Callable[[Any], httpx.Client]) -> None:
    office = Office(admin, site)
    other = Office(admin, admin.post("/sites", json={"slug": "hill", "name": "山庄"}).json()["id"])
    block = office.make("blocks", plate="粤B66666", reason="欠费")
    level, foreign = office.make("levels", name="住户", grants=[]), other.make("schedules", name="夜间", spans=[])
    fine = add("schedules", name="夜间", spans=[])
    for change, status, field in (
        (add("schedules", name="x", spans=[SPAN, SPAN | {"start": "24:00"}]), 422, "changes.1.wanted.spans.1"),
        (add("schedules", name="x", spans=[], version=7), 422, "changes.1.wanted.version"),
        (add("schedules", name="夜间", spans=[]), 409, "changes.1.wanted.name"),
        (add("schedules", name="x", spans=[], site=other.site), 422, "changes.1.wanted.site"),
        (make("schedules", foreign, name="x", spans=[]), 422, "changes.1"),
        (let_go("schedules", foreign), 422, "changes.1"),
        (let_go("levels", {"id": str(uuid4())}), 422, "changes.1"),
        (add("levels", name="x", grants=[{"schedule": foreign["id"]}]), 422, "changes.1.wanted.grants.0.schedule"),
        (add("lanes", slug="in-1"), 422, "changes.1.wanted.gate"),
        ({"kind": "levels"}, 422, "changes.1"),
        ({"kind": "persons", "wanted": {}}, 422, "changes.1.kind"),
    ):
        refused = office.draft(fine, change)
        assert (refused.status_code, refused.json()["field"]) == (status, field), refused.text
    twice = office.draft(make("levels", level, name="a", grants=[]), let_go("levels", level))
    assert (twice.status_code, twice.json()["field"]) == (422, "changes")
    assert office.draft().json()["field"] == "changes"
    unheard = office.draft(make("blocks", block, plate="粤B66666", reason="欠费", source="财务"))
    assert (unheard.status_code, unheard.json()["field"]) == (422, "changes"), "gates are not told who asked for it"
    assert admin.get("/rules-changes").json()["items"] == []
    assert Office(sign_in("registrar"), site).draft(fine).status_code == 403


def test_a_draft_gives_nobody_more_than_the_own_rights(
    admin: httpx.Client, site: str, sign_in: Callable[[Any], httpx.Client]
) -> None:
    officer, system = Office(sign_in("security_officer"), site), sign_in("system_admin")
    fine, block = add("schedules", name="夜间", spans=[]), add("blocks", plate="粤B12345", reason="欠费 李四")
    for kind in ("zones", "quotas", "lanes"):
        refused = officer.draft(fine, add(kind, name="x"))
        assert (refused.status_code, refused.json()["field"]) == (403, "changes.1.kind")
    place = f"/rules-changes/{officer.draft(fine, block).json()['id']}"
    officer.client.put(f"{place}/draft", json={"changes": [block]}).raise_for_status()
    shown, seen = officer.client.get(f"{place}/draft").json(), system.get(f"{place}/draft").json()
    assert ([each["kind"] for each in shown["changes"]], shown["left_out"]) == (["blocks"], 0)
    assert (seen["changes"], seen["left_out"]) == ([], 1)
    noted = [each for each in officer.client.get(f"{place}/history").json()["items"] if each["act"] == "draft"]
    wanted = [
        [[change["kind"] for change in (each[side] or {}).get("changes", [])] for side in ("before", "after")] for each in noted
    ]
    assert wanted == [[["schedules", "blocks"], ["blocks"]], [[], ["schedules", "blocks"]]], "what was wanted before is known"
    told = system.get(f"{place}/history").text
    assert "夜间" in told
    assert "12345" not in told + system.get(f"{place}/events").text + system.get(place).text
