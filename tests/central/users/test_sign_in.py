from collections.abc import Callable, Iterator
from threading import BoundedSemaphore

import httpx
import pytest

from central.registry import Registry
from central.users import passwords
from central.users import services as users
from central.users.access import COOKIE, CSRF_HEADER
from central.users.rights import Role
from tests.central.databases import ON_ONE

PASSWORD = "correct horse"


@pytest.fixture
def browser(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        yield client


@pytest.fixture
def link(registry: Registry) -> str:
    with registry.write() as work:
        users.add_user(work, "li", "registrar", PASSWORD)
        return users.new_link(work, "li")


def test_a_link_works_once(browser: httpx.Client, link: str) -> None:
    assert "登录" in browser.get(f"/sign-in?link={link}").text
    assert browser.get("/log").headers["Location"] == "/sign-in"
    reply = browser.post("/sign-in", data={"link": link})
    assert (reply.status_code, reply.headers["Location"]) == (303, "/log")
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert browser.get("/log").status_code == 200
    with httpx.Client(base_url=browser.base_url) as other:
        assert other.post("/sign-in", data={"link": link}).status_code == 401


def test_a_password_set_by_link(browser: httpx.Client, link: str) -> None:
    assert browser.post("/sign-in", data={"link": link, "password": "short"}).status_code == 422
    assert browser.post("/sign-in", data={"link": link, "password": "another password"}).status_code == 303
    assert browser.post("/sign-in", data={"name": "li", "password": PASSWORD}).status_code == 401
    assert browser.post("/sign-in", data={"name": "li", "password": "another password"}).status_code == 303


def test_wrong_passwords_are_delayed_for_known_and_unknown_names(browser: httpx.Client, link: str) -> None:
    for name in ("li", "nobody"):
        statuses = [browser.post("/sign-in", data={"name": name, "password": "wrong"}).status_code for _ in range(5)]
        assert statuses == [401, 401, 401, 401, 429], name
    assert browser.post("/sign-in", data={"name": "li", "password": PASSWORD}).status_code == 429


def test_a_form_of_another_site_is_refused(browser: httpx.Client, link: str) -> None:
    reply = browser.post("/sign-in", data={"link": link}, headers={"Origin": "https://elsewhere.example"})
    assert reply.status_code == 403


def test_a_browsers_writes_need_its_sessions_csrf_value(browser: httpx.Client, link: str, site: str) -> None:
    browser.post("/sign-in", data={"link": link})
    person = {"site": site, "name": "李小明"}
    assert browser.post("/api/v1/persons", json=person).json()["field"] == "csrf"
    assert browser.post("/sign-out", data={"csrf": "guessed"}).status_code == 403
    csrf = browser.get("/log").text.split('name="csrf" value="')[1].split('"')[0]
    assert browser.post("/api/v1/persons", json=person, headers={CSRF_HEADER: csrf}).status_code == 201
    assert browser.post("/sign-out", data={"csrf": csrf}).status_code == 303
    assert COOKIE not in browser.cookies


def test_a_token_ends_with_sign_out(sign_in: Callable[[Role], httpx.Client]) -> None:
    client = sign_in("registrar")
    assert client.get("/persons").status_code == 200
    assert client.post("/sign-out").status_code == 204
    assert client.get("/persons").status_code == 401
    chief = sign_in("system_admin")
    program = chief.post("/tokens", json={"name": "billing", "role": "auditor", "expires_in_days": None}).json()["token"]
    client.headers["Authorization"] = f"Bearer {program}"
    assert client.post("/sign-out").status_code == 403
    assert client.get("/persons").status_code == 200


@ON_ONE
def test_a_password_by_link_ends_all_sessions(browser: httpx.Client, link: str) -> None:
    def status(path: str, facts: dict[str, str]) -> httpx.Response:
        return browser.post(f"/api/v1{path}", json=facts)

    thief = status("/sign-in", {"name": "li", "password": PASSWORD}).json()["token"]
    assert status("/sign-in/link", {"link": link, "password": "another password"}).status_code == 200
    assert browser.get("/api/v1/me", headers={"Authorization": f"Bearer {thief}"}).status_code == 401


@ON_ONE
def test_who_tries_passwords_holds_up_nobody(
    browser: httpx.Client, link: str, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(client: httpx.Client, password: str) -> int:
        return client.post("/api/v1/sign-in", json={"name": "li", "password": password}).status_code

    assert [tried(browser, "wrong") for _ in range(5)] == [401, 401, 401, 401, 429]
    with registry.write():
        assert tried(browser, "wrong") == 429, "who waits writes nothing"
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=browser.base_url, transport=elsewhere) as other:
        assert tried(other, PASSWORD) == 200, "only from where it was tried one waits"
        monkeypatch.setattr(passwords, "_waiting", BoundedSemaphore(0))
        assert tried(other, PASSWORD) == 429


def test_pages_are_bound(browser: httpx.Client) -> None:
    headers = browser.get("/sign-in").headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
    assert browser.get("/language/en?back=//elsewhere.example").headers["Location"] == "/"
    assert browser.get("/nowhere").status_code == 404
