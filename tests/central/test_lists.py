"""Every list of the office's API comes in pages by key and can be narrowed; which ones need no pages is written here, and why."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID, uuid4

import cbor2
import httpx
import pytest

from access.contract.health import Health
from access.entries import AlarmRaised
from central.app import with_routes
from central.commands.schemas import State
from central.config import OFFICE_PREFIX
from central.journal.reading import Parked
from central.journal.repository import insert_quarantined
from central.registry import Registry
from central.sync_tables import JournalGap, RemoteCommand
from central.users import services as users
from central.users.rights import Role
from tests.central.checkpoints.test_checkpoints import checkpoint
from tests.central.checkpoints.test_checkpoints import send as send_checkpoint
from tests.central.gate import Gate

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PAGING = {"site", "after", "limit"}
BOUNDED = {
    "get_board": "notices and absences of one moment, not more than the board has room for",
    "board_of_post": "the duplicates that hang at one post, one for each who works inside",
    "list_overdue_passes": "firms of those who are inside at this moment",
    "reconcile_slips": "one day, counted by guard and gate",
    "list_pass_keys": "the last hundred keys of one site, of which two are active",
    "list_plates_of_vehicle": "the last hundred plates of one vehicle",
    "read_card_number": "what one printed number can mean",
    "list_log_exports": "one's own, of which there are five at most",
    "review_looks": "one line for each user who is flagged",
    "list_retention_profiles": "the profiles that are ready, and the bounds of each class",
    "get_privacy_settings": "what a notice says: a few texts of one site",
    "count_log": "sums, of so many groups at most",
    "list_counts": "sums of the hours of a month at most",
    "count_cards": "one figure for each kind, strength and state",
    "prove_inclusion": "one proof, as long as the tree is high",
    "prove_consistency": "one proof, as long as the tree is high",
    "search_log": "goes both ways: `older` and `newer` are its keys",
}

UNNARROWED = {
    "list_lift_access": "the controller of a site's lifts reads all of it",
    "list_my_sessions": "nobody has many",
}
# The tree is one for all sites; oneself is where one is.
OF_NO_SITE = {"list_published_heads", "list_my_sessions"}


def lists() -> Iterator[tuple[str, str, dict[str, Any], set[str]]]:
    """Yield path, id, schema and query parameters of each operation of the office that shows more than one record."""
    document = with_routes().openapi()
    schemas = document["components"]["schemas"]
    for path, operation in ((path, methods["get"]) for path, methods in document["paths"].items() if "get" in methods):
        shown = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
        shown = schemas[shown["$ref"].rpartition("/")[2]] if "$ref" in shown else shown
        parts = shown.get("properties", {})
        has_rows = shown.get("type") == "array" or isinstance(shown.get("additionalProperties"), dict) or "more" in parts
        # Of one record, what it consists of is no list.
        has_rows |= not path.endswith("}") and "{" not in path and any("items" in part for part in parts.values())
        if path.startswith(OFFICE_PREFIX) and has_rows:
            asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
            yield path.removeprefix(OFFICE_PREFIX), operation["operationId"], shown, asked


def test_every_list_is_a_page_that_can_be_narrowed_or_is_bounded() -> None:
    bounded = set()
    for path, name, shown, asked in lists():
        if name in BOUNDED:
            bounded.add(name)
        else:
            assert shown.get("properties", {}).keys() >= {"items", "more"}, f"{path} shows all at once"
            assert {"after", "limit"} <= asked, path
            is_narrowed = ("site" in asked or name in OF_NO_SITE) and (asked - PAGING or name in UNNARROWED)
            assert "{" in path or is_narrowed, f"{path} cannot be narrowed"
    assert bounded >= BOUNDED.keys(), "what is no list any more is named as one"


def whole(office: httpx.Client, path: str, **asked: Any) -> list[dict[str, Any]]:
    """Return a list that fits on one page, having read it in pages of one too."""
    shown = office.get(path, params={**asked, "limit": 500}).raise_for_status().json()
    items: list[dict[str, Any]] = shown["items"]
    page = office.get(path, params={**asked, "limit": 1}).json()
    one_by_one = page["items"]
    while page["more"] and len(one_by_one) <= len(items):
        page = office.get(path, params={**asked, "limit": 1, "after": page["more"]}).raise_for_status().json()
        one_by_one += page["items"]
    assert (one_by_one, shown["more"]) == (items, None), path
    return items


@pytest.fixture
def west(gate: Gate, address: str, registry: Registry) -> Iterator[Gate]:
    with Gate(address, seed=2, slug="west") as made:
        made.join(registry, "west-box")
        yield made


@pytest.fixture
def full(gate: Gate, west: Gate, registry: Registry) -> Registry:
    """Some of each that gates and programs bring, much of it at one and the same moment."""
    for box, number in ((gate, 3), (west, 1)):
        for _ in range(number):
            box.write(AlarmRaised("gate_crash", "in-1"))
            assert send_checkpoint(box, checkpoint(box, len(box.entries))).status_code == 200
        alarms = [
            {"epoch": box.epoch, "seq": seq, "canonical": entry.canonical, "personal": entry.personal}
            for seq, entry in enumerate(box.entries, 1)
        ]
        body = cbor2.dumps({"version": 1, "edge": box.enrolled.edge, "alarms": alarms})
        assert box.ask("POST", "/alarms", body, stream="news").json()["kept"] == number
        health = Health(edge=box.enrolled.edge, at_us=1, software="0.1.0")
        assert box.ask("POST", "/health", health.model_dump_json().encode(), stream="news").status_code == 200
    with registry.write() as work:
        east, other = gate.enrolled.edge, UUID(int=1)
        parked = [Parked(seq, b"", b"", bytes(32), "unknown kind") for seq in (1, 2)]
        insert_quarantined(work.session, (east, other, work.at), parked)
        insert_quarantined(work.session, (west.enrolled.edge, other, work.at), parked[:1])
        for first, declared_us in ((1, 7), (4, 7), (6, 9)):
            gap = {"first": first, "last": first, "reason": "damaged", "declared_us": declared_us}
            work.session.add(JournalGap(edge_id=east, epoch=other, **gap))
        users.add_user(work, "li", "guard")
        for _ in range(3):
            users.sign_in_by_link(work, users.new_link(work, "li"))
    return registry


@pytest.mark.usefixtures("full")
def test_what_gates_bring_is_paged_and_narrowed(
    gate: Gate, west: Gate, admin: httpx.Client, sign_in: Callable[[Role], httpx.Client]
) -> None:
    counts = {"/edges": (2, 1), "/edge-health": (2, 1), "/quarantine": (3, 1), "/early-alarms": (4, 1), "/checkpoints": (4, 1)}
    for path, (all_of_them, at_west) in (counts | {"/gaps": (3, 0)}).items():
        found = whole(admin, path)
        assert (len(found), len(whole(admin, path, gate=str(west.enrolled.gate)))) == (all_of_them, at_west), path
        assert whole(admin, path, site=str(uuid4())) == []
    assert [gap["first"] for gap in whole(admin, "/gaps")] == [6, 1, 4], "the newest word first"
    assert len(whole(admin, "/gaps", edge=str(gate.enrolled.edge), until="1970-01-02T00:00:00Z")) == 3
    for path in ("/quarantine", "/early-alarms", "/checkpoints", "/gaps"):
        assert whole(admin, path, since="2199-01-01T00:00:00Z") == [], path
        for place in ("x:y:z", f"{gate.enrolled.edge}:{gate.epoch}:0", f"{gate.enrolled.edge}:{gate.epoch}:{2**63}"):
            after = place if path == "/quarantine" else f"1:{place}"
            assert admin.get(path, params={"after": after}).json()["field"] == "after", (path, after)
    late = f"{10**18 - 1}:{gate.enrolled.edge}:{gate.epoch}:1"
    assert admin.get("/gaps", params={"after": late}).json()["field"] == "after", "no calendar goes so far"
    assert [edge["name"] for edge in whole(admin, "/edges", name="west-box", status="active")] == ["west-box"]
    assert len(whole(admin, "/edges", silent_since="2199-01-01T00:00:00Z")) == 2
    assert whole(admin, "/edge-health", silent_since="2026-01-01T00:00:00Z") == []
    events = whole(admin, f"/edges/{gate.enrolled.edge}/events")
    assert [event["what"] for event in events] == ["approved", "enrolled"]
    assert whole(admin, f"/edges/{gate.enrolled.edge}/events", what="enrolled") == events[1:]
    chief = sign_in("system_admin")
    [li] = whole(chief, "/users", name="li")
    sessions = f"/users/{li['id']}/sessions"
    assert len(whole(chief, sessions)) == 3
    assert chief.get(sessions, params={"after": "1:x"}).json()["field"] == "after"
    assert chief.get(sessions, params={"after": f"{10**16 - 1}:{'0' * 32}"}).json() == {"items": [], "more": None}


@SQLITE
def test_commands_are_paged_and_found_by_what_became_of_them(
    gate: Gate, west: Gate, registry: Registry, admin: httpx.Client
) -> None:
    lane = gate.enrolled.lanes["in-1"]
    opening = {"act": "open_once", "reason": "visitor"}
    ids = [UUID(admin.post(f"/lanes/{lane}/commands", json=opening).json()["id"]) for _ in range(6)]
    admin.post(f"/lanes/{west.enrolled.lanes['in-1']}/commands", json={**opening, "act": "resume"}).raise_for_status()
    with registry.write() as work:
        claimed, done, refused, too_late, forgotten, _ = (work.session.get_one(RemoteCommand, each) for each in ids)
        for row in (claimed, done, refused, too_late):
            row.claimed_at = work.at
        for row, refusal in ((done, ""), (refused, "held_closed"), (too_late, "expired")):
            row.ended_at, row.accepted, row.refusal = work.at, not refusal, refusal
        forgotten.expires_at = work.at - timedelta(seconds=1)
    found = whole(admin, "/commands")
    assert [UUID(each["id"]) for each in found[1:]] == ids[::-1], "newest first"
    by_state = {state: whole(admin, "/commands", state=state) for state in get_args(State)}
    assert {state: len(some) for state, some in by_state.items()} == {
        "waiting": 2,
        "claimed": 1,
        "done": 1,
        "refused": 1,
        "expired": 2,
    }
    assert all({each["state"] for each in some} == {state} for state, some in by_state.items())
    assert len(whole(admin, "/commands", lane=str(lane), by="site_manager", since=found[-1]["issued_at"])) == 6
    assert whole(admin, "/commands", act="resume") == whole(admin, "/commands", gate=str(west.enrolled.gate)) == found[:1]
    assert whole(admin, "/commands", until=found[-1]["issued_at"]) == []


@SQLITE
def test_users_tokens_and_events_of_a_record_are_paged(
    admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    chief = sign_in("system_admin")
    li = chief.post("/users", json={"name": "li", "role": "guard"}).json()["id"]
    assert {each["name"] for each in whole(chief, "/users", disabled=False)} == {"li", "site_manager", "system_admin"}
    chief.post(f"/users/{li}/disable").raise_for_status()
    assert [each["name"] for each in whole(chief, "/users", disabled=True)] == ["li"]
    tokens = [
        chief.post("/tokens", json={"name": name, "role": "guard", "expires_in_days": None}).json()["id"]
        for name in ("one", "two")
    ]
    chief.delete(f"/tokens/{tokens[0]}").raise_for_status()
    assert [each["id"] for each in whole(chief, "/tokens", role="guard")] == tokens
    assert [each["name"] for each in whole(chief, "/tokens", revoked=True)] == ["one"]
    assert [each["name"] for each in whole(chief, "/tokens", revoked=False)] == ["two"]
    made = admin.post("/incidents", json={"site": site, "kind": "fence", "place": "north", "text": "围栏破损"}).json()
    place = f"/incidents/{made['id']}"
    for text in ("已报修", "已到场"):
        admin.post(f"{place}/follow-up", json={"entry": {"id": str(uuid4()), "text": text}}).raise_for_status()
    events = whole(admin, f"{place}/events")
    assert [event["n"] for event in events] == [1, 2, 3]
    assert whole(admin, f"{place}/events", name="EntryAdded", by="site_manager") == events[1:]
    assert admin.get(f"{place}/events", params={"after": str(uuid4())}).json()["items"] == []
