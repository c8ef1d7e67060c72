"""Two gates of one site that were cut off, and the ledger that is kept of what they bring."""

from collections.abc import Iterator

import pytest

from central.registry import Registry
from tests.central.gate import Gate


@pytest.fixture
def west(gate: Gate, address: str, registry: Registry) -> Iterator[Gate]:
    """The other gate of the site."""
    with Gate(address, seed=2, slug="west") as made:
        made.join(registry)
        yield made
