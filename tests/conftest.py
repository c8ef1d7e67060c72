"""What every test may ask for: real servers, and hypothesis at the size of this run."""

import gc

import pytest
from hypothesis import HealthCheck, settings

from tests.memory import use_memory
from tests.servers.chromium import chromium, page
from tests.servers.mosquitto import mosquitto, start_mosquitto
from tests.servers.postgres import fresh_database, mortal_postgres, postgres, postgres_url
from tests.sizes import SIZE

__all__ = ["chromium", "fresh_database", "mortal_postgres", "mosquitto", "page", "postgres", "postgres_url", "start_mosquitto"]

# A slow moment of a loaded machine is not a finding, so there are no deadlines. Quick runs draw the same examples each
# time: fresh ones would make landing a change a lottery; the soak draws new ones.
settings.register_profile("quick", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("quick"), derandomize=False, max_examples=5_000, print_blob=True)
settings.load_profile(SIZE)

# The thousands of tests that are collected stay until the end: to look through them again and again takes a tenth of the run.
gc.disable()

# The soak writes more than memory holds.
if SIZE == "quick":
    use_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that start whole programs: they take longest, and nobody waits for the last of them alone."""
    slow = {item.path for item in items if item.get_closest_marker("programs")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Look for garbage from here on, less often than usual, and not in what collection has made."""
    gc.freeze()
    gc.set_threshold(20_000)
    gc.enable()
