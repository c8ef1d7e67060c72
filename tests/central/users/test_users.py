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
from central.registry import Registry
from central.users import administration
from central.users import services as users
from central.users.rights import Role
from central.users.schemas import ApiTokenWanted
from central.users.services import LINK_LASTS

PASSWORD, OTHER = "a long password", "another long password"
NOBODY = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def chief(sign_in: Callable[[Role], httpx.Client]) -> httpx.Client:
    return sign_in("system_admin")


@pytest.fixture
def anybody(chief: httpx.Client) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=chief.base_url, trust_env=False) as client:
        yield client


def made(chief: httpx.Client, name: str, role: str = "registrar", site: str | None = None) -> dict[str, Any]:
    reply = chief.post("/users", json={"name": name, "role": role, "site": site})
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
        told = audit.history(work, "users", UUID(user["id"]))
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
    wanted = {"name": "li", "role": "guard", "site": site}
    changed = chief.put(f"/users/{li['id']}", json=wanted, headers={"If-Match": etag})
    assert (changed.json()["role"], changed.headers["ETag"]) == ("guard", '"2"')
    late = chief.put(f"/users/{li['id']}", json={**wanted, "role": "auditor"}, headers={"If-Match": etag}).json()
    assert late["difference"] == [{"field": "role", "yours": "auditor", "current": "guard"}]
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
    assert [user["name"] for user in admin.get("/users", params={"role": "guard"}).json()["items"]] == ["li"]
    assert admin.post("/users", json=wanted).status_code == 403
    assert [entry["act"] for entry in admin.get(f"/users/{li['id']}/history").json()] == ["changed", "created"]


def test_who_is_bound_to_a_site_makes_nobody_of_another(
    chief: httpx.Client, admin: httpx.Client, anybody: httpx.Client, site: str
) -> None:
    hill = admin.post("/sites", json={"slug": "hillside", "name": "山庄"}).json()["id"]
    free = made(chief, "wang")
    theirs = made(chief, "zhao", site=hill)
    token = anybody.post("/sign-in/link", json={"link": link_of(chief, made(chief, "li", "system_admin", site))}).json()["token"]
    anybody.headers.update(bearer(token) | {"If-Match": "*"})
    assert {user["name"] for user in anybody.get("/users").json()["items"]} == {"li"}
    mine = made(anybody, "qian", "guard", site)
    for path, facts in (("/users", {"role": "guard"}), ("/tokens", {"role": "integration"})):
        for other in (hill, None):
            reply = anybody.post(path, json={"name": "sun", "site": other, **facts})
            assert (reply.status_code, reply.json()["field"]) == (422, "site"), (path, other)
    assert anybody.put(f"/users/{mine['id']}", json={"name": "qian", "role": "guard", "site": None}).status_code == 422
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
    assert chief.post("/tokens", json={"name": "system_admin", "role": "guard"}).status_code == 409
    assert chief.post("/users", json={"name": "billing", "role": "guard"}).status_code == 409
    for facts in ({"expires_in_days": 0}, {"expires_in_days": 2**70}, {"role": "host"}, {"token_hash": "x"}):
        assert chief.post("/tokens", json={"name": "x", "role": "guard", **facts}).status_code == 422, facts
    assert admin.delete(f"/tokens/{made_token['id']}").status_code == 403
    assert chief.delete(f"/tokens/{made_token['id']}").status_code == 204
    assert chief.delete(f"/tokens/{made_token['id']}").status_code == 404
    assert anybody.get("/me", headers=headers).status_code == 401
    with replace(registry, calendar=lambda: registry.calendar() - timedelta(days=2)).write(Actor("ops", "machine")) as work:
        ended = administration.make_token(work, ApiTokenWanted(name="ended", role="guard", expires_in_days=1)).token
    assert anybody.get("/me", headers=bearer(ended)).status_code == 401
    told = admin.get("/audit", params={"kind": "api_tokens"})
    assert {(entry["act"], entry["by_name"]) for entry in told.json()["items"]} == {
        ("revoked", "system_admin"),
        ("created", "system_admin"),
        ("created", "ops"),
    }
    assert made_token["token"] not in told.text
