"""Users, their links, sessions and passwords, and the tokens of programs: over the API, with what the audit tells of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from central.actors import Actor
from central.audit import services as audit
from central.audit.schemas import HistoryAsked
from central.registry import Registry
from central.users import programs
from central.users import services as users
from central.users.rights import Role
from central.users.schemas import ApiTokenWanted
from central.users.services import LINK_LASTS
from tests.central.databases import ON_ONE
from tests.central.serving import waits_for_lock
from tests.waiting import wait_until

PASSWORD, OTHER = "a long password", "another long password"
NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def chief(sign_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    return sign_in("system_admin")


@pytest.fixture
def anybody(chief: httpx.Client) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=chief.base_url, trust_env=False) as client:
        yield client


def made(
    chief: httpx.Client, name: str, role: str = "registrar", site: str | None = None, badge: str | None = None
) -> dict[str, Any]:
    reply = chief.post("/users", json={"name": name, "role": role, "site": site, "badge": badge})
    assert reply.status_code == 201, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


def link_of(chief: httpx.Client, user: dict[str, Any]) -> str:
    link: str = chief.post(f"/users/{user['id']}/link").raise_for_status().json()["token"]
    return link


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def acts(registry: Registry, user: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the audit tells of a user, by whom, in no order; and see that it tells no secret."""
    with registry.read() as work:
        told = audit.history(work, "users", UUID(user["id"]), HistoryAsked()).items
    assert "argon2" not in str(told)
    assert PASSWORD not in str(told)
    return sorted((entry.act, entry.by_name) for entry in told)


def test_the_way_of_a_user(chief: httpx.Client, anybody: httpx.Client, registry: Registry, site: str) -> None:
    li = made(chief, "li", site=site)
    assert chief.post("/users", json={"name": "li", "role": "guard"}).status_code == 409
    assert (li["site_id"], li["has_password"], li["disabled_at"]) == (site, False, None)
    link = link_of(chief, li)
    assert anybody.post("/sign-in/link", json={"link": link, "password": "short"}).status_code == 422
    signed = anybody.post("/sign-in/link", json={"link": link, "password": PASSWORD}).raise_for_status().json()
    assert anybody.post("/sign-in/link", json={"link": link}).json()["field"] == "link"
    own, me = bearer(signed["token"]), anybody.get("/me", headers=bearer(signed["token"])).json()
    assert (signed["user"], me["name"], me["role"], me["site_id"]) == (li["id"], "li", "registrar", site)
    assert (me["areas"]["people"], me["areas"]["log"], "users" in me["areas"]) == ("write", "read", False)
    other = anybody.post("/sign-in", json={"name": "li", "password": PASSWORD}).raise_for_status().json()["token"]
    assert len(chief.get(f"/users/{li['id']}/sessions").json()["items"]) == 2

    def change(old: str, new: str) -> httpx.Response:
        return anybody.post("/me/password", json={"old": old, "new": new}, headers=own)

    assert (change("wrong", OTHER).json()["field"], change(PASSWORD, "short").json()["field"]) == ("old", "new")
    assert change(PASSWORD, OTHER).status_code == 204
    assert (anybody.get("/me", headers=own).status_code, anybody.get("/me", headers=bearer(other)).status_code) == (200, 401)
    assert anybody.post("/sign-in", json={"name": "li", "password": PASSWORD}).status_code == 401
    last = link_of(chief, li)
    assert chief.post(f"/users/{li['id']}/disable").json()["disabled_at"]
    assert chief.post(f"/users/{li['id']}/disable").status_code == 200
    assert anybody.get("/me", headers=own).status_code == 401
    assert anybody.post("/sign-in", json={"name": "li", "password": OTHER}).status_code == 401
    assert anybody.post("/sign-in/link", json={"link": last}).status_code == 401
    assert chief.post(f"/users/{li['id']}/link").status_code == 409
    assert chief.post(f"/users/{li['id']}/enable").json()["disabled_at"] is None
    assert anybody.post("/sign-in", json={"name": "li", "password": OTHER}).status_code == 200
    assert chief.post(f"/users/{li['id']}/end-sessions").status_code == 204
    assert chief.get(f"/users/{li['id']}/sessions").json()["items"] == []
    by_chief = ("created", "link_made", "link_made", "disabled", "enabled", "sessions_ended")
    by_li = ("password_changed", "signed_in", "signed_in", "password_changed", "signed_in")
    assert acts(registry, li) == sorted([*((act, "system_admin") for act in by_chief), *((act, "li") for act in by_li)])


def test_changing_users(chief: httpx.Client, admin: httpx.Client, site: str) -> None:
    li, etag = made(chief, "li"), '"1"'
    wanted = {"name": "li", "role": "goods_clerk", "site": site}
    changed = chief.put(f"/users/{li['id']}", json=wanted, headers={"If-Match": etag})
    assert (changed.json()["role"], changed.headers["ETag"]) == ("goods_clerk", '"2"')
    late = chief.put(f"/users/{li['id']}", json={**wanted, "role": "auditor"}, headers={"If-Match": etag}).json()
    assert late["difference"] == [{"field": "role", "yours": "auditor", "current": "goods_clerk"}]
    assert chief.put(f"/users/{li['id']}", json={**wanted, "name": "system_admin"}).status_code == 409
    assert chief.put(f"/users/{li['id']}", json={**wanted, "site": NOBODY}).json()["field"] == "site"
    for facts in ({"password_hash": "x"}, {"disabled_at": None}, {"role": "king"}, {"role": "host"}, {"name": "a\u202eb"}):
        assert chief.put(f"/users/{li['id']}", json={**wanted, **facts}).status_code == 422, facts
    assert chief.get(f"/users/{NOBODY}").status_code == chief.post(f"/users/{NOBODY}/link").status_code == 404
    (own,) = chief.get("/users", params={"name": "system_admin"}).json()["items"]
    for role, bound in (("registrar", None), ("system_admin", site)):
        reply = chief.put(f"/users/{own['id']}", json={"name": "system_admin", "role": role, "site": bound})
        assert (reply.status_code, reply.json()["field"]) == (403, "role")
    assert chief.post(f"/users/{own['id']}/disable").status_code == 409
    assert [user["name"] for user in admin.get("/users", params={"role": "goods_clerk"}).json()["items"]] == ["li"]
    assert admin.post("/users", json=wanted).status_code == 403
    assert [entry["act"] for entry in admin.get(f"/users/{li['id']}/history").json()["items"]] == ["changed", "created"]


def test_who_is_bound_to_a_site_makes_nobody_of_another(
    chief: httpx.Client, admin: httpx.Client, anybody: httpx.Client, site: str
) -> None:
    hill = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    free = made(chief, "wang")
    theirs = made(chief, "zhao", site=hill)
    token = anybody.post("/sign-in/link", json={"link": link_of(chief, made(chief, "li", "system_admin", site))}).json()["token"]
    anybody.headers.update(bearer(token) | {"If-Match": "*"})
    assert {user["name"] for user in anybody.get("/users").json()["items"]} == {"li"}
    mine = made(anybody, "qian", "registrar", site)
    for path, facts in (("/users", {"role": "guard"}), ("/tokens", {"role": "integration", "expires_in_days": None})):
        for other in (hill, None):
            reply = anybody.post(path, json={"name": "sun", "site": other, **facts})
            assert (reply.status_code, reply.json()["field"]) == (422, "site"), (path, other)
    assert anybody.put(f"/users/{mine['id']}", json={"name": "qian", "role": "registrar", "site": None}).status_code == 422
    for user in (free, theirs):
        wanted = {"name": user["name"], "role": "guard", "site": site}
        assert anybody.put(f"/users/{user['id']}", json=wanted).status_code == 404
        for act in ("link", "disable", "enable", "end-sessions"):
            assert anybody.post(f"/users/{user['id']}/{act}").status_code == 404
        for path in ("", "/sessions", "/history"):
            assert anybody.get(f"/users/{user['id']}{path}").status_code == 404


def test_a_link_is_used_once_also_by_two_at_once_and_within_a_day(
    chief: httpx.Client, anybody: httpx.Client, registry: Registry
) -> None:
    li = made(chief, "li")
    link = link_of(chief, li)
    with ThreadPoolExecutor(4) as pool:
        replies = pool.map(lambda _: anybody.post("/sign-in/link", json={"link": link}).status_code, range(4))
    assert sorted(replies) == [200, 401, 401, 401]
    earlier = replace(registry, calendar=lambda: registry.calendar() - LINK_LASTS - timedelta(seconds=1))
    with earlier.write() as work:
        old = users.new_link(work, "li")
    assert anybody.post("/sign-in/link", json={"link": old}).status_code == 401
    own = bearer(anybody.post("/sign-in/link", json={"link": link_of(chief, li)}).json()["token"])
    assert anybody.post("/me/password", json={"old": "", "new": PASSWORD}, headers=own).status_code == 409
    for name in ("li", "nobody"):
        tries = [anybody.post("/sign-in", json={"name": name, "password": "wrong"}) for _ in range(5)]
        assert [reply.status_code for reply in tries] == [401, 401, 401, 401, 429]
        assert int(tries[-1].headers["Retry-After"]) > 0


def test_tokens_of_programs(
    chief: httpx.Client, admin: httpx.Client, anybody: httpx.Client, registry: Registry, site: str
) -> None:
    reply = chief.post("/tokens", json={"name": "billing", "role": "registrar", "site": site, "expires_in_days": 30})
    made_token = reply.json()
    assert (reply.status_code, len(made_token["token"]) > 40) == (201, True)
    headers = bearer(made_token["token"])
    assert anybody.get("/me", headers=headers).json()["name"] == "billing"
    assert anybody.get("/persons", headers=headers).status_code == 200
    assert anybody.get("/users", headers=headers).status_code == 403
    assert anybody.post("/me/password", json={"old": "x", "new": PASSWORD}, headers=headers).status_code == 403
    listed = chief.get("/tokens", params={"site": site})
    assert ([token["name"] for token in listed.json()["items"]], made_token["token"] in listed.text) == (["billing"], False)
    assert chief.post("/tokens", json={"name": "system_admin", "role": "guard", "expires_in_days": None}).status_code == 409
    assert chief.post("/users", json={"name": "billing", "role": "guard"}).status_code == 409
    wrong: tuple[dict[str, Any], ...] = (
        {"expires_in_days": 0},
        {"expires_in_days": 2**70},
        {"role": "host"},
        {"token_hash": "x"},
    )
    for facts in wrong:
        assert chief.post("/tokens", json={"name": "x", "role": "guard", "expires_in_days": 1, **facts}).status_code == 422, facts
    assert admin.delete(f"/tokens/{made_token['id']}").status_code == 403
    assert chief.delete(f"/tokens/{made_token['id']}").status_code == 204
    assert chief.delete(f"/tokens/{made_token['id']}").status_code == 404
    assert anybody.get("/me", headers=headers).status_code == 401
    with replace(registry, calendar=lambda: registry.calendar() - timedelta(days=2)).write(Actor("ops", "machine")) as work:
        ended = programs.make(work, ApiTokenWanted(name="ended", role="guard", expires_in_days=1)).token
    assert anybody.get("/me", headers=bearer(ended)).status_code == 401
    told = admin.get("/audit", params={"kind": "api_tokens"})
    assert {(entry["act"], entry["by_name"]) for entry in told.json()["items"]} == {
        ("revoked", "system_admin"),
        ("created", "system_admin"),
        ("created", "ops"),
    }
    assert made_token["token"] not in told.text


def refused(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["field"]


@ON_ONE
def test_a_name_is_given_once_and_never_changes(chief: httpx.Client, site: str) -> None:
    li = made(chief, "li.é")
    assert refused(chief.put(f"/users/{li['id']}", json={"name": "li.min", "role": "registrar"})) == (409, "name")
    for alike in ("li.é", "li.e\u0301", "ｌｉ.é"):
        assert refused(chief.post("/users", json={"name": alike, "role": "guard"})) == (409, "name"), alike
        assert refused(chief.post("/tokens", json={"name": alike, "role": "guard", "expires_in_days": None})) == (409, "name"), (
            alike
        )
    for _ in range(2):
        token = chief.post("/tokens", json={"name": "billing", "role": "registrar", "expires_in_days": None}).json()["id"]
        assert chief.delete(f"/tokens/{token}").status_code == 204
    assert refused(chief.post("/users", json={"name": "billing", "role": "guard"})) == (409, "name")


@ON_ONE
def test_guards_of_two_sites_have_one_badge_and_act_while_they_serve(
    chief: httpx.Client, admin: httpx.Client, anybody: httpx.Client, site: str
) -> None:
    hill = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    guard = {"site": site, "name": "钱强", "badge": "101", "pin": "2468"}
    for each in (site, hill):
        served = admin.post("/guards", json=guard | {"site": each}).raise_for_status().json()
        made(chief, f"qian of {each}", "guard", each, "101")
    (mine,) = chief.get("/users", params={"site": site}).json()["items"]
    assert mine["badge"] == "101"
    wanted = {"name": "sun", "role": "guard", "site": site, "badge": "101"}
    assert refused(chief.post("/users", json=wanted)) == (409, "badge")
    assert refused(chief.post("/users", json=wanted | {"badge": None})) == (422, "badge"), "it could never sign in"
    leaves = wanted | {"name": mine["name"], "role": "registrar", "badge": None}
    assert refused(chief.put(f"/users/{mine['id']}", json=leaves)) == (409, "role")
    assert refused(chief.post("/users", json=wanted | {"role": "registrar"})) == (422, "badge")
    assert refused(chief.post("/users", json=wanted | {"site": None})) == (422, "badge")
    named = {"name": "101", "role": "guard"}
    assert refused(chief.post("/users", json=named)) == (409, "badge")
    assert refused(chief.post("/tokens", json={**named, "expires_in_days": None})) == (409, "badge")
    token = anybody.post("/sign-in/link", json={"link": link_of(chief, mine)}).json()["token"]
    own = bearer(token)
    incident = {"site": site, "kind": "fence", "text": "围栏破损"}
    opened = anybody.post("/incidents", json=incident, headers=own).raise_for_status().json()
    assert anybody.get(f"/incidents/{opened['id']}/events", headers=own).json()["items"][0]["by_name"] == "101"
    assert admin.get("/audit", params={"kind": "incident"}).json()["items"][0]["by_name"] == mine["name"]
    facts = {"name": mine["name"], "role": "shift_leader"}
    assert refused(chief.put(f"/users/{mine['id']}", json=facts | {"site": site, "badge": "102"})) == (409, "badge")
    assert refused(chief.put(f"/users/{mine['id']}", json=facts | {"site": hill})) == (409, "site")
    assert chief.put(f"/users/{mine['id']}", json=facts | {"site": site}).json()["badge"] == "101"
    (here,) = admin.get("/guards", params={"site": site}).json()["items"]
    assert here["id"] != served["id"]
    named = made(chief, "102", "guard", site)
    for wanted, field in (
        ({"role": "guard", "site": site, "badge": "103"}, "badge"),
        ({"role": "registrar", "site": site}, "role"),
        ({"role": "guard", "site": hill}, "site"),
    ):
        assert refused(chief.put(f"/users/{named['id']}", json={"name": "102"} | wanted)) == (409, field), (
            "as with a badge beside"
        )
    leads = {"name": "102", "role": "shift_leader", "site": site, "badge": "102"}
    assert chief.put(f"/users/{named['id']}", json=leads).json()["badge"] == "102"
    admin.put(f"/guards/{here['id']}", json=guard | {"status": "revoked"}).raise_for_status()
    assert anybody.get("/me", headers=own).status_code == 401
    assert anybody.post("/sign-in/link", json={"link": link_of(chief, mine)}).status_code == 403
    assert chief.post(f"/users/{mine['id']}/disable").status_code == 200
    made(chief, "qian again", "guard", site, "101")
    assert refused(chief.post(f"/users/{mine['id']}/enable")) == (409, "badge")


@ON_ONE
def test_a_key_is_its_senders_alone_and_no_secret_is_kept_under_it(
    chief: httpx.Client, admin: httpx.Client, anybody: httpx.Client, site: str
) -> None:
    hill = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    key = {"Idempotency-Key": "1", "Gatehouse-Reason": "why"}
    once = {}
    for each in (site, hill):
        wanted = {"name": "program", "role": "registrar", "site": each, "expires_in_days": None}
        once[each] = chief.post("/tokens", json=wanted, headers=key | {"Idempotency-Key": each}).json()
        again = chief.post("/tokens", json=wanted, headers=key | {"Idempotency-Key": each})
        assert (*refused(again), again.json()["id"]) == (409, "Idempotency-Key", once[each]["id"])
        assert once[each]["token"] not in again.text
    assert len(chief.get("/tokens").json()["items"]) == 2
    assert [entry["reason"] for entry in admin.get("/audit", params={"kind": "api_tokens"}).json()["items"]] == ["why"] * 2
    person = {"site": site, "name": "李小明", "phone": "13800138000"}
    ours, theirs = ({**bearer(once[each]["token"]), **key} for each in (site, hill))
    assert anybody.post("/persons", json=person, headers=ours).status_code == 201
    assert refused(anybody.post("/persons", json=person, headers=theirs)) == (422, "site")
    li = made(chief, "li", site=site)
    gate = {"site": "lakeside", "gate": "east", "name": "东门"}
    for client, path, body in ((chief, f"/users/{li['id']}/link", None), (admin, "/edges/tokens", gate)):
        replies = [client.post(path, json=body, headers=key) for _ in range(2)]
        assert (replies[0].status_code, refused(replies[1])) == (201, (409, "Idempotency-Key"))
        assert replies[0].json()["token"] not in replies[1].text


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_of_two_at_once_one_is_refused(chief: httpx.Client, anybody: httpx.Client) -> None:
    (own,) = chief.get("/users").json()["items"]
    other = made(chief, "zhao", "system_admin")
    theirs = bearer(anybody.post("/sign-in/link", json={"link": link_of(chief, other)}).json()["token"])
    with ThreadPoolExecutor(2) as pool:
        for n in range(3):
            user = {"name": f"u{n}", "role": "registrar"}
            both = (("/users", user), ("/tokens", {**user, "expires_in_days": None}))
            replies = pool.map(lambda each: chief.post(each[0], json=each[1]).status_code, both)
            assert sorted(replies) == [201, 409]
        mine = pool.submit(lambda: chief.post(f"/users/{other['id']}/disable").status_code)
        his = pool.submit(lambda: anybody.post(f"/users/{own['id']}/disable", headers=theirs).status_code)
        ended = sorted((mine.result(), his.result()))
    assert ended[0] == 200
    assert ended[1] in (401, 403), "the second was disabled before, and nobody is left who may enable"


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
def test_a_badge_and_a_name_given_out_at_once_are_two_peoples(chief: httpx.Client, registry: Registry, site: str) -> None:
    old = made(chief, "old", "guard", site, "102")
    chief.post(f"/users/{old['id']}/disable").raise_for_status()
    guard = {"name": "qian", "role": "guard", "site": site, "badge": "101"}
    with ThreadPoolExecutor(3) as pool:
        with registry.write() as work:
            for name in ("101", "102"):
                programs.make(work, ApiTokenWanted(name=name, role="integration", expires_in_days=None))
            late = [
                pool.submit(chief.post, "/users", json=guard),
                pool.submit(chief.post, f"/users/{old['id']}/enable"),
            ]
            wait_until(lambda: any(each.done() for each in late) or waits_for_lock(registry), what="others to wait")
        assert [refused(each.result(timeout=20)) for each in late] == [(409, "badge")] * 2
