"""Every operation that reads, by every role from whom something is kept: no marked value in what it is not shown in."""

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from central.app import app_of
from central.config import OFFICE_PREFIX
from central.described import AREA
from central.masking.kinds import Sight
from central.registry import Registry
from central.users import services as users
from central.users.access import COOKIE
from central.users.rights import RIGHTS, ROLES, Role
from tests.central.gate import Gate
from tests.central.masking.seeded import CARD, NAME, NOTE, PHONE, PLATE, UNIT, Seeded, hidden_from, texts_of

NOTHING = "01890000-0000-7000-8000-000000000000"
EXPORTS = (
    *("persons", "vehicles", "cards", "residents", "companies", "denied_visitors", "blocks"),
    *("visit", "release_slip", "permit"),
)
HIDING = [role for role in ROLES if not Sight(role).is_whole]


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give SQLite alone: what is masked is so in Python."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'registry.db')}"


@pytest.fixture
def seeded(admin: httpx.Client, site: str, gate: Gate) -> Seeded:
    return Seeded(admin, site, gate)


def tokens(registry: Registry) -> dict[str, str]:
    """Return a session of each role from whom something is kept."""
    with registry.write() as work:
        return {
            role: users.sign_in_by_link(work, users.link_for(work, users.add_user(work, role, role))).token for role in HIDING
        }


def addresses(document: dict[str, Any], seeded: Seeded) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield of each reading operation the area, and where it is asked with what: with the ids of what was put in."""
    for path, methods in document["paths"].items():
        operation = methods.get("get")
        if operation is None or not path.startswith(OFFICE_PREFIX):
            continue
        kind = path.removeprefix(OFFICE_PREFIX).split("/")[1]
        asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"} & {"site", "purpose", "post"}
        query = {name: {"site": seeded.site, "purpose": "test", "post": "x"}[name] for name in asked}
        for name in EXPORTS if "{kind}" in path else ("",):
            at = path.replace("{kind}", name).replace("{passage}", "p1")
            yield operation[AREA], re.sub(r"\{\w+\}", seeded.ids.get(kind, NOTHING), at), query


def test_no_reply_holds_what_its_reader_is_not_shown(
    seeded: Seeded, registry: Registry, capsys: pytest.CaptureFixture[str]
) -> None:
    app, held = app_of(registry), tokens(registry)
    transport = httpx.ASGITransport(app)

    async def leaks() -> tuple[list[Any], int]:
        found, well = [], 0
        async with httpx.AsyncClient(transport=transport, base_url="http://office", trust_env=False) as client:
            for area, address, query in addresses(app.openapi(), seeded):
                for role in (each for each in HIDING if each in RIGHTS[area].read and "dispute" not in address):  # type: ignore[index]
                    reply = await client.get(address, params=query, headers={"Authorization": f"Bearer {held[role]}"})
                    assert reply.status_code < 500, (address, reply.text)
                    well += reply.status_code == 200
                    told = texts_of(reply)
                    found += [(role, address, marker) for marker in hidden_from(role) if marker in told]
        return found, well

    with structlog.testing.capture_logs() as logged:
        found, well = asyncio.run(leaks())
    assert found == []
    assert well > 300
    written = "".join(capsys.readouterr()) + str(logged)
    assert not any(marker in written for marker in (NAME, PHONE, PLATE, CARD, NOTE, UNIT))


def test_pages_show_what_the_api_shows(seeded: Seeded, registry: Registry, address: str) -> None:
    for role, token in tokens(registry).items():
        if role in RIGHTS["log"].read:
            with httpx.Client(base_url=address, cookies={COOKIE: token}, verify=False) as browser:
                for path in ("/log", f"/entries/{seeded.ids['entries']}"):
                    page = browser.get(path)
                    assert page.status_code == 200
                    assert [marker for marker in hidden_from(role) if marker in page.text] == [], (role, path)


def test_searching_goes_by_what_is_typed_though_it_is_masked(seeded: Seeded, sign_in: Callable[[Role], httpx.Client]) -> None:
    rows = sign_in("auditor").get("/log", params={"plate": PLATE}).json()["rows"]
    assert {row["credential"] for row in rows} == {"粤B·9**76"}
    assert rows[0]["holder"] == "钱**甲"
    assert "粤B·9**76" in rows[0]["sentence"]["zh"]


def test_a_mask_sent_back_changes_nothing(seeded: Seeded, sign_in: Callable[[Role], httpx.Client]) -> None:
    place = f"/visits/{seeded.ids['visits']}"
    before = seeded.admin.get(place).json()["details"]
    officer = sign_in("guard")
    shown = officer.get(place).json()["details"]
    officer.put(f"{place}/details", json=shown)
    assert seeded.admin.get(place).json()["details"] == before


def test_a_refusal_masks_its_record(seeded: Seeded, sign_in: Callable[[Role], httpx.Client]) -> None:
    guard, place = sign_in("guard"), f"/visits/{seeded.ids['visits']}"
    reply = guard.put(f"{place}/details", json={"name": NAME}, headers={"If-Match": '"99"'})
    assert reply.status_code == 409
    assert "1398765" not in reply.text
