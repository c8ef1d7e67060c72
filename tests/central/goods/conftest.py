"""The office of goods, on the registry of this test."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from central.registry import Registry
from central.users.rights import Role
from tests.central.goods.office import Calendar, Office
from tests.central.serving import Switch


@pytest.fixture
def calendar(server: tuple[str, Switch], address: str, registry: Registry) -> Calendar:
    """Give the time of the registry that is served."""
    assert address
    made, app = Calendar(), server[1].app
    assert isinstance(app, FastAPI)
    app.state.registry = replace(registry, calendar=made)
    return made


@pytest.fixture
def office(calendar: Calendar, admin: httpx.Client, site: str, sign_in: Callable[[Role], httpx.Client]) -> Office:
    assert calendar
    made = Office(sign_in, site, clients={"site_manager": admin})
    for slug in ("east", "north"):
        gate = {"site": site, "slug": slug, "name": slug}
        made.gates[slug] = admin.post("/gates", json=gate).raise_for_status().json()["id"]
    return made
