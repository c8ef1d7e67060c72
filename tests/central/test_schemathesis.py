"""schemathesis finds nothing in what reads (must 1); see test_schemathesis_changes for what changes."""

import pytest

from central.registry import Registry
from tests.central.fuzzing import DATABASES, faults_of, settled
from tests.sizes import sized


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_nothing_is_found_in_what_reads(registry: Registry) -> None:
    estate = settled(registry)
    faults = faults_of(estate, lambda operation: operation.method == "get", *sized(quick=(1, 1), soak=(200, 100)))
    assert not faults, "\n".join(faults)
