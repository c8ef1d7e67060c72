"""schemathesis finds nothing in what reads (must 1); see test_schemathesis_changes for what changes."""

import pytest

from central.registry import Registry
from tests.central.fuzzing import DATABASES, faults_of, settled, walk
from tests.sizes import sized


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_nothing_is_found_in_what_reads(registry: Registry) -> None:
    estate = settled(registry)
    faults = faults_of(estate, lambda operation: operation.method == "get", *sized(quick=(1, 1), soak=(200, 100)))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_nothing_is_found_on_the_way_from_link_to_link(registry: Registry) -> None:
    done = walk(settled(registry), sized(quick="/(visits|slips)(/|$)", soak="^/api/v1/"), *sized(quick=(10, 8), soak=(2000, 12)))
    assert len(done) > 10, done
    assert {"get_visit", "get_slip"} <= done.keys()
