"""Visits from their first state to their last, with every refusal on the way, and what is found, shown and printed of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.central.databases import ON_ONE
from tests.central.visits.world import World, done, refused, wrong

HOUR = timedelta(hours=1)


def test_announced_visitors_come_in_and_out(world: World) -> None:
    place = world.announce(party=2, uses=2, gates=["east"], plates=["粤b·12345"])
    refused(world.arrive(place), "visit_not_approved")
    refused(world.guard.post(f"{place}/approve"), "not_the_host")
    done(world.admin.post(f"{place}/approve"), "approved")
    wrong(world.arrive(place, gate="south"), "gate")
    wrong(world.arrive(place, people=0), "people")
    wrong(world.arrive(place, people=201), "people")
    refused(world.arrive(place, gate="west"), "wrong_gate", "gate")
    refused(world.arrive(place, met=[]), "obligations_open", "met")
    refused(world.arrive(place, people=3), "party_full", "people")
    key = {"Idempotency-Key": "arrival-1"}
    came = [world.guard.post(f"{place}/arrive", json={"gate": "east", "met": ["lead_in"]}, headers=key) for _ in range(2)]
    assert [reply.json()["record"]["inside"] for reply in came] == [1, 1]
    assert done(world.admin.get(place), "in")["record"]["arrived"] == 1
    refused(world.admin.post(f"{place}/refuse", json={"reason": "x"}), "not_now")
    world.stocks("V-7")
    for path, code in (("lend-card", "card_lent_already"), ("give-back-card", "card_not_lent")):
        done(world.guard.post(f"{place}/{path}", json={"card": "V-7"}), "in")
        refused(world.guard.post(f"{place}/{path}", json={"card": "V-7"}), code, "card")
    done(world.guard.post(f"{place}/lend-card", json={"card": "V-7"}), "in")
    for card in ("", "V\n8"):
        wrong(world.guard.post(f"{place}/lend-card", json={"card": card}), "card")
    refused(world.guard.post(f"{place}/leave", json={"gate": "east", "people": 2}), "more_left_than_inside", "people")
    left = done(world.guard.post(f"{place}/leave", json={"gate": "west"}), "out")
    assert (left["open_items"], left["may"]) == (["V-7"], ["cancel", "arrive", "give-back-card", "lose-card"])
    assert [found["number"] for found in world.admin.get("/visits?open=true").json()["items"]] == ["V000001"]
    other = world.approved()
    done(world.arrive(other), "in")
    refused(world.guard.post(f"{other}/lend-card", json={"card": "V-7"}), "card_lent_already", "card")
    done(world.guard.post(f"{place}/give-back-card", json={"card": "V-7"}), "out")
    done(world.guard.post(f"{other}/lend-card", json={"card": "V-7"}), "in")
    assert world.admin.get("/visits?open=true").json()["items"] == []
    done(world.arrive(place, people=2), "in")
    done(world.guard.post(f"{place}/leave", json={"gate": "east", "people": 2}), "out")
    done(world.arrive(place), "in")
    done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "out")
    refused(world.arrive(place), "visit_used_up", "people")
    assert world.admin.get(f"{place}/events").json()["items"][0]["data"]["terms"]["plates"] == ["粤B12345"]


def test_a_walk_in_is_let_in_by_the_word_of_the_host(world: World) -> None:
    place = world.walk_in(party=2, gates=["east"], deputies=[world.deputy])
    refused(world.arrive(place), "visit_not_approved")
    refused(world.agree(place, said_by="邻居"), "not_the_host")
    wrong(world.agree(place, means="dream"), "means")
    refused(world.agree(place, met=[]), "obligations_open", "met")
    refused(world.agree(place, gate="west"), "wrong_gate", "gate")
    refused(world.agree(place, people=3), "visit_used_up", "people")
    agreed = done(world.agree(place, said_by=world.deputy, people=2), "in")["record"]
    assert (agreed["agreed_by"], agreed["means"], agreed["inside"]) == (world.deputy, "phone", 2)
    refused(world.arrive(place, met=["wait_outside"]), "visit_used_up", "people")
    done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "in")
    refused(world.guard.post(f"{place}/cancel", json={"reason": "x"}), "not_the_host")
    assert done(world.admin.post(f"{place}/cancel", json={"reason": "生病"}), "in")["record"]["cancelled"]
    done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "out")
    refused(world.arrive(place, met=["wait_outside"]), "visit_cancelled")
    turned_away = world.walk_in(host_person=None, host_unit="5-302")
    refused(world.guard.post(f"{turned_away}/refuse", json={"reason": " "}), "reason_missing", "reason")
    done(world.guard.post(f"{turned_away}/refuse", json={"reason": "不认识"}), "refused")
    refused(world.agree(turned_away), "visit_refused")
    refused(world.arrive(turned_away), "visit_refused")
    by_rule = world.walk_in(host_person=None, host_department="工程部")
    refused(world.agree(by_rule, said_by="快递", means="standing_rule"), "no_standing_rule", "means")
    courier = {"code": "courier", "zh": "快递", "en": "courier", "standing_rule": True}
    own = {"visitor_categories": [*world.admin.get(f"/sites/{world.site}/settings").json()["visitor_categories"], courier]}
    assert world.admin.put(f"/sites/{world.site}/settings", json=own).status_code == 200
    refused(world.agree(by_rule, said_by="快递", means="standing_rule"), "no_standing_rule", "means")
    courier_came = world.walk_in(host_person=None, host_department="工程部", category="courier")
    done(world.agree(courier_came, said_by="快递", means="standing_rule", met=[]), "in")
    named_as_guard = world.walk_in(host_person=None, host_department="guard")
    refused(world.guard.post(f"{named_as_guard}/approve"), "not_the_host")
    known = {"name": "张伟强", "company": "某公司"}
    assert world.guard.put(f"{named_as_guard}/details", json=known).status_code == 200, "whom nobody announced"
    by_office = world.walk_in()
    refused(world.guard.post(f"{by_office}/approve"), "not_the_host")
    done(world.admin.post(f"{by_office}/approve"), "approved")
    done(world.admin.post(f"{by_office}/cancel", json={"reason": "生病"}), "cancelled")
    refused(world.arrive(by_office), "visit_cancelled")


def test_what_time_does(world: World) -> None:
    early = world.approved(valid_from=world.at(HOUR))
    refused(world.arrive(early), "visit_not_yet")
    unanswered, asked = world.announce(), world.walk_in()
    quick = world.announce(answer_by=world.at(timedelta(minutes=1)))
    never_came, stays, once = world.approved(), world.approved(party=2), world.approved()
    again = world.approved(uses=2)
    for place in (stays, once, again):
        done(world.arrive(place), "in")
    for place in (once, again):
        done(world.guard.post(f"{place}/leave", json={"gate": "east"}), "out")
    world.stocks("V-1", "V-2")
    done(world.guard.post(f"{stays}/lend-card", json={"card": "V-1"}), "in")
    world.pass_time(timedelta(minutes=2))
    done(world.admin.get(quick), "refused")
    done(world.admin.get(asked), "asked")
    world.pass_time(timedelta(minutes=9))
    done(world.admin.get(unanswered), "refused")
    done(world.admin.get(asked), "refused")
    refused(world.agree(asked), "visit_refused")
    world.pass_time(world.lasts)
    assert len(world.admin.get("/visits?state=overstayed").json()["items"]) == 1
    refused(world.arrive(never_came), "visit_over_now")
    refused(world.arrive(again), "visit_over_now")
    refused(world.arrive(once), "visit_over")
    refused(world.arrive(stays), "visit_over_now")
    done(world.guard.post(f"{stays}/lend-card", json={"card": "V-2"}), "overstayed")
    done(world.guard.post(f"{stays}/give-back-card", json={"card": "V-2"}), "overstayed")
    # One of two never came, so that the visit is over by time and not by use; its card is still to be taken back.
    done(world.guard.post(f"{stays}/leave", json={"gate": "east"}), "expired")
    assert [found["open_items"] for found in world.admin.get("/visits?open=true").json()["items"]] == [["V-1"]]
    done(world.guard.post(f"{stays}/give-back-card", json={"card": "V-1"}), "expired")
    assert [event["name"] for event in world.admin.get(f"{stays}/events").json()["items"]][-4:-1] == [
        "CardGivenBack",
        "VisitorsLeft",
        "VisitExpired",
    ]


@ON_ONE
def test_what_is_no_visit(world: World) -> None:
    def ask(**changes: Any) -> httpx.Response:
        return world.admin.post("/visits", json=world.wanted(**changes))

    refused(ask(category="hawker"), "category_turned_away", "category")
    faults: tuple[tuple[dict[str, Any], str], ...] = (
        ({"category": "friend"}, "category"),
        ({"host_unit": "5-302"}, "host_person"),
        ({"host_person": None}, "host_person"),
        ({"host_person": str(uuid4())}, "host_person"),
        ({"deputies": [str(uuid4())]}, "deputies"),
        ({"gates": ["south"]}, "gates"),
        ({"answer_by": world.at(-HOUR)}, "answer_by"),
        ({"party": 0}, "party"),
        ({"uses": 1001}, "uses"),
        ({"plates": ["A" * 13]}, "plates.0"),
        ({"plates": ["粤B!"]}, "plates.0"),
        ({"valid_until": world.at(-HOUR)}, "valid_until"),
        ({"valid_until": world.at(73 * HOUR)}, "valid_until"),
        ({"valid_from": world.at(2 * HOUR), "valid_until": world.at(HOUR)}, "valid_until"),
        ({"obligations": []}, "obligations"),
        ({"details": {"name": " ... "}}, "details.name"),
        ({"details": {"phone": "one"}}, "details.phone"),
        ({"details": {"document": "110101199003070000"}}, "details.document"),
        ({"details": {"id_number": "110101199003070000"}}, "details.id_number"),
    )
    for changes, field in faults:
        wrong(ask(**changes), field)
    asked = world.walk_in()
    gone = {"site": world.site, "name": "李小明", "status": "revoked"}
    assert world.admin.put(f"/persons/{world.host}", json=gone).status_code == 200
    wrong(ask(), "host_person")
    wrong(ask(host_person=world.deputy, deputies=[world.host]), "deputies")
    wrong(world.agree(asked), "said_by")
    assert world.admin.put(f"/persons/{world.host}", json={**gone, "status": "active"}).status_code == 200
    settings = world.admin.get(f"/sites/{world.site}/settings").json()
    own = {"code": "nanny", "zh": "保姆", "en": "nanny", "obligations": ["show_permit"]}
    kept = {name: value for name, value in settings.items() if name not in {"id", "site_id", "version"}}
    changed = {**kept, "visitor_categories": [own], "visit_hours_max": 800, "host_answer_minutes": 60}
    assert world.admin.put(f"/sites/{world.site}/settings", json=changed).status_code == 200
    place = world.approved(category="nanny", valid_until=world.at(799 * HOUR))
    refused(world.arrive(place), "obligations_open", "met")
    done(world.arrive(place, met=["show_permit"]), "in")
    wrong(ask(), "category")


def test_visits_are_found_shown_and_printed(world: World) -> None:
    evening = datetime.fromisoformat("2100-03-01T15:30:00+00:00")
    place = world.announce(
        category="important",
        party=3,
        gates=["west"],
        plates=["粤B12345"],
        valid_from=evening.isoformat(),
        valid_until=(evening + HOUR).isoformat(),
        details={"company": "某公司", "document": "passport"},
    )
    shown = world.guard.get(place).json()
    assert (shown["phone_tail"], shown["details"]["phone"]) == ("8000", None)
    assert world.admin.get(place).json()["details"]["phone"] == "13800138000"
    again = {**shown["details"], "remark": "二楼"}
    assert world.guard.put(f"{place}/details", json=again).json()["details"]["remark"] == "二楼"
    assert world.admin.get(place).json()["details"]["phone"] == "13800138000"
    world.admin.put(f"{place}/details", json={**again, "phone": "13900139000"})
    late = world.guard.put(f"{place}/details", json=again, headers={"If-Match": '"1"'})
    assert (late.status_code, "13900139000" in late.text + world.guard.get(f"{place}/history").text) == (409, False)
    world.admin.put(f"{place}/details", json={**again, "phone": "13800138000"})
    kept = world.admin.get(f"{place}/history").text
    assert ("****9000" in kept, "13900139000" in kept) == (True, False), "the audit has more readers than the office"
    other_name = world.guard.put(f"{place}/details", json={**again, "name": "李四"})
    assert (other_name.status_code, other_name.json()["field"]) == (403, "details.name")
    found = {"host": world.host, "unit": "3-1201", "plate": "粤b 12345", "name": "张伟", "phone_tail": "8000"}
    # Half past eleven in the evening until half past midnight: a visit of two days.
    for filters in (found, {"category": "important", "date": "2100-03-01"}, {"date": "2100-03-02", "number": "V000001"}):
        assert len(world.admin.get("/visits", params=filters).json()["items"]) == 1, filters
    for filters in ({"date": "2100-02-28"}, {"date": "2100-03-03"}, {"name": "张"}, {"phone_tail": "0013"}):
        assert world.admin.get("/visits", params=filters).json()["items"] == [], filters
    badge = world.guard.get(f"{place}/badge").json()
    assert (badge["site"], badge["number"], badge["code"], badge["visitor"]) == ("湖畔花园", "V000001", "", "张*")
    assert badge["category"] == {"zh": "重要来宾", "en": "important guest"}
    assert (badge["host"], badge["unit"], badge["gates"], badge["party"]) == ("3-1201 李*", "3-1201", ["west"], 3)
    assert badge["valid_from"] == "2100-03-01T23:30:00+08:00"
    assert [duty["zh"] for duty in badge["obligations"]] == ["通知被访人", "全程陪同"]
    assert world.guard.get(f"/visits/{uuid4()}/badge").status_code == 404
