"""schemathesis finds nothing in what reads, nor from link to link (must 1); test_schemathesis_changes asks what changes."""

import pytest

from central.registry import Registry
from tests.central.fuzzing import DATABASES, faults_of, settled, walk
from tests.sizes import sized


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
@pytest.mark.timeout(sized(quick=120, soak=0))
def test_nothing_is_found_in_what_reads(registry: Registry) -> None:
    estate = settled(registry)
    faults = faults_of(estate, lambda operation: operation.method == "get", *sized(quick=(1, 1), soak=(200, 100)))
    assert not faults, "\n".join(faults)
    paths = sized(quick="^/api/v1/(visits|slips)(/|$)", soak="^/api/v1/")
    done, faults = walk(estate, paths, *sized(quick=(2, 5, 12), soak=(200, 20, 12)))
    assert not faults, "\n".join(faults)
    assert {"open_visit", "get_visit", "open_slip"} <= done.keys()
