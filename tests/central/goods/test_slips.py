"""Slips over the API: from the first state to the last, with every refusal; who may do what; two gates at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from access.workflows.release_slip import WORKFLOW
from central.access_rules import stream
from central.goods.services import slips
from central.registry import Registry
from central.users.rights import Role
from simulators.standalone import Rule
from tests.access.rules.world import decided, person, shows_plate, vehicle, world
from tests.central.databases import ON_ONE
from tests.central.goods.office import ACTS, ALL, CHAIRS, CLOTH, RELEASE, Calendar, Office

Refused = tuple[int, str, str]


def code_of(reply: httpx.Response) -> Refused:
    told = reply.json()
    return reply.status_code, told["code"], told.get("field", "")


def test_from_first_state_to_last(office: Office) -> None:
    made = office.draft(details={"unit": "3-1201", "phone": "138 0013 8000", "reason": "move_out", "remark": "搬家"})
    told = made.json()
    assert (made.status_code, told["number"], told["state"], told["may"]) == (201, "S000001", "draft", ["submit"])
    terms = told["record"]["terms"]
    assert (terms["plates"], terms["valid_until"], terms["day"]) == (["粤B12345"], "2026-03-02T16:00:00Z", "2026-03-02")
    assert told["details"]["phone"] == "****8000"
    slip = told["id"]
    assert office.do(slip, "submit").json()["state"] == "submitted"
    assert office.do(slip, "approve").json()["record"]["approved_by"] == "goods_clerk"
    assert office.found(outstanding=True) == ["S000001"]
    assert office.do(slip, "present", gate=office.gates["east"]).json()["record"]["presented_at"] == "east"
    first = [{"line": 1, "quantity": 3}, {"line": 2, "quantity": 0.125}]
    partly = office.do(slip, "release", released=first, plate="粤B 12345").json()
    assert (partly["state"], [line["left"] for line in partly["lines"]]) == ("partly_released", ["1", "2"])
    rest = [{"line": 1, "quantity": "1.000"}, {"line": 2, "quantity": "2E+0"}]
    gone = office.do(slip, "release", "goods_checker", gate="north", released=rest, plate="").json()
    assert (gone["state"], [line["left"] for line in gone["lines"]]) == ("released", ["0", "0"])
    assert [(trip["guard"], trip["gate"], trip["plate"]) for trip in gone["record"]["trips"]] == [
        ("guard", "east", "粤B12345"),
        ("goods_checker", "north", ""),
    ]
    assert office.do(slip, "collect").json()["record"]["collected_by"] == "guard"
    assert [office.found(outstanding=known) for known in (True, False)] == [[], ["S000001"]]
    named = {"unit": "3-1201", "plate": "粤b-12345", "applicant": "李明", "date": "2026-03-02", "right": "owner"}
    assert office.found(**named, state="collected", gate="north", number="S000001", review_due=False) == ["S000001"]
    others = {"gate": "west", "date": "2026-03-03", "plate": "粤B12346"}
    assert [office.found(**{name: other}) for name, other in others.items()] == [[], [], []]
    events = office.as_("auditor").get(f"/slips/{slip}/events").json()["items"]
    assert [event["name"] for event in events][-3:] == ["TripReleased", "TripReleased", "SlipCollected"]
    for role in ("front_desk", "guard"):
        changed = office.as_(role).put(f"/slips/{slip}/details", json={"unit": "3-1202", "remark": "另加一台冰箱"})
        assert changed.status_code == 403, "what was approved is the office's"
    kept = office.as_("goods_clerk").put(f"/slips/{slip}/details", json={"unit": "3-1202", "phone": "****8000"})
    assert (kept.json()["details"]["phone"], office.found(unit="3-1202")) == ("****8000", ["S000001"])


WAYS: dict[str, tuple[str, ...]] = {
    "draft": (),
    "submitted": ("submit",),
    "approved": ("submit", "approve"),
    "presented": ("submit", "approve", "present"),
    "partly_released": ("submit", "approve", "present", "part"),
    "released": ("submit", "approve", "present", "release"),
    "held": ("submit", "approve", "present", "mismatch"),
    "collected": ("submit", "approve", "present", "release", "collect"),
    "corrected": ("submit", "approve", "present", "mismatch", "correct"),
    "cancelled": ("submit", "cancel"),
    "expired": ("submit", "approve"),
}


def in_state(office: Office, calendar: Calendar, state: str) -> str:
    slip = office.slip()
    for act in WAYS[state]:
        part: dict[str, Any] = {"released": [{"line": 1, "quantity": 1}]} if act == "part" else {}
        office.do(slip, "release" if part else act, **part).raise_for_status()
    if state == "expired":
        calendar.passes(days=1)
    assert office.show(slip)["state"] == state
    return slip


@ON_ONE
def test_every_act_that_a_state_knows_nothing_of_is_refused(office: Office, calendar: Calendar) -> None:
    """Whatever the table of the workflow forbids is forbidden over the API, with its reason."""
    assert set(WAYS) == set(WORKFLOW.moves) - {"new"}
    for state in WAYS:
        slip, row = in_state(office, calendar, state), WORKFLOW.moves[state]
        for act in slips.acts:
            cell = row.get(act.event)
            if cell is None or cell.refusal:
                refused = office.do(slip, act.path)
                expected = "not_now" if cell is None else cell.refusal
                assert (refused.status_code, refused.json()["code"], refused.json()["state"]) == (409, expected, state), act.path
        assert office.show(slip)["state"] == state


@ON_ONE
def test_what_is_asked_before_goods_go_out(office: Office, calendar: Calendar) -> None:
    letter = {"kind": "authorisation", "reference": "w-5", "person": "李明", "lines": [CHAIRS]}
    for terms, refused in (
        ({"lines": []}, ("slip_empty", "lines")),
        ({"right": "tenant"}, ("papers_missing", "papers")),
        ({"right": "third_party", "papers": [letter]}, ("not_authorised", "papers")),
    ):
        assert code_of(office.do(office.slip(**terms), "submit")) == (409, *refused)
    office.slip("submit", right="third_party", papers=[letter], lines=[CHAIRS])
    own = office.slip("submit", applicant="goods_clerk")
    assert code_of(office.do(own, "approve")) == (409, "own_request", "state")
    slip = office.slip("submit", "approve", "present")
    for changes, refused in (
        ({"carrier": " "}, ("carrier_missing", "carrier")),
        ({"plate": "粤B99999"}, ("other_vehicle", "plate")),
        ({"released": [{"line": 3, "quantity": 1}]}, ("line_unknown", "released")),
        ({"released": [{"line": 2, "quantity": "2.126"}]}, ("over_released", "released")),
        ({"released": [*ALL, {"line": 2, "quantity": "0.001"}]}, ("over_released", "released")),
    ):
        assert code_of(office.do(slip, "release", **changes)) == (409, *refused)
    assert code_of(office.do(slip, "mismatch", what=" ")) == (409, "mismatch_missing", "what")
    assert code_of(office.do(slip, "review")) == (409, "no_review_due", "state")
    assert code_of(office.do(slip, "cancel", reason="")) == (409, "reason_missing", "reason")
    malformed: tuple[tuple[dict[str, Any], str], ...] = (
        ({"gate": "west"}, "gate"),
        ({"plate": "!"}, "plate"),
        ({"released": [{"line": 1, "quantity": "1.0001"}]}, "released.0.quantity"),
        ({"guard": "another"}, "guard"),
    )
    for changes, field in malformed:
        wrong = office.do(slip, "release", **changes)
        assert (wrong.status_code, wrong.json()["field"]) == (422, field)
    for nothing in ([], [{"line": 1, "quantity": "0"}]):
        empty = office.do(slip, "release", released=nothing)
        assert (empty.status_code, empty.json()["field"]) == (422, "released")
    office.do(slip, "release", released=[{"line": 1, "quantity": 1}]).raise_for_status()
    calendar.passes(days=1)
    late = office.do(slip, "release", released=[{"line": 1, "quantity": 1}])
    assert (code_of(late), late.json()["zh"]) == ((409, "slip_over", "state"), "放行条已于 2026-03-03 00:00 失效")
    office.do(slip, "collect").raise_for_status()


@ON_ONE
def test_who_issues_is_not_who_checks(office: Office) -> None:
    slip = office.slip("submit")
    wrong: dict[str, tuple[Role, ...]] = {
        "submit": ("goods_checker", "auditor"),
        "approve": ("guard", "shift_leader", "goods_checker", "front_desk"),
        "approve-at-night": ("guard", "goods_clerk", "site_manager"),
        "review": ("shift_leader", "goods_checker"),
        "cancel": ("guard", "front_desk"),
        "correct": ("guard", "front_desk"),
        **dict.fromkeys(("present", "release", "mismatch", "collect"), ("goods_clerk", "front_desk", "auditor")),
    }
    assert wrong.keys() == ACTS.keys()
    for act, roles in wrong.items():
        assert [office.do(slip, act, role).status_code for role in roles] == [403] * len(roles), act
    assert [office.draft(role).status_code for role in ("goods_checker", "auditor")] == [403] * 2
    assert office.draft("guard").status_code == 201, "at night nobody else is there to write it"
    assert office.as_("goods_checker").put(f"/slips/{slip}/details", json={}).status_code == 403
    # By name where the role may do both.
    office.do(slip, "approve", "site_manager").raise_for_status()
    office.do(slip, "present", "site_manager").raise_for_status()
    assert code_of(office.do(slip, "release", "site_manager")) == (409, "issuer_checks", "state")
    assert office.do(slip, "release").status_code == 200
    drafted = office.draft("site_manager").json()["id"]
    office.do(drafted, "submit").raise_for_status()
    assert code_of(office.do(drafted, "approve", "site_manager")) == (409, "own_request", "state")


def test_a_night_is_looked_at_the_next_day(office: Office, calendar: Calendar) -> None:
    assert office.do(office.slip("submit"), "approve-at-night", only_gate="west").json()["field"] == "only_gate"
    assert code_of(office.do(office.slip("submit"), "approve-at-night", reason=" ")) == (409, "reason_missing", "reason")
    slip = office.slip("submit")
    office.do(slip, "approve-at-night", only_gate=office.gates["east"]).raise_for_status()
    assert code_of(office.do(slip, "present", gate="north")) == (409, "wrong_gate", "gate")
    office.do(slip, "present").raise_for_status()
    assert code_of(office.do(slip, "release", gate="north")) == (409, "wrong_gate", "gate")
    assert code_of(office.do(slip, "release", "shift_leader")) == (409, "issuer_checks", "state")
    office.do(slip, "release").raise_for_status()
    calendar.passes(days=1)
    assert office.found(review_due=True) == [office.show(slip)["number"]]
    assert code_of(office.do(slip, "review", review="")) == (409, "review_missing", "review")
    assert office.do(slip, "review", "site_manager").json()["record"]["review"] == "属实"
    assert office.found(review_due=True) == []
    assert code_of(office.do(slip, "review")) == (409, "no_review_due", "state")


def test_a_held_slip_is_made_out_anew(office: Office) -> None:
    held = office.slip("submit", "approve", "present", "mismatch", details={"unit": "3-1201"})
    old = office.show(held)
    office.as_("goods_clerk").headers["If-Match"] = '"1"'
    assert office.do(held, "correct").status_code == 409
    office.as_("goods_clerk").headers["If-Match"] = "*"
    made = office.do(held, "correct", lines=[{**CHAIRS, "quantity": 5}])
    new = made.json()
    assert (made.status_code, made.headers["ETag"], new["number"], new["state"]) == (201, '"1"', "S000002", "draft")
    assert (new["record"]["terms"]["replaces"], office.show(held)["record"]["replaced_by"]) == (old["number"], new["number"])
    assert (new["details"]["unit"], new["lines"][0]["asked"]) == ("3-1201", "5")
    again = office.do(held, "correct")
    assert (again.status_code, again.json()["code"]) == (409, "not_now")
    assert office.draft().json()["number"] == "S000003", "a refused correction takes no number"
    assert code_of(office.do(held, "release")) == (409, "slip_corrected", "state")
    assert office.found(outstanding=True) == ["S000001"]
    office.do(held, "collect").raise_for_status()
    assert code_of(office.do(held, "collect")) == (409, "slip_collected", "state")
    assert office.found(outstanding=True) == []
    assert office.draft(replaces="S000009").json()["field"] == "replaces"
    assert office.draft(replaces="S000001").json()["record"]["terms"]["replaces"] == "S000001"


@ON_ONE
def test_goods_that_went_out_are_not_on_the_slip_that_replaces_it(office: Office) -> None:
    held = office.slip("submit", "approve", "present")
    office.do(held, "release", released=[{"line": 1, "quantity": 3}]).raise_for_status()
    office.do(held, "mismatch").raise_for_status()
    assert (office.do(held, "correct").status_code, office.do(held, "correct").json()["field"]) == (422, "lines")
    assert office.draft(replaces=office.show(held)["number"]).json()["field"] == "lines"
    rest = office.do(held, "correct", lines=[{**CHAIRS, "quantity": 1}, {**CLOTH, "item": "桌子"}])
    assert rest.status_code == 201, rest.text
    used = office.slip("submit", "approve")
    twice = office.draft(replaces=office.show(used)["number"])
    assert (twice.status_code, twice.json()["field"]) == (409, "replaces"), "both would let the same goods out"
    office.do(used, "cancel").raise_for_status()
    assert office.draft(replaces=office.show(used)["number"]).status_code == 201
    stopped = office.slip("submit", "approve", "present")
    office.do(stopped, "release", released=[{"line": 1, "quantity": 3}]).raise_for_status()
    assert office.do(stopped, "cancel").json()["state"] == "cancelled"


def test_two_gates_at_the_same_moment_and_one_gate_twice(office: Office) -> None:
    slip = office.slip("submit", "approve", "present")
    at_gates = [(office.as_("guard"), "east"), (office.as_("goods_checker"), "north")]
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(guard.post, f"/slips/{slip}/release", json={**RELEASE, "gate": gate}) for guard, gate in at_gates]
        replies = sorted((each.result() for each in sent), key=lambda reply: reply.status_code)
    assert [reply.status_code for reply in replies] == [200, 409]
    assert code_of(replies[1])[1] in {"over_released", "slip_used_up"}
    told = office.show(slip)
    assert (len(told["record"]["trips"]), [line["released"] for line in told["lines"]]) == (1, ["4", "2.125"])

    slip, guard = office.slip("submit", "approve", "present"), office.as_("guard")
    body, key = {**RELEASE, "released": [{"line": 1, "quantity": 1}]}, {"Idempotency-Key": "trip-1"}
    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(guard.post, f"/slips/{slip}/release", json=body, headers=key) for _ in range(3)]
        replies = [each.result() for each in sent]
    assert [reply.status_code for reply in replies] == [200] * 3
    assert len({reply.text for reply in replies}) == 1
    assert [line["released"] for line in office.show(slip)["lines"]] == ["1", "0"]
    assert office.do(slip, "release", released=[{"line": 1, "quantity": 4}]).json()["code"] == "over_released"


def test_the_day_of_a_slip(office: Office, calendar: Calendar, registry: Registry) -> None:
    slip = office.slip("submit", "approve")
    used = office.slip("submit", "approve", "present")
    office.do(used, "release", released=[{"line": 1, "quantity": 1}]).raise_for_status()
    with registry.write() as work:
        later = replace(work, at=calendar.at + timedelta(days=1))
        assert slips.ripen(later) == 2
        assert slips.ripen(later) == 0
    assert [office.show(each)["state"] for each in (slip, used)] == ["expired", "partly_released"]
    assert office.show(used)["record"]["forgotten"], "gates are told no more of what is left on it"
    assert office.found(state="expired", outstanding=True) == [office.show(slip)["number"]]
    assert [event["name"] for event in office.as_("auditor").get(f"/slips/{slip}/events").json()["items"]][-1] == "SlipExpired"
    early = office.draft(valid_until="2026-03-02T09:59:00+08:00")
    assert (early.status_code, early.json()["field"]) == (422, "valid_until")
    until = office.draft(valid_until="2026-03-05T12:00:00+08:00").json()["record"]["terms"]
    assert (until["day"], until["valid_until"]) == ("2026-03-05", "2026-03-05T04:00:00Z")
    settings = office.as_("site_manager").put(f"/sites/{office.site}/settings", json={"slip_valid_until_hour": "18:00"})
    settings.raise_for_status()
    assert office.draft().json()["record"]["terms"]["valid_until"] == "2026-03-02T10:00:00Z"
    calendar.passes(hours=9)
    assert office.draft().json()["record"]["terms"]["day"] == "2026-03-03", "the office made it out after that hour"


def test_the_exit_waits_for_a_vehicle_with_a_slip(office: Office, registry: Registry) -> None:
    def told() -> list[Rule]:
        with registry.read() as work:
            page = stream.rules_page(work.session, UUID(office.site), UUID(office.gates["east"]), 0)
        records = [each.record for each in page.upserts if each.record.kind == "slip"]
        return [(each.kind, each.id, each.model_dump(mode="json")) for each in sorted(records, key=lambda each: each.plate)]

    def at_the_exit(plate: str) -> tuple[str, str]:
        leaves = decided(world(person(), vehicle("粤B12345"), vehicle("粤B67890"), *told()), shows_plate(plate, "out"))
        return leaves.outcome, leaves.reason

    slip = office.slip("submit", plates=["粤B·12345", "粤B·67890", "粤b12345"], details={"unit": "3-1201"})
    assert told() == []
    steps: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("approve", {}, "approved"),
        ("present", {}, "approved"),
        ("release", {"released": [{"line": 1, "quantity": 1}]}, "partly"),
    )
    for act, changes, status in steps:
        office.do(slip, act, **changes).raise_for_status()
        assert [(data["plate"], data["status"], data["unit"]) for _, _, data in told()] == [
            ("粤B12345", status, "3-1201"),
            ("粤B67890", status, "3-1201"),
        ]
        assert [at_the_exit(plate) for plate in ("粤B12345", "粤B67890")] == [("refer", "goods_slip")] * 2
    rest = [{"line": 1, "quantity": 3}, {"line": 2, "quantity": "2.125"}]
    office.do(slip, "release", released=rest).raise_for_status()
    assert (told(), at_the_exit("粤B12345")) == ([], ("grant", "access_ok"))
    held = office.slip("submit", "approve", "present", "mismatch")
    assert [data["status"] for _, _, data in told()] == ["held"]
    office.do(held, "correct").raise_for_status()
    assert told() == []
    on_foot = office.slip("submit", "approve", plates=[])
    assert (office.show(on_foot)["state"], told()) == ("approved", [])


@ON_ONE
def test_what_is_no_slip(office: Office) -> None:
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"lines": [{**CHAIRS, "quantity": "0"}]}, "lines.0.quantity"),
        ({"lines": [{**CHAIRS, "quantity": "1.0001"}]}, "lines.0.quantity"),
        ({"lines": [{**CHAIRS, "quantity": "NaN"}]}, "lines.0.quantity"),
        ({"lines": [{**CHAIRS, "released": "1"}]}, "lines.0.released"),
        ({"lines": [CLOTH] * 51}, "lines"),
        ({"plates": ["!"]}, "plates.0"),
        ({"right": "finder"}, "right"),
        ({"drafted_by": "another"}, "drafted_by"),
        ({"details": {"phone": "no number"}}, "details.phone"),
        ({"site": str(UUID(int=1))}, "site"),
    )
    for changes, field in wrong:
        refused = office.draft(**changes)
        assert (refused.status_code, refused.json()["field"]) == (422, field)
