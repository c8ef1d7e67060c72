"""What a host may do by link, and that it is nothing else."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from central.users.rights import Role
from central.visits import hosting
from tests.central.databases import ON_ONE
from tests.central.visits.world import World, done, refused

DAY = timedelta(days=1)


def linked(world: World, person: str) -> httpx.Client:
    made = world.admin.post(f"/persons/{person}/host-link", json={"days": 30})
    assert made.status_code == 201, made.text
    assert made.json()["path"] == f"/host#{made.json()['token']}"
    return httpx.Client(base_url=world.admin.base_url, headers={"Authorization": f"Bearer {made.json()['token']}"})


def test_a_host_announces_and_answers_by_link(world: World) -> None:
    with linked(world, world.host) as host, linked(world, world.deputy) as deputy:
        given = {"name": "张伟", "phone": "13800138000", "plates": ["粤B12345"], "valid_until": world.at(DAY)}
        made = host.post("/host/visits", json=given)
        assert (made.status_code, made.json()["state"], made.json()["may"]) == (201, "approved", ["cancel"])
        assert host.post("/host/visits", json={**given, "category": "vip"}).json()["field"] == "category"
        assert world.admin.get(f"/visits/{made.json()['id']}").json()["record"]["terms"]["category"]["code"] == "appointment"
        asked = world.walk_in(deputies=[world.deputy])
        of_deputy = f"/host{asked}"
        assert sorted(found["state"] for found in host.get("/host/visits").json()["items"]) == ["approved", "asked"]
        assert [found["may"] for found in deputy.get("/host/visits").json()["items"]] == [["approve", "refuse"]]
        assert deputy.post(f"/host/visits/{made.json()['id']}/cancel", json={"reason": "x"}).status_code == 404
        done(deputy.post(f"{of_deputy}/approve"), "approved")
        refused(host.post(f"{of_deputy}/refuse", json={"reason": "x"}), "not_now")
        refused(host.post(f"{of_deputy}/cancel", json={"reason": ""}), "reason_missing", "reason")
        late = host.post(f"{of_deputy}/cancel", json={"reason": "出差"}, headers={"If-Match": '"1"'}).json()
        # By id: visits of one instant stand in any order.
        shown = {f"/visits/{found['id']}": found for found in host.get("/host/visits?state=approved").json()["items"]}
        assert (late["field"], late["current"], len(shown)) == ("If-Match", shown[asked], 2)
        assert not any(told in str(late) for told in ("8000", "deput", "by_name", "guard"))
        done(host.post(f"{of_deputy}/cancel", json={"reason": "出差"}), "cancelled")
        done(host.post(f"/host{world.announce()}/refuse", json={"reason": "出差"}), "refused")
        assert [event["by_name"] for event in world.admin.get(f"{asked}/events").json()["items"][1:]] == [
            world.deputy,
            world.host,
        ]
        for path in ("/visits", "/persons", f"/visits/{made.json()['id']}"):
            assert host.get(path).status_code == 403
        assert host.post(f"{asked}/approve").status_code == 403
        assert world.admin.get("/host/visits").status_code == 403
        world.admin.put(f"/persons/{world.deputy}", json={"site": world.site, "name": "王芳", "status": "frozen"})
        assert deputy.get("/host/visits").status_code == 403
        assert world.admin.post(f"/persons/{world.deputy}/host-link", json={}).status_code == 422


@ON_ONE
def test_a_host_has_so_many_open_visits_and_one_link(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "OPEN_MAX", 2)
    first, given = linked(world, world.host), {"name": "张伟", "valid_until": world.at(DAY)}
    with first, linked(world, world.host) as second:
        assert first.get("/host/visits").status_code == 401
        for _ in range(2):
            last = second.post("/host/visits", json=given)
            assert last.status_code == 201
        assert second.post("/host/visits", json=given).status_code == 409
        done(second.post(f"/host/visits/{last.json()['id']}/cancel", json={"reason": "不来了"}), "cancelled")
        assert second.post("/host/visits", json=given).status_code == 201
        assert world.guard.post(f"/persons/{world.host}/host-link", json={}).status_code == 403
        assert world.admin.delete(f"/persons/{world.host}/host-link").status_code == 204
        assert second.get("/host/visits").status_code == 401
        shown = world.admin.get(f"/persons/{world.host}/host-link")
        assert shown.status_code == 404
    acts = [entry["act"] for entry in world.admin.get("/audit", params={"kind": "host_link"}).json()["items"]]
    assert sorted(acts) == ["created", "created", "revoked"]


@ON_ONE
def test_a_link_is_seen_ended_by_its_holder_and_no_reason_to_keep_a_person(
    world: World, sign_in: Callable[[Role], httpx.Client]
) -> None:
    with linked(world, world.host) as host:
        held = sign_in("auditor").get(f"/persons/{world.host}/host-link").json()
        assert held.keys() == {"id", "created_at", "expires_at"}
        assert host.get("/me").json()["role"] == "host"
        assert host.post("/sign-out").status_code == 204
        assert host.get("/host/visits").status_code == 401
    place, key = f"/persons/{world.deputy}", {"Idempotency-Key": "1"}
    replies = [world.admin.post(f"{place}/host-link", json={}, headers=key) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 409]
    held = world.admin.get(f"{place}/host-link").json()
    assert (held["id"], held["expires_at"]) == (world.deputy, replies[0].json()["expires_at"])
    assert world.admin.delete(place).status_code == 204
