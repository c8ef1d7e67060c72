"""A registry whose clock a test sets, with two gates, people to visit, and somebody of each role."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from central.app import app_of
from central.registry import Registry
from tests.central.serving import Switch
from tests.central.visits.world import World


@pytest.fixture
def world(
    server: tuple[str, Switch], registry: Registry, admin: httpx.Client, site: str, sign_in: Callable[..., httpx.Client]
) -> World:
    now = [datetime.now(UTC)]
    moved = replace(registry, calendar=lambda: now[0])
    server[1].app = app_of(moved)
    return World(moved, admin, sign_in("guard"), site, now, timedelta(hours=4))
