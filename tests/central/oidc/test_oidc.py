"""Signing in by an OpenID provider: who is let in, and that nothing is believed that is not exactly right."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc.jwk import ECKey

from central.app import app_of
from central.config import ConfigError
from central.oidc.provider import Provider
from central.oidc.settings import OidcFlags, OidcSettings, Rule
from central.registry import Registry
from central.users.rights import Role
from tests.central.databases import ON_ONE
from tests.central.oidc.provider import CLIENT, LOGOUT, SECRET, House, provider
from tests.central.serving import Switch

RULES = (Rule(claim="groups", value="gate-desk", role="registrar", site="lakeside"),)


@pytest.fixture
def house() -> Iterator[House]:
    with provider() as running:
        yield running


@pytest.fixture
def office(address: str, server: tuple[str, Switch], registry: Registry, house: House, site: str) -> str:
    """Serve this registry anew, with the provider."""
    _, switch = server
    switch.app = app_of(registry, oidc=Provider(OidcSettings(house.issuer, CLIENT, SECRET, RULES)))
    return address


@pytest.fixture
def browser(office: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=office, trust_env=False) as client:
        yield client


def way_back(browser: httpx.Client) -> str:
    """Go to the provider and return where it sends the browser."""
    there = browser.get("/sign-in/oidc").headers["Location"]
    return httpx.get(there, trust_env=False).headers["Location"]


def status(browser: httpx.Client) -> int:
    return browser.get(way_back(browser)).status_code


def me(browser: httpx.Client) -> dict[str, Any]:
    shown: dict[str, Any] = browser.get("/api/v1/me").json()
    return shown


def test_a_linked_user_signs_in_and_out(
    browser: httpx.Client, house: House, sign_in: Callable[[Role], httpx.Client], registry: Registry
) -> None:
    chief = sign_in("system_admin")
    assert "/sign-in/oidc" in browser.get("/sign-in").text
    assert status(browser) == 403, "linked with nobody, and no rule fits"
    user = chief.post("/users", json={"name": "li", "role": "registrar"}).json()["id"]
    account = {"issuer": house.issuer, "subject": house.claims["sub"]}
    linked = chief.post(f"/users/{user}/identities", json=account)
    assert linked.status_code == 201
    assert chief.post(f"/users/{user}/identities", json=account).status_code == 409
    assert status(browser) == 303
    assert (me(browser)["name"], me(browser)["role"]) == ("li", "registrar")
    assert len(chief.get(f"/users/{user}/sessions").json()["items"]) == 1
    # The provider ends a session of its own: nothing else is signed out.
    house.claims["sid"] = "session-1"
    assert status(browser) == 303
    nonsense = browser.post("/sign-in/oidc/logout", data={"logout_token": house.signed(sid="session-1")})
    assert (nonsense.status_code, me(browser)["name"]) == (400, "li"), "it does not say that it is about signing out"
    for sid, after in (("another", 200), ("session-1", 401)):
        word = house.signed(sid=sid, events={LOGOUT: {}})
        assert browser.post("/sign-in/oidc/logout", data={"logout_token": word}).status_code == 200
        assert browser.get("/api/v1/me").status_code == after, sid
    assert status(browser) == 303
    chief.post(f"/users/{user}/disable").raise_for_status()
    assert status(browser) == 403
    chief.post(f"/users/{user}/enable").raise_for_status()
    assert chief.delete(f"/users/{user}/identities/{linked.json()['id']}").status_code == 204
    assert (chief.get(f"/users/{user}/identities").json(), status(browser)) == ({"items": []}, 403)
    assert browser.get("/sign-in/oidc/out").headers["Location"].startswith(f"{house.issuer}/out?")


@ON_ONE
def test_a_rule_makes_a_user_and_takes_the_right_again(
    browser: httpx.Client, house: House, site: str, sign_in: Callable[[Role], httpx.Client]
) -> None:
    house.claims["groups"] = ["gate-desk"]
    assert status(browser) == 303
    assert (me(browser)["name"], me(browser)["role"], me(browser)["site_id"]) == ("li.na", "registrar", site)
    assert status(browser) == 303
    [made] = sign_in("system_admin").get("/users", params={"name": "li.na"}).json()["items"]
    assert UUID(made["id"])
    house.claims["groups"] = ["canteen"]
    assert status(browser) == 403, "no rule fits any more"
    house.claims |= {"sub": "2", "groups": "gate-desk"}
    assert status(browser) == 409, "of two of one name the second is linked by an administrator"


@ON_ONE
def test_nothing_else_is_believed(browser: httpx.Client, house: House) -> None:
    house.claims["groups"] = ["gate-desk"]
    wrong: tuple[dict[str, Any], ...] = (
        {"nonce": "another"},
        {"aud": "another"},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": ""},
        {"sub": None},
    )
    for house.lies in wrong:
        assert status(browser) == 403, house.lies
    house.lies = {}
    house.signs_with = ECKey.generate_key("P-256", {"kid": "one"})
    assert status(browser) == 403, "signed by somebody else"
    house.signs_with = None
    good = way_back(browser)
    with httpx.Client(base_url=browser.base_url, trust_env=False) as other:
        assert other.get(good).status_code == 403, "begun in another browser"
    assert browser.get(good).status_code == 403, "tried once already"
    good = way_back(browser)
    assert [browser.get(good).status_code for _ in range(2)] == [303, 403], "a state is good once"
    assert browser.get("/sign-in/oidc/back").status_code == 403


@ON_ONE
def test_without_a_provider_there_is_no_such_way(address: str) -> None:
    assert "/sign-in/oidc" not in httpx.get(f"{address}/sign-in", trust_env=False).text
    assert httpx.get(f"{address}/sign-in/oidc", trust_env=False).status_code == 404


def test_the_settings_are_whole_or_refused(tmp_path: Path) -> None:
    secret, rules = tmp_path / "secret", tmp_path / "rules"
    secret.write_text(f"{SECRET}\n")
    rules.write_text('[{"claim": "groups", "value": "x", "role": "guard"}]')
    read = OidcSettings.read(OidcFlags("https://id.example.com", CLIENT, secret, rules))
    assert read is not None
    assert (read.secret, SECRET in repr(read), read.rules[0].role) == (SECRET, False, "guard")
    assert OidcSettings.read(OidcFlags()) is None
    for wrong in (
        OidcFlags("https://id.example.com"),
        OidcFlags("http://id.example.com", CLIENT, secret),
        OidcFlags("https://id.example.com", CLIENT, tmp_path / "none"),
        OidcFlags("https://id.example.com", CLIENT, secret, secret),
    ):
        with pytest.raises(ConfigError):
            OidcSettings.read(wrong)
