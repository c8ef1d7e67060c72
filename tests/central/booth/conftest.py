"""A site with guards, a host and a visitor card, and a gate whose booth was cut off for some hours."""

import httpx
import pytest

from central.registry import Registry
from tests.central.booth.post import Post
from tests.central.gate import Gate


@pytest.fixture
def post(gate: Gate, registry: Registry, admin: httpx.Client, site: str) -> Post:
    return Post(gate, registry, admin, site)
