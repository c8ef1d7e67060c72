"""Sessions that are seen and ended, passwords with a pepper, tokens for some areas and for some time."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from central.app import app_of
from central.hashing import hash_secret
from central.registry import Registry
from central.tables import User, UserSession
from central.users import passwords, repository
from central.users import services as users
from central.users.access import COOKIE, TLS_COOKIE
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.serving import Switch

PASSWORD = "correct horse"
NOBODY = UUID("01890000-0000-7000-8000-000000000000")


@pytest.fixture
def li(registry: Registry) -> UUID:
    with registry.write() as work:
        return users.add_user(work, "li", "registrar", PASSWORD).id


def signed(address: str, agent: str = "desk") -> httpx.Client:
    reply = httpx.post(
        f"{address}/api/v1/sign-in", json={"name": "li", "password": PASSWORD}, headers={"User-Agent": agent}, trust_env=False
    )
    headers = {"Authorization": f"Bearer {reply.raise_for_status().json()['token']}"}
    return httpx.Client(base_url=f"{address}/api/v1", headers=headers, trust_env=False)


def test_sessions_are_listed_and_ended(address: str, li: UUID, sign_in: Callable[[Role], httpx.Client]) -> None:
    with signed(address, "desk\x7f" + "x" * 300) as one, signed(address, "phone") as two, signed(address) as three:
        listed = one.get("/me/sessions").json()["items"]
        assert [each["own"] for each in listed] == [True, False, False]
        assert (len(listed[0]["agent"]), listed[1]["agent"], listed[1]["origin"]) == (120, "phone", "127.0.0.1")
        assert listed[0]["created_at"] <= listed[0]["seen_at"] < listed[0]["idle_at"] < listed[0]["expires_at"]
        assert one.get("/me").json()["expires_at"] == listed[0]["idle_at"]
        assert one.delete(f"/me/sessions/{listed[1]['id']}").status_code == 204
        assert one.delete(f"/me/sessions/{listed[1]['id']}").status_code == 404
        assert (two.get("/me").status_code, three.get("/me").status_code) == (401, 200)
        chief = sign_in("system_admin")
        own = chief.get("/me/sessions").json()["items"][0]["id"]
        assert one.delete(f"/me/sessions/{own}").status_code == 404, "another's"
        assert chief.delete(f"/users/{li}/sessions/{own}").status_code == 404
        assert chief.delete(f"/users/{li}/sessions/{listed[2]['id']}").status_code == 204
        assert three.get("/me").status_code == 401
        with signed(address) as four:
            assert one.post("/sign-out/everywhere").status_code == 204
            assert (one.get("/me").status_code, four.get("/me").status_code) == (401, 401)
    program = chief.post("/tokens", json={"name": "p", "role": "auditor", "expires_in_days": 1}).json()["token"]
    headers = {"Authorization": f"Bearer {program}"}
    assert chief.get("/me/sessions", headers=headers).status_code == 403


@ON_ONE
def test_a_session_ends_idle_and_is_noted_once_a_minute(
    server: tuple[str, Switch], address: str, registry: Registry, li: UUID
) -> None:
    late = timedelta(0)
    server[1].app = app_of(replace(registry, calendar=lambda: registry.calendar() + late))

    def seen() -> Any:
        with registry.read() as work:
            return work.session.scalars(select(UserSession.seen_at)).one()

    with signed(address) as client:
        first = seen()
        assert (client.get("/me").status_code, seen()) == (200, first)
        for hours in (3, 6, 9):
            late = timedelta(hours=hours)
            assert client.get("/me").status_code == 200
        assert seen() > first + timedelta(hours=8)
        late += repository.SESSION_IDLE + timedelta(minutes=1)
        assert client.get("/me").status_code == 401
    late = timedelta(0)
    with signed(address) as client:
        for minutes in range(0, 12 * 60, 60):
            late = timedelta(minutes=minutes)
            assert client.get("/me").status_code == 200, minutes
        late = users.SESSION_LASTS
        assert client.get("/me").status_code == 401, "however often it is used"


@ON_ONE
def test_signing_in_again_begins_another_session_and_ends_the_first(address: str, li: UUID) -> None:
    with httpx.Client(base_url=address, trust_env=False) as browser:
        browser.cookies.set(COOKIE, "planted by somebody", domain="127.0.0.1")
        cookies = []
        for _ in range(2):
            reply = browser.post("/sign-in", data={"name": "li", "password": PASSWORD})
            cookies.append(reply.headers["Set-Cookie"])
            browser.cookies.clear()
            browser.cookies.set(COOKIE, cookies[-1].split("=")[1].split(";")[0], domain="127.0.0.1")
        first, second = (re.findall(f"^{COOKIE}=([^;]+)", each)[0] for each in cookies)
        assert len({first, second, "planted by somebody"}) == 3
        assert len(browser.get("/api/v1/me/sessions").json()["items"]) == 1
        behind_tls = browser.post("/sign-in", data={"name": "li", "password": PASSWORD}, headers={"X-Forwarded-Proto": "https"})
        flags = behind_tls.headers["Set-Cookie"].lower()
        assert behind_tls.headers["Set-Cookie"].startswith(f"{TLS_COOKIE}=")
        assert all(each in flags for each in ("httponly", "secure", "samesite=lax", "path=/"))
        assert "domain" not in flags


@ON_ONE
def test_a_hash_without_pepper_is_made_anew_at_the_next_sign_in(address: str, registry: Registry, li: UUID) -> None:
    def stored() -> str:
        with registry.read() as work:
            return str(work.session.get_one(User, li).password_hash)

    assert not passwords.is_old(stored())
    assert not passwords.is_right(stored(), PASSWORD, bytes(32)), "the database alone does not tell"
    with registry.write() as work:
        work.session.get_one(User, li).password_hash = hash_secret(PASSWORD, registry.rng)
    assert passwords.is_old(stored())
    signed(address).close()
    fresh = stored()
    assert (passwords.is_old(fresh), passwords.is_right(fresh, PASSWORD, registry.hash_key)) == (False, True)
    signed(address).close()
    assert stored() == fresh


def test_a_token_is_for_some_areas_alone(address: str, site: str, sign_in: Callable[[Role], httpx.Client]) -> None:
    chief = sign_in("system_admin")
    wanted: dict[str, Any] = {"name": "billing", "role": "registrar", "site": site}
    assert chief.post("/tokens", json=wanted).json()["field"] == "expires_in_days", "no end is said too"
    wanted |= {"expires_in_days": 30}
    for beyond in ({"users": "read"}, {"log": "write"}, {"files": "read"}, {"reveals": "write"}, {"nothing": "read"}, {}):
        assert chief.post("/tokens", json=wanted | {"scopes": beyond}).status_code == 422, beyond
    scopes = {"people": "read", "visits": "write"}
    made = chief.post("/tokens", json=wanted | {"scopes": scopes}).raise_for_status().json()
    assert (made["scopes"], made["used_at"]) == (scopes, None)
    with httpx.Client(base_url=f"{address}/api/v1", trust_env=False) as program:
        program.headers["Authorization"] = f"Bearer {made['token']}"
        shown = program.get("/me").json()
        assert (shown["areas"], shown["expires_at"]) == (scopes | {"me": "write"}, made["expires_at"])
        assert (program.get("/persons").status_code, program.get("/vehicles").status_code) == (200, 403)
        assert program.post("/persons", json={"site": site, "name": "李小明"}).status_code == 403
        assert program.get("/exports/persons.csv").status_code == 403
        program.headers.pop("Authorization")
        program.cookies.set(COOKIE, made["token"], domain="127.0.0.1")
        assert program.get(f"{address}/log").status_code == 403, "the pages ask for the same"
    [listed] = chief.get("/tokens").json()["items"]
    assert listed["used_at"] is not None
    told = chief.post(f"/tokens/{made['id']}/rotate", json={"expires_in_days": None, "overlap_hours": 1})
    fresh = told.raise_for_status().json()
    assert (fresh["replaces_id"], fresh["scopes"], fresh["expires_at"]) == (made["id"], scopes, None)
    for token in (made, fresh):
        assert httpx.get(f"{address}/api/v1/me", headers={"Authorization": f"Bearer {token['token']}"}).status_code == 200
    gone = chief.post(f"/tokens/{fresh['id']}/rotate", json={"expires_in_days": 1, "overlap_hours": 0}).raise_for_status().json()
    assert httpx.get(f"{address}/api/v1/me", headers={"Authorization": f"Bearer {fresh['token']}"}).status_code == 401
    assert chief.post(f"/tokens/{fresh['id']}/rotate", json={"expires_in_days": 1}).status_code == 409
    assert chief.delete(f"/tokens/{gone['id']}").status_code == 204
    assert chief.post(f"/tokens/{gone['id']}/rotate", json={"expires_in_days": 1}).status_code == 404
    assert chief.post(f"/tokens/{NOBODY}/rotate", json={"expires_in_days": 1}).status_code == 404
